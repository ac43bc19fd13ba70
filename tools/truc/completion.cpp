// completion: a shell asks at each Tab, and the verbs and options as they are declared answer.
#include "completion.hpp"

#include "declaring.hpp"
#include "network.hpp"

#include <CLI/App.hpp>

#include <algorithm>

namespace truc::cli {

namespace {

/// The command line up to the cursor, as far as it matters for what comes next.
class reader {
  public:
    explicit reader(const CLI::App& app) : path_{&app} {}

    void take(const std::string& word);
    std::vector<candidate> candidates(const std::string& half) const;
    const std::string& network() const { return network_; }

  private:
    const CLI::Option* find_option(const std::string& name) const;
    const CLI::App* find_verb(const std::string& name) const;
    void set(const CLI::Option* o, const std::string& value);
    std::vector<candidate> options() const;
    std::vector<candidate> verbs() const;
    std::vector<candidate> values_of(const CLI::Option* o) const;
    const CLI::Option* next_positional() const;

    std::vector<const CLI::App*> path_; ///< the program, its verb, and that one's verb
    const CLI::Option* open_ = nullptr; ///< its value comes next
    std::size_t positionals_ = 0;
    std::vector<const CLI::Option*> given_;
    std::string network_;
};

bool takes_value(const CLI::Option* o) { return o->get_items_expected_max() > 0; }

const CLI::Option* reader::find_option(const std::string& name) const {
    for (auto app = path_.rbegin(); app != path_.rend(); ++app)
        for (const auto* o : (*app)->get_options())
            if (o->check_name(name)) return o;
    return nullptr;
}

const CLI::App* reader::find_verb(const std::string& name) const {
    for (const auto* verb : path_.back()->get_subcommands(nullptr))
        if (verb->get_name() == name) return verb;
    return nullptr;
}

void reader::set(const CLI::Option* o, const std::string& value) {
    given_.push_back(o);
    if (o->check_lname("network")) network_ = value;
}

void reader::take(const std::string& word) {
    if (open_) {
        set(open_, word);
        open_ = nullptr;
        return;
    }
    if (word.size() > 1 && word.front() == '-') {
        const auto equals = word.find('=');
        const auto* o = find_option(word.substr(0, equals));
        if (!o) return;
        if (takes_value(o) && equals == std::string::npos)
            open_ = o;
        else
            set(o, equals == std::string::npos ? "" : word.substr(equals + 1));
        return;
    }
    if (const auto* verb = positionals_ == 0 ? find_verb(word) : nullptr)
        path_.push_back(verb);
    else
        ++positionals_;
}

std::vector<candidate> reader::options() const {
    std::vector<candidate> all;
    for (auto app = path_.rbegin(); app != path_.rend(); ++app)
        for (const auto* o : (*app)->get_options()) {
            const bool again = o->get_items_expected_max() > 1;
            const bool given = std::find(given_.begin(), given_.end(), o) != given_.end();
            if (o->get_lnames().empty() || o->get_group().empty() || (given && !again)) continue;
            const auto name = "--" + o->get_lnames().front();
            const auto same = [&name](const auto& c) { return c.text == name; };
            if (std::none_of(all.begin(), all.end(), same)) all.push_back({name, o->get_description()});
        }
    return all;
}

std::vector<candidate> reader::verbs() const {
    std::vector<candidate> all;
    if (positionals_ > 0) return all;
    for (const auto* verb : path_.back()->get_subcommands(nullptr))
        if (!verb->get_group().empty()) all.push_back({verb->get_name(), verb->get_description()});
    return all;
}

const CLI::Option* reader::next_positional() const {
    std::size_t passed = 0;
    for (const auto* o : path_.back()->get_options()) {
        if (!o->get_positional()) continue;
        if (passed++ == positionals_ || o->get_items_expected_max() > 1) return o;
    }
    return nullptr;
}

/// The texts that a validator of CLI11 names: `{a,b,c}`.
std::vector<candidate> choices_in(const std::string& type) {
    std::vector<candidate> all;
    const auto begin = type.find('{');
    const auto end = type.find('}', begin);
    if (begin == std::string::npos || end == std::string::npos) return all;
    for (auto at = begin + 1; at < end;) {
        const auto comma = std::min(type.find(',', at), end);
        all.push_back({type.substr(at, comma - at), ""});
        at = comma + 1;
    }
    return all;
}

std::vector<candidate> reader::values_of(const CLI::Option* o) const {
    const auto type = o->get_type_name();
    const auto is = [&type](std::string_view kind) { return type.find(kind) != std::string::npos; };
    if (auto choices = choices_in(type); !choices.empty()) return choices;
    if (is(directory_value)) return {{directories_wanted, ""}};
    if (is(file_value)) return {{files_wanted, ""}};
    const auto n = network_.empty() ? outcome<cli::network>() : cli::network::load(network_);
    std::vector<candidate> all;
    if (!n) return all;
    if (is(node_value))
        for (const auto& node : n->nodes) all.push_back({node.name, node.level});
    if (is(agency_value))
        for (const auto& agency : n->agencies) all.push_back({agency.code, agency.name});
    if (is(client_value))
        for (const auto& client : n->clients) all.push_back({client.id, ""});
    if (is(adapter_value))
        for (const auto& adapter : n->adapters) all.push_back({adapter.name, adapter.kind});
    return all;
}

std::vector<candidate> reader::candidates(const std::string& half) const {
    if (open_) return values_of(open_);
    if (!half.empty() && half.front() == '-') return options();
    auto all = verbs();
    if (const auto* o = next_positional())
        for (auto& value : values_of(o)) all.push_back(std::move(value));
    return all;
}

bool is_for_the_shell(const candidate& c) { return c.text == files_wanted || c.text == directories_wanted; }

} // namespace

std::vector<candidate> candidates_for(const CLI::App& app, const std::vector<std::string>& words,
                                      const std::filesystem::path& network) {
    reader line(app);
    line.take("--network=" + network.string());
    for (std::size_t i = 0; i + 1 < words.size(); ++i) line.take(words[i]);
    const auto half = words.empty() ? std::string() : words.back();
    auto all = line.candidates(half);
    std::erase_if(all, [&half](const auto& c) { return !is_for_the_shell(c) && !c.text.starts_with(half); });
    return all;
}

std::string completion_script(const std::string& shell) {
    if (shell == "bash")
        return R"(# Completion of truc in bash: source <(truc completion bash)
_truc() {
    local line kind=words
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :files) kind=files ;;
            :dirs) kind=dirs ;;
            *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    local half=${COMP_WORDS[COMP_CWORD]}
    if [[ $kind == files ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$half")
    elif [[ $kind == dirs ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$half")
    fi
}
complete -F _truc truc
)";
    if (shell == "zsh")
        return R"(#compdef truc
# Completion of truc in zsh: source <(truc completion zsh)
_truc() {
    local line
    local -a found
    for line in "${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        case $line in
            '') ;;
            :files) _files; return ;;
            :dirs) _files -/; return ;;
            *) found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
        esac
    done
    _describe truc found
}
compdef _truc truc
)";
    return R"(# Completion of truc in fish: truc completion fish | source
