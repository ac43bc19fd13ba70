#include "axis_call.hpp"

#include <truc/base/utf8.hpp>

#include <algorithm>

namespace truc::api {

namespace {

// With its charset: the SDK's HTTP library takes a text without one for ISO-8859-1.
constexpr const char* json_type = "application/json;charset=UTF-8";

/// Every sentence once, when several things are wrong for different reasons.
std::string sentences(const error& e, language lang) {
    const bool alike = std::all_of(e.causes.begin(), e.causes.end(), [&e](const error& c) { return c.code == e.code; });
    if (alike) return explain(e, lang);
    std::string all;
    for (const auto& cause : e.causes) all += (all.empty() ? "" : " ") + explain(cause, lang);
    return all;
}

} // namespace

http::response axis_answer(json::object members) {
    json::object o{{"status", "OK"}, {"ErrorCode", "0"}, {"ErrorDesc", ""}};
    for (auto& m : members) o.insert_or_assign(m.key(), std::move(m.value()));
    return http::response(200, json_type, json::serialize(o));
}

http::response axis_failure(const error& e, const http::request_head* head, std::string_view receipt) {
    // These clients are Vietnamese offices' systems, whose SDK says nothing of languages.
    const auto lang = language_of(head, language::vietnamese);
    const auto& entry = describe(e.code);
    auto text = std::string(entry.name) + ": " + to_valid_utf8(sentences(e, lang)); // it may quote bytes of the request
    if (!receipt.empty())
        text += (lang == language::vietnamese ? " (biên nhận " : " (receipt ") + std::string(receipt) + ")";
    const json::object o{{"status", "FAIL"}, {"ErrorCode", entry.axis}, {"ErrorDesc", text}};
    return http::response(200, json_type, json::serialize(o));
}

} // namespace truc::api
