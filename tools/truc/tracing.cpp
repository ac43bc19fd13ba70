// trace, receipts: what happened, and the proof of it.
#include "evidence.hpp"
#include "fields.hpp"
#include "find.hpp"
#include "progress.hpp"
#include "text.hpp"
#include "verbs.hpp"
#include "words.hpp"

#include <array>
#include <cstdlib>
#include <map>

namespace truc::cli {

namespace {

void show_dispatch(const context& c, const json::object& d) {
    const auto row = [&c](const std::string& name, const std::string& value) {
        if (!value.empty()) c.line(padded(name, 11) + " " + shortened(printable(value), terminal_width() - 12));
    };
    row(words("Document", "Văn bản"), text_field(d, "document_id"));
    row(words("Subject", "Trích yếu"), text_field(d, "subject"));
    if (const auto code = text_field(d, "status_code"); !code.empty()) row(words("Status", "Trạng thái"), code);
    row(words("From", "Bên gửi"), words("{}, {}, signature {}", "{}, {}, chữ ký {}", text_field(d, "from"),
                                        text_field(d, "priority"), text_field(d, "signature")));
    const bool brought = text_field(d, "entrance") == "relay";
    row("Id", text_field(d, "id") + (brought ? words(" at {}, here by {}", " tại {}, do {} chuyển tới",
                                                     text_field(d, "origin"), text_field(d, "client"))
                                             : words(" at {} by {}:{}", " tại {} qua {}:{}", text_field(d, "origin"),
                                                     text_field(d, "entrance"), text_field(d, "client"))));
    row("SHA-256", text_field(d, "sha256"));
    for (const auto& w : array_field(d, "warnings"))
        if (w.is_string()) row(words("Warning", "Lưu ý"), std::string(std::string_view(w.get_string())));
}

std::string step_in_words(const std::string& event) {
    struct step {
        std::string_view event, english, vietnamese;
    };
    constexpr std::array<step, 20> steps = {{{"SubmissionAcceptance", "accepted", "tiếp nhận"},
                                             {"RelayAcceptance", "taken over", "nhận chuyển"},
                                             {"RelayRejection", "refused to take over", "từ chối nhận chuyển"},
                                             {"RelayFailure", "could not be passed on", "không chuyển tiếp được"},
                                             {"ContentConsignment", "in the inbox", "vào hộp đến"},
                                             {"ContentConsignmentFailure", "undeliverable", "không giao được"},
                                             {"ContentHandover", "handed over", "đã bàn giao"},
                                             {"ContentHandoverFailure", "refused by its system", "hệ thống từ chối"},
                                             {"Recall", "recalled", "thu hồi"},
                                             {"Expiry", "expired", "hết hạn"},
                                             {"SubmissionRejection", "refused at the door", "từ chối khi gửi"},
                                             {"ExpiryWarning", "will expire soon", "sắp quá hạn"},
                                             {"RecallTooLate", "recalled too late", "thu hồi quá muộn"},
                                             {"Hold", "held", "giữ lại"},
                                             {"Release", "released", "nhả"},
                                             {"Retry", "tried again by hand", "thử lại bằng tay"},
                                             {"Resend", "sent once more", "gửi lại"},
                                             {"Purge", "content removed", "hủy nội dung"},
                                             {"LegalHold", "legal hold", "giữ theo yêu cầu pháp lý"},
                                             {"LegalRelease", "legal hold released", "bỏ giữ pháp lý"}}};
    for (const auto& s : steps)
        if (s.event == event) return words(s.english, s.vietnamese);
    return event;
}

/// Of a day other than the dispatch's, the day instead of the milliseconds.
std::string step_time(const std::string& time, const std::string& day) {
    if (time.size() > 23 && time.starts_with(day)) return time.substr(11, 12);
    return brief_time(time);
}

/// What one node did to one delivery, or to the dispatch, in one commit: one line.
struct step_line {
    std::string time, node, words, events, attempt, sha256, receipts, reason;
    std::uint64_t last_leaf = 0;
};

/// `cana.1.4` and the next leaf become `cana.1.4-5`.
void add_receipt(step_line& l, const std::string& event_id) {
    const auto dot = event_id.rfind('.');
    const auto leaf = std::strtoull(event_id.c_str() + (dot == std::string::npos ? 0 : dot + 1), nullptr, 10);
    if (l.receipts.empty())
        l.receipts = event_id;
    else if (leaf == l.last_leaf + 1)
        l.receipts = l.receipts.substr(0, l.receipts.find('-', l.receipts.rfind('.'))) + "-" + std::to_string(leaf);
    else
        l.receipts += " " + event_id;
    l.last_leaf = leaf;
}

/// What an administrator did carries the name, which is what one looks for.
std::string reason_of(const json::object& e) {
    constexpr std::string_view administrators = "admin:";
    auto text = text_field(e, "reason");
    const auto channel = text_field(e, "channel");
    if (channel.starts_with(administrators)) text = channel.substr(administrators.size()) + ": " + text;
    return text;
}

void add_event(std::vector<step_line>& lines, const json::object& e, const std::string& day) {
    const auto time = step_time(text_field(e, "time"), day);
    const auto node = text_field(e, "node");
    const bool same = !lines.empty() && lines.back().time == time && lines.back().node == node;
    if (!same) lines.push_back({time, node, {}, {}, {}, text_field(e, "sha256").substr(0, 8), {}, {}, 0});
    auto& l = lines.back();
    const auto event = text_field(e, "event");
    l.words += (l.words.empty() ? "" : ", ") + step_in_words(event);
    l.events += (l.events.empty() ? "" : " ") + event;
    if (const auto attempt = text_field(e, "attempt"); !attempt.empty()) l.attempt = attempt;
    if (const auto why = reason_of(e); !why.empty()) l.reason += (l.reason.empty() ? "" : "; ") + why;
    add_receipt(l, text_field(e, "event_id"));
}

/// The steps of each delivery by its id; those of the dispatch as a whole under "".
std::map<std::string, std::vector<step_line>> steps_of(const json::object& d) {
    std::map<std::string, std::vector<step_line>> steps;
    const auto day = text_field(d, "accepted_at").substr(0, 10);
    for (const auto& e : array_field(d, "items"))
        if (e.is_object()) add_event(steps[text_field(e.get_object(), "delivery_id")], e.get_object(), day);
    return steps;
}

void add_steps(table& t, const std::vector<step_line>& lines) {
    for (const auto& l : lines)
        t.add({"  " + l.time, l.node, l.words, l.attempt, l.events, l.sha256, l.receipts}, l.reason);
}

/// How a delivery stands: what a glance at the screen is for.
std::string standing(const json::object& r, const std::string& day) {
    auto text = text_field(r, "code") + "  " + state_in_words(text_field(r, "state"));
    const auto ended = text_field(r, "ended_at");
    if (!ended.empty()) text += " " + step_time(ended, day);
    if (const auto reason = text_field(r, "reason"); !reason.empty()) text += ": " + reason;
    if (const auto to = text_field(r, "passed_to"); ended.empty() && !to.empty()) text += " → " + to;
    if (const auto tries = number_field(r, "attempts"); ended.empty() && tries)
        text += words(", {} tries failed", ", đã thử {} lần", tries);
    if (const auto at = text_field(r, "next_at"); ended.empty() && !at.empty())
        text += words(", again at {}", ", thử lại lúc {}", step_time(at, day));
    return text + "  " + text_field(r, "name");
}

table ways(const json::object& d) {
    table t({{"  " + words("TIME", "LÚC")},
             {words("NODE", "NÚT")},
             {words("STEP", "BƯỚC"), 0, true},
             {words("TRY", "LẦN"), 1, false, true},
             {words("EVENT", "SỰ KIỆN"), 3},
             {"SHA-256", 2},
             {words("RECEIPT", "BIÊN NHẬN")}});
    auto steps = steps_of(d);
    add_steps(t, steps[""]);
    const auto day = text_field(d, "accepted_at").substr(0, 10);
    for (const auto& r : objects_field(d, "recipients")) {
        t.add_heading(standing(r, day));
        add_steps(t, steps[text_field(r, "delivery_id")]);
    }
    return t;
}

/// One event beside the dispatch it is about, as a line for programs.
json::object with_dispatch(const json::object& event, const json::object& d) {
    auto o = event;
    o["id"] = text_field(d, "id");
    o["document_id"] = text_field(d, "document_id");
    o["origin"] = text_field(d, "origin");
    return o;
}

} // namespace

outcome<exit_code> trace(const context& c, const find_options& o) {
    auto s = connect_to_look(c);
    if (!s) return stop(s.error());
    const auto id = find_id(c, *s, o);
    if (!id) return stop(id.error());
    const auto d = s->get_object(target("/v1/documents/" + *id + "/trace"));
    if (!d) return stop(d.error());
    std::vector<json::object> rows;
    for (const auto& e : objects_field(*d, "items")) rows.push_back(with_dispatch(e, *d));
    show_dispatch(c, *d);
    c.show(rows, ways(*d));
    if (const auto origin = text_field(*d, "origin"); origin != text_field(*d, "node"))
        c.paragraph("", words("{} tells what it knows; the trace at {}, which accepted it, is complete.",
                              "{} chỉ biết phần của mình; vết đầy đủ ở {}, nơi tiếp nhận.", text_field(*d, "node"),
                              origin));
    return exit_code::done;
}

outcome<exit_code> receipts(const context& c, const receipts_options& o) {
    auto s = connect_to_look(c);
    if (!s) return stop(s.error());
    const auto id = find_id(c, *s, o);
    if (!id) return stop(id.error());
    const auto list = s->get_object(target("/v1/documents/" + *id + "/receipts"));
    if (!list) return stop(list.error());
    table t({{words("RECEIPT", "BIÊN NHẬN")},
             {words("EVENT", "SỰ KIỆN")},
             {words("SIZE", "CỠ"), 1, false, true},
             {words("FILE", "TỆP"), 0, true}});
    auto items = objects_field(*list, "items");
    progress_bar bar(c, words("writing receipts", "đang ghi biên nhận"));
    std::size_t written = 0;
    for (auto& r : items) {
        bar.show(written++, items.size());
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
