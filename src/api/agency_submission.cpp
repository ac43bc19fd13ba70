#include "agency_submission.hpp"

#include "decision.hpp"

#include <truc/model/traceparent.hpp>

namespace truc::api {

namespace {

constexpr std::size_t feed_at = std::size_t{128} << 10; ///< bytes that are worth a job on the pool
constexpr std::size_t most_held = std::size_t{4} << 20; ///< bytes in memory before reading pauses
constexpr std::size_t crowded = std::size_t{256} << 10; ///< the same, while everybody together holds too much
constexpr std::size_t resume_below = std::size_t{2} << 20;

/// The content decides what it is; the type says whether it can be read at all. Parameters do not matter.
result<void> check_type(std::string_view type) {
    const auto bare = type.substr(0, type.find_first_of("; "));
    if (bare.empty() || bare == "application/xml" || bare == "text/xml") return {};
    if (bare == "application/vnd.etsi.asic-e+zip") return fail(errc::not_supported, std::string(bare));
    return fail(errc::content_type, std::string(bare));
}

constexpr std::size_t longest_submission = 255; ///< bytes

/// What the sender calls its message comes back with the evidence, so that it need not read documents to know which
/// one that is about. A name that is longer than any system needs is none.
///
/// Only who adapts a legacy system signs for others; of anybody else the word would be evidence of nothing.
result<intake::wishes> wishes_of(const amqp::message_head& head, entrance door) {
    intake::wishes w;
    if (head.message_id.size() <= longest_submission) w.submission = head.message_id;
    if (const auto* trace = amqp::find<std::string>(head.properties, "traceparent"))
        w.traceparent = read_traceparent(*trace).value_or(std::string());
    const auto* on_behalf = amqp::find<bool>(head.properties, "truc-signed-on-behalf");
    w.signed_on_behalf = on_behalf && *on_behalf;
    if (w.signed_on_behalf && door != entrance::adapter)
        return fail(errc::not_permitted, "truc-signed-on-behalf without the entrance adapter");
    return w;
}

/// Why it failed, as the client is told. A fault of ours is nobody's judgement of the document.
bool is_temporary(const error& e) { return describe(e.code).retryable || e.code == errc::internal; }

} // namespace

/// One message, from its first byte to its answer. `reception` belongs to the job on the pool while `busy`.
struct agency_submission::arrival {
    arrival(amqp::message_handle m, intake::reception r) : message(m), reception(std::move(r)) {}

