#include "mailbox_letters.hpp"

#include "mailbox_files.hpp"

#include <truc/base/ascii.hpp>

#include <fmt/format.h>

namespace truc::tdoffice {

namespace {

constexpr std::string_view by_id[] = {"WHERE {outbox.id} = ?", "WHERE {receivers.id} = ?", "WHERE {inbox.id} = ?",
                                      "WHERE {statuses.id} = ?"};
constexpr std::string_view blanks = " \t\r\n";

std::string_view where_id(std::string_view table) {
    if (table == "outbox") return by_id[0];
    if (table == "receivers") return by_id[1];
    return table == "inbox" ? by_id[2] : by_id[3];
}

const words secrecy_columns{"id", "status", "secrecy"};
const words document_columns{"sender_code",     "sender_name",
                             "document_id",     "number",
                             "notation",        "place",
                             "promulgated",     "type",
                             "type_name",       "subject",
                             "content",         "priority",
                             "due_date",        "signer_competence",
                             "signer_position", "signer_name",
                             "page_amount",     "promulgation_amount",
                             "department",      "staff",
                             "mobile",          "email",
                             "reply_agency",    "reply_code",
                             "reply_date",      "reply_document_id"};
const words incoming_columns{"sender_code", "recipient_code", "number", "notation",
                             "promulgated", "document_id",    "state",  "answer_reason"};

/// What stands in no calendar goes back to its sender as it came.
std::string returned_day(std::string_view column) {
    const auto text = day_text(column);
    const auto day = day_from_legacy(std::string_view(text).substr(0, 10));
    return day ? edxml_day(*day) : text;
}

std::string code_of(const mailbox_row& r) {
    return r.is_null("notation") ? r["number"] : r["number"] + "/" + r["notation"];
}

} // namespace

std::string day_text(std::string_view column) {
    const auto text = trim(column, blanks);
    const auto day = day_from_edxml(text.substr(0, 10));
    if (!day) return std::string(text);
    auto rest = text.substr(10);
    rest = rest.substr(0, rest.find('.')); // of a second
    return legacy_day(*day) + std::string(rest);
}

std::string mailbox_letters::place(std::string_view word, const std::string& id) const {
    const auto& names = mailbox_.names();
    return fmt::format("column {}.{} of row {}", names.name(word.substr(0, word.find('.'))), names.name(word), id);
}

result<mailbox_row> mailbox_letters::row(std::string_view table, const words& columns, const std::string& id) {
    auto rows = mailbox_.select(table, columns, where_id(table), {id});
    if (!rows) return fail(std::move(rows.error()));
    if (rows->empty())
        return fail(errc::record_invalid, fmt::format("{} has no row {} any more", mailbox_.names().name(table), id));
    return std::move(rows->front());
}

result<pack::edxml_party> mailbox_letters::own_agency(const std::string& code, const std::string& written_as) {
    auto dotted = dotted_code(code, written_as);
    if (!dotted) return fail(std::move(dotted.error()));
    const auto* agency = context_.agency(*dotted);
    if (!agency) return fail(errc::sender_not_yours, *dotted);
    pack::edxml_party p;
    p.code = agency->code;
    p.name = agency->name;
    return p;
}

result<pack::edxml_party> mailbox_letters::sender(const mailbox_row& r, const std::string& id) {
    const bool only_one = r.is_null("sender_code") && context_.agencies.size() == 1;
    auto p = own_agency(only_one ? context_.agencies.front().code : r["sender_code"], place("outbox.sender_code", id));
    if (p && !r.is_null("sender_name")) p->name = r["sender_name"];
    return p;
}

result<void> mailbox_letters::days(const mailbox_row& r, const std::string& id, pack::edxml_document& d) {
    for (const auto& [column, into] : {std::pair{"promulgated", &d.promulgated}, std::pair{"due_date", &d.due_date}}) {
        auto day = day_to_edxml(day_text(r[column]), place(fmt::format("outbox.{}", column), id));
        if (!day) return fail(std::move(day.error()));
        *into = std::move(*day);
    }
    if (r.is_null("reply_code") && r.is_null("reply_document_id")) return {};
    d.response_for.push_back(
        {r["reply_agency"], r["reply_code"], returned_day(r["reply_date"]), r["reply_document_id"]});
    if (const auto code = agency_code::parse(r["reply_agency"])) d.response_for.back().organ_id = code->str();
    return {};
}

result<void> mailbox_letters::head(const mailbox_row& r, const std::string& id, pack::edxml_document& d) {
    for (const auto column : {"number", "notation", "promulgated", "subject"})
        if (trim(r[column], blanks).empty())
            return fail(errc::record_invalid, place(fmt::format("outbox.{}", column), id) + " is empty");
    d.document_id = r["document_id"];
    d.number = r["number"];
    d.notation = r["notation"];
    d.place = r["place"];
    if (!r.is_null("type")) d.type = r["type"];
    if (!r.is_null("type_name")) d.type_name = r["type_name"];
    d.subject = r["subject"];
    d.content = r["content"];
    d.signer = {r["signer_competence"], r["signer_position"], r["signer_name"]};
    d.priority = mailbox_.options().words.priority_to_edxml(r["priority"]);
    d.promulgation_amount = r["promulgation_amount"];
    d.page_amount = r["page_amount"];
    d.staff = {r["department"], r["staff"], r["mobile"], r["email"]};
    d.sent = pack::edxml_time(context_.clock.now());
    return days(r, id, d);
}

result<std::vector<pack::edxml_party>> mailbox_letters::recipients(const std::string& id) {
    auto rows = mailbox_.select("receivers", {"id", "agency_code", "agency_name"},
                                "WHERE {receivers.document_id} = ? ORDER BY {receivers.id}", {id});
    if (!rows) return fail(std::move(rows.error()));
    std::vector<pack::edxml_party> all;
    for (const auto& r : *rows) {
        auto code = dotted_code(r["agency_code"], place("receivers.agency_code", r["id"]));
        if (!code) return fail(std::move(code.error()));
        auto& p = all.emplace_back();
        p.code = std::move(*code);
        p.name = r["agency_name"];
    }
    if (all.empty())
        return fail(errc::record_invalid,
                    fmt::format("{} has no recipient for row {}", mailbox_.names().name("receivers"), id));
    return all;
}

result<std::string> mailbox_letters::content(const mailbox_row& r, std::size_t limit) {
    if (mailbox_.names().has("attachments.content")) {
        auto bytes = mailbox_.bytes("attachments.content", "WHERE {attachments.id} = ?", {r["id"]}, limit);
        if (!bytes) return fail(std::move(bytes.error()));
        if (*bytes) return std::move(**bytes);
    }
    if (!r.is_null("path")) return read_attachment_file(mailbox_.options().attachment_root, r["path"], limit);
    return fail(errc::attachment_mismatch, fmt::format("{} has neither content nor path in row {}",
                                                       mailbox_.names().name("attachments"), r["id"]));
}

result<std::vector<pack::edxml_attachment>> mailbox_letters::attached(const std::string& id) {
    auto rows = mailbox_.select("attachments", {"id", "name", "content_type", "description", "path"},
                                "WHERE {attachments.document_id} = ? ORDER BY {attachments.id}", {id});
    if (!rows) return fail(std::move(rows.error()));
    std::vector<pack::edxml_attachment> all;
    auto room = mailbox_.options().most_attached;
    for (const auto& r : *rows) {
        if (r.is_null("name")) return fail(errc::record_invalid, place("attachments.name", r["id"]) + " is empty");
        auto bytes = content(r, room);
        if (!bytes) return fail(std::move(bytes.error()));
        room -= bytes->size();
        auto& a = all.emplace_back();
        a.name = r["name"];
        a.content_type = r.is_null("content_type") ? "application/octet-stream" : r["content_type"];
        a.description = r.is_null("description") ? r["name"] : r["description"];
        a.bytes = std::move(*bytes);
    }
    return all;
}

result<void> mailbox_letters::is_open(const mailbox_row& marked, const std::string& id) const {
    const auto& o = mailbox_.options();
    if (!o.names.has("outbox.secrecy")) return {};
    auto ok = o.words.may_leave(marked["secrecy"], {});
    if (!ok && trim(marked["secrecy"], blanks).empty())
        return fail(errc::secret_document, place("outbox.secrecy", id) + " is empty");
    return ok;
}

result<pack::edxml_document> mailbox_letters::document(const std::string& id) {
    const auto& o = mailbox_.options();
    const auto marked = row("outbox", secrecy_columns, id);
    if (!marked) return fail(marked.error());
    const auto& status = (*marked)["status"]; // an error is tried again where somebody asks for it
    if (status != o.names.state("pending") && status != o.names.state("error"))
        return fail(errc::record_invalid, fmt::format("row {} of {} waits no more", id, o.names.name("outbox")));
    if (auto ok = is_open(*marked, id); !ok) return fail(std::move(ok.error()));
    const auto r = row("outbox", document_columns, id);
    if (!r) return fail(r.error());
    if (auto ok = o.words.may_leave(o.words.not_secret.front(), (*r)["subject"]); !ok)
        return fail(std::move(ok.error()));
    pack::edxml_document d;
    auto from = sender(*r, id);
    if (!from) return fail(std::move(from.error()));
    d.from = std::move(*from);
    if (auto ok = head(*r, id, d); !ok) return fail(std::move(ok.error()));
    auto to = recipients(id);
    if (!to) return fail(std::move(to.error()));
    d.to = std::move(*to);
    auto files = attached(id);
    if (!files) return fail(std::move(files.error()));
    d.attachments = std::move(*files);
    if (d.document_id.empty()) d.document_id = d.usual_document_id();
    return d;
}

result<std::string> mailbox_letters::document_id(const std::string& id) {
    const auto r =
        row("outbox", {"sender_code", "sender_name", "document_id", "number", "notation", "promulgated"}, id);
    if (!r) return fail(r.error());
    if (!r->is_null("document_id")) return (*r)["document_id"];
    auto from = sender(*r, id);
    if (!from) return fail(std::move(from.error()));
    pack::edxml_document d;
    d.from = std::move(*from);
    d.number = (*r)["number"];
    d.notation = (*r)["notation"];
    d.promulgated = returned_day((*r)["promulgated"]);
    return d.usual_document_id();
}

result<pack::edxml_status> mailbox_letters::about_incoming(const std::string& id) {
    const auto r = row("inbox", incoming_columns, id);
    if (!r) return fail(r.error());
    auto from = own_agency((*r)["recipient_code"], place("inbox.recipient_code", id));
    if (!from) return fail(std::move(from.error()));
    auto to = dotted_code((*r)["sender_code"], place("inbox.sender_code", id));
    if (!to) return fail(std::move(to.error()));
    pack::edxml_status s;
    s.from = std::move(*from);
    s.about = {std::move(*to), code_of(*r), returned_day((*r)["promulgated"]), (*r)["document_id"]};
    s.time = pack::edxml_time(context_.clock.now());
    // Of an answer to a recall; a status that a clerk set says otherwise.
    const bool given_back = (*r)["state"] == mailbox_.names().state("recalled");
    s.status_code = given_back ? "15" : "16";
    s.description = (*r)["answer_reason"];
    return s;
}

result<pack::edxml_status> mailbox_letters::status(const std::string& id) {
    const auto r =
        row("statuses",
            {"incoming_id", "status_code", "reason", "department", "staff", "mobile", "email", "reported_at"}, id);
    if (!r) return fail(r.error());
    if (r->is_null("incoming_id")) return fail(errc::record_invalid, place("statuses.incoming_id", id) + " is empty");
    auto s = about_incoming((*r)["incoming_id"]);
    if (!s) return s;
    auto code = mailbox_.options().words.status_to_edxml((*r)["status_code"]);
    if (!code)
        return fail(errc::record_invalid, fmt::format("{} has the unknown status '{}'",
                                                      place("statuses.status_code", id), (*r)["status_code"]));
    s->status_code = std::move(*code);
    s->description = (*r)["reason"];
    if (s->status_code == "02" && trim(s->description, blanks).empty())
        return fail(errc::reason_missing, place("statuses.reason", id) + " is empty");
    s->staff = {(*r)["department"], (*r)["staff"], (*r)["mobile"], (*r)["email"]};
    auto time = moment_to_edxml(day_text((*r)["reported_at"]), place("statuses.reported_at", id));
    if (!time) return fail(std::move(time.error()));
    if (!time->empty()) s->time = std::move(*time);
    return s;
}

result<pack::edxml_status> mailbox_letters::recall_answer(const std::string& id) {
    auto s = about_incoming(id);
    if (s && s->description.empty())
        s->description = s->status_code == "15" ? "Đồng ý trả lại văn bản" : "Không đồng ý trả lại văn bản";
    return s;
}

result<pack::edxml_status> mailbox_letters::recall(const std::string& receiver) {
    const auto to = row("receivers", {"document_id", "agency_code"}, receiver);
    if (!to) return fail(to.error());
    const auto id = (*to)["document_id"];
    const auto r = row(
        "outbox",
        {"sender_code", "sender_name", "number", "notation", "promulgated", "recall_reason", "sent_document_id"}, id);
    if (!r) return fail(r.error());
    auto from = sender(*r, id);
    if (!from) return fail(std::move(from.error()));
    auto code = dotted_code((*to)["agency_code"], place("receivers.agency_code", receiver));
    if (!code) return fail(std::move(code.error()));
    pack::edxml_status s;
    s.from = std::move(*from);
    s.about = {std::move(*code), code_of(*r), returned_day((*r)["promulgated"]), (*r)["sent_document_id"]};
    s.status_code = "13";
    s.description = r->is_null("recall_reason") ? "Lấy lại văn bản" : (*r)["recall_reason"];
    s.time = pack::edxml_time(context_.clock.now());
    return s;
}

} // namespace truc::tdoffice
