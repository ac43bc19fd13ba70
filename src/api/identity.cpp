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

bool spoken_for::covers(std::string_view code) const {
    if (std::find(codes.begin(), codes.end(), code) != codes.end()) return true;
    const auto* behind = gateway.empty() ? nullptr : directory->find_agency(code);
    return behind && behind->gateway == gateway;
}

std::vector<std::string> spoken_for::inboxes(const store::store& s) const {
    auto all = codes;
    if (gateway.empty()) return all;
    for (auto& recipient : s.recipients_in(delivery_state::consigned))
        if (std::find(codes.begin(), codes.end(), recipient) == codes.end() && covers(recipient))
            all.push_back(std::move(recipient));
    return all;
}

std::vector<std::string> spoken_for::answering(const store::store& s, const uuid& delivery) const {
    if (gateway.empty()) return codes;
    const auto item = s.find_inbox_item(delivery);
    return item && covers(item->to) ? std::vector{item->to} : codes;
}

std::vector<std::string> spoken_for::inbox_keys() const {
    auto keys = waiting_keys("inbox:", codes);
    if (!gateway.empty()) keys.push_back(gateway_key(gateway));
    return keys;
}

namespace {

void add(spoken_for& all, const directory::agency& a) {
    ++all.agencies;
    all.codes.push_back(a.code.str());
    for (const auto& alias : a.aliases) all.codes.push_back(alias.str());
}

/// It has agencies, but not here.
tl::unexpected<error> nobody_here(const intake::channel& c, const std::string& elsewhere) {
    if (elsewhere.empty()) return fail(errc::not_permitted, "client " + c.client->id + " acts for no agency");
    const auto* home = c.directory->find_node(elsewhere);
    return fail(errc::wrong_node, home ? home->name + " (" + home->http + ")" : elsewhere);
}

result<spoken_for> agency_named(const services& s, const intake::channel& c, std::string_view name) {
    const auto* wanted = c.directory->find_agency(name);
    if (!wanted || !c.acts_for(wanted->code)) return fail(errc::sender_not_yours, std::string(name));
    if (wanted->node != s.node) return nobody_here(c, wanted->node);
    spoken_for found;
    add(found, *wanted);
    return found;
}

} // namespace

result<spoken_for> agencies_of(const services& s, const intake::channel& c, std::optional<std::string_view> named) {
    if (named) return agency_named(s, c, *named);
    spoken_for found;
    std::string elsewhere;
    for (const auto& code : c.client->agencies) {
        const auto* agency = c.directory->find_agency(code.str());
        if (!agency) continue;
        if (agency->node == s.node)
            add(found, *agency);
        else
            elsewhere = agency->node;
    }
    if (!found.agencies) return nobody_here(c, elsewhere);
    if (c.client->gateway) {
        found.gateway = c.client->id;
        found.directory = c.directory;
    }
    return found;
}

tl::expected<client_limits::ticket, client_limits::refusal> take_place(const services& s, const directory::client& c) {
    if (!s.limits) return client_limits::ticket();
    return s.limits->admit(c.id);
}

} // namespace truc::api
