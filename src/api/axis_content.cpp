// getEdoc: the bytes of a delivery, as base64 inside the answer's JSON.
#include "axis_questions.hpp"
#include "axis_rows.hpp"
#include "base64_content.hpp"

namespace truc::api {

namespace {

/// What lies in the inbox or was answered for can be read as long as it is kept; what its sender took back cannot, and
/// what did not come as far never could.
result<void> check_readable(delivery_state state, const uuid& id) {
    switch (state) {
    case delivery_state::consigned:
    case delivery_state::handed_over:
    case delivery_state::rejected:
    case delivery_state::expired:
        return {};
    case delivery_state::recalled:
        return fail(errc::already_ended, std::string(to_string(state)));
    default:
        return fail(errc::not_found, id.str());
    }
}

result<http::response> content_of(const services& s, const axis_call& c) {
    const std::string name(c.parameter("docId"));
    const auto id = id_of(name);
    if (!id) return fail(id.error());
    const auto item = s.store.find_inbox_item(*id);
    if (!item || item->held || !c.speaks.covers(item->to)) return fail(errc::not_found, name);
    if (auto readable = check_readable(item->state, *id); !readable) return fail(readable.error());
    auto bytes = s.store.open_content(item->sha256);
    if (!bytes) return fail(bytes.error());
    auto [head, tail] = axis_frame::of(axis_data::text);
    return axis_stream(std::make_shared<base64_content>(std::move(head), std::move(*bytes), std::move(tail)));
}

} // namespace

axis_outcome axis_get_edoc(const services& s, http::request& r, const axis_call& c) {
    const auto dropped = co_await drop_body(r);
    if (!dropped) co_return fail(dropped.error());
    auto look = [&] { return content_of(s, c); };
    co_return co_await net::on_pool(s.pool, std::move(look));
}

} // namespace truc::api
