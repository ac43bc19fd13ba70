#include "axis_door.hpp"

#include "identity.hpp"

#include <truc/base/log.hpp>
#include <truc/base/printable.hpp>
#include <truc/directory/client_lines.hpp>

#include <fmt/format.h>

namespace truc::api {

namespace {

/// Signs for those who are not known, so that they wait as long as the others.
constexpr std::string_view secret_of_nobody = "6f1b7c5e0a9d4e83b2c47f10d95a3e6876cc0b41";

// Bytes of a line of the log that somebody else may fill.
constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_reason = 300;

/// Without the port, which is another one for each connection.
std::string_view host_of(const net::peer_info& peer) {
    return std::string_view(peer.address).substr(0, peer.address.rfind(':'));
}

} // namespace

axis_door::axis_door(const services& s)
    : s_(s),
      refused_(s.metrics.get_counter("truc_signed_headers_refused_total",
                                     "Requests at the axis façade whose signed headers were refused")) {}

result<axis_call> axis_door::admit(const http::request_head& head, const net::peer_info& peer) {
    constexpr auto all_that_strangers_learn = "systemid, secret or signed headers are not right";
    const auto headers = axis_headers::read(head);
    if (!headers) {
        note_stranger("headers", headers.error().what, head.header("XroadVnpt-systemid"), peer);
        return fail(errc::credentials, all_that_strangers_learn);
    }
    intake::channel c;
    c.entrance = entrance::axis;
    c.directory = s_.intake.current_directory();
    if (const auto known = prove(*headers, c); !known) {
        note_stranger("secret", known.error().what, headers->system_id(), peer);
        return fail(errc::credentials, all_that_strangers_learn);
    }
    const auto client = c.client->id;
    auto call = open(*headers, std::move(c));
    if (!call) note_client(client, call.error(), peer);
    return call;
}

/// Finds the client whose secret signed. The error is for the log alone.
result<void> axis_door::prove(const axis_headers& headers, intake::channel& c) const {
    const auto book = book_.load();
    std::vector<const directory::client*> candidates;
    if (book) candidates = book->candidates(*c.directory, headers.system_id());
    for (const auto* client : candidates) {
        const auto secrets = book->secrets_of(client->id, s_.clock.now());
        for (std::size_t i = 0; i < directory::most_of_a_client; ++i)
            if (headers.signed_with(i < secrets.size() ? secrets[i] : secret_of_nobody) && i < secrets.size())
                c.client = client;
    }
    if (c.client) return {};
    if (!candidates.empty())
        return fail(errc::credentials, "signed with another secret than that of client " + candidates.front()->id);
    for (std::size_t i = 0; i < directory::most_of_a_client; ++i) headers.signed_with(secret_of_nobody);
    return fail(errc::credentials, "systemid is of no client with a secret here");
}

/// What a client may know that has proven who it is.
result<axis_call> axis_door::open(const axis_headers& headers, intake::channel c) const {
    if (auto may = check_entrance(*c.client, c.entrance); !may) return fail(may.error());
    auto parameters = headers.parameters();
    if (!parameters) return fail(parameters.error());
    if (auto fresh = check_axis_time(parameters->at("timestamp"), s_.clock.now()); !fresh) return fail(fresh.error());
    auto agencies = agencies_of(s_, c, std::nullopt);
    if (!agencies) return fail(agencies.error());
    return axis_call(std::move(c), std::move(*agencies), std::move(*parameters));
}

void axis_door::note_stranger(std::string_view fault, std::string_view what, std::string_view system_id,
                              const net::peer_info& peer) {
    note(strangers_.may_say(fmt::format("{} {}", fault, host_of(peer))), what, system_id, peer);
}

void axis_door::note_client(const std::string& client, const error& why, const net::peer_info& peer) {
    const auto held_back = clients_.may_say(fmt::format("{} {}", describe(why.code).name, client));
    note(held_back, explain(why, language::english), client, peer);
}

void axis_door::note(std::optional<std::uint64_t> held_back, std::string_view what, std::string_view name,
                     const net::peer_info& peer) {
    refused_.add();
    if (!held_back) return;
    const auto more = *held_back ? fmt::format(" ({} more like it since it was said last)", *held_back) : std::string();
    spdlog::warn("the axis entrance refused \"{}\" from {}: {}{}", printable(name, longest_name), peer.address,
                 printable(what, longest_reason), more);
}

} // namespace truc::api
