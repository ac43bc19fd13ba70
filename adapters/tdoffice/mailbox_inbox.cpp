#include "mailbox_inbox.hpp"

#include "mailbox_files.hpp"

#include <truc/model/agency_code.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace truc::tdoffice {

namespace {

constexpr std::string_view of_inbox = "WHERE {inbox.delivery_id} = ?";
constexpr std::string_view of_statuses = "WHERE {statuses.delivery_id} = ?";

sql_value text_or_null(const std::string& text) {
    if (text.empty()) return {};
    return text;
}

result<void> done(const result<std::size_t>& changed) {
    if (!changed) return fail(changed.error());
    return {};
}

bool same_agency(std::string_view a, std::string_view b) {
    const auto code = agency_code::parse(a);
    return code && code == agency_code::parse(b);
}

} // namespace

bool is_further(std::string_view status, std::string_view than) {
    static constexpr std::array<std::string_view, 7> order{"", "01", "03", "04", "05", "06", "02"};
    const auto rank = [](std::string_view s) { return std::ranges::find(order, s) - order.begin(); };
    return rank(status) < std::ssize(order) && (rank(than) == std::ssize(order) || rank(status) > rank(than));
}

result<std::string> mailbox_inbox::deliver(const adapter::incoming_item& item) {
    auto record = pack::read_edxml(item.edxml);
    if (!record) return fail(std::move(record.error()));
    if (const auto* d = std::get_if<pack::edxml_document>(&*record)) return deliver_document(item, *d);
    return deliver_status(item, std::get<pack::edxml_status>(*record));
}

result<std::string> mailbox_inbox::row_of(std::string_view table, std::string_view where, const std::string& delivery) {
    const auto rows = mailbox_.select(table, {"id"}, where, {delivery});
    if (!rows) return fail(rows.error());
    return rows->empty() ? std::string() : rows->front()["id"];
}

result<std::string> mailbox_inbox::deliver_document(const item_of& item, const pack::edxml_document& d) {
    const auto paths = write_files(item, d);
    if (!paths) return fail(paths.error());
    return mailbox_.transact([&]() -> result<std::string> {
        if (auto ok = mailbox_.begin_to_write(); !ok) return fail(std::move(ok.error()));
        const auto delivery = item.delivery_id.str();
        auto row = row_of("inbox", of_inbox, delivery);
        if (!row) return row;
        if (!row->empty()) return fmt::format("{} {}", mailbox_.names().name("inbox"), *row);
        if (auto ok = insert_document(item, d); !ok) return fail(std::move(ok.error()));
        row = row_of("inbox", of_inbox, delivery);
        if (!row) return row;
        for (std::size_t i = 0; i < d.attachments.size(); ++i)
            if (auto ok = insert_attachment(*row, d.attachments[i], (*paths)[i]); !ok)
                return fail(std::move(ok.error()));
        return fmt::format("{} {}", mailbox_.names().name("inbox"), *row);
    });
}

result<std::vector<std::string>> mailbox_inbox::write_files(const item_of& item, const pack::edxml_document& d) {
    std::vector<std::string> paths(d.attachments.size());
    if (!options_->incoming_as_files) return paths;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        auto written = write_attachment_file(options_->attachment_root, item.delivery_id, i + 1, d.attachments[i].name,
                                             d.attachments[i].bytes);
        if (!written) return fail(std::move(written.error()));
        paths[i] = std::move(*written);
    }
    return paths;
}

