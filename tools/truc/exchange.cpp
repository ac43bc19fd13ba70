// why, shape, node: the ways to other nodes, and what waits on them.
#include "deliveries.hpp"
#include "fields.hpp"
#include "find.hpp"
#include "verbs.hpp"
#include "words.hpp"

#include <boost/json/serialize.hpp>

namespace truc::cli {

namespace {

std::string in_milliseconds(const json::object& o, std::string_view member, bool with_sign) {
    const auto* v = o.if_contains(member);
    if (!v || v->is_null()) return {};
    const auto ms = number_field(o, member);
    return fmt::format("{}{} ms", with_sign && ms >= 0 ? "+" : "", ms);
}

/// What an administrator has to look at beside a neighbour.
std::string remarks_on(const json::object& n) {
    std::string text;
    const auto add = [&text](const std::string& remark) { text += (text.empty() ? "" : "; ") + remark; };
    if (!flag_field(n, "connected") && !text_field(n, "last_error").empty()) add(text_field(n, "last_error"));
    if (const auto failure = text_field(n, "last_failure"); !failure.empty() && number_field(n, "failures"))
        add(words("last refusal: {}", "lần từ chối cuối: {}", failure));
    for (const auto& a : objects_field(n, "alarms"))
        add(words("ALARM {} since {}: {}", "CẢNH BÁO {} từ {}: {}", text_field(a, "kind"),
                  brief_time(text_field(a, "since")), text_field(a, "text")));
    return text;
}

table neighbour_table() {
    return table({{words("NODE", "NÚT")},
                  {words("STATE", "KẾT NỐI")},
                  {words("SINCE", "TỪ")},
                  {words("DIALLED BY", "BÊN GỌI"), 1},
                  {words("TRIP", "ĐI-VỀ"), 0, false, true},
                  {words("CLOCK", "LỆCH GIỜ"), 0, false, true},
                  {words("LEDGER", "SỔ")},
                  {words("EVENTS", "SỰ KIỆN"), 0, false, true},
                  {words("WAITING", "CHỜ"), 2, false, true},
                  {words("VERSION", "PHIÊN BẢN"), 3, false, true}});
}

void add_neighbour(table& t, const json::object& n) {
    const bool up = flag_field(n, "connected");
    t.add({text_field(n, "name"), up ? words("up", "nối") : words("DOWN", "MẤT"), brief_time(text_field(n, "since")),
           text_field(n, "dialled_by"), in_milliseconds(n, "round_trip_ms", false),
           in_milliseconds(n, "clock_offset_ms", true), text_field(n, "log"), text_field(n, "ledger_size"),
           text_field(n, "waiting") + (flag_field(n, "more") ? "+" : ""), text_field(n, "version")},
          remarks_on(n));
}

/// Alarms that are not about a neighbour.
outcome<void> show_other_alarms(const context& c, session& s, const std::vector<json::object>& neighbours) {
    const auto alarms = s.get_list(target("/admin/alarms"));
    if (!alarms) return stop(alarms.error());
    for (const auto& a : *alarms) {
        const auto about = text_field(a, "subject");
        const bool shown = std::any_of(neighbours.begin(), neighbours.end(),
                                       [&](const auto& n) { return text_field(n, "name") == about; });
        if (!shown)
            c.paragraph("", words("ALARM {} {} since {}: {}", "CẢNH BÁO {} {} từ {}: {}", text_field(a, "kind"), about,
                                  brief_time(text_field(a, "since")), text_field(a, "text")));
    }
    return {};
}

} // namespace

outcome<exit_code> why(const context& c, const find_options& o) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const auto id = find_id(c, *s, o);
    if (!id) return stop(id.error());
    const auto told = s->get_object(target("/admin/why/" + *id));
    if (!told) return stop(told.error());
    for (const auto& i : objects_field(*told, "items")) {
        c.object(i);
        c.paragraph("", text_field(i, "text"));
        if (const auto who = text_field(i, "who"); !who.empty())
            c.line("  " + words("who must act: {}", "ai xử lý: {}", who_in_words(who)));
        if (const auto at = text_field(i, "next_at"); !at.empty())
            c.line("  " + words("next try: {}", "lần thử tới: {}", short_time(at)));
    }
    if (const auto origin = text_field(*told, "origin"); origin != text_field(*told, "node"))
        c.line(words("It was accepted at {}; more may be known there.",
                     "Văn bản được tiếp nhận ở {}; ở đó có thể biết thêm.", origin));
    return exit_code::done;
}

outcome<exit_code> shape(const context& c, const no_options&) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const auto items = s->get_list(target("/admin/shape"));
    if (!items) return stop(items.error());
    std::vector<column> columns = {{words("DESTINATION", "ĐÍCH"), 0, true}, {words("TOTAL", "TỔNG"), 0, false, true}};
    const auto ages_of = [](const json::object& i) {
        const auto* ages = i.if_contains("ages");
        return ages && ages->is_object() ? ages->get_object() : json::object();
    };
    if (!items->empty())
        for (const auto& age : ages_of(items->front())) columns.push_back({std::string(age.key()), 0, false, true});
    const auto width = columns.size();
    table t(std::move(columns));
    for (const auto& i : *items) {
        std::vector<std::string> cells = {destination_of(i), text_field(i, "total")};
        for (const auto& age : ages_of(i)) cells.push_back(json::serialize(age.value()));
        cells.resize(width);
        t.add(cells);
    }
    c.show(*items, t);
    return exit_code::done;
}

outcome<exit_code> node_list(const context& c, const no_options&) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const auto items = s->get_list(target("/admin/neighbours"));
    if (!items) return stop(items.error());
    auto t = neighbour_table();
    for (const auto& n : *items) add_neighbour(t, n);
    c.show(*items, t);
    const auto others = show_other_alarms(c, *s, *items);
    if (!others) return stop(others.error());
    return exit_code::done;
}

outcome<exit_code> node_ping(const context& c, const node_options& o) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const auto n =
        s->post(target("/admin/neighbours/" + client::percent_encode(o.name) + "/ping"), "application/json", "", true);
    if (!n) return stop(n.error());
    c.object(*n);
    c.line(words("{} answered after {}: protocol {}, clock {}, ledger {} with {} events.",
                 "{} trả lời sau {}: giao thức {}, lệch giờ {}, sổ {} có {} sự kiện.", text_field(*n, "name"),
                 in_milliseconds(*n, "round_trip_ms", false), text_field(*n, "version"),
                 in_milliseconds(*n, "clock_offset_ms", true), text_field(*n, "log"), text_field(*n, "ledger_size")));
    if (const auto remarks = remarks_on(*n); !remarks.empty()) c.line("  " + remarks);
    return exit_code::done;
}

} // namespace truc::cli
