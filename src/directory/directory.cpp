#include "fold.hpp"
#include "loader.hpp"

#include <truc/base/durable.hpp>
#include <truc/directory/directory.hpp>

namespace truc::directory {

namespace {

constexpr std::size_t largest_file = std::size_t{1} << 30;

/// Reorganisations that follow one another. More of them are a circle.
constexpr int longest_succession = 64;

template <class Index, class Key, class Value>
const Value* look_up(const Index& index, const Key& key, const std::vector<Value>& values) {
    const auto found = index.find(key);
    return found == index.end() ? nullptr : &values[found->second];
}

/// All that a person may remember of an agency, one thing a line.
std::string search_text_of(const agency& a) {
    std::string text = fold(a.code.str());
    for (const auto& alias : a.aliases) text.append("\n").append(fold(alias.str()));
    return text.append("\n").append(fold(a.name));
}

bool is_closed(const agency& a, timestamp at) { return a.valid_to && *a.valid_to <= at; }

} // namespace

result<directory> directory::load(const std::filesystem::path& file) {
    const auto text = read_file(file, largest_file);
    if (!text)
        return fail(errc::bad_directory, fmt::format("{}: cannot be read ({})", file.string(), text.error().what));
    return parse(*text, file.string());
}

result<directory> directory::parse(std::string_view text, std::string_view name_for_errors) {
    return loader(name_for_errors).load(text);
}

void directory::index_search_text() {
    search_text_.reserve(agencies_.size());
    for (const auto& a : agencies_) search_text_.push_back(search_text_of(a));
}

const agency* directory::find_agency(std::string_view code) const {
    const auto form = agency_code::parse(code);
    return form ? look_up(agency_by_code_, form->str(), agencies_) : nullptr;
}

bool directory::is_valid(const agency& a, timestamp at) const {
    return (!a.valid_from || *a.valid_from <= at) && !is_closed(a, at);
}

result<const agency*> directory::resolve_recipient(std::string_view code, timestamp at) const {
    const agency* a = find_agency(code);
    if (!a) return fail(errc::recipient_unknown, std::string(code));
    for (int step = 0; a && step < longest_succession; ++step) {
        if (is_valid(*a, at)) return a;
        if (!is_closed(*a, at) || a->successors.size() != 1) break;
        a = find_agency(a->successors.front().str());
    }
    return fail(errc::recipient_closed, std::string(code));
}

const client* directory::find_client(std::string_view id) const { return look_up(client_by_id_, id, clients_); }

const client* directory::find_client_by_certificate(const sha256_digest& digest) const {
    return look_up(client_by_certificate_, digest, clients_);
}

std::string_view directory::home_of(const client& c) const {
    std::string_view home;
    for (const auto& code : c.agencies) {
        const auto* agency = find_agency(code.str());
        if (!agency || (!home.empty() && home != agency->node)) return {};
        home = agency->node;
    }
    return home;
}

const node* directory::find_node(std::string_view name) const { return look_up(node_by_name_, name, nodes_); }

const agency* directory::find_signer(const sha256_digest& certificate) const {
    return look_up(agency_by_certificate_, certificate, agencies_);
}

std::vector<const agency*> directory::search(std::string_view query, std::string_view after, std::size_t max) const {
    const std::string wanted = fold(query);
    const auto cursor = agency_code::parse(after);
    const auto start = std::upper_bound(agencies_.begin(), agencies_.end(), cursor ? cursor->str() : std::string(after),
                                        [](const std::string& code, const agency& a) { return code < a.code.str(); });
    std::vector<const agency*> found;
    for (auto i = static_cast<std::size_t>(start - agencies_.begin()); i < agencies_.size() && found.size() < max; ++i)
        if (search_text_[i].find(wanted) != std::string::npos) found.push_back(&agencies_[i]);
    return found;
}

} // namespace truc::directory
