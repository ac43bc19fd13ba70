// The ordinary course: sent, received, reported on, sent again, redirected.
#include "../fields.hpp"
#include "../inbox.hpp"
#include "../status_words.hpp"
#include "cast.hpp"
#include "letters.hpp"
#include "pdf.hpp"

#include <truc/base/bytes.hpp>

#include <boost/json/serialize.hpp>

namespace truc::cli::demo {

namespace {

constexpr std::size_t scan_side = 520; ///< pixels; the PDF is about 270 kB

const std::vector<std::string_view>& addressees() {
    static const std::vector<std::string_view> all = {province, information_department, planning_department, district,
                                                      commune};
    return all;
}

std::string delivery_to(const json::object& answer, std::string_view code) {
    for (const auto& r : objects_field(answer, "recipients"))
        if (text_field(r, "code") == code) return text_field(r, "delivery_id");
    throw broken_expectation(fmt::format("the answer names no delivery for {}", code));
}

/// Fetches a delivery, compares it with what was sent and acknowledges it.
void take_home(stage& s, actor& who, const std::string& delivery, std::string_view kind, std::string_view sent) {
    const auto item = who.wait_for(delivery, kind);
    const auto bytes = must(fetch(who.connection(), item));
    if (bytes != sent) throw broken_expectation(fmt::format("{} received other bytes than were sent", who.code()));
    must(acknowledge(who.connection(), item));
    s.note_handover();
}

/// Reports a status about a document that `by` has received; its sender receives it byte for byte.
void report(stage& s, std::string_view by, std::string_view sender, const json::object& answer,
            const std::string& code) {
    auto& who = s.play(by);
    const auto about = who.look_at(delivery_to(answer, by));
    pack::edxml_status status;
    status.from = who.party();
    status.about.organ_id = text_field(about, "from");
    status.about.code = text_field(about, "code");
    status.about.promulgation_date = text_field(about, "promulgation_date");
    status.about.document_id = text_field(about, "document_id");
    status.status_code = code;
    status.description = status_in_words(code);
    status.time = pack::edxml_time(system_clock().now());
    const auto text = who.sign(pack::write_edxml(status));
    const auto accepted = must(who.submit(text));
    s.note_acceptance(who.code(), accepted);
    take_home(s, s.play(sender), delivery_to(accepted, sender), "status", text);
    s.achieved(words("{}: status {} ({}) reached {}", "{}: trạng thái {} ({}) đã về {}", who.name(), code,
                     status_in_words(code), s.play(sender).name()));
}

} // namespace

pack::edxml_document letter(stage& s, const actor& from, std::initializer_list<std::string_view> to,
                            std::string subject) {
    pack::edxml_document d;
    d.from = from.party();
    for (const auto code : to) {
        const auto* agency = s.net().find_agency(code);
        d.to.push_back({std::string(code), agency ? agency->name : std::string(code)});
    }
    d.number = s.next_number();
    d.notation = "CV-TRUC";
    d.place = "Hà Nội";
    const auto now = system_clock().now();
    d.promulgated = pack::edxml_date(now);
    d.subject = d.content = std::move(subject);
    d.business_reason = "Văn bản điện tử mới";
    d.sent = pack::edxml_time(now);
    return d;
}

std::string in_kilobytes(std::size_t bytes) { return fmt::format("{:.1f} kB", static_cast<double>(bytes) / 1000); }

sent_document send_dispatch(stage& s) {
    s.scene(words("The Government Office sends an urgent công văn to five agencies at three levels",
                  "Văn phòng Chính phủ gửi công văn khẩn tới năm cơ quan ở ba cấp"));
    auto& office = s.play(government_office);
    auto d = letter(s, office, {province, information_department, planning_department, district, commune},
                    "V/v báo cáo tình hình kết nối, liên thông văn bản điện tử giữa 4 cấp");
    d.notation = "VPCP-KSTT";
    d.priority = priority::urgent;
    const auto pdf = make_pdf("Cong van " + d.number + "/VPCP-KSTT", scan_side);
    const auto name = d.number + ".signed.pdf";
    d.attachments.push_back({name, "application/zip", pdf, name, true});
    sent_document sent{office.sign(must(pack::write_edxml(d))), {}};
    s.tell(words("a PDF of {} in a signed edXML document of {}: {}", "tệp PDF {} trong văn bản edXML đã ký {}: {}",
                 in_kilobytes(pdf.size()), in_kilobytes(sent.edxml.size()), d.usual_document_id()));
    const auto before = std::chrono::steady_clock::now();
    sent.answer = must(office.submit(sent.edxml));
    const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - before);
    s.note_acceptance(office.code(), sent.answer);
    s.expect_equal(words("accepted, on disk and in the ledger, after {} ms; signature valid",
                         "đã tiếp nhận, lưu đĩa và ghi sổ sau {} ms; chữ ký hợp lệ", took.count()),
                   std::string("valid"), text_field(sent.answer, "signature"));
    s.expect_equal(words("a delivery for each of the five", "mỗi cơ quan một lượt giao"), addressees().size(),
                   array_field(sent.answer, "recipients").size());
    return sent;
}

