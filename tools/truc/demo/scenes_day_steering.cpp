// What an administrator and a sender can still change about documents that are under way.
#include "../fields.hpp"
#include "../inbox.hpp"
#include "../verbs.hpp"
#include "cast.hpp"
#include "day.hpp"
#include "letters.hpp"
#include "waiting.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace truc::cli::demo {

namespace {

/// A document as it was signed, and what its node answered.
struct posted {
    pack::edxml_document document;
    std::string edxml;
    json::object answer;

    const std::string id() const { return text_field(answer, "id"); }
};

posted post(stage& s, actor& from, pack::edxml_document d) {
    posted p;
    p.edxml = from.sign(must(pack::write_edxml(d)));
    p.answer = must(from.submit(p.edxml));
    p.document = std::move(d);
    s.note_acceptance(from.code(), p.answer);
    return p;
}

/// A later document about an earlier one.
pack::edxml_document later(stage& s, actor& from, std::initializer_list<std::string_view> to, const posted& earlier,
                           business_type business, std::string reason) {
    auto d = letter(s, from, to, "V/v " + reason + " văn bản số " + earlier.document.number);
    d.business = business;
    d.business_reason = std::move(reason);
    d.acts_on = {earlier.document.usual_document_id()};
    return d;
}

json::object order(const stage& s, std::string_view node, std::string path, const json::object& body) {
    auto administrator = s.administrator(node);
    return must(administrator.post(target(std::move(path)), "application/json", json::serialize(body), false));
}

/// An administrator's verb about one delivery.
void steer(outcome<exit_code> (*verb)(const context&, const action_options&), const stage& s, std::string_view node,
           const std::string& delivery, std::string reason) {
    action_options o;
    o.ids = {delivery};
    o.reason = std::move(reason);
    if (must(verb(s.at(node), o)) != exit_code::done) throw broken_expectation("nothing was changed about " + delivery);
}

/// How the sender's node sees one delivery of what it sent.
json::object delivery_at_origin(stage& s, std::string_view sender, const posted& p, std::string_view recipient) {
    const auto seen = s.play(sender).look_at(p.id());
    for (const auto& r : objects_field(seen, "recipients"))
        if (text_field(r, "code") == recipient) return r;
    throw broken_expectation(fmt::format("{} has no delivery for {}", p.id(), recipient));
}

void wait_for_state(stage& s, std::string_view sender, const posted& p, std::string_view recipient,
                    std::string_view state) {
    std::string seen;
    wait_until(
        [&] {
            seen = text_field(delivery_at_origin(s, sender, p, recipient), "state");
            return seen == state;
        },
        fmt::format("the delivery of {} to {} does not become {}", p.document.usual_document_id(), recipient, state));
}

bool is_in_inbox(stage& s, std::string_view code, const std::string& delivery) {
    const auto items = s.play(code).inbox("edoc");
    return std::any_of(items.begin(), items.end(),
                       [&](const auto& i) { return text_field(i, "delivery_id") == delivery; });
}

/// The names of the events that the sender of a document can prove.
std::vector<std::string> proven(stage& s, std::string_view sender, const posted& p) {
    std::vector<std::string> names;
    auto& connection = s.play(sender).connection();
    for (const auto& r : must(connection.get_list(target("/v1/documents/" + p.id() + "/receipts"))))
        names.push_back(text_field(r, "event"));
    return names;
}

void expect_proven(stage& s, std::string_view sender, const posted& p, std::string_view event, std::string_view what) {
    wait_until(
        [&] {
            const auto names = proven(s, sender, p);
            return std::find(names.begin(), names.end(), event) != names.end();
        },
        fmt::format("no receipt of {} about {} comes back", event, p.id()));
    s.achieved(what);
}

} // namespace

void hold_and_release(stage& s) {
    s.scene(words("A document is held, and released again", "Tạm giữ một văn bản, rồi cho đi tiếp"));
    auto& sender = s.play(information_department);
    const auto p = post(s, sender, letter(s, sender, {commune}, "V/v cử cán bộ tham gia tập huấn"));
    const auto delivery = delivery_to(p.answer, commune);
    s.play(commune).wait_for(delivery, "edoc");
    steer(cli::hold, s, "cana", delivery, "Bên gửi đề nghị qua điện thoại: chờ đính chính");
    s.expect(!is_in_inbox(s, commune, delivery),
             words("the commune does not see it while it is held", "xã không thấy văn bản khi đang bị giữ"),
             "it is still in the inbox");
    queue_options held;
    held.held = true;
    must(queue(s.at("cana"), held));
    steer(cli::release, s, "cana", delivery, "Đã đính chính");
    take_home(s, s.play(commune), delivery, "edoc", p.edxml);
    s.achieved(words("released, and received byte for byte", "đã cho đi tiếp, xã nhận đúng từng byte"));
    expect_proven(s, information_department, p, "Hold",
                  words("the sender can prove who held it, and why", "bên gửi có bằng chứng ai giữ và vì sao"));
}

