// updateStatus: what the recipient's system says of a delivery, and how it takes it.
#include "axis_questions.hpp"

#include <truc/base/ascii.hpp>

namespace truc::api {

namespace {

/// The SDK has no parameter for a reason.
constexpr std::string_view failed_without_reason = "the recipient's system reported fail";

result<std::optional<store::reported>> status_asked(const axis_call& c) {
    const auto word = to_lower(c.parameter("status"));
    if (word == "done") return std::nullopt;
    for (const auto said : {store::reported::initial, store::reported::processing, store::reported::failed})
        if (word == store::to_string(said)) return said;
    return fail(errc::bad_request, fmt::format("status={}", c.parameter("status")));
}

/// Answers when it is committed. The first `done` hands over; a repeated one is a repeated answer.
net::awaitable<result<void>> hand_over(const services& s, const axis_call& c, const uuid& delivery) {
    deliver::inbox::answer taken;
    taken.delivery = delivery;
    taken.recipients = c.speaks.answering(s.store, delivery);
    taken.channel = c.channel.name();
    net::pending<result<store::conclusion_record>> ended;
    s.inbox.acknowledge(std::move(taken), ended.completer());
    const auto record = co_await ended.wait();
    if (!record) co_return fail(record.error());
    co_return result<void>();
}

net::awaitable<result<void>> report(const services& s, const axis_call& c, const uuid& delivery, store::reported said) {
    store::inbox_report report;
    report.delivery_id = delivery;
    report.recipients = c.speaks.answering(s.store, delivery);
    report.said = said;
    report.channel = c.channel.name();
    if (said == store::reported::failed) report.reason = failed_without_reason;
    net::pending<result<std::monostate>> kept;
    s.store.report(std::move(report), kept.completer());
    const auto outcome = co_await kept.wait();
    if (!outcome) co_return fail(outcome.error());
    co_return result<void>();
}

} // namespace

axis_outcome axis_update_status(const services& s, http::request& r, const axis_call& c) {
    const auto dropped = co_await drop_body(r);
    if (!dropped) co_return fail(dropped.error());
    const auto id = id_of(c.parameter("docId"));
    const auto said = status_asked(c);
    if (!id) co_return fail(id.error());
    if (!said) co_return fail(said.error());
    result<void> outcome;
    if (*said)
        outcome = co_await report(s, c, *id, **said);
    else
        outcome = co_await hand_over(s, c, *id);
    if (!outcome) co_return fail(outcome.error());
    co_return axis_answer();
}

} // namespace truc::api
