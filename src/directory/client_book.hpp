#pragma once
/// What password_book and secret_book have in common.

#include <truc/base/clock.hpp>
#include <truc/directory/directory.hpp>

#include <boost/json/object.hpp>

#include <functional>

namespace truc::directory {

struct client_line {
    std::string client;
    std::optional<timestamp> until;
    const boost::json::object& members;
};

/// Each line but comments, whole but for its end. Error: what `take` says, with the place before it.
result<void> for_each_record(std::string_view text, std::string_view name_for_errors,
                             const std::function<result<void>(std::string_view line)>& take);
/// Errors: bad_configuration; what `take` says.
result<void> read_client_line(std::string_view line, const std::function<result<void>(const client_line&)>& take);

/// Those of `has` that may be meant by a name: the client with that id, or those that act for the agency with that code
/// and are not disabled. A client that is not in `has` stands in nobody's way: another node may call one of its own by
/// any agency's code.
template <class Entries>
std::vector<const client*> clients_called(const directory& d, std::string_view name, const Entries& has) {
    std::vector<const client*> found;
    if (const auto* c = d.find_client(name); c && has.contains(c->id)) found.push_back(c);
    if (!found.empty()) return found;
    const auto* agency = d.find_agency(name);
    if (!agency) return found;
    for (const auto& [id, entry] : has) {
        const auto* c = d.find_client(id);
        const bool acts = c && std::find(c->agencies.begin(), c->agencies.end(), agency->code) != c->agencies.end();
        if (acts && !c->disabled) found.push_back(c);
    }
    return found;
}

/// Puts what a line holds to the rest, the current before what it replaced. Error: bad_configuration, where a client
/// stands there too often.
template <class Entry>
result<void> put_entry(std::map<std::string, std::vector<Entry>, std::less<>>& entries, const std::string& client,
                       Entry entry) {
    auto& all = entries[client];
    const bool twice = std::any_of(all.begin(), all.end(),
                                   [&](const Entry& e) { return e.until.has_value() == entry.until.has_value(); });
    if (twice)
        return fail(errc::bad_configuration, client + " stands there twice" + (entry.until ? " with an end" : ""));
    all.insert(entry.until ? all.end() : all.begin(), std::move(entry));
    return {};
}

template <class Entry>
bool is_good(const Entry& e, timestamp at) {
    return !e.until || at < *e.until;
}

} // namespace truc::directory
