#include "relay_session.hpp"

#include "relay_feed_reader.hpp"
#include "relay_feed_sender.hpp"
#include "relay_leg_receiver.hpp"
#include "relay_leg_sender.hpp"
#include "relay_talk.hpp"

#include <fmt/format.h>

namespace truc::api {

namespace {

constexpr std::string_view custody_ability = "custody-1";

std::string end_of(const std::optional<amqp::condition>& why) {
    return why ? fmt::format("{}: {}", why->name, why->description) : "the connection was closed";
}

} // namespace

std::vector<std::string> own_abilities() { return {std::string(custody_ability)}; }

amqp::session_options relay_session_options(const std::string& node, bool dialled_by_us) {
    amqp::session_options o;
    o.role = dialled_by_us ? amqp::session_options::side::client : amqp::session_options::side::server;
    o.container = node;
    o.properties["truc-node"] = node;
    o.properties["truc-version"] = std::int64_t{protocol_version};
    o.properties["truc-abilities"] = own_abilities();
    return o;
}

relay_session::relay_session(std::shared_ptr<relay_core> core, std::shared_ptr<amqp::session> way,
                             std::string neighbour, bool dialled_by_us)
    : core_(std::move(core)),
      neighbour_(std::move(neighbour)),
      dialler_(dialled_by_us ? core_->use.node : neighbour_),
      address_(way->peer().address),
      since_(core_->use.clock->now()),
      amqp_(std::move(way)) {}

std::shared_ptr<relay_session> relay_session::make(std::shared_ptr<relay_core> core,
                                                   std::shared_ptr<net::connection> peer, std::string neighbour,
                                                   bool dialled_by_us) {
    auto way = amqp::session::make(std::move(peer), relay_session_options(core->use.node, dialled_by_us));
    return std::make_shared<relay_session>(std::move(core), std::move(way), std::move(neighbour), dialled_by_us);
}

relay_session::~relay_session() = default;

net::awaitable<void> relay_session::run() {
    const auto self = shared_from_this(); // outlives what the connection calls
    co_await amqp_->run(*this);
}

void relay_session::end(amqp::condition why) {
    net::asio::post(amqp_->executor(), [self = shared_from_this(), why = std::move(why)] { self->amqp_->close(why); });
}

void relay_session::offer_sections() {
    net::asio::post(amqp_->executor(), [self = shared_from_this()] {
        if (self->talk_ && !self->over_) self->talk_->offer_sections();
    });
}

void relay_session::ping(neighbourhood::ping_completion done) {
    net::asio::post(amqp_->executor(), [self = shared_from_this(), done = std::move(done)] {
        if (self->over_ || !self->talk_) return done(fail(errc::unreachable, self->neighbour_));
        self->talk_->ping(done);
    });
}

void relay_session::adopt(amqp::link_handle link, std::shared_ptr<relay_part> part) {
    links_[link] = open_link{std::move(part), std::nullopt};
}

std::string relay_session::link_name(std::string_view address) {
    return fmt::format("{}.{}.{}", core_->use.node, address, ++links_named_);
}

void relay_session::look_at_legs() {
    if (legs_out_ && legs_out_->waits_too_long()) {
        spdlog::warn("neighbour {} does not answer the legs that it was offered: the session is ended", neighbour_);
        amqp_->close(amqp::condition{std::string(amqp::connection_forced), neighbour_ + " does not answer"});
    }
}

void relay_session::learned_log(const std::string& log) { feed_in_->open(log); }

// --- the connection ----------------------------------------------------------------------------------------------

std::optional<amqp::condition> relay_session::examine(const amqp::peer_open& peer) {
    const auto* node = amqp::find<std::string>(peer.properties, "truc-node");
    if (node && *node != neighbour_)
        return amqp::condition{std::string(amqp::not_allowed), "the certificate is that of " + neighbour_};
    return core_->registry.admit(shared_from_this());
}

/// Unknown abilities and later versions are none of our business; those that custody needs must be there (rule 9).
bool relay_session::is_capable(const amqp::peer_open& peer) {
    const auto* version = amqp::find<std::int64_t>(peer.properties, "truc-version");
    const auto* abilities = amqp::find<std::vector<std::string>>(peer.properties, "truc-abilities");
    core_->registry.note(neighbour_, [&](neighbour_view& v) {
        v.version = version ? static_cast<unsigned>(std::clamp<std::int64_t>(*version, 0, 1'000'000)) : 0;
        v.abilities = abilities ? *abilities : std::vector<std::string>();
    });
    const bool speaks = version && *version == protocol_version;
    const bool able = abilities && std::find(abilities->begin(), abilities->end(), custody_ability) != abilities->end();
    auto& alarms = *core_->use.alarms;
    if (speaks && able)
        alarms.clear("ability_missing", neighbour_);
    else
        alarms.raise("ability_missing", neighbour_,
                     speaks ? fmt::format("it lacks {}: legs wait", custody_ability)
                            : fmt::format("it does not speak version {} of the protocol: legs wait", protocol_version));
    return speaks && able;
}

void relay_session::opened(const amqp::peer_open& peer) {
    if (auto refusal = examine(peer)) return amqp_->close(std::move(refusal));
    admitted_ = true;
    const auto self = shared_from_this();
    talk_ = std::make_shared<relay_talk>(core_, *this);
    feed_in_ = std::make_shared<relay_feed_reader>(core_, *this);
    talk_->open();
    if (is_capable(peer)) {
        legs_out_ = std::make_shared<relay_leg_sender>(core_, *this);
        legs_out_->open();
    }
    spdlog::info("neighbour {} is connected ({}, dialled by {})", neighbour_, address_, dialler_);
    core_->ring();
}

void relay_session::closed(const std::optional<amqp::condition>& why) {
    over_ = true;
    const auto text = end_of(why);
    if (admitted_ && core_->registry.leave(*this, text))
        spdlog::info("neighbour {} is disconnected: {}", neighbour_, text);
    else if (!admitted_)
        spdlog::debug("a session with {} ended before it began: {}", neighbour_, text);
    if (legs_out_) legs_out_->disconnect(text);
    std::vector<std::shared_ptr<relay_part>> parts{legs_out_, feed_in_, talk_};
    for (const auto& [link, open] : links_)
        if (std::find(parts.begin(), parts.end(), open.part) == parts.end()) parts.push_back(open.part);
    links_.clear();
    for (const auto& part : parts)
        if (part) part->close();
    core_->ring();
}

// --- links -------------------------------------------------------------------------------------------------------

std::shared_ptr<relay_part> relay_session::make_receiver(const std::string& address) {
    if (address == "neighbour") return talk_->listens() ? nullptr : talk_;
    if (address != "relay") return nullptr;
    for (const auto& [other, open] : links_)
        if (std::dynamic_pointer_cast<relay_leg_receiver>(open.part)) return nullptr;
    return std::make_shared<relay_leg_receiver>(core_, *this);
}

void relay_session::link_requested(amqp::link_handle link, const amqp::link_request& request) {
    if (!admitted_) return amqp_->refuse_link(link, amqp::condition{std::string(amqp::not_allowed), "not yet"});
    if (request.role == amqp::link_role::we_receive) {
        auto part = make_receiver(request.address);
        if (!part) return amqp_->refuse_link(link, amqp::condition{std::string(amqp::not_found), request.address});
        adopt(link, part);
        amqp_->accept_link(link);
        return part->attached(link);
    }
    const auto* after = amqp::find<std::int64_t>(request.properties, "truc-after");
    if (request.address != "receipts")
        return amqp_->refuse_link(link, amqp::condition{std::string(amqp::not_found), request.address});
    if (!after || *after < 0)
        return amqp_->refuse_link(link, amqp::condition{std::string(amqp::invalid_field), "truc-after"});
    auto part = std::make_shared<relay_feed_sender>(core_, *this, link, static_cast<std::uint64_t>(*after));
    adopt(link, part);
    amqp_->accept_link(link);
    part->open();
}

std::shared_ptr<relay_part> relay_session::part_of(amqp::link_handle link) const {
    const auto at = links_.find(link);
    return at == links_.end() ? nullptr : at->second.part;
}

void relay_session::link_attached(amqp::link_handle link) {
    if (const auto part = part_of(link)) part->attached(link);
}

void relay_session::link_detached(amqp::link_handle link, const std::optional<amqp::condition>& why) {
    const auto part = part_of(link);
    links_.erase(link);
    if (part) part->detached(link, why);
}

void relay_session::credit_changed(amqp::link_handle link, std::size_t credit) {
    if (const auto part = part_of(link)) part->credit_changed(link, credit);
}

// --- messages ----------------------------------------------------------------------------------------------------

void relay_session::settled(amqp::message_handle message, const amqp::settlement& how) {
    if (legs_out_ && legs_out_->settled(message, how.result, how.why)) return;
    if (talk_) talk_->settled(message, how.result, how.why);
}

relay_session::open_link* relay_session::link_of(amqp::message_handle message) {
    for (auto& [link, open] : links_)
        if (open.arriving == message) return &open;
    return nullptr;
}

void relay_session::message_begun(amqp::link_handle link, amqp::message_handle message,
                                  const amqp::message_head& head) {
    const auto at = links_.find(link);
    if (at == links_.end()) return;
    at->second.arriving = message;
    const auto part = at->second.part; // it may detach the link
    part->message_begun(link, message, head);
}

void relay_session::message_data(amqp::message_handle message, std::size_t section, std::string_view bytes) {
    auto* open = link_of(message);
    if (!open) return;
    const auto part = open->part;
    part->message_data(message, section, bytes);
}

void relay_session::message_complete(amqp::message_handle message) {
    auto* open = link_of(message);
    if (!open) return;
    open->arriving.reset();
    const auto part = open->part;
    part->message_complete(message);
}

void relay_session::message_lost(amqp::message_handle message) {
    auto* open = link_of(message);
    if (!open) return;
    open->arriving.reset();
    const auto part = open->part;
    part->message_lost(message);
}

} // namespace truc::api
