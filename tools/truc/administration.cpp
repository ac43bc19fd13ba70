// books, agency, ledger: what an administrator asks a node.
#include "fields.hpp"
#include "members.hpp"
#include "progress.hpp"
#include "session.hpp"
#include "verbs.hpp"
#include "words.hpp"

#include <truc/base/durable.hpp>

#include <boost/json/serialize.hpp>

namespace truc::cli {

namespace {

struct books_line {
    const char* member; ///< empty: a gap
    std::string name;
};

void show_account(const context& c, std::string title, const json::object& b, const std::vector<books_line>& lines) {
    table t({{std::move(title)}, {words("DELIVERIES", "LƯỢT GIAO"), 0, false, true}});
    for (const auto& l : lines) t.add({l.name, *l.member ? text_field(b, l.member) : ""});
    c.show(t);
}

void show_books(const context& c, const json::object& b) {
    show_account(c, words("BOOKS OF {}", "SỔ CỦA {}", text_field(b, "node")), b,
                 {{"from_agencies", words("from agencies", "từ các cơ quan")},
                  {"from_neighbours", words("from neighbours", "từ nút lân cận")},
                  {"resent", words("resent", "gửi lại")},
                  {"taken_in", words("= taken in", "= đã nhận vào")},
                  {"handed_over", words("handed over", "đã bàn giao")},
                  {"passed_on", words("passed on", "đã chuyển tiếp")},
                  {"rejected", words("rejected", "bị từ chối")},
                  {"recalled", words("recalled", "đã thu hồi")},
                  {"expired", words("expired", "quá hạn")},
                  {"undeliverable", words("undeliverable", "không giao được")},
                  {"in_custody", words("in custody", "đang giữ")},
                  {"accounted_for", words("= accounted for", "= đã giải trình")},
                  {"", ""},
                  {"refused_at_door", words("refused at the door", "từ chối ngay khi gửi")}});
    c.line("");
    show_account(c, words("END TO END, SUBMITTED HERE", "TỪ ĐẦU ĐẾN CUỐI, GỬI TẠI ĐÂY"),
                 b.at("end_to_end").get_object(),
                 {{"accepted", words("accepted", "đã tiếp nhận")},
                  {"handed_over", words("handed over", "đã bàn giao")},
                  {"rejected", words("rejected", "bị từ chối")},
                  {"recalled", words("recalled", "đã thu hồi")},
                  {"expired", words("expired", "quá hạn")},
                  {"undeliverable", words("undeliverable", "không giao được")},
                  {"open", words("open", "còn mở")},
                  {"accounted_for", words("= accounted for", "= đã giải trình")}});
    c.line(flag_field(b, "balance") ? words("The books balance.", "Sổ sách khớp.")
                                    : words("The books do NOT balance.", "Sổ sách KHÔNG khớp."));
}

/// The sum of the ends is ours to form: what the node says of balance is then checked by the reader's own eyes.
json::object with_sum(json::object o, const char* total, const char* rest) {
    std::int64_t sum = number_field(o, rest);
    for (const char* const end : {"handed_over", "passed_on", "rejected", "recalled", "expired", "undeliverable"})
        sum += number_field(o, end);
    o["accounted_for"] = sum;
    o["balance"] = flag_field(o, "balance") && sum == number_field(o, total);
    return o;
}

json::object with_sums(const json::object& read) {
    auto b = with_sum(read, "taken_in", "in_custody");
    const auto* ends = b.if_contains("end_to_end");
    auto origin = with_sum(ends && ends->is_object() ? ends->get_object() : json::object(), "accepted", "open");
    b["balance"] = flag_field(b, "balance") && flag_field(origin, "balance");
    b["end_to_end"] = std::move(origin);
    return b;
}

outcome<exit_code> show_books_by_agency(const context& c, session& s, const books_options& o) {
    const auto items = s.get_list(target("/admin/books").with("by", "agency").with("day", o.day));
    if (!items) return stop(items.error());
    table t({{words("AGENCY", "CƠ QUAN")},
             {words("SENT", "GỬI"), 0, false, true},
             {words("RECEIVED", "NHẬN"), 0, false, true},
             {words("HANDED OVER", "BÀN GIAO"), 0, false, true},
             {words("REJECTED", "TỪ CHỐI"), 0, false, true},
             {words("OPEN", "CÒN MỞ"), 0, false, true}});
    for (const auto& i : *items)
        t.add({text_field(i, "agency"), text_field(i, "sent"), text_field(i, "received"), text_field(i, "handed_over"),
               text_field(i, "rejected"), text_field(i, "open")});
    c.show(*items, t);
    return exit_code::done;
}

table agency_table() {
    return table({{words("CODE", "MÃ")},
                  {words("NAME", "TÊN"), 0, true},
                  {words("LEVEL", "CẤP"), 1},
                  {words("NODE", "NÚT"), 2},
                  {words("ALIASES", "MÃ KHÁC"), 3, true},
                  {words("CLOSED", "ĐÓNG"), 0}});
}

void add_agency(table& t, const json::object& a) {
    t.add({text_field(a, "code"), text_field(a, "name"), text_field(a, "level"), text_field(a, "node"),
           list_field(a, "aliases"), text_field(a, "valid_to").substr(0, 10)},
          array_field(a, "successors").empty() ? "" : "→ " + list_field(a, "successors"));
}

outcome<exit_code> show_one(const context& c, outcome<session> s, const target& t) {
    if (!s) return stop(s.error());
    const auto found = s->get_object(t);
    if (!found) return stop(found.error());
    show_members(c, *found);
    return exit_code::done;
}

} // namespace

outcome<exit_code> books(const context& c, const books_options& o) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    if (!o.by.empty() || !o.day.empty()) return show_books_by_agency(c, *s, o);
    const auto read = s->get_object(target("/admin/books"));
    if (!read) return stop(read.error());
    const auto b = with_sums(*read);
    c.object(b);
    show_books(c, b);
    return flag_field(b, "balance") ? exit_code::done : exit_code::no;
}

