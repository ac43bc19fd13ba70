// report, certs, doctor: how agencies and the node itself are doing.
#include "fields.hpp"
#include "progress.hpp"
#include "session.hpp"
#include "text.hpp"
#include "verbs.hpp"
#include "words.hpp"

namespace truc::cli {

namespace {

table report_table() {
    return table({{words("AGENCY", "CƠ QUAN")},
                  {words("NAME", "TÊN"), 4, true},
                  {words("SENT", "GỬI"), 0, false, true},
                  {words("SIGNED", "KÝ SỐ"), 0, false, true},
                  {words("RECEIVED", "NHẬN"), 0, false, true},
                  {words("NO 01", "THIẾU 01"), 0, false, true},
                  {words("UNANSWERED", "CHƯA ĐÁP"), 1, false, true},
                  {words("NOT ARRIVED", "CHƯA ĐẾN"), 2, false, true},
                  {words("NOT TAKEN", "CHƯA NHẬN"), 2, false, true},
                  {words("LATE URGENT", "KHẨN TRỄ"), 3, false, true}});
}

void add_agency(table& t, const json::object& i) {
    t.add({text_field(i, "agency"), text_field(i, "name"), text_field(i, "sent"), text_field(i, "signed"),
           text_field(i, "received"), text_field(i, "without_01"), text_field(i, "unanswered"),
           text_field(i, "not_arrived"), text_field(i, "not_accepted"), text_field(i, "late_urgent")});
}

std::string certificate_kind(std::string_view which) {
    if (which == "node") return words("this node", "nút này");
    if (which == "exchange_ca") return words("authority of nodes", "CA của nút");
    if (which == "agency_ca") return words("authority of agencies", "CA cơ quan");
    if (which == "crl") return words("revocation list", "danh sách thu hồi");
    if (which == "neighbour") return words("neighbour", "nút lân cận");
    if (which == "agency") return words("agency", "cơ quan");
    return which == "client" ? words("client", "hệ thống") : std::string(which);
}

/// What a glance must catch stands in capitals.
std::string state_of_check(std::string_view state) {
    if (state == "ok") return words("ok", "tốt");
    if (state == "warn") return words("WARN", "LƯU Ý");
    return state == "bad" ? words("BAD", "HỎNG") : std::string(state);
}

void show_checks(const context& c, const json::object& examined) {
    for (const auto& check : objects_field(examined, "checks")) {
        c.object(check);
        const auto lead = fmt::format("{}  {}  ", padded(state_of_check(text_field(check, "state")), 5),
                                      padded(text_field(check, "check"), 16));
        c.paragraph(lead, text_field(check, "found"));
        if (const auto advice = text_field(check, "advice"); !advice.empty())
            c.paragraph(std::string(7, ' ') + "→ ", advice);
    }
}

} // namespace

outcome<exit_code> report(const context& c, const report_options& o) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const auto told = s->get_object(target("/admin/report").with("day", o.day).with("agency", o.agency));
    if (!told) return stop(told.error());
    const auto items = objects_field(*told, "items");
    const auto late = objects_field(*told, "late");
    c.line(words("REPORT OF {} FOR {}", "BÁO CÁO CỦA {} NGÀY {}", text_field(*told, "node"), text_field(*told, "day")));
    auto t = report_table();
    for (const auto& i : items) add_agency(t, i);
    c.show(items, t);
    if (!late.empty()) c.line("\n" + words("LATE NOW", "ĐANG TRỄ"));
    for (const auto& l : late) {
        c.object(l);
        c.paragraph("  ", text_field(l, "text"));
    }
    return exit_code::done;
}

outcome<exit_code> certs(const context& c, const no_options&) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const auto items = s->get_list(target("/admin/certs"));
    if (!items) return stop(items.error());
    table t({{words("DAYS", "NGÀY"), 0, false, true},
             {words("ENDS", "HẾT HẠN")},
             {words("WHOSE", "CỦA")},
             {words("OWNERS", "CHỦ THỂ"), 1, true},
             {words("SUBJECT", "TÊN CHỨNG THƯ"), 0, true}});
    bool over = false;
    for (const auto& i : *items) {
        over = over || (number_field(i, "days_left") < 0 && !flag_field(i, "replaced"));
        t.add({text_field(i, "days_left"), text_field(i, "ends").substr(0, 10),
               certificate_kind(text_field(i, "which")), list_field(i, "owners"), text_field(i, "subject")},
              text_field(i, "stops"));
    }
    c.show(*items, t);
    return over ? exit_code::no : exit_code::done;
}

outcome<exit_code> doctor(const context& c, const doctor_options& o) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    outcome<json::object> examined;
    {
        s->wait_for_long_work();
        const waiting_line waits(c, words("examining the node", "đang khám nút"));
        examined = s->get_object(target("/admin/doctor").with("deep", o.deep ? "1" : ""));
    }
    if (!examined) return stop(examined.error());
    show_checks(c, *examined);
    const auto state = text_field(*examined, "state");
    c.line(state == "ok" ? words("All is well.", "Mọi thứ đều tốt.")
           : state == "warn" ? words("It works; see to what is marked.", "Nút hoạt động; hãy xem các mục lưu ý.")
                             : words("Something is wrong; see to it now.", "Có lỗi; hãy xử lý ngay."));
    return state == "bad" ? exit_code::no : exit_code::done;
}

} // namespace truc::cli