result<void> mailbox_inbox::insert_document(const item_of& item, const pack::edxml_document& d) {
    assignments row{
        {"delivery_id", item.delivery_id.str()},
        {"truc_id", item.dispatch_id.str()},
        {"document_id", item.document_id},
        {"sender_code", code(item.from)},
        {"sender_name", text_or_null(d.from.name)},
        {"recipient_code", code(item.to)},
        {"number", d.number},
        {"notation", d.notation},
        {"place", text_or_null(d.place)},
        {"promulgated", options_->day_column(d.promulgated)},
        {"type", text_or_null(d.type)},
        {"type_name", text_or_null(d.type_name)},
        {"subject", d.subject},
        {"content", text_or_null(d.content)},
        {"signer_competence", text_or_null(d.signer.competence)},
        {"signer_position", text_or_null(d.signer.position)},
        {"signer_name", text_or_null(d.signer.full_name)},
        {"due_date", options_->day_column(d.due_date)},
        {"priority", options_->words.priority_to_legacy(d.priority)},
        {"promulgation_amount", text_or_null(d.promulgation_amount)},
        {"page_amount", text_or_null(d.page_amount)},
        {"department", text_or_null(d.staff.department)},
        {"staff", text_or_null(d.staff.staff)},
        {"mobile", text_or_null(d.staff.mobile)},
        {"email", text_or_null(d.staff.email)},
        {"received_at", options_->moment(context_.clock.now())},
        {"state", mailbox_.state("not_received")},
        {"edxml", std::string_view(item.edxml)},
    };
    if (!d.response_for.empty()) {
        const auto& reply = d.response_for.front();
        row.push_back({"reply_agency", text_or_null(code(reply.organ_id))});
        row.push_back({"reply_code", text_or_null(reply.code)});
        row.push_back({"reply_date", options_->day_column(reply.promulgation_date)});
        row.push_back({"reply_document_id", text_or_null(reply.document_id)});
    }
    return mailbox_.insert("inbox", row);
}

result<void> mailbox_inbox::insert_attachment(const std::string& row, const pack::edxml_attachment& a,
                                              const std::string& path) {
    assignments values{{"incoming_id", row},
                       {"name", a.name},
                       {"content_type", text_or_null(a.content_type)},
                       {"description", text_or_null(a.description)}};
    if (options_->incoming_as_files)
        values.push_back({"path", path});
    else
        values.push_back({"content", std::string_view(a.bytes)});
    return mailbox_.insert("attachments", values);
}

result<std::string> mailbox_inbox::deliver_status(const item_of& item, const pack::edxml_status& s) {
    return mailbox_.transact([&]() -> result<std::string> {
        if (auto ok = mailbox_.begin_to_write(); !ok) return fail(std::move(ok.error()));
        const auto delivery = item.delivery_id.str();
        auto row = row_of("statuses", of_statuses, delivery);
        if (!row) return row;
        if (!row->empty()) return fmt::format("{} {}", mailbox_.names().name("statuses"), *row);
        std::string received;
        recipient_row of;
        if (s.status_code == "13") {
            auto found = received_document(item, s);
            if (!found) return found;
            received = std::move(*found);
        } else {
            auto found = recipient_of(s);
            if (!found) return fail(std::move(found.error()));
            of = std::move(*found);
        }
        if (auto ok = insert_status(item, s, of.document, received); !ok) return fail(std::move(ok.error()));
        auto ok = received.empty() ? note_status(of.receiver, s) : ask_back(received, item, s);
        if (!ok) return fail(std::move(ok.error()));
        row = row_of("statuses", of_statuses, delivery);
        if (!row) return row;
        return fmt::format("{} {}", mailbox_.names().name("statuses"), *row);
    });
}

result<void> mailbox_inbox::insert_status(const item_of& item, const pack::edxml_status& s, const std::string& sent,
                                          const std::string& received) {
    const auto theirs = options_->words.status_to_legacy(s.status_code);
    return mailbox_.insert("statuses", {{"direction", std::string("in")},
                                        {"document_id", text_or_null(sent)},
                                        {"incoming_id", text_or_null(received)},
                                        {"about_document_id", s.about.document_id},
                                        {"agency_code", code(s.from.code)},
                                        {"status_code", s.status_code},
                                        {"status", theirs ? sql_value(*theirs) : sql_value()},
                                        {"reason", text_or_null(s.description)},
                                        {"department", text_or_null(s.staff.department)},
                                        {"staff", text_or_null(s.staff.staff)},
                                        {"mobile", text_or_null(s.staff.mobile)},
                                        {"email", text_or_null(s.staff.email)},
                                        {"reported_at", options_->moment_column(s.time)},
                                        {"delivery_id", item.delivery_id.str()},
                                        {"truc_id", item.dispatch_id.str()}});
}

