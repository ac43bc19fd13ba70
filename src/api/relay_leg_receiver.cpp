#include "relay_leg_receiver.hpp"

#include "relay_session.hpp"

#include <fmt/format.h>

namespace truc::api {

namespace {

constexpr std::size_t window = 256;                     ///< legs
constexpr std::size_t feed_at = std::size_t{128} << 10; ///< bytes that are worth a job on the pool
constexpr std::size_t most_held = std::size_t{4} << 20; ///< bytes of legs in memory before reading pauses
constexpr std::size_t resume_below = std::size_t{2} << 20;
constexpr std::size_t content_from = 2; ///< section; before it come envelope and receipt

} // namespace

/// One leg, from its first byte to its answer. `reception` belongs to the job on the pool while `busy`.
struct relay_leg_receiver::leg {
    leg(amqp::message_handle m, intake::leg_reception r) : message(m), reception(std::move(r)) {}

    struct piece {
        std::size_t section;
        std::string bytes;
    };

    amqp::message_handle message;
    intake::leg_reception reception;
    std::vector<piece> waiting; ///< to be fed
    std::size_t waiting_bytes = 0;
    std::size_t fed_head = 0;    ///< bytes of envelope and receipt; they stay in memory
    std::size_t fed_content = 0; ///< bytes
    std::size_t held = 0;        ///< its part of what all legs hold
    bool busy = false;
    bool complete = false;
    bool over = false; ///< answered or lost
};

relay_leg_receiver::relay_leg_receiver(std::shared_ptr<relay_core> c, relay_session& owner)
    : relay_part(std::move(c), owner) {}

void relay_leg_receiver::attached(amqp::link_handle link) { amqp().set_window(link, window); }

void relay_leg_receiver::message_begun(amqp::link_handle, amqp::message_handle message, const amqp::message_head&) {
    auto reception = use().transit->begin(neighbour());
    if (!reception) {
        arriving_.reset();
        return amqp().reject(message, condition_of(reception.error()));
    }
    arriving_ = std::make_shared<leg>(message, std::move(*reception));
}

void relay_leg_receiver::message_data(amqp::message_handle message, std::size_t section, std::string_view bytes) {
    const auto l = arriving_;
    if (!l || l->message != message || l->over) return;
    if (l->waiting.empty() || l->waiting.back().section != section)
        l->waiting.push_back({section, std::string(bytes)});
    else
        l->waiting.back().bytes += bytes;
    l->waiting_bytes += bytes.size();
    hold(*l, l->held + bytes.size());
    if (l->waiting_bytes >= feed_at) feed(l);
}

void relay_leg_receiver::message_complete(amqp::message_handle message) {
    const auto l = std::exchange(arriving_, nullptr);
    if (!l || l->message != message || l->over) return;
    l->complete = true;
    feed(l);
}

void relay_leg_receiver::message_lost(amqp::message_handle message) {
    const auto l = std::exchange(arriving_, nullptr);
    if (!l || l->message != message) return;
    l->over = true;
    hold(*l, 0);
}

/// One job at a time for each leg; writing to a disk that is busy holds up nobody but this session.
void relay_leg_receiver::feed(const leg_ptr& l) {
    if (std::exchange(l->busy, true)) return;
    const bool last = l->complete;
    l->waiting_bytes = 0;
    for (const auto& p : l->waiting) (p.section < content_from ? l->fed_head : l->fed_content) += p.bytes.size();
    auto committed = [self = self<relay_leg_receiver>(), l](result<store::leg_taken> taken) {
        auto outcome = taken ? result<void>() : fail(taken.error());
        net::asio::post(self->strand(), [self, l, outcome = std::move(outcome)] { self->answer(l, outcome); });
    };
    auto work = [l, last, transit = use().transit, committed = std::move(committed),
                 pieces = std::exchange(l->waiting, {})]() -> result<void> {
        for (const auto& p : pieces)
            if (auto done = l->reception.feed(p.section, p.bytes); !done) return done;
        if (!last) return {};
        if (auto done = l->reception.finish(); !done) return done;
        auto examined = transit->examine(l->reception);
        if (!examined) return fail(examined.error());
        transit->take(std::move(*examined), committed);
        return {};
    };
    work_then(core(), strand(), std::move(work), [self = self<relay_leg_receiver>(), l, last](result<void> outcome) {
        l->busy = false;
        if (!outcome)
            self->answer(l, outcome);
        else if (!l->over)
            self->fed(l, last);
    });
}

void relay_leg_receiver::fed(const leg_ptr& l, bool last) {
    // A content that is larger than a spool's inline part lies in a file.
    const auto content = l->fed_content > spool::inline_limit ? 0 : l->fed_content;
    hold(*l, l->waiting_bytes + l->fed_head + content);
    if (!last && (l->complete || l->waiting_bytes >= feed_at)) feed(l);
}

void relay_leg_receiver::answer(const leg_ptr& l, const result<void>& outcome) {
    if (l->over) return;
    if (!outcome) return refuse(l, outcome.error());
    l->over = true;
    amqp().accept(l->message);
    hold(*l, 0);
}

/// Also what may succeed later is rejected, for only that outcome carries a code: by it the neighbour knows.
void relay_leg_receiver::refuse(const leg_ptr& l, const error& why) {
    l->over = true;
    spdlog::debug("a leg of {} is not taken: {}", neighbour(), explain(why, language::english));
    amqp().reject(l->message, condition_of(why));
    hold(*l, 0);
}

void relay_leg_receiver::hold(leg& l, std::size_t bytes) {
    held_ = held_ - l.held + bytes;
    l.held = bytes;
    if (!paused_ && held_ > most_held) {
        paused_ = true;
        amqp().pause_reading();
    } else if (paused_ && held_ < resume_below) {
        paused_ = false;
        amqp().resume_reading();
    }
}

} // namespace truc::api
