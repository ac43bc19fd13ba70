#include "folder_scan.hpp"

#include "folder_notes.hpp"
#include "safe_name.hpp"

#include <truc/base/ascii.hpp>
#include <truc/base/printable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <tuple>

namespace truc::tdoffice {

namespace {

constexpr std::string_view ending = ".edxml";
constexpr std::size_t longest_note = std::size_t{64} << 10;
constexpr std::size_t longest_shown_name = 150;

std::optional<struct stat> look_at(const std::filesystem::path& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return std::nullopt;
    return info;
}

std::string shown(std::string_view name) { return printable(name, longest_shown_name); }

/// The end of the root element, whatever its prefix.
bool ends_as_edxml(std::string_view tail) {
    constexpr std::string_view root = "edXML>";
    return trim(tail, " \t\r\n").ends_with(root);
}

} // namespace

bool is_document_name(std::string_view name) {
    return name.size() > ending.size() && name.front() != '.' &&
           iequal(name.substr(name.size() - ending.size()), ending);
}

std::string answer_name(std::string_view file, std::string_view answer, bool in_the_way) {
    return std::string(in_the_way ? file : file.substr(0, file.size() - ending.size())).append(answer);
}

std::string key_of(std::string_view name, const sha256_digest& digest) {
    return std::string(name) + "#" + digest.hex();
}

std::string_view name_in_key(std::string_view key) { return key.substr(0, key.rfind('#')); }

result<void> folder_scan::list_names() {
    std::error_code ec;
    std::filesystem::directory_iterator entries(o_.outbox, ec);
    if (ec) return fail(errc::legacy_away, fmt::format("{}: {}", o_.outbox.string(), ec.message()));
    std::set<std::string> names;
    for (const auto end = std::filesystem::directory_iterator(); entries != end; entries.increment(ec)) {
        if (ec) break;
        if (auto name = entries->path().filename().string(); is_document_name(name)) names.insert(std::move(name));
    }
    if (ec) return fail(errc::legacy_away, fmt::format("{}: {}", o_.outbox.string(), ec.message()));
    std::erase_if(candidates_, [&](const auto& c) { return !names.contains(c.first); });
    for (const auto& name : names) see(name);
    return {};
}

/// Another version begins anew.
void folder_scan::see(const std::string& name) {
    const auto info = look_at(o_.outbox / name);
    if (!info) {
        candidates_.erase(name);
        return;
    }
    const auto version = file_version::of(*info);
    const auto now = clock_.now();
    auto& c = candidates_.try_emplace(name, candidate{{}, now}).first->second;
    if (c.version == version) return;
    c = candidate{version, c.since, now};
    c.what.name = name;
}

/// On a share that knows no difference of upper and lower case their answers would have one name.
void folder_scan::mark_clashes() {
    const auto is_before = [](const candidate& a, const candidate& b) {
        return std::tie(a.since, a.version.modified_ns) < std::tie(b.since, b.version.modified_ns);
    };
    std::map<std::string, candidate*> first;
    for (auto& [name, c] : candidates_)
        if (auto& best = first[to_lower(name)]; !best || is_before(c, *best)) best = &c;
    for (auto& [name, c] : candidates_) {
        const bool in_the_way = first[to_lower(name)] != &c;
        if (std::exchange(c.in_the_way, in_the_way) != in_the_way) c.examined = false;
    }
}

std::vector<folder_scan::candidate*> folder_scan::by_age() {
    std::vector<candidate*> all;
    for (auto& [name, c] : candidates_) all.push_back(&c);
    std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) {
        return std::tie(a->version.modified_ns, a->what.name) < std::tie(b->version.modified_ns, b->what.name);
    });
    return all;
}

void folder_scan::wait_for(timestamp when) {
    const auto left = std::max(milliseconds(1), milliseconds(when - clock_.now()));
    if (!next_ready_ || left < *next_ready_) next_ready_ = left;
}

/// Content is looked at when nobody writes any more.
bool folder_scan::is_ready(candidate& c) {
    const auto now = clock_.now();
    if (!c.complete && now < c.seen + o_.settle) {
        wait_for(c.seen + o_.settle);
        return false;
    }
    examine(c);
    if (c.what.fault || c.ends_well || now >= c.seen + o_.unfinished) return !c.what.key.empty();
    wait_for(c.seen + o_.unfinished);
    return false;
}

/// The key is empty when the file cannot be read at the moment, or changed meanwhile.
void folder_scan::examine(candidate& c) {
    if (c.examined) return;
    auto& what = c.what;
    what = found{what.name, {}, std::nullopt, c.in_the_way};
    const auto faulty = [&](error e, std::string_view kind) {
        what.key = fmt::format("{}#{}-{}-{}", shown(what.name), kind, c.version.size, c.version.modified_ns);
        what.fault = std::move(e);
    };
    c.examined = true;
    if (!is_plain_name(what.name))
        return faulty(
            error(errc::record_invalid,
                  fmt::format("the file's name {} is too long, no UTF-8 or has characters that no share takes",
                              shown(what.name))),
            "name");
    if (c.in_the_way)
        return faulty(
            error(errc::record_invalid,
                  fmt::format("the name {} differs from another one in upper and lower case only", what.name)),
            "clash");
    const auto read = read_document_file(o_.outbox / what.name, o_.largest, keep_content::no);
    if (read && read->version == c.version) {
        what.key = key_of(what.name, read->digest);
        c.ends_well = ends_as_edxml(read->tail);
    } else if (!read && (read.error().code == errc::record_invalid || read.error().code == errc::too_large)) {
        faulty(read.error(), "file");
        // A permission may be given without a trace in the version.
        c.examined = false;
    } else {
        c.examined = false;
    }
}

/// The answer to this very content lies beside it.
bool folder_scan::is_refused(candidate& c) const {
    const auto path = o_.outbox / answer_name(c.what.name, ".err", c.in_the_way);
    const auto info = look_at(path);
    if (!info) return false;
    const auto version = file_version::of(*info);
    if (c.err_version != version) {
        const auto note = read_file(path, longest_note);
        c.err_key = note ? key_in(*note) : std::string();
        c.err_version = version;
    }
    return c.err_key == c.what.key;
}

result<std::vector<folder_scan::found>> folder_scan::look(std::size_t max) {
    if (auto listed = list_names(); !listed) return fail(listed.error());
    for (const auto& name : std::exchange(renamed_, {}))
        if (const auto c = candidates_.find(name); c != candidates_.end()) c->second.complete = true;
    mark_clashes();
    next_ready_.reset();
    std::vector<found> ready;
    for (auto* c : by_age()) {
        if (ready.size() == max) break;
        if (is_ready(*c) && !is_refused(*c)) ready.push_back(c->what);
    }
    return ready;
}

result<folder_scan::found> folder_scan::find(const std::string& key) {
    const std::string name(name_in_key(key));
    // Of what was listed only this one is looked at again: there may be thousands beside it.
    if (candidates_.contains(name)) see(name);
    if (auto* c = candidate_of(name, key)) return c->what;
    if (auto listed = list_names(); !listed) return fail(listed.error());
    mark_clashes();
    for (const auto& [other, c] : candidates_)
        if (shown(other) == name || other == name)
            if (auto* same = candidate_of(other, key)) return same->what;
    return fail(errc::not_found, name);
}

/// Null: it is not there, or is another version.
folder_scan::candidate* folder_scan::candidate_of(const std::string& name, const std::string& key) {
    const auto c = candidates_.find(name);
    if (c == candidates_.end()) return nullptr;
    examine(c->second);
    return c->second.what.key == key ? &c->second : nullptr;
}

} // namespace truc::tdoffice
