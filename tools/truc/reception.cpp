// receive, status: what came, and what is said about it.
#include "evidence.hpp"
#include "fields.hpp"
#include "inbox.hpp"
#include "session.hpp"
#include "status_words.hpp"
#include "verbs.hpp"
#include "words.hpp"

#include <truc/base/durable.hpp>
#include <truc/dsig/signer.hpp>
#include <truc/pack/edxml_record.hpp>
#include <truc/trust/signing_key.hpp>

#include <stdexcept>

namespace truc::cli {

namespace {

/// Takes one delivery home: on disk first, acknowledged after that. A crash between the two means reading it again.
outcome<void> take(session& s, json::object& item, const receive_options& o) {
    if (o.dir.empty()) return {};
    const auto id = delivery_of(item);
    const auto bytes = fetch(s, item);
    if (!bytes) return stop(bytes.error());
    // The name comes from the parsed id, never from the document.
    const auto file = o.dir / (id->str() + ".edxml");
    if (const auto written = write_file(file, *bytes); !written) return stop(written.error());
    item["file"] = file.string();
    if (!o.acknowledge) return {};
    const auto said = acknowledge(s, item);
    if (said) item["acknowledged"] = true;
    return said;
}

std::string kind_in_words(const json::object& item) {
    return text_field(item, "kind") == "status" ? words("status", "trạng thái") : words("document", "văn bản");
}

table inbox_table() {
    return table({{words("DELIVERY", "LƯỢT GIAO")},
                  {words("FROM", "TỪ")},
                  {words("KIND", "LOẠI"), 2},
                  {words("PRIORITY", "ĐỘ KHẨN"), 3},
                  {words("SIZE", "CỠ"), 4, false, true},
                  {words("ARRIVED", "ĐẾN LÚC"), 5},
                  {words("DOCUMENT", "VĂN BẢN"), 0, true}});
}

void add_item(table& t, const json::object& item, std::string_view note) {
    t.add({text_field(item, "delivery_id"), text_field(item, "from"), kind_in_words(item), text_field(item, "priority"),
           text_field(item, "size"), brief_time(text_field(item, "consigned_at")), text_field(item, "document_id")},
          note);
}

/// What is known of the delivery becomes the status about it: from its recipient to the document's sender, or the other
/// way when the sender asks it back.
outcome<pack::edxml_status> status_about(session& s, const status_options& o) {
    const auto id = uuid::parse(o.delivery);
    if (!id) return stop(no_such(o.delivery));
    const auto d = s.get_object(target("/v1/documents/" + id->str()));
    if (!d) return stop(d.error());
    pack::edxml_status status;
    for (const auto& r : objects_field(*d, "recipients"))
        if (text_field(r, "delivery_id") == id->str()) status.from.code = text_field(r, "code");
    status.about.organ_id = text_field(*d, "from");
    if (o.code == "13") std::swap(status.from.code, status.about.organ_id);
    if (status.from.code.empty() || status.about.organ_id.empty() || text_field(*d, "kind") != "edoc")
        return stop(usage_failure(words("{} is not the delivery id of a document",
                                        "{} không phải mã lượt giao của một văn bản", o.delivery)));
    const auto agency = s.get_object(target("/v1/agencies/" + client::percent_encode(status.from.code)));
    if (!agency) return stop(agency.error());
    status.from.name = text_field(*agency, "name");
    status.about.code = text_field(*d, "code");
    status.about.promulgation_date = text_field(*d, "promulgation_date");
    status.about.document_id = text_field(*d, "document_id");
    status.status_code = o.code;
    status.description = o.reason.empty() ? status_in_words(o.code) : o.reason;
    status.time = pack::edxml_time(system_clock().now());
    return status;
}

outcome<std::string> signed_text(const context& c, const pack::edxml_status& status, bool is_unsigned) {
    auto text = pack::write_edxml(status);
    if (is_unsigned) return text;
    const auto who = identity_of(c);
    if (!who) return stop(who.error());
    try {
        auto with_signature = dsig::sign(text, *trust::signing_key::load(who->certificate, who->key));
        if (!with_signature) return stop(with_signature.error());
        return std::move(*with_signature);
    } catch (const std::runtime_error& e) {
        return stop(usage_failure(words("the key cannot be used: {}", "không dùng được khóa: {}", e.what())));
    }
}

} // namespace

outcome<exit_code> receive(const context& c, const receive_options& o) {
    if (o.acknowledge && o.dir.empty())
        return stop(usage_failure(words("--ack needs --dir: what is acknowledged must be kept somewhere",
                                        "--ack cần --dir: văn bản đã xác nhận phải được lưu ở đâu đó")));
    auto s = connect_as_agency(c, std::chrono::seconds(o.wait));
    if (!s) return stop(s.error());
    const auto page = s->get_object(target("/v1/inbox")
                                        .with("max", std::to_string(o.max))
                                        .with("wait", o.wait ? std::to_string(o.wait) : "")
                                        .with("kind", o.kind));
    if (!page) return stop(page.error());
    if (!o.dir.empty())
        if (const auto made = make_directory(o.dir); !made) return stop(made.error());
    auto items = objects_field(*page, "items");
    auto t = inbox_table();
    auto end = exit_code::done;
    for (auto& item : items) {
        const auto taken = take(*s, item, o);
        if (!taken) {
            auto f = taken.error();
            f.problem["delivery_id"] = text_field(item, "delivery_id");
            c.complain(f);
            end = std::max(end, f.code);
        }
        add_item(t, item, text_field(item, "file"));
    }
    c.show(items, t);
    if (!text_field(*page, "next").empty()) c.line(words("More is waiting.", "Còn văn bản đang chờ."));
    return end;
}

outcome<exit_code> status(const context& c, const status_options& o) {
    if ((o.code == "02" || o.code == "13") && o.reason.empty()) return stop(error(errc::reason_missing, "--reason"));
    auto s = connect_as_agency(c);
    if (!s) return stop(s.error());
    const auto about = status_about(*s, o);
    if (!about) return stop(about.error());
    const auto text = signed_text(c, *about, o.is_unsigned);
    if (!text) return stop(text.error());
    if (!o.output.empty()) {
        if (const auto written = write_file(o.output, *text); !written) return stop(written.error());
        c.object({{"file", o.output.string()}});
        return exit_code::done;
    }
    const auto accepted = s->post(target("/v1/documents"), "application/xml", *text, true);
    if (!accepted) return stop(accepted.error());
    auto shown = *accepted;
    shown["status_code"] = o.code;
    c.object(shown);
    c.line(words("Status {} ({}) sent to {} about {}: {}", "Đã gửi trạng thái {} ({}) tới {} về {}: {}", o.code,
                 status_in_words(o.code), about->about.organ_id, about->about.document_id,
                 text_field(*accepted, "id")));
    return exit_code::done;
}

} // namespace truc::cli
