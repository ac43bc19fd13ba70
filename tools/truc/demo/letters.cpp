// What the scenes' letters have in common.
#include "letters.hpp"

#include "../fields.hpp"
#include "../inbox.hpp"
#include "../status_words.hpp"

namespace truc::cli::demo {

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

std::string delivery_to(const json::object& answer, std::string_view code) {
    for (const auto& r : objects_field(answer, "recipients"))
        if (text_field(r, "code") == code) return text_field(r, "delivery_id");
    throw broken_expectation(fmt::format("the answer names no delivery for {}", code));
}

void take_home(stage& s, actor& who, const std::string& delivery, std::string_view kind, std::string_view sent) {
    const auto item = who.wait_for(delivery, kind);
    const auto bytes = must(fetch(who.connection(), item));
    if (bytes != sent) throw broken_expectation(fmt::format("{} received other bytes than were sent", who.code()));
    must(acknowledge(who.connection(), item));
    s.note_handover();
}

void report(stage& s, std::string_view by, std::string_view sender, const json::object& answer, const std::string& code,
            const std::string& reason) {
    auto& who = s.play(by);
    const auto about = who.look_at(delivery_to(answer, by));
    pack::edxml_status status;
    status.from = who.party();
    status.about.organ_id = text_field(about, "from");
    status.about.code = text_field(about, "code");
    status.about.promulgation_date = text_field(about, "promulgation_date");
    status.about.document_id = text_field(about, "document_id");
    status.status_code = code;
    status.description = reason.empty() ? status_in_words(code) : reason;
    status.time = pack::edxml_time(system_clock().now());
    const auto text = who.sign(pack::write_edxml(status));
    const auto accepted = must(who.submit(text));
    s.note_acceptance(who.code(), accepted);
    take_home(s, s.play(sender), delivery_to(accepted, sender), "status", text);
    s.achieved(words("{}: status {} ({}) reached {}", "{}: trạng thái {} ({}) đã về {}", who.name(), code,
                     status_in_words(code), s.play(sender).name()));
}

} // namespace truc::cli::demo