void recall_documents(stage& s) {
    s.scene(words("A recall in time, and one that comes too late", "Thu hồi kịp thời, và thu hồi quá muộn"));
    auto& sender = s.play(information_department);
    const auto p = post(s, sender, letter(s, sender, {district, commune}, "V/v góp ý dự thảo quy chế"));
    const auto unread = delivery_to(p.answer, district);
    take_home(s, s.play(commune), delivery_to(p.answer, commune), "edoc", p.edxml);
    s.play(district).wait_for(unread, "edoc");
    wait_for_state(s, information_department, p, commune, "handed_over");
    const auto recall =
        post(s, sender, later(s, sender, {district, commune}, p, business_type::recall, "thu hồi do nhầm phụ lục"));

    wait_for_state(s, information_department, p, district, "recalled");
    s.expect(!is_in_inbox(s, district, unread) && !is_in_inbox(s, district, delivery_to(recall.answer, district)),
             words("the district never sees the document, nor the recall",
                   "huyện không hề thấy văn bản, cũng không thấy lệnh thu hồi"),
             "something is left in the inbox");
    expect_proven(s, information_department, p, "Recall",
                  words("and its node proves it (Recall)", "và nút của huyện chứng minh điều đó (Recall)"));

    take_home(s, s.play(commune), delivery_to(recall.answer, commune), "edoc", recall.edxml);
    expect_proven(s, information_department, recall, "RecallTooLate",
                  words("for the commune it comes too late: proven with the time of the hand-over",
                        "với xã thì đã muộn: có bằng chứng kèm giờ bàn giao"));
    report(s, commune, information_department, p.answer, "05");
    report(s, commune, information_department, p.answer, "16", "Đã chuyển xử lý, xin giữ lại văn bản");
    const auto seen = delivery_at_origin(s, information_department, p, commune);
    s.tell(words("what the commune's statuses amount to: {}, to give it back {}",
                 "tổng hợp các trạng thái của xã: {}, lấy lại: {}", text_field(seen, "business_state"),
                 text_field(seen, "take_back")));
    auto& stranger = s.play(planning_department);
    const auto refused = stranger.submit(stranger.sign(must(pack::write_edxml(
        later(s, stranger, {district, commune}, p, business_type::recall, "thu hồi văn bản của sở khác")))));
    s.expect(!refused && text_field(refused.error().problem, "code") == "recall_not_yours",
             words("another department cannot recall it (recall_not_yours)",
                   "sở khác không thu hồi được (recall_not_yours)"),
             refused ? "it is accepted" : text_field(refused.error().problem, "code"));
    s.note_refusal();
}

void update_the_recipients(stage& s) {
    s.scene(
        words("An update takes one recipient away and adds another", "Cập nhật: bỏ một bên nhận, thêm một bên nhận"));
    auto& sender = s.play(information_department);
    const auto p = post(s, sender, letter(s, sender, {district, planning_department}, "V/v phân công nhiệm vụ"));
    const auto unread = delivery_to(p.answer, district);
    s.play(district).wait_for(unread, "edoc");
    auto d = later(s, sender, {planning_department}, p, business_type::update, "cập nhật nơi nhận");
    d.removed = {*agency_code::parse(district)};
    d.added = {*agency_code::parse(commune_clinic)};
    post(s, sender, std::move(d));
    wait_for_state(s, information_department, p, district, "recalled");
    s.expect(!is_in_inbox(s, district, unread),
             words("the district, which had not taken it, does not see it any more",
                   "huyện chưa lấy thì không còn thấy văn bản"),
             "it is still there");
    const auto added = text_field(delivery_at_origin(s, information_department, p, commune_clinic), "delivery_id");
    take_home(s, s.play(commune_clinic), added, "edoc", p.edxml);
    s.achieved(words("the clinic, which the document does not name, receives it: the signed update names it",
                     "trạm y tế không có tên trong văn bản vẫn nhận được: bản cập nhật đã ký nêu tên"));
}

void replace_a_document(stage& s) {
    s.scene(words("A document is replaced by another", "Thay thế văn bản"));
    auto& sender = s.play(information_department);
    const auto p = post(s, sender, letter(s, sender, {commune}, "V/v lịch họp giao ban"));
    const auto unread = delivery_to(p.answer, commune);
    s.play(commune).wait_for(unread, "edoc");
    const auto better = post(s, sender, later(s, sender, {commune}, p, business_type::replace, "thay thế lịch họp"));
    take_home(s, s.play(commune), delivery_to(better.answer, commune), "edoc", better.edxml);
    wait_for_state(s, information_department, p, commune, "recalled");
    s.expect(!is_in_inbox(s, commune, unread), words("the commune sees the new one only", "xã chỉ thấy bản mới"),
             "the old one is still there");
}

void expire_and_resend(stage& s) {
    s.scene(words("A delivery is ended by hand, and sent once more", "Kết thúc một lượt giao, rồi gửi lại"));
    auto& sender = s.play(information_department);
    const auto p = post(s, sender, letter(s, sender, {commune}, "V/v khảo sát hạ tầng"));
    const auto old = delivery_to(p.answer, commune);
    s.play(commune).wait_for(old, "edoc");
    steer(cli::expire, s, "cana", old, "Hệ thống của xã nghỉ bảo trì");
    wait_for_state(s, information_department, p, commune, "expired");
    s.achieved(
        words("the sender has it proven: expired, by whom and why", "bên gửi có bằng chứng: hết hạn, do ai và vì sao"));
    const auto again = order(s, "ninhthuan", "/admin/resend", {{"id", old}, {"reason", "Hệ thống của xã đã trở lại"}});
    const auto fresh = text_field(again, "delivery_id");
    s.expect(!fresh.empty() && fresh != old, words("resent as a new delivery", "gửi lại bằng lượt giao mới"), fresh);
    take_home(s, s.play(commune), fresh, "edoc", p.edxml);
    must(trace(s.at("ninhthuan"), {p.id(), {}}));
}

} // namespace truc::cli::demo