    amqp::message_handle message;
    intake::reception reception;
    std::string waiting;  ///< to be fed
    std::size_t held = 0; ///< its part of what all messages hold
    bool busy = false;
    bool complete = false;
    bool over = false; ///< answered or lost
};

void agency_submission::open() {
    amqp().accept_link(link());
    amqp().set_window(link(), core().admit.open_link(login().client));
}

void agency_submission::message_begun(amqp::message_handle message, const amqp::message_head& head) {
    arriving_.reset();
    amqp().set_window(link(), core().admit.window_of(login().client)); // its other links may have come or gone
    auto from = login().channel(core());
    if (!from) return amqp().reject(message, condition_of(from.error()));
    if (auto type = check_type(head.content_type); !type) return amqp().reject(message, condition_of(type.error()));
    auto asked = wishes_of(head, from->entrance);
    if (!asked) return amqp().reject(message, condition_of(asked.error()));
    auto reception = use().intake.begin(std::move(*from), std::move(*asked));
    if (!reception || !core().admit.begin(login().client)) return amqp().release(message);
    arriving_ = std::make_shared<arrival>(message, std::move(*reception));
}

void agency_submission::message_data(amqp::message_handle message, std::string_view bytes) {
    const auto a = arriving_;
    if (!a || a->message != message || a->over) return;
    a->waiting += bytes;
    hold(*a, a->held + bytes.size());
    if (a->waiting.size() >= feed_at) feed(a);
}

void agency_submission::message_complete(amqp::message_handle message) {
    const auto a = std::exchange(arriving_, nullptr);
    if (!a || a->message != message || a->over) return;
    a->complete = true;
    feed(a);
}

void agency_submission::message_lost(amqp::message_handle message) {
    const auto a = std::exchange(arriving_, nullptr);
    if (a && a->message == message && !a->over) end(*a);
}

void agency_submission::closed() {
    core().admit.close_link(login().client);
    if (const auto a = std::exchange(arriving_, nullptr); a && !a->over) end(*a);
}

/// One job at a time for each message; writing to a disk that is busy holds up nobody but this connection.
void agency_submission::feed(const arrival_ptr& a) {
    if (std::exchange(a->busy, true)) return;
    if (a->complete) return examine(a);
    auto work = [a, bytes = std::exchange(a->waiting, {})] { return a->reception.feed(bytes); };
    auto then = [self = self<agency_submission>(), a](const result<void>& outcome) {
        a->busy = false;
        self->fed(a, outcome);
    };
    work_then(use().pool, strand(), std::move(work), std::move(then));
}

void agency_submission::fed(const arrival_ptr& a, const result<void>& outcome) {
    if (a->over) return;
    if (outcome) {
        // What was fed is bounded by what a spool keeps in memory; the rest lies in a file.
        hold(*a, a->waiting.size());
        if (a->complete || a->waiting.size() >= feed_at) feed(a);
        return;
    }
    if (outcome.error().code != errc::too_large) return answer(a, outcome);
    a->busy = true;
    auto done = [self = self<agency_submission>(), a](const decision& d) {
        auto refused = d.accepted ? result<void>() : fail(d.accepted.error());
        net::asio::post(self->strand(), [self, a, refused = std::move(refused)] { self->answer(a, refused); });
    };
    refuse(use(), a->reception, outcome.error(), done);
}

/// The last bytes and the judgement, when it is this client's turn. Goes on when the link is gone: what arrived as a
/// whole is judged, and the client that sends it again gets the same answer.
void agency_submission::examine(const arrival_ptr& a) {
    auto told = [self = self<agency_submission>(), a](result<void> outcome) {
        net::asio::post(self->strand(), [self, a, outcome = std::move(outcome)] { self->answer(a, outcome); });
    };
    auto job = [core = shared_core(), a, told, bytes = std::exchange(a->waiting, {})] {
        auto judge = [&]() -> result<void> {
            const auto fed = a->reception.feed(bytes);
            if (!fed && fed.error().code != errc::too_large) return fed;
            const auto done = [told, core, a](const decision& d) {
                told(d.accepted ? result<void>() : fail(d.accepted.error()));
            };
            if (fed)
                decide(core->use, a->reception, done);
            else
                refuse(core->use, a->reception, fed.error(), done);
            return {};
        };
        if (auto begun = detail::guarded(judge); !begun) told(begun);
    };
    core().admit.take_turn(login().client, std::move(job));
}

void agency_submission::answer(const arrival_ptr& a, const result<void>& outcome) {
    if (a->over) return;
    if (outcome) {
        amqp().accept(a->message);
    } else if (is_temporary(outcome.error())) {
        spdlog::debug("a message of {} is released: {}", login().client, explain(outcome.error(), language::english));
        amqp().release(a->message);
    } else {
        amqp().reject(a->message, condition_of(outcome.error()));
    }
    end(*a);
}

void agency_submission::end(arrival& a) {
    a.over = true;
    hold(a, 0);
    core().admit.end(login().client);
}

void agency_submission::hold(arrival& a, std::size_t bytes) { gate_->hold(std::exchange(a.held, bytes), bytes); }

void reading_gate::hold(std::size_t before, std::size_t after) {
    const bool full = core_.admit.hold(before, after);
    held_ = held_ - before + after;
    const auto most = full ? crowded : most_held;
    if (!paused_ && held_ > most) {
        paused_ = true;
        session_.pause_reading();
    } else if (paused_ && held_ < std::min(most, resume_below)) {
        paused_ = false;
        session_.resume_reading();
    }
}

} // namespace truc::api