outcome<exit_code> agency_list(const context& c, const agency_options& o) {
    auto s = connect_to_look(c);
    if (!s) return stop(s.error());
    const auto items = s->get_list(target("/v1/agencies").with("q", o.text).with("max", "1000"));
    if (!items) return stop(items.error());
    auto t = agency_table();
    for (const auto& a : *items) add_agency(t, a);
    c.show(*items, t);
    return items->empty() ? exit_code::no : exit_code::done;
}

outcome<exit_code> agency_show(const context& c, const agency_options& o) {
    return show_one(c, connect_to_look(c), target("/v1/agencies/" + client::percent_encode(o.text)));
}

outcome<exit_code> agency_import(const context& c, const agency_options& o) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const auto lines = read_file(o.file);
    if (!lines) return stop(lines.error());
    outcome<json::object> done;
    {
        s->wait_for_long_work();
        const waiting_line waits(c, words("importing", "đang nhập"));
        done = s->post(target("/admin/agencies"), "application/x-ndjson", *lines, false);
    }
    if (!done) return stop(done.error());
    c.object(*done);
    c.line(words("{} agencies imported; the node uses them from now on.",
                 "Đã nhập {} cơ quan; nút dùng ngay từ bây giờ.", text_field(*done, "imported")));
    return exit_code::done;
}

outcome<exit_code> agency_close(const context& c, const agency_options& o) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    json::object body;
    if (!o.successor.empty()) body["successor"] = o.successor;
    const auto done = s->post(target("/admin/agencies/" + client::percent_encode(o.text) + "/close"),
                              "application/json", json::serialize(body), false);
    if (!done) return stop(done.error());
    c.object(*done);
    c.line(words("{} is closed from {}.", "{} ngừng hoạt động từ {}.", text_field(*done, "code"),
                 short_time(text_field(*done, "valid_to"))));
    return exit_code::done;
}

outcome<exit_code> ledger_check(const context& c, const no_options&) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    outcome<json::object> checked;
    {
        s->wait_for_long_work();
        const waiting_line waits(c, words("recomputing the log", "đang tính lại sổ"));
        checked = s->get_object(target("/admin/ledger/check"));
    }
    if (!checked) return stop(checked.error());
    c.object(*checked);
    const bool sound = flag_field(*checked, "consistent");
    c.line(sound ? words("The log {} is consistent: {} events.", "Sổ {} nhất quán: {} sự kiện.",
                         text_field(*checked, "log"), text_field(*checked, "size"))
                 : words("The log {} is NOT consistent: {}.", "Sổ {} KHÔNG nhất quán: {}.", text_field(*checked, "log"),
                         text_field(*checked, "at")));
    return sound ? exit_code::done : exit_code::no;
}

outcome<exit_code> ledger_head(const context& c, const no_options&) {
    auto s = connect_to_look(c);
    if (!s) return stop(s.error());
    const auto xml = s->get_bytes(target("/v1/ledger/head"));
    if (!xml) return stop(xml.error());
    c.object({{"xml", *xml}});
    c.line(*xml);
    return exit_code::done;
}

} // namespace truc::cli
