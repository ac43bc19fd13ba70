#include "mailbox_names.hpp"

#include <truc/base/utf8.hpp>

#include <algorithm>
#include <span>

namespace truc::tdoffice {

namespace {

struct column {
    std::string_view word;
    std::string_view name;
    bool optional = true;
};

constexpr bool needed = false;
constexpr std::size_t longest_name = 128;

constexpr column outbox[] = {
    {"id", "id", needed},
    {"status", "status", needed},
    {"error_text", "error_text", needed},
    {"sender_code", "sender_code"},
    {"sender_name", "sender_name"},
    {"document_id", "document_id"},
    {"number", "number", needed},
    {"notation", "notation", needed},
    {"place", "place"},
    {"promulgated", "promulgation_date", needed},
    {"type", "document_type"},
    {"type_name", "type_name"},
    {"subject", "subject", needed},
    {"content", "content"},
    {"signer_competence", "signer_competence"},
    {"signer_position", "signer_position"},
    {"signer_name", "signer_name"},
    {"due_date", "due_date"},
    {"priority", "priority"},
    {"secrecy", "do_mat"},
    {"promulgation_amount", "promulgation_amount"},
    {"page_amount", "page_amount"},
    {"department", "department"},
    {"staff", "staff"},
    {"mobile", "mobile"},
    {"email", "email"},
    {"reply_agency", "reply_agency"},
    {"reply_code", "reply_code"},
    {"reply_date", "reply_date"},
    {"reply_document_id", "reply_document_id"},
    {"recall_reason", "recall_reason"},
    {"sent_document_id", "sent_document_id", needed},
    {"sent_at", "sent_at", needed},
    {"truc_id", "truc_id"},
};

constexpr column receivers[] = {
    {"id", "id", needed},
    {"document_id", "document_id", needed},
    {"agency_code", "organ_code", needed},
    {"agency_name", "organ_name"},
    {"send_status", "send_status"},
    {"handed_over_at", "handed_over_at"},
    {"error_text", "error_text"},
    {"state", "state", needed},
    {"status", "status"},
    {"status_code", "status_code", needed},
    {"status_reason", "status_reason"},
    {"status_at", "status_at"},
    {"recall_status", "recall_status", needed},
    {"recall_round", "recall_round", needed},
};

constexpr column inbox[] = {
    {"id", "id", needed},
    {"delivery_id", "delivery_id", needed},
    {"truc_id", "truc_id"},
    {"document_id", "document_id", needed},
    {"sender_code", "sender_code", needed},
    {"sender_name", "sender_name"},
    {"recipient_code", "recipient_code", needed},
    {"number", "number", needed},
    {"notation", "notation", needed},
    {"place", "place"},
    {"promulgated", "promulgation_date", needed},
    {"type", "document_type"},
    {"type_name", "type_name"},
    {"subject", "subject", needed},
    {"content", "content"},
    {"signer_competence", "signer_competence"},
    {"signer_position", "signer_position"},
    {"signer_name", "signer_name"},
    {"due_date", "due_date"},
    {"priority", "priority"},
    {"promulgation_amount", "promulgation_amount"},
    {"page_amount", "page_amount"},
    {"department", "department"},
    {"staff", "staff"},
    {"mobile", "mobile"},
    {"email", "email"},
    {"reply_agency", "reply_agency"},
    {"reply_code", "reply_code"},
    {"reply_date", "reply_date"},
    {"reply_document_id", "reply_document_id"},
    {"received_at", "received_at"},
    {"state", "state", needed},
    {"recall_delivery", "recall_delivery", needed},
    {"recall_reason", "recall_reason"},
    {"recall_answer", "recall_answer", needed},
    {"answer_reason", "answer_reason"},
    {"error_text", "error_text"},
    {"edxml", "edxml"},
};

constexpr column attachments[] = {
    {"id", "id", needed},
    {"document_id", "document_id", needed},
    {"incoming_id", "incoming_id", needed},
    {"name", "name", needed},
    {"content_type", "content_type"},
    {"description", "description"},
    {"content", "content"},
    {"path", "path"},
};

constexpr column statuses[] = {
    {"id", "id", needed},
    {"direction", "direction"},
    {"document_id", "document_id", needed},
    {"incoming_id", "incoming_id", needed},
    {"about_document_id", "about_document_id"},
    {"agency_code", "agency_code"},
    {"status_code", "status_code", needed},
    {"status", "status"},
    {"reason", "reason"},
    {"department", "department"},
    {"staff", "staff"},
    {"mobile", "mobile"},
    {"email", "email"},
    {"reported_at", "reported_at"},
    {"send_status", "send_status", needed},
    {"error_text", "error_text", needed},
    {"delivery_id", "delivery_id", needed},
    {"truc_id", "truc_id"},
};

struct state_number {
    std::string_view word;
    std::string_view number;
};

constexpr state_number states[] = {
    {"pending", "0"},          {"sent", "1"},       {"error", "-1"},
    {"recall", "13"},          {"recalling", "14"}, // of an outgoing document
    {"not_received", "0"},     {"received", "1"},   {"returned", "3"},
    {"recall_requested", "4"}, {"recalled", "5"},
};

/// Calls f(table, default name, columns) for each of the mailbox.
template <class F>
void for_each_table(F f) {
    f("outbox", "document_senders", std::span<const column>(outbox));
    f("receivers", "document_receivers", std::span<const column>(receivers));
    f("inbox", "incoming_documents", std::span<const column>(inbox));
    f("attachments", "document_attachments", std::span<const column>(attachments));
    f("statuses", "document_status", std::span<const column>(statuses));
}

std::string word_of(std::string_view table, std::string_view column) {
    return std::string(table) + "." + std::string(column);
}

bool is_column_name(std::string_view text) { return is_sql_name(text) && text.find('.') == text.npos; }
bool is_column_name_or_none(std::string_view text) { return text.empty() || is_column_name(text); }

bool is_state(std::string_view text) {
    const auto digits = text.starts_with('-') ? text.substr(1) : text;
    return !digits.empty() && digits.size() < 10 &&
           std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
}

std::string in_quotes(std::string_view name, char quote) {
    if (quote == ' ') return std::string(name);
    std::string out(1, quote);
    for (const char c : name)
        if (c == '.')
            out.append({quote, '.', quote});
        else
            out += c;
    return out + quote;
}

} // namespace

bool is_sql_name(std::string_view text) {
    if (text.empty() || text.size() > longest_name || !is_utf8(text)) return false;
    if (text.front() == '.' || text.back() == '.' || text.find("..") != text.npos) return false;
    return std::ranges::all_of(text, [](char c) {
        const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return word || (c & 0x80) != 0 || std::string_view("_$# .").find(c) != std::string_view::npos;
    });
}

mailbox_names::mailbox_names() {
    for_each_table([&](std::string_view table, std::string_view name, std::span<const column> columns) {
        names_.emplace(table, name);
        for (const auto& c : columns) names_.emplace(word_of(table, c.word), c.name);
    });
    for (const auto& s : states) states_.emplace(s.word, s.number);
}

void mailbox_names::read(settings& database) {
    for_each_table([&](std::string_view table, std::string_view, std::span<const column> columns) {
        auto part = database.table(table);
        part.read_text("table", names_.find(table)->second, false, is_sql_name, "the name of a table");
        for (const auto& c : columns)
            part.read_text(c.word, names_.find(word_of(table, c.word))->second, false,
                           c.optional ? is_column_name_or_none : is_column_name, "the name of a column");
    });
    auto part = database.table("states");
    for (const auto& s : states)
        part.read_text(s.word, states_.find(s.word)->second, false, is_state, "a whole number, as a text");
    if (!has("attachments.content") && !has("attachments.path"))
        database.refuse("attachments", "a column for content, for path, or both");
}

const std::string& mailbox_names::name(std::string_view word) const { return names_.find(word)->second; }
const std::string& mailbox_names::state(std::string_view word) const { return states_.find(word)->second; }

std::string mailbox_names::sql(std::string_view text, char quote) const {
    std::string out;
    for (auto open = text.find('{'); open != text.npos; open = text.find('{')) {
        const auto close = text.find('}', open);
        const auto& found = name(text.substr(open + 1, close - open - 1));
        out += text.substr(0, open);
        out += found.empty() ? "NULL" : in_quotes(found, quote);
        text.remove_prefix(close + 1);
    }
    return out + std::string(text);
}

} // namespace truc::tdoffice