function __truc_complete
    set -l half (commandline -ct)
    set -l before (commandline -opc)
    for line in ($before[1] complete -- $before[2..-1] "$half" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$half"
            case :dirs
                __fish_complete_directories "$half"
            case '*'
                echo $line
        end
    end
end
complete -c truc -f -a '(__truc_complete)'
)";
}

void declare_completion(CLI::App& app, program& p) {
    struct shell_options {
        std::string name;
    };
    const auto shell = std::make_shared<shell_options>();
    auto* const script =
        add_verb(app, "completion",
                 words("For a shell: source <(truc completion bash)", "Cho shell: source <(truc completion bash)"));
    script->add_option("SHELL", shell->name, "bash | zsh | fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    script->callback([&p, shell] {
        p.run = [shell](const context& c) -> outcome<exit_code> {
            c.raw(completion_script(shell->name));
            return exit_code::done;
        };
    });

    // What those scripts ask; no person does.
    const auto line = std::make_shared<std::vector<std::string>>();
    auto* const asked = add_verb(app, "complete", "");
    asked->group("");
    asked->add_option("WORD", *line);
    asked->callback([&app, &p, line] {
        p.run = [&app, line](const context& c) -> outcome<exit_code> {
            for (const auto& found : candidates_for(app, *line, c.options().network))
                c.raw(found.text + (found.description.empty() ? "" : "\t" + found.description) + "\n");
            return exit_code::done;
        };
    });
}

} // namespace truc::cli
