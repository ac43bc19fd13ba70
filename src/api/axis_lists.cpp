// The lists of the axis façade: what waits for a client's agencies, and what they have sent.
#include "axis_questions.hpp"
#include "axis_rows.hpp"

namespace truc::api {

namespace {

constexpr std::size_t most_received = 1000;

template <class Rows, class Describe>
http::response list_answer(const Rows& rows, Describe describe_row) {
    json::array data;
    data.reserve(rows.size());
    for (const auto& row : rows) data.push_back(describe_row(row));
    json::object members;
    members["data"] = std::move(data);
    return axis_answer(std::move(members));
}

result<store::store::sent_filter> sent_filter_of(const axis_call& c) {
    const auto kind = kind_asked(c);
    const auto when = period_asked(c);
    const auto page = stretch_asked(c);
    if (!kind) return fail(kind.error());
    if (!when) return fail(when.error());
    if (!page) return fail(page.error());
    store::store::sent_filter f;
    f.senders = c.speaks.codes; // of a gateway its own: what is behind it is no list
    f.kind = *kind;
    f.since = when->since;
    f.until = when->until;
    f.skip = page->skip;
    f.max = page->max;
    return f;
}

} // namespace

axis_outcome axis_received_list(const services& s, http::request& r, const axis_call& c) {
    const auto dropped = co_await drop_body(r);
    if (!dropped) co_return fail(dropped.error());
    const auto kind = kind_asked(c);
    if (!kind) co_return fail(kind.error());
    auto look = [&] {
        const auto inboxes = c.speaks.inboxes(s.store);
        return list_answer(s.store.read_inbox_fresh_first(inboxes, *kind, most_received), describe_axis_received);
    };
    co_return co_await net::on_pool(s.pool, std::move(look));
}

axis_outcome axis_sent_list(const services& s, http::request& r, const axis_call& c) {
    const auto dropped = co_await drop_body(r);
    if (!dropped) co_return fail(dropped.error());
    const auto filter = sent_filter_of(c);
    if (!filter) co_return fail(filter.error());
    auto look = [&] { return list_answer(s.store.list_sent(*filter), describe_axis_sent); };
    co_return co_await net::on_pool(s.pool, std::move(look));
}

} // namespace truc::api
