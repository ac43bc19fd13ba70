// What must not pass: changed, forged and misdirected documents.
#include "../evidence.hpp"
#include "../fields.hpp"
#include "../text.hpp"
#include "cast.hpp"
#include "forger.hpp"
#include "letters.hpp"

namespace truc::cli::demo {

namespace {

struct forgery {
    std::string told;
    std::string edxml;
    std::string code; ///< of the refusal
};

/// Refused with that code, and with a receipt that proves it; twice the same receipt.
void expect_refusal(stage& s, actor& who, const forgery& f) {
    auto answer = who.submit(f.edxml);
    s.expect(!answer, f.told, answer ? "accepted as " + text_field(*answer, "id") : "");
    const auto& problem = answer.error().problem;
    s.expect_equal(words("refused with its reason ({})", "bị từ chối, nêu rõ lý do ({})", f.code), f.code,
                   text_field(problem, "code"));
    s.tell(shortened(printable(text_field(problem, "detail")), 2 * terminal_width()));
    const auto receipt = text_field(problem, "receipt");
    const auto e = must(event_of(receipt));
    s.expect(e.name == event_name::submission_rejection && e.reason.starts_with(f.code),
             words("a rejection receipt, {}", "có biên nhận từ chối, {}", e.id()),
             fmt::format("{} {}", to_string(e.name), e.reason));
    s.keep_receipt(receipt);
    s.note_refusal();
    const auto again = who.submit(f.edxml);
    if (again || text_field(again.error().problem, "receipt") != receipt)
        throw broken_expectation(
            words("the same refusal gave another receipt", "cùng một từ chối lại có biên nhận khác"));
    s.note_refusal();
}

/// One byte of what was signed: "4 cấp" becomes "5 cấp".
std::string with_one_byte_changed(std::string edxml) {
    const auto at = edxml.find("4 cấp");
    if (at == std::string::npos) throw broken_expectation("the document lost its subject");
    edxml[at] = '5';
    return edxml;
}

std::string status_of_a_stranger(const actor& stranger, const sent_document& d) {
    pack::edxml_status status;
    status.from = stranger.party();
    status.about.organ_id = government_office;
    status.about.document_id = text_field(d.answer, "document_id");
    status.status_code = "06";
    status.time = pack::edxml_time(system_clock().now());
    return stranger.sign(pack::write_edxml(status));
}

} // namespace

void refuse_forgeries(stage& s, const sent_document& d) {
    s.scene(words("What must not pass is refused at the door", "Điều không được phép bị chặn ngay từ cửa"));
    auto& office = s.play(government_office);
    auto& department = s.play(information_department);
    auto& stranger = s.play(interior_department);
    const auto plain = must(pack::write_edxml(letter(s, office, {province}, "V/v văn bản giả mạo")));
    const auto lost = must(pack::write_edxml(letter(s, office, {province, "000.00.99.H43"}, "V/v gửi nhầm nơi nhận")));

    expect_refusal(s, office,
                   {words("one byte changed after signing", "sửa một byte sau khi ký"), with_one_byte_changed(d.edxml),
                    "signature_invalid"});
    expect_refusal(s, office,
                   {words("signed with another agency's key", "ký bằng khóa của cơ quan khác"), department.sign(plain),
                    "certificate_of_other_agency"});
    expect_refusal(s, office,
                   {words("signed with an attacker's key that the document itself brings along",
                          "ký bằng khóa của kẻ tấn công kèm ngay trong văn bản"),
                    sign_with_enclosed_key(plain), "signature_invalid"});
    expect_refusal(s, office,
                   {words("to an agency that nobody knows", "gửi tới cơ quan không có thật"), office.sign(lost),
                    "recipient_unknown"});
    expect_refusal(s, stranger,
                   {words("a status from an agency that never received the document",
                          "trạng thái từ cơ quan chưa từng nhận văn bản"),
                    status_of_a_stranger(stranger, d), "status_not_recipient"});
}

} // namespace truc::cli::demo
