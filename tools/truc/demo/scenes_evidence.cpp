// What remains provable: receipts, the trace, the books.
#include "../fields.hpp"
#include "../verbs.hpp"
#include "cast.hpp"
#include "stage.hpp"

#include <truc/ledger/receipt.hpp>
#include <truc/trust/certificate_store.hpp>

#include <set>

namespace truc::cli::demo {

namespace {

std::int64_t grown(const json::object& before, const json::object& after, const char* member) {
    return number_field(after, member) - number_field(before, member);
}

/// Every receipt of what the story sent, as its sender can fetch it, and those it was given on the way.
std::set<std::string> all_receipts(stage& s) {
    std::set<std::string> all;
    for (const auto& [id, sender] : s.accepted())
        for (const auto& r : must(s.play(sender).connection().get_list(target("/v1/documents/" + id + "/receipts"))))
            all.insert(text_field(r, "xml"));
    const auto from_the_node = all.size();
    for (const auto& given : s.receipts()) all.insert(given);
    // Receipts never change: those given in answers are among those fetched now, except the refusals'.
    const auto refusals = all.size() - from_the_node;
    s.expect_equal(words("what was answered then is what is fetched now, byte for byte",
                         "biên nhận đã trả lúc đó giống hệt biên nhận lấy về bây giờ"),
                   s.refused() / 2, static_cast<std::int64_t>(refusals));
    return all;
}

} // namespace

void verify_evidence(stage& s) {
    s.scene(words("Every receipt is verified offline", "Kiểm tra ngoại tuyến mọi biên nhận"));
    const trust::certificate_store authorities(s.net().authority, {});
    const auto receipts = all_receipts(s);
    std::int64_t handovers = 0;
    for (const auto& xml : receipts) {
        const auto held = must(ledger::verify_receipt(xml, authorities));
        if (held.event.name == event_name::content_handover) ++handovers;
    }
    s.achieved(words("{} receipts hold: event, path, tree head, signature, certificate",
                     "{} biên nhận đều đúng: sự kiện, đường dẫn, đầu cây, chữ ký, chứng thư", receipts.size()));
    s.expect_equal(
        words("each of the {} hand-overs is proven", "cả {} lần bàn giao đều có bằng chứng", s.handed_over()),
        s.handed_over(), handovers);
    auto forged = *receipts.begin();
    const auto digit = forged.find("</Sha256>") - 1;
    forged[digit] = forged[digit] == '0' ? '1' : '0';
    s.expect(!ledger::verify_receipt(forged, authorities),
             words("a receipt with one digit changed does not hold", "sửa một chữ số thì biên nhận không còn đúng"),
             "it holds");
}

void show_trace(const stage& s, const sent_document& d) {
    s.out().line(words("\nThe công văn's whole way:", "\nToàn bộ đường đi của công văn:"));
    must(trace(s.out(), {text_field(d.answer, "id"), {}}));
}

json::object read_books(const stage& s) {
    auto administrator = s.administrator();
    return must(administrator.get_object(target("/admin/books")));
}

void balance_books(stage& s, const json::object& before) {
    s.scene(words("The books", "Sổ sách"));
    const auto after = read_books(s);
    s.expect_equal(words("the node took in the {} deliveries that the senders count",
                         "nút đã nhận đúng {} lượt giao như bên gửi đếm", s.deliveries()),
                   s.deliveries(), grown(before, after, "from_agencies"));
    s.expect_equal(words("and handed over the {} that the receivers count", "và bàn giao đúng {} lượt như bên nhận đếm",
                         s.handed_over()),
                   s.handed_over(), grown(before, after, "handed_over"));
    s.expect_equal(words("{} refusals are counted beside them", "{} lần từ chối được đếm riêng", s.refused()),
                   s.refused(), grown(before, after, "refused_at_door"));
    if (must(ledger_check(s.out(), {})) != exit_code::done) throw broken_expectation("the log is not consistent");
    if (must(books(s.out(), {})) != exit_code::done) throw broken_expectation("the books do not balance");
}

} // namespace truc::cli::demo
