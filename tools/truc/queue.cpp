// queue: what is under way here, counted, or one by one.
#include "deliveries.hpp"
#include "fields.hpp"
#include "moments.hpp"
#include "session.hpp"
#include "verbs.hpp"
#include "words.hpp"

#include <algorithm>

namespace truc::cli {

namespace {

bool asks_for_some(const queue_options& o) {
    return o.held || o.all || !o.recipient.empty() || !o.sender.empty() || !o.state.empty() || !o.since.empty() ||
           !o.until.empty();
}

outcome<exit_code> count(const context& c, session& s) {
    const auto items = s.get_list(target("/admin/queue"));
    if (!items) return stop(items.error());
    table t({{words("RECIPIENT", "BÊN NHẬN")},
             {words("STATE", "TRẠNG THÁI")},
             {words("DESTINATION", "ĐÍCH"), 1, true},
             {words("COUNT", "SỐ"), 0, false, true},
             {words("TRIES", "LẦN THỬ"), 2, false, true},
             {words("OLDEST", "CŨ NHẤT")}});
    for (const auto& i : *items)
        t.add({text_field(i, "recipient"), state_in_words(text_field(i, "state")), destination_of(i),
               text_field(i, "count"), text_field(i, "attempts"), brief_time(text_field(i, "oldest"))});
    c.show(*items, t);
    return exit_code::done;
}

table delivery_table() {
    return table({{words("DELIVERY", "LƯỢT GIAO")},
                  {words("RECIPIENT", "BÊN NHẬN")},
                  {words("STATE", "TRẠNG THÁI"), 0, true},
                  {words("DOCUMENT", "VĂN BẢN"), 0, true},
                  {words("FROM", "TỪ"), 3},
                  {words("ACCEPTED", "TIẾP NHẬN"), 2},
                  {words("DEADLINE", "HẠN"), 4},
                  {words("TRIES", "LẦN THỬ"), 1, false, true}});
}

void add_delivery(table& t, const json::object& i) {
    const bool held = is_held(i);
    const auto number = text_field(i, "code");
    t.add({text_field(i, "delivery_id"), text_field(i, "to"),
           held ? words("held", "đang giữ") : state_in_words(text_field(i, "state")),
           number.empty() ? text_field(i, "document_id") : number, text_field(i, "from"),
           brief_time(text_field(i, "accepted_at")), brief_time(text_field(i, "deadline")), text_field(i, "attempts")},
          remark_on(i));
}

} // namespace

outcome<exit_code> queue(const context& c, const queue_options& o) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    if (!asks_for_some(o)) return count(c, *s);
    const auto now = system_clock().now();
    const auto since = moment_of(o.since, now);
    if (!since) return stop(since.error());
    const auto until = moment_of(o.until, now);
    if (!until) return stop(until.error());
    const auto items = s->get_list(target("/admin/deliveries")
                                       .with("recipient", o.recipient)
                                       .with("sender", o.sender)
                                       .with("state", o.state)
                                       .with("held", o.held ? "1" : "")
                                       .with("since", *since)
                                       .with("until", *until)
                                       .with("max", std::to_string(std::min(o.max, 1000U))),
                                   o.max);
    if (!items) return stop(items.error());
    auto t = delivery_table();
    for (const auto& i : *items) add_delivery(t, i);
    c.show(*items, t);
    if (items->size() == o.max)
        c.note(words("these are the first {}; --max shows more", "đây là {} mục đầu; dùng --max để xem thêm", o.max));
    // That nothing is held is a good day.
    return items->empty() && !o.held ? exit_code::no : exit_code::done;
}

} // namespace truc::cli
