// The ordinary course: sent, received, reported on, sent again, redirected.
#include "../fields.hpp"
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

} // namespace

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
