#include "agency_session.hpp"

#include "agency_feed.hpp"
#include "agency_inbox.hpp"
#include "strangers.hpp"

namespace truc::api {

namespace {

/// EXTERNAL is offered to those whose certificate the directory knows; what they may do is asked when they have opened,
/// so that they can be told.
amqp::session_options options_of(const std::shared_ptr<agency_core>& core, const net::peer_info& peer) {
    amqp::session_options o;
    o.container = core->use.node;
    o.properties["truc-node"] = core->use.node;
    const auto directory = core->use.intake.current_directory();
    o.external = peer.certificate && directory->find_client_by_certificate(*peer.certificate);
    if (peer.certificate && !o.external) mention_stranger(peer, "AMQP by EXTERNAL");
    if (core->guard.book())
        o.plain = [core](std::string user, std::string password, const std::function<void(amqp::login)>& answer) {
            core->guard.check(std::move(user), std::move(password), answer);
        };
    return o;
}

/// "inbox/000.00.12.H43" in two.
struct address {
    std::string service;
    std::string agency;
};

/// Adapters of legacy systems come by AMQP as everybody else; what they did for an agency stands on record as such.
entrance entrance_of(const directory::client& c) {
    const bool adapts = std::find(c.entrances.begin(), c.entrances.end(), entrance::adapter) != c.entrances.end();
    return adapts ? entrance::adapter : entrance::amqp;
}

address parse_address(const std::string& text) {
    const auto slash = text.find('/');
    if (slash == std::string::npos) return {text, {}};
    return {text.substr(0, slash), text.substr(slash + 1)};
}

} // namespace

agency_session::agency_session(std::shared_ptr<agency_core> core, std::shared_ptr<net::connection> peer)
    : core_(std::move(core)), address_(peer->peer().address) {
    auto options = options_of(core_, peer->peer());
    amqp_ = amqp::session::make(std::move(peer), std::move(options));
    gate_ = std::make_shared<reading_gate>(*core_, *amqp_);
}

agency_session::~agency_session() = default;

net::awaitable<void> agency_session::run() {
    const auto self = shared_from_this(); // outlives what the connection calls
    co_await amqp_->run(*this);
}

// --- the connection ----------------------------------------------------------------------------------------------

result<agency_login> agency_session::identify(const amqp::peer_open& peer) const {
    agency_login login;
    const auto directory = core_->use.intake.current_directory();
    const directory::client* client = nullptr;
    if (peer.mechanism == "EXTERNAL") {
        login.certificate = amqp_->peer().certificate;
        client = directory->find_client_by_certificate(*login.certificate);
    } else if (const auto book = core_->guard.book()) {
        client = book->who(*directory, peer.user);
        if (client)
            for (const auto* password : book->passwords_of(client->id, core_->use.clock.now()))
                login.passwords.push_back(password->salt());
    }
    if (!client) return fail(errc::credentials, "client " + peer.user + " is known no longer");
    login.client = client->id;
    login.entrance = entrance_of(*client);
    if (auto channel = login.channel(*core_); !channel) return fail(channel.error());
    return login;
}

void agency_session::opened(const amqp::peer_open& peer) {
    auto login = identify(peer);
    if (!login) {
        spdlog::info("a client from {} is refused at AMQP: {}", address_, explain(login.error(), language::english));
        return amqp_->close(condition_of(login.error()));
    }
    if (!core_->admit.open_connection(login->client)) {
        if (core_->complaints.may_say("connections of " + login->client))
            spdlog::warn("client {} has {} connections by AMQP: one more from {} is refused", login->client,
                         admission::connections_per_client, address_);
        return amqp_->close(amqp::condition{std::string(amqp::resource_limit_exceeded), "connections of this client"});
    }
    login_ = std::move(*login);
    spdlog::debug("client {} is connected by AMQP from {}", login_->client, address_);
}

void agency_session::closed(const std::optional<amqp::condition>& why) {
    if (!login_)
        spdlog::debug("a connection from {} ended before it was known whose it is: {}", address_, text_of(why));
    for (const auto& [link, open] : std::exchange(links_, {}))
        if (!open.part->over()) open.part->close();
    if (login_) core_->admit.close_connection(login_->client);
}

// --- links -------------------------------------------------------------------------------------------------------

/// What is wrong with an address that names this agency, or none; `one`: it has to be one.
std::optional<amqp::condition> agency_session::objection(const std::string& named, bool one) const {
    const auto channel = login_->channel(*core_);
    if (!channel) return condition_of(channel.error());
    const auto agencies =
        agencies_of(core_->use, *channel, named.empty() ? std::nullopt : std::optional<std::string_view>(named));
    if (!agencies) return condition_of(agencies.error());
    if (one && agencies->agencies > 1)
        return amqp::condition{std::string(amqp::invalid_field), "name one agency: receipts/<code>"};
    return std::nullopt;
}

agency_session::making agency_session::make_part(amqp::link_handle link, const amqp::link_request& request) {
    const auto to = parse_address(request.address);
    const bool sends = request.role == amqp::link_role::we_send;
    if (!sends && request.address == "submit")
        return std::make_shared<agency_submission>(core_, amqp_, link, *login_, gate_);
    if (!sends || (to.service != "inbox" && to.service != "receipts"))
        return tl::unexpected(amqp::condition{std::string(amqp::not_found), request.address});
    if (auto why = objection(to.agency, to.service == "receipts")) return tl::unexpected(std::move(*why));
    if (to.service == "inbox") return std::make_shared<agency_inbox>(core_, amqp_, link, *login_, to.agency);
    const auto given = request.properties.contains("truc-after");
    const auto* after = amqp::find<std::int64_t>(request.properties, "truc-after");
    if (given && (!after || *after < 0))
        return tl::unexpected(amqp::condition{std::string(amqp::invalid_field), "truc-after"});
    const auto from = after ? static_cast<std::uint64_t>(*after) : 0;
    return std::make_shared<agency_feed>(core_, amqp_, link, *login_, to.agency, from);
}

void agency_session::link_requested(amqp::link_handle link, const amqp::link_request& request) {
    std::erase_if(links_, [](const auto& l) { return l.second.part->over(); });
    if (!login_) return amqp_->refuse_link(link, amqp::condition{std::string(amqp::not_allowed), "not yet"});
    auto part = make_part(link, request);
    if (!part) return amqp_->refuse_link(link, std::move(part.error()));
    links_[link] = open_link{*part, std::nullopt};
    (*part)->open();
}

void agency_session::link_detached(amqp::link_handle link, const std::optional<amqp::condition>&) {
    const auto at = links_.find(link);
    if (at == links_.end()) return;
    const auto part = std::move(at->second.part);
    links_.erase(at);
    if (!part->over()) part->close();
}

void agency_session::credit_changed(amqp::link_handle link, std::size_t) {
    if (const auto at = links_.find(link); at != links_.end()) at->second.part->credit_changed();
}

// --- messages ----------------------------------------------------------------------------------------------------

void agency_session::settled(amqp::message_handle message, const amqp::settlement& how) {
    for (const auto& [link, open] : links_)
        if (open.part->settled(message, how)) return;
}

agency_session::open_link* agency_session::link_of(amqp::message_handle message) {
    for (auto& [link, open] : links_)
        if (open.arriving == message) return &open;
    return nullptr;
}

void agency_session::message_begun(amqp::link_handle link, amqp::message_handle message,
                                   const amqp::message_head& head) {
    const auto at = links_.find(link);
    if (at == links_.end()) return;
    at->second.arriving = message;
    at->second.part->message_begun(message, head);
}

void agency_session::message_data(amqp::message_handle message, std::size_t, std::string_view bytes) {
    if (auto* open = link_of(message)) open->part->message_data(message, bytes);
}

void agency_session::message_complete(amqp::message_handle message) {
    auto* open = link_of(message);
    if (!open) return;
    open->arriving.reset();
    open->part->message_complete(message);
}

void agency_session::message_lost(amqp::message_handle message) {
    auto* open = link_of(message);
    if (!open) return;
    open->arriving.reset();
    open->part->message_lost(message);
}

} // namespace truc::api