void receive_everywhere(stage& s, const sent_document& d) {
    s.scene(words("Each of them receives it, byte for byte", "Từng cơ quan nhận được, đúng từng byte"));
    for (const auto code : addressees()) {
        auto& who = s.play(code);
        take_home(s, who, delivery_to(d.answer, code), "edoc", d.edxml);
        s.achieved(words("{} has it at {}, SHA-256 {}…", "{} đã nhận ở {}, SHA-256 {}…", who.name(),
                         s.net().find_agency(code)->node, sha256(d.edxml).hex().substr(0, 16)));
    }
}

void report_statuses(stage& s, const sent_document& d) {
    s.scene(words("Statuses come back over all hops: 01 arrived, 03 registered, 06 completed",
                  "Trạng thái phản hồi qua mọi chặng: 01 đã đến, 03 đã tiếp nhận, 06 hoàn thành"));
    for (const auto code : addressees()) report(s, code, government_office, d.answer, "01");
    for (const char* const status : {"03", "06"}) report(s, commune, government_office, d.answer, status);
}

void report_upwards(stage& s) {
    s.scene(words("Xã Cà Ná reports up to the Government Office", "Xã Cà Ná báo cáo lên Văn phòng Chính phủ"));
    auto& sender = s.play(commune);
    const auto text =
        sender.sign(must(pack::write_edxml(letter(s, sender, {government_office}, "V/v báo cáo kết quả thực hiện"))));
    const auto answer = must(sender.submit(text));
    s.note_acceptance(sender.code(), answer);
    take_home(s, s.play(government_office), delivery_to(answer, government_office), "edoc", text);
    s.achieved(words("the Government Office has it, over three hops", "Văn phòng Chính phủ đã nhận, qua ba chặng"));
    report(s, government_office, commune, answer, "03");
}

void send_again(stage& s, const sent_document& d) {
    s.scene(words("The same document once more", "Gửi lại đúng văn bản ấy"));
    const auto answer = must(s.play(government_office).submit(d.edxml));
    s.expect_equal(
        words("the same answer with the same receipt, byte for byte", "cùng câu trả lời và biên nhận, đúng từng byte"),
        json::serialize(d.answer), json::serialize(answer));
    for (const auto code : addressees()) {
        const auto waiting = s.play(code).inbox("edoc");
        const bool again = std::any_of(waiting.begin(), waiting.end(), [&](const auto& item) {
            return text_field(item, "id") == text_field(d.answer, "id");
        });
        if (again) throw broken_expectation(fmt::format("{} would receive it twice", code));
    }
    s.achieved(words("nobody receives it twice", "không ai nhận hai lần"));
}

void follow_the_successor(stage& s) {
    s.scene(words("A document to an agency that was merged in 2025", "Văn bản gửi cơ quan đã hợp nhất năm 2025"));
    auto& office = s.play(government_office);
    const auto text =
        office.sign(must(pack::write_edxml(letter(s, office, {labour_department}, "V/v cung cấp số liệu lao động"))));
    const auto answer = must(office.submit(text));
    s.note_acceptance(office.code(), answer);
    s.expect_equal(
        words("the sender is told that the successor receives it", "bên gửi được báo cơ quan kế thừa sẽ nhận"),
        std::string("redirected_to_successor"), list_field(answer, "warnings"));
    auto& successor = s.play(interior_department);
    take_home(s, successor, delivery_to(answer, interior_department), "edoc", text);
    s.achieved(words("{} has it", "{} đã nhận", successor.name()));
}

} // namespace truc::cli::demo
