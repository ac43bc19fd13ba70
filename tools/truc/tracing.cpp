// trace, receipts: what happened, and the proof of it.
#include "evidence.hpp"
#include "fields.hpp"
#include "find.hpp"
#include "text.hpp"
#include "verbs.hpp"
#include "words.hpp"

namespace truc::cli {

namespace {

void show_dispatch(const context& c, const json::object& d) {
    const auto row = [&c](const std::string& name, const std::string& value) {
        if (!value.empty()) c.line(padded(name, 11) + " " + shortened(printable(value), terminal_width() - 12));
    };
    row(words("Document", "Văn bản"), text_field(d, "document_id"));
    row(words("Subject", "Trích yếu"), text_field(d, "subject"));
    if (const auto code = text_field(d, "status_code"); !code.empty()) row(words("Status", "Trạng thái"), code);
    row(words("From", "Bên gửi"), words("{}, {}, signature {}, by {}:{}", "{}, {}, chữ ký {}, qua {}:{}",
                                        text_field(d, "from"), text_field(d, "priority"), text_field(d, "signature"),
                                        text_field(d, "entrance"), text_field(d, "client")));
    row("Id", text_field(d, "id"));
    row("SHA-256", text_field(d, "sha256"));
    for (const auto& r : objects_field(d, "recipients")) {
        auto state = state_in_words(text_field(r, "state"));
        if (const auto at = text_field(r, "ended_at"); !at.empty()) state += " " + short_time(at);
        if (const auto why = text_field(r, "reason"); !why.empty()) state += ": " + why;
        row(words("To", "Bên nhận"), text_field(r, "code") + "  " + state);
    }
    for (const auto& w : array_field(d, "warnings"))
        if (w.is_string()) row(words("Warning", "Lưu ý"), std::string(std::string_view(w.get_string())));
}

/// One event beside the dispatch it is about, as a line for programs.
json::object with_dispatch(const json::object& event, const json::object& d) {
    auto o = event;
    o["id"] = text_field(d, "id");
    o["document_id"] = text_field(d, "document_id");
    return o;
}

} // namespace

outcome<exit_code> trace(const context& c, const find_options& o) {
    auto s = connect_to_look(c);
    if (!s) return stop(s.error());
    const auto id = find_id(c, *s, o.id, o.from);
    if (!id) return stop(id.error());
    const auto d = s->get_object(target("/v1/documents/" + *id + "/trace"));
    if (!d) return stop(d.error());
    table t({{words("TIME", "LÚC")},
             {words("NODE", "NÚT"), 2},
             {words("EVENT", "SỰ KIỆN")},
             {words("RECIPIENT", "BÊN NHẬN")},
             {"SHA-256", 3},
             {words("RECEIPT", "BIÊN NHẬN")}});
    std::vector<json::object> rows;
    for (const auto& e : objects_field(*d, "items")) {
        const auto& to = array_field(e, "to");
        t.add({brief_time(text_field(e, "time")), text_field(e, "node"), text_field(e, "event"),
               to.size() > 1 ? words("{} agencies", "{} cơ quan", to.size()) : list_field(e, "to"),
               text_field(e, "sha256").substr(0, 8), text_field(e, "event_id")},
              text_field(e, "reason"));
        rows.push_back(with_dispatch(e, *d));
    }
    show_dispatch(c, *d);
    c.line("");
    c.show(rows, t);
    return exit_code::done;
}

outcome<exit_code> receipts(const context& c, const receipts_options& o) {
    auto s = connect_to_look(c);
    if (!s) return stop(s.error());
    const auto id = find_id(c, *s, o.id, o.from);
    if (!id) return stop(id.error());
    const auto list = s->get_object(target("/v1/documents/" + *id + "/receipts"));
    if (!list) return stop(list.error());
    table t({{words("RECEIPT", "BIÊN NHẬN")},
             {words("EVENT", "SỰ KIỆN")},
             {words("SIZE", "CỠ"), 1, false, true},
             {words("FILE", "TỆP"), 0, true}});
    auto items = objects_field(*list, "items");
    for (auto& r : items) {
        const auto xml = text_field(r, "xml");
        if (!o.dir.empty()) {
            const auto file = save_receipt(o.dir, xml);
            if (!file) return stop(file.error());
            r["file"] = file->string();
        }
        t.add({text_field(r, "event_id"), text_field(r, "event"), std::to_string(xml.size()), text_field(r, "file")});
    }
    c.show(items, t);
    return exit_code::done;
}

} // namespace truc::cli
