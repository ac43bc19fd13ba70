#include "actor.hpp"

#include "../fields.hpp"

#include <truc/dsig/signer.hpp>

#include <thread>

namespace truc::cli::demo {

namespace {

const network_agency& agency_of(const network& n, std::string_view code) {
    const auto* found = n.find_agency(code);
    if (!found) throw broken_expectation(fmt::format("the network has no agency {}", code));
    return *found;
}

session connect(const network& n, const network_agency& a, std::string_view at) {
    const auto* home = n.find_node(at.empty() ? a.node : at);
    const auto* client = n.find_client(a.client);
    if (!home || !client) throw broken_expectation(fmt::format("the network does not say how {} connects", a.code));
    client::http_options options;
    options.authority = n.authority;
    options.certificate = client->certificate;
    options.key = client->key;
    return session(must(client::server_address::parse(home->http)), options, a.code);
}

} // namespace

actor::actor(const network& n, std::string_view code, std::string_view at)
    : party_{agency_of(n, code).code, agency_of(n, code).name},
      key_(trust::signing_key::load(agency_of(n, code).certificate, agency_of(n, code).key)),
      session_(connect(n, agency_of(n, code), at)) {}

std::string actor::sign(std::string_view edxml) const { return must(dsig::sign(edxml, *key_)); }

outcome<json::object> actor::submit(std::string_view edxml) {
    return session_.post(target("/v1/documents"), "application/xml", edxml, true);
}

std::vector<json::object> actor::inbox(std::string_view kind) {
    return must(session_.get_list(target("/v1/inbox").with("kind", kind).with("max", "1000"), 1'000'000));
}

json::object actor::wait_for(const std::string& delivery_id, std::string_view kind) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (;;) {
        for (auto& item : inbox(kind))
            if (text_field(item, "delivery_id") == delivery_id) return item;
        if (std::chrono::steady_clock::now() > until)
            throw broken_expectation(fmt::format("{}: delivery {} is not in the inbox", code(), delivery_id));
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

json::object actor::look_at(const std::string& id) { return must(session_.get_object(target("/v1/documents/" + id))); }

} // namespace truc::cli::demo
