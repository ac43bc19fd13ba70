#include "mailbox.hpp"

#include <truc/base/ascii.hpp>
#include <truc/pack/edxml_record.hpp>
#include <truc/trust/private_file.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace truc::tdoffice {

namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

/// Status numbers of the mailbox beside the codes of edXML, as document systems with such tables write them: they
/// know 1 received, 2 assigned, 3 at work or done, 5 returned.
vocabulary database_vocabulary() {
    vocabulary v;
    v.statuses_in = {{"01", "1"}, {"03", "1"}, {"04", "2"}, {"05", "3"}, {"06", "3"}, {"02", "5"}};
    v.statuses_out.insert({{"1", "03"}, {"2", "04"}, {"3", "05"}, {"5", "02"}});
    // A column that nobody filled does not say that a document may leave.
    std::erase(v.not_secret, "");
    return v;
}

void read_times(settings& s, mailbox_options& o) {
    s.read_number("login_timeout_seconds", o.odbc.login, 1, 300);
    s.read_number("statement_timeout_seconds", o.odbc.statement, 1, 3'600);
    s.read_number("lock_wait_milliseconds", o.odbc.lock_wait, 1, 60'000);
    s.read_number("poll_milliseconds", o.poll, 100, 3'600'000);
}

std::string read_connection_string(settings& s) {
    std::filesystem::path file;
    s.read_path("connection_string_file", file, true, settings::is::file);
    if (file.empty()) return {};
    const auto text = trust::read_private_file(file);
    if (!text) {
        s.refuse("connection_string_file", "a file with a connection string: " + text.error().what);
        return {};
    }
    return std::string(trim(*text, " \t\r\n"));
}

bool exists(std::string_view edxml_day) {
    const auto day = day_from_edxml(edxml_day);
    return day && day->ok();
}

std::string with_dashes(std::string_view day) {
    std::string out(day);
    std::ranges::replace(out, '/', '-');
    return out;
}

} // namespace

mailbox_options::mailbox_options(settings& s)
    : connection_string(read_connection_string(s)), words(database_vocabulary()) {
    read_times(s, *this);
    names.read(s);
    auto maps = s.table("vocabulary");
    words.read(maps);
    s.read("date_columns", date_columns);
    s.read_path("attachment_root", attachment_root, false, settings::is::directory);
    s.read("incoming_as_files", incoming_as_files);
    if (incoming_as_files && (attachment_root.empty() || !names.has("attachments.path")))
        s.refuse("incoming_as_files", "attachment_root, and a column attachments.path");
    if (!incoming_as_files && !names.has("attachments.content"))
        s.refuse("incoming_as_files", "true, because there is no column attachments.content");
    std::size_t mebibytes = 100;
    s.read_number("largest_attachments_mib", mebibytes, 1, 1'024);
    most_attached = mebibytes * mebibyte;
    s.read_number("longest_error", longest_error, 50, 100'000);
}

std::string mailbox_options::moment(timestamp t) const {
    return date_columns ? with_dashes(pack::edxml_time(t)) : legacy_moment(t);
}

sql_value mailbox_options::moment_column(std::string_view edxml) const {
    if (edxml.empty()) return {};
    if (!date_columns) return moment_to_legacy(edxml);
    return exists(edxml.substr(0, 10)) ? sql_value(with_dashes(edxml)) : sql_value();
}

sql_value mailbox_options::day_column(std::string_view edxml) const {
    if (edxml.empty()) return {};
    if (!date_columns) return day_to_legacy(edxml);
    return exists(edxml) ? sql_value(with_dashes(edxml)) : sql_value();
}

result<odbc_transaction> mailbox::begin() {
    if (!connection_) {
        auto c = odbc_connection::open(options_.connection_string, options_.odbc);
        if (!c) return fail(std::move(c.error()));
        connection_.emplace(std::move(*c));
    }
    auto t = odbc_transaction::begin(*connection_);
    if (!t) connection_.reset();
    return t;
}

result<void> mailbox::begin_to_write() {
    if (!connection_->has_one_writer()) return {};
    const auto none =
        connection_->execute(sql("UPDATE {inbox} SET {inbox.delivery_id} = {inbox.delivery_id} WHERE 1 = 0"), {});
    if (!none) return fail(none.error());
    return {};
}

bool mailbox::again(const error& e, int tries) {
    constexpr int most_tries = 3;
    if (connection_ && connection_->collided() && tries < most_tries) return true;
    if (describe(e.code).retryable) connection_.reset();
    return false;
}

result<std::vector<mailbox_row>> mailbox::select(std::string_view table, const words& columns, std::string_view where,
                                                 const std::vector<sql_value>& parameters, std::size_t most) {
    std::string list;
    for (const auto c : columns) list += fmt::format("{}{{{}.{}}}", list.empty() ? "" : ", ", table, c);
    auto rows = connection_->query(sql(fmt::format("SELECT {} FROM {{{}}} {}", list, table, where)), parameters, most);
    if (!rows) return fail(std::move(rows.error()));
    std::vector<mailbox_row> all;
    for (;;) {
        const auto more = rows->next();
        if (!more) return fail(more.error());
        if (!*more) return all;
        auto& row = all.emplace_back();
        for (const auto c : columns) {
            auto text = rows->text();
            if (!text) return fail(std::move(text.error()));
            row.set(c, std::move(*text).value_or(std::string()));
        }
    }
}

result<std::optional<std::string>> mailbox::bytes(std::string_view column, std::string_view where,
                                                  const std::vector<sql_value>& parameters, std::size_t limit) {
    const auto table = column.substr(0, column.find('.'));
    auto rows = connection_->query(sql(fmt::format("SELECT {{{}}} FROM {{{}}} {}", column, table, where)), parameters);
    if (!rows) return fail(std::move(rows.error()));
    const auto found = rows->next();
    if (!found) return fail(found.error());
    if (!*found) return std::optional<std::string>();
    return rows->bytes(limit);
}

result<void> mailbox::insert(std::string_view table, const assignments& values) {
    std::string columns, holes;
    std::vector<sql_value> parameters;
    for (const auto& a : values) {
        const auto word = fmt::format("{}.{}", table, a.column);
        if (!names().has(word)) continue;
        columns += fmt::format("{}{{{}}}", columns.empty() ? "" : ", ", word);
        holes += holes.empty() ? "?" : ", ?";
        parameters.push_back(a.value);
    }
    const auto done = connection_->execute(
        sql(fmt::format("INSERT INTO {{{}}} ({}) VALUES ({})", table, columns, holes)), parameters);
    if (!done) return fail(done.error());
    return {};
}

result<std::size_t> mailbox::update(std::string_view table, const assignments& values, std::string_view where,
                                    const std::vector<sql_value>& parameters) {
    std::string sets;
    std::vector<sql_value> all;
    for (const auto& a : values) {
        const auto word = fmt::format("{}.{}", table, a.column);
        if (!names().has(word)) continue;
        sets += fmt::format("{}{{{}}} = ?", sets.empty() ? "" : ", ", word);
        all.push_back(a.value);
    }
    if (sets.empty()) return std::size_t{0};
    all.insert(all.end(), parameters.begin(), parameters.end());
    return connection_->execute(sql(fmt::format("UPDATE {{{}}} SET {} {}", table, sets, where)), all);
}

} // namespace truc::tdoffice
