#include "deliveries.hpp"

#include "context.hpp"
#include "fields.hpp"
#include "words.hpp"

namespace truc::cli {

std::string destination_of(const json::object& o) {
    const auto name = text_field(o, "destination");
    return name.empty() ? words("(no way)", "(không có đường)") : name;
}

bool is_held(const json::object& delivery) {
    const auto* held = delivery.if_contains("held");
    if (!held || held->is_null()) return false;
    return !held->is_bool() || held->get_bool();
}

namespace {

/// Who keeps it, and since when.
std::string holder_of(const json::object& d) {
    const auto held = text_field(d, "held");
    const auto since = brief_time(text_field(d, "held_at"));
    if (held == "truc")
        return words("held by Truc since {}, refused by {}", "Truc giữ từ {}, {} từ chối", since,
                     text_field(d, "held_for"));
    if (held == "expiry")
        return words("ends as soon as it is certain where it is, asked by {} at {}",
                     "sẽ kết thúc khi rõ đang ở đâu, {} yêu cầu lúc {}", text_field(d, "held_by"), since);
    return words("held by {} since {}", "{} giữ từ {}", text_field(d, "held_by"), since);
}

} // namespace

std::string remark_on(const json::object& d) {
    std::string text;
    const auto add = [&text](const std::string& remark) { text += (text.empty() ? "" : "; ") + remark; };
    if (is_held(d)) add(holder_of(d) + ": " + text_field(d, "held_reason"));
    if (const auto ended = text_field(d, "reason"); !ended.empty()) add(ended);
    if (const auto last = text_field(d, "last_attempt"); !last.empty())
        add(words("last try: {}", "lần thử cuối: {}", last));
    if (const auto at = text_field(d, "next_at"); !at.empty())
        add(words("next try {}", "thử lại lúc {}", brief_time(at)));
    return text;
}

} // namespace truc::cli
