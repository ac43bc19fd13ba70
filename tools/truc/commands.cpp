// The verbs and options as the command line knows them. The words here are what `truc --help` says.
#include "completion.hpp"
#include "declaring.hpp"
#include "table.hpp"
#include "text.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <sstream>

namespace truc::cli {

CLI::App* add_verb(CLI::App& parent, const char* name, const std::string& description) {
    auto* const app = parent.add_subcommand(name, description);
    app->fallthrough();
    app->get_help_ptr()->group(words("Options", "Tùy chọn"));
    return app;
}

CLI::App* add_group(CLI::App& parent, const char* name, const std::string& description) {
    auto* const app = add_verb(parent, name, description);
    app->require_subcommand(1);
    return app;
}

namespace {

void declare_globals(CLI::App& app, global_options& o) {
    const auto where = words("Where", "Ở đâu");
    const auto who = words("Who", "Là ai");
    app.add_option("--network", o.network,
                   words("network.json; else TRUC_NETWORK", "network.json; mặc định TRUC_NETWORK"))
        ->envname("TRUC_NETWORK")
        ->type_name(file_value)
        ->group(where);
    app.add_option("--at", o.at, words("node of that network", "nút trong mạng đó"))
        ->type_name(node_value)
        ->group(where);
    app.add_option("--node", o.node, words("URL of a node, instead of --network", "URL của nút, thay cho --network"))
        ->group(where);
    app.add_option("--socket", o.socket, words("administrators' socket of a node", "socket quản trị của nút"))
        ->type_name(file_value)
        ->group(where);
    app.add_option("--config", o.config,
                   words("a node's configuration: where its socket is, and its store while it is stopped",
                         "cấu hình của nút: socket, và dữ liệu khi nút đã dừng"))
        ->check(CLI::ExistingFile)
        ->group(where);
    app.add_option("--as", o.as, words("code of the agency to speak for", "mã cơ quan mà bạn đại diện"))
        ->type_name(agency_value)
        ->group(who);
    app.add_option("--cert", o.certificate, words("certificate (PEM)", "chứng thư (PEM)"))
        ->check(CLI::ExistingFile)
        ->group(who);
    app.add_option("--key", o.key, words("its private key (PEM)", "khóa riêng của nó (PEM)"))
        ->check(CLI::ExistingFile)
        ->group(who);
    app.add_option("--ca", o.authority, words("authority of the nodes' certificates", "chứng thư gốc của các nút"))
        ->check(CLI::ExistingFile)
        ->group(who);
    app.add_flag("--json", o.json, words("one JSON object a line", "mỗi dòng một đối tượng JSON"));
}

/// Leaves out CLI11's names of types and validators: the descriptions say it better, and in the person's language; and
/// breaks these where the terminal ends.
class plain_formatter final : public CLI::Formatter {
  public:
    std::string make_option_opts(const CLI::Option* o) const override {
        return o->nonpositional() && !o->get_type_name().empty() ? " ..." : "";
    }
    std::string make_option_desc(const CLI::Option* o) const override { return broken(o->get_description()); }
    std::string make_subcommand(const CLI::App* verb) const override {
        std::ostringstream out;
        CLI::detail::format_help(out, verb->get_name(), broken(verb->get_description()), column_width_);
        return out.str();
    }

  private:
    /// Descriptions stand in a column of their own, also on narrow terminals.
    std::string broken(const std::string& description) const {
        return wrapped(description, terminal_width() - column_width_ - 1);
    }
};

/// CLI11's own words. Verbs that are added afterwards inherit them.
void teach_words(CLI::App& app) {
    const auto formatter = std::make_shared<plain_formatter>();
    formatter->label("Usage", words("Usage", "Cách dùng"));
    formatter->label("OPTIONS", words("OPTIONS", "TÙY CHỌN"));
    formatter->label("SUBCOMMAND", words("VERB", "LỆNH"));
    formatter->label("Positionals", words("Arguments", "Tham số"));
    app.formatter(formatter);
    app.option_defaults()->group(words("Options", "Tùy chọn"));
    app.set_help_flag("-h,--help", words("print this help", "in trợ giúp này"));
    app.footer(words("truc --help tells the shared options: --network, --at, --as, --json ...",
                     "truc --help liệt kê các tùy chọn chung: --network, --at, --as, --json ..."));
}

} // namespace

void declare(CLI::App& app, program& p) {
    app.require_subcommand(1);
    app.fallthrough();
    teach_words(app);
    app.set_version_flag("--version", "truc " TRUC_VERSION, words("print the version", "in phiên bản"));
    declare_globals(app, p.options);
    app.group(words("An agency's side", "Phía cơ quan"));
    declare_documents(app, p);
    app.group(words("Evidence", "Bằng chứng"));
    declare_evidence(app, p);
    app.group(words("Administrators", "Quản trị"));
    declare_administration(app, p);
    declare_systems(app, p);
    declare_completion(app, p);
    app.group(words("Demonstration", "Minh họa"));
    declare_demo(app, p);
    app.footer(words("Ends with 0 done, 1 the answer is no, 2 usage, 3 the node cannot be reached.\n"
                     "TRUC_NETWORK stands in for --network. Vietnamese or English by LANG.",
                     "Kết thúc: 0 xong, 1 trả lời là không, 2 sai cách dùng, 3 không kết nối được nút.\n"
                     "TRUC_NETWORK thay cho --network. Tiếng Việt hay tiếng Anh tùy LANG."));
}

} // namespace truc::cli
