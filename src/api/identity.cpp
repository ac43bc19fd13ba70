#include "identity.hpp"

#include <algorithm>

namespace truc::api {

namespace {

std::string_view denial(entrance e) {
    if (e == entrance::http) return " may not use HTTP";
    return e == entrance::amqp ? " may not use AMQP" : " may not use this entrance";
}

} // namespace

result<void> check_entrance(const directory::client& c, entrance e) {
    if (c.disabled) return fail(errc::credentials, "client " + c.id + " is disabled");
    if (std::find(c.entrances.begin(), c.entrances.end(), e) == c.entrances.end())
        return fail(errc::not_permitted, "client " + c.id + std::string(denial(e)));
    return {};
}

result<spoken_for> agencies_of(const services& s, const intake::channel& c, std::optional<std::string_view> named) {
    spoken_for found;
    std::string elsewhere;
    const auto* wanted = named ? c.directory->find_agency(*named) : nullptr;
    if (named && (!wanted || !c.acts_for(wanted->code))) return fail(errc::sender_not_yours, std::string(*named));
    for (const auto& code : c.client->agencies) {
        const auto* agency = c.directory->find_agency(code.str());
        if (!agency || (wanted && agency != wanted)) continue;
        if (agency->node != s.node) {
            elsewhere = agency->node;
            continue;
        }
        ++found.agencies;
        found.codes.push_back(agency->code.str());
        for (const auto& alias : agency->aliases) found.codes.push_back(alias.str());
    }
    if (found.agencies) return found;
    if (elsewhere.empty()) return fail(errc::not_permitted, "client " + c.client->id + " acts for no agency");
    const auto* home = c.directory->find_node(elsewhere);
    return fail(errc::wrong_node, home ? home->name + " (" + home->http + ")" : elsewhere);
}

tl::expected<client_limits::ticket, client_limits::refusal> take_place(const services& s, const directory::client& c) {
    if (!s.limits) return client_limits::ticket();
    return s.limits->admit(c.id);
}

std::vector<std::string> waiting_keys(std::string_view kind, const std::vector<std::string>& codes) {
    std::vector<std::string> keys;
    for (const auto& code : codes) keys.push_back(std::string(kind) + code);
    return keys;
}

} // namespace truc::api
