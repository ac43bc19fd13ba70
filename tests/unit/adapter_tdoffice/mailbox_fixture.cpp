#include "mailbox_fixture.hpp"

#include <truc/base/durable.hpp>

#include <fmt/format.h>

#include <sstream>

namespace truc::test {

namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

/// The statements of conf/tdoffice-mailbox.sql as SQLite has them.
std::vector<std::string> schema() {
    std::istringstream lines(*read_file(std::filesystem::path(TRUC_SOURCE_DIR) / "conf/tdoffice-mailbox.sql"));
    std::string all, line;
    while (std::getline(lines, line)) all += line.substr(0, line.find("--")) + "\n";
    replace_all(all, "bigserial PRIMARY KEY", "INTEGER PRIMARY KEY");
    replace_all(all, "bytea", "BLOB");
    std::vector<std::string> statements;
    for (auto end = all.find(';'); end != std::string::npos; all.erase(0, end + 1), end = all.find(';'))
        statements.push_back(all.substr(0, end));
    return statements;
}

} // namespace

mailbox_case::mailbox_case(const std::string& more)
    : database_(dir_.path() / "td.db"), context_{"thuannam",  {{"000.00.36.H43", "UBND huyện Thuận Nam"}},
                                                 dir_.path(), clock_,
                                                 metrics_,    {}} {
    EXPECT_TRUE(write_file(dir_.path() / "odbc", connection_string() + "\n", 0600));
    EXPECT_TRUE(write_file(dir_.path() / "adapter.toml", "[database]\nconnection_string_file = \"odbc\"\n" + more));
    auto file = settings::load(dir_.path() / "adapter.toml", "docs");
    system_ = tdoffice::make_database(file->table("database"), context_);
    const auto finished = file->finish();
    EXPECT_TRUE(finished) << (finished ? "" : finished.error().what);
    auto c = tdoffice::odbc_connection::open(connection_string(), {});
    EXPECT_TRUE(c) << c.error().what;
    clerk_.emplace(std::move(*c));
    for (const auto& statement : schema()) run(statement);
}

void mailbox_case::run(const std::string& sql) {
    const auto done = clerk_->execute(sql, {});
    EXPECT_TRUE(done) << sql << ": " << done.error().what;
}

std::string mailbox_case::ask(const std::string& rest, int columns) {
    auto rows = clerk_->query("SELECT " + rest, {});
    if (!rows) return rows.error().what;
    if (const auto found = rows->next(); !found || !*found) return "none";
    std::string all;
    for (int i = 0; i < columns; ++i) all += (i ? "|" : "") + rows->text()->value_or("-");
    return all;
}

void mailbox_case::write_document(int id, const std::string& subject) {
    run(fmt::format("INSERT INTO document_receivers (document_id, organ_code, organ_name) VALUES "
                    "({0}, '000-00-01-H43', 'Sở Nội vụ'), ({0}, '000.00.02.H43', 'Sở Y tế')",
                    id));
    run(fmt::format("INSERT INTO document_attachments (document_id, name, content_type, content) VALUES "
                    "({}, 'công văn.pdf', 'application/pdf', x'255044460001ff')",
                    id));
    run(fmt::format(
        "INSERT INTO document_senders (id, number, notation, place, promulgation_date, subject, signer_name, "
        "due_date, priority) VALUES ({0}, '{0}', 'UBND-VP', 'Thuận Nam', '20/11/2026', '{1}', "
        "'Nguyễn Văn Bình', '2026-12-01', 'Khẩn')",
        id, subject));
}

void mailbox_case::write_incoming(int id) {
    run(fmt::format(
        "INSERT INTO incoming_documents (id, delivery_id, document_id, sender_code, recipient_code, number, "
        "notation, promulgation_date, subject, received_at) VALUES ({0}, 'd{0}', 'their-{0}', "
        "'000-00-01-H43', '000-00-36-H43', '7', 'SNV', '30/02/2026', 'V/v', '')",
        id));
}

std::vector<std::string> mailbox_case::listed(std::size_t max) {
    const auto all = system_.outbox->list(max);
    EXPECT_TRUE(all) << all.error().what;
    std::vector<std::string> keys;
    if (all)
        for (const auto& item : *all) keys.push_back(item.key);
    return keys;
}

pack::edxml_document mailbox_case::document(const std::string& key) {
    const auto bytes = system_.outbox->load(key);
    EXPECT_TRUE(bytes) << bytes.error().what;
    return bytes ? std::get<pack::edxml_document>(*pack::read_edxml(*bytes)) : pack::edxml_document();
}

pack::edxml_status mailbox_case::status(const std::string& key) {
    const auto bytes = system_.outbox->load(key);
    EXPECT_TRUE(bytes) << bytes.error().what;
    return bytes ? std::get<pack::edxml_status>(*pack::read_edxml(*bytes)) : pack::edxml_status();
}

error mailbox_case::refusal(const std::string& key) {
    const auto bytes = system_.outbox->load(key);
    EXPECT_FALSE(bytes);
    return bytes ? error(errc::internal) : bytes.error();
}

void mailbox_case::report(const std::string& key, stage s, const std::string& recipient, const std::string& text) {
    adapter::outgoing_report r;
    r.key = key;
    r.reached = s;
    r.recipient = recipient;
    r.dispatch_id = s == stage::refused ? "" : "0190b5a0-0000-7000-8000-000000000001";
    r.text = text;
    r.code = text.empty() ? "" : "record_invalid";
    r.at = clock_.now();
    const auto told = system_.outbox->report(r);
    EXPECT_TRUE(told) << told.error().what;
}

result<std::string> mailbox_case::deliver(const pack::edxml_record& r, const uuid& delivery) {
    adapter::incoming_item item;
    item.delivery_id = delivery;
    item.dispatch_id = uuid::make(clock_.now());
    item.to = "000.00.36.H43";
    if (const auto* d = std::get_if<pack::edxml_document>(&r)) {
        item.document_id = d->document_id;
        item.from = d->from.code;
        item.priority = d->priority;
        item.edxml = *pack::write_edxml(*d);
    } else {
        const auto& s = std::get<pack::edxml_status>(r);
        item.kind = dispatch_kind::status;
        item.document_id = s.about.document_id;
        item.from = s.from.code;
        item.edxml = pack::write_edxml(s);
    }
    return system_.inbox->deliver(item);
}

} // namespace truc::test