/// The latest document of that name that went to the agency. One of which this database knows nothing (it went out by
/// another door) leaves both empty: the status is kept all the same.
result<mailbox_inbox::recipient_row> mailbox_inbox::recipient_of(const pack::edxml_status& s) {
    const auto rows = mailbox_.select("receivers", {"id", "document_id", "agency_code"},
                                      "WHERE {receivers.document_id} IN (SELECT {outbox.id} FROM {outbox} WHERE "
                                      "{outbox.sent_document_id} = ?) ORDER BY {receivers.id}",
                                      {s.about.document_id});
    if (!rows) return fail(rows.error());
    recipient_row found;
    for (const auto& r : *rows)
        if (same_agency(r["agency_code"], s.from.code)) found = {r["document_id"], r["id"]};
    return found;
}

result<void> mailbox_inbox::note_status(const std::string& receiver, const pack::edxml_status& s) {
    if (receiver.empty()) return {};
    const std::string_view where = "WHERE {receivers.id} = ?";
    if (s.status_code == "15")
        return done(mailbox_.update("receivers", {{"state", mailbox_.state("recalled")}}, where, {receiver}));
    const auto rows = mailbox_.select("receivers", {"status_code", "state", "recall_round"}, where, {receiver});
    if (!rows) return fail(rows.error());
    if (rows->empty()) return {};
    const auto& now = rows->front();
    if (s.status_code == "16") { // asking once more is another round
        const auto round = std::to_string(std::strtol(now["recall_round"].c_str(), nullptr, 10) + 1);
        return done(mailbox_.update("receivers",
                                    {{"state", mailbox_.state("received")},
                                     {"recall_round", round},
                                     {"error_text", text_or_null(s.description)}},
                                    where, {receiver}));
    }
    if (!is_further(s.status_code, now["status_code"])) return {};
    const auto theirs = options_->words.status_to_legacy(s.status_code);
    assignments values{{"status_code", s.status_code},
                       {"status", theirs ? sql_value(*theirs) : sql_value()},
                       {"status_reason", text_or_null(s.description)},
                       {"status_at", options_->moment_column(s.time)}};
    if (s.status_code == "02")
        values.push_back({"state", mailbox_.state("returned")});
    else if (now["state"] == mailbox_.names().state("not_received"))
        values.push_back({"state", mailbox_.state("received")});
    return done(mailbox_.update("receivers", values, where, {receiver}));
}

result<std::string> mailbox_inbox::received_document(const item_of& item, const pack::edxml_status& s) {
    const auto rows = mailbox_.select("inbox", {"id", "sender_code", "recipient_code"},
                                      "WHERE {inbox.document_id} = ? ORDER BY {inbox.id}", {s.about.document_id});
    if (!rows) return fail(rows.error());
    std::string found;
    for (const auto& r : *rows)
        if (same_agency(r["sender_code"], s.from.code) && same_agency(r["recipient_code"], item.to)) found = r["id"];
    if (found.empty())
        return fail(errc::legacy_refused, fmt::format("{} does not have the document that is asked back ({})",
                                                      mailbox_.names().name("inbox"), s.about.document_id));
    return found;
}

result<void> mailbox_inbox::ask_back(const std::string& row, const item_of& item, const pack::edxml_status& s) {
    auto asked = mailbox_.update("inbox",
                                 {{"recall_delivery", item.delivery_id.str()},
                                  {"recall_answer", mailbox_.state("pending")},
                                  {"recall_reason", text_or_null(s.description)}},
                                 "WHERE {inbox.id} = ?", {row});
    if (!asked) return fail(std::move(asked.error()));
    // Given back already: the answer is the same as before.
    return done(mailbox_.update("inbox", {{"state", mailbox_.state("recall_requested")}},
                                "WHERE {inbox.id} = ? AND {inbox.state} <> ?", {row, mailbox_.state("recalled")}));
}

} // namespace truc::tdoffice
