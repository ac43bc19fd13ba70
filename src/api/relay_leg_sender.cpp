#include "relay_leg_sender.hpp"

#include "relay_session.hpp"

#include <truc/pack/envelope_text.hpp>

namespace truc::api {

namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 20; ///< of contents under way to one neighbour

/// For the answer to a leg, beyond what its bytes and those before it take on a slow line.
constexpr std::chrono::minutes answer_patience{5};
constexpr std::size_t slow_line = std::size_t{32} << 10; ///< bytes a second

/// Blocks on the store: on the pool.
result<amqp::message> message_of(store::outgoing_leg& leg, const relay::options& use) {
    auto content = use.store->open_content(leg.sha256);
    if (!content) return fail(content.error());
    amqp::message m;
    if (!leg.header.deliveries.empty()) m.head.message_id = leg.header.deliveries.front().id.str();
    m.head.correlation_id = leg.document_id;
    m.body.emplace_back(pack::write_envelope(leg.header));
    m.body.emplace_back(std::move(leg.receipt));
    auto kept = std::make_shared<const store::content>(std::move(*content));
    m.body.emplace_back(kept->view(), kept);
    return m;
}

/// Of the catalogue; nullopt: the condition is none of ours.
std::optional<errc> code_of(const std::optional<amqp::condition>& why) {
    constexpr std::string_view own = "truc:";
    const std::string_view name = why ? std::string_view(why->name) : std::string_view();
    return name.starts_with(own) ? errc_from_name(name.substr(own.size())) : std::nullopt;
}

} // namespace

deliver::leg_answer leg_answer_of(amqp::outcome result, const std::optional<amqp::condition>& why) {
    switch (result) {
    case amqp::outcome::accepted:
        return {deliver::leg_fate::accepted, {}};
    case amqp::outcome::rejected: {
        const auto code = code_of(why);
        const bool later = code && describe(*code).retryable;
        return {later ? deliver::leg_fate::released : deliver::leg_fate::rejected, text_of(why)};
    }
    case amqp::outcome::released:
    case amqp::outcome::modified:
        return {deliver::leg_fate::released, "the neighbour cannot take it now"};
    default:
        return {deliver::leg_fate::lost, "the connection ended before the answer"};
    }
}

deliver::leg_answer answer_without_content(const error& e) {
    auto reason = std::string(describe(e.code).name) + ": " + explain(e, language::english);
    return {describe(e.code).retryable ? deliver::leg_fate::released : deliver::leg_fate::rejected, std::move(reason)};
}

struct relay_leg_sender::offered {
    std::function<void(deliver::leg_answer)> done;
    std::size_t bytes = 0;
    timestamp until; ///< the answer is there
};

relay_leg_sender::relay_leg_sender(std::shared_ptr<relay_core> c, relay_session& owner)
    : relay_part(std::move(c), owner) {}

std::shared_ptr<deliver::link> relay_leg_sender::as_link() { return self<relay_leg_sender>(); }

void relay_leg_sender::open() {
    link_ = amqp().attach_sender(owner().link_name("relay"), "relay");
    owner().adopt(link_, shared_from_this());
}

void relay_leg_sender::attached(amqp::link_handle) {
    connected_ = true;
    use().forwarder->connect(neighbour(), as_link());
}

void relay_leg_sender::disconnect(const std::string& why) {
    credit_ = 0;
    if (std::exchange(connected_, false)) use().forwarder->disconnect(neighbour(), as_link(), why);
}

void relay_leg_sender::detached(amqp::link_handle, const std::optional<amqp::condition>& why) {
    disconnect("the neighbour takes no legs: " + text_of(why));
}

/// At least one leg may go, however large; the sum of several is bounded.
std::size_t relay_leg_sender::room() const {
    const auto credit = credit_.load();
    const auto preparing = preparing_.load();
    return preparing >= credit || bytes_.load() >= most_bytes ? 0 : credit - preparing;
}

void relay_leg_sender::offer(store::outgoing_leg leg, std::function<void(deliver::leg_answer)> done) {
    auto o = std::make_shared<offered>();
    o->done = std::move(done);
    o->bytes = leg.size;
    ++preparing_;
    bytes_ += o->bytes;
    auto work = [this, alive = shared_from_this(), leg = std::move(leg)]() mutable { return message_of(leg, use()); };
    work_then(core(), strand(), std::move(work), [self = self<relay_leg_sender>(), o](result<amqp::message> message) {
        self->send(o, std::move(message));
    });
}

void relay_leg_sender::send(const offered_ptr& o, result<amqp::message> message) {
    --preparing_;
    if (!message) return end(o, answer_without_content(message.error()));
    const auto handle = over() ? std::nullopt : amqp().send(link_, std::move(*message));
    if (!handle) return end(o, leg_answer_of(amqp::outcome::lost, {}));
    o->until = use().clock->now() + answer_patience + std::chrono::seconds(bytes_.load() / slow_line);
    under_way_.emplace(*handle, o);
    credit_ = amqp().credit(link_);
}

void relay_leg_sender::end(const offered_ptr& o, deliver::leg_answer answer) {
    const bool was_full = room() == 0;
    bytes_ -= o->bytes;
    o->done(std::move(answer));
    if (was_full && room() > 0) use().forwarder->room(neighbour());
}

void relay_leg_sender::credit_changed(amqp::link_handle, std::size_t credit) {
    credit_ = credit;
    if (connected_ && room() > 0) use().forwarder->room(neighbour());
}

bool relay_leg_sender::settled(amqp::message_handle message, amqp::outcome result,
                               const std::optional<amqp::condition>& why) {
    const auto at = under_way_.find(message);
    if (at == under_way_.end()) return false;
    const auto o = std::move(at->second);
    under_way_.erase(at);
    end(o, leg_answer_of(result, why));
    return true;
}

bool relay_leg_sender::waits_too_long() const {
    const auto now = use().clock->now();
    return std::any_of(under_way_.begin(), under_way_.end(), [now](const auto& o) { return o.second->until < now; });
}

void relay_leg_sender::closed() {
    for (auto& [message, o] : std::exchange(under_way_, {})) end(o, leg_answer_of(amqp::outcome::lost, {}));
}

} // namespace truc::api
