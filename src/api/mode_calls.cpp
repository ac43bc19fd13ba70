#include "mode_calls.hpp"

#include "readiness.hpp"

#include <truc/base/ascii.hpp>

namespace truc::api {

result<http::response> show_mode(const services& s) {
    json::array reasons;
    for (auto& r : not_ready_because(s)) reasons.emplace_back(std::move(r));
    json::object o{{"ready", reasons.empty()}, {"reasons", std::move(reasons)}, {"free_bytes", s.store.free_bytes()}};
    const auto closed = s.mode->read_only();
    o["read_only"] = closed.has_value();
    if (closed) {
        o["by"] = closed->by;
        o["reason"] = closed->reason;
        o["since"] = to_rfc3339(closed->since);
    }
    return answer(200, o);
}

result<http::response> set_mode(const services& s, const std::string& body, const std::string& administrator) {
    boost::system::error_code ec;
    const auto parsed = json::parse(body, ec);
    const auto* o = ec ? nullptr : parsed.if_object();
    const auto* wanted = o ? o->if_contains("read_only") : nullptr;
    if (!wanted || !wanted->is_bool()) return fail(errc::bad_request, R"(expected {"read_only": true or false})");
    const auto* given = o->if_contains("reason");
    const auto reason = given && given->is_string() ? std::string(trim(given->get_string(), " \t\r\n")) : std::string();
    if (wanted->get_bool() && reason.empty()) return fail(errc::reason_missing, "reason");
    auto done = wanted->get_bool() ? s.mode->close(administrator, reason) : s.mode->open();
    if (!done) return fail(done.error());
    return show_mode(s);
}

} // namespace truc::api
