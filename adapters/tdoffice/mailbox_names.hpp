#pragma once
/// What an installation calls the tables and columns of the mailbox, and which numbers it writes for states. Defaults
/// are those of conf/tdoffice-mailbox.sql; docs/adapters-database.md explains each.

#include <truc/base/settings.hpp>

#include <map>
#include <string>
#include <string_view>

namespace truc::tdoffice {

/// Names come from the configuration and become part of SQL: each is checked when it is read, and quoted where it is
/// used. Values never become part of SQL.
class mailbox_names {
  public:
    mailbox_names();

    /// Reads the tables [outbox], [receivers], [inbox], [attachments], [statuses] (`table` and a name for each column;
    /// "" for an optional one that the installation does not have) and [states].
    void read(settings& database);

    /// Whether the installation has the column, "outbox.place".
    bool has(std::string_view word) const { return !name(word).empty(); }
    /// As it is written in the database, for people; empty for a column that is not there.
    const std::string& name(std::string_view word) const;
    /// The number of a state, "sent".
    const std::string& state(std::string_view word) const;

    /// SQL in which {outbox} and {outbox.place} stand for names: they are put in, quoted. A column that is not there
    /// becomes NULL.
    std::string sql(std::string_view text, char quote) const;

  private:
    std::map<std::string, std::string, std::less<>> names_;
    std::map<std::string, std::string, std::less<>> states_;
};

/// Letters, digits, '_', '$', '#', blank; parts joined by '.', at most 128 bytes: fit to be quoted.
bool is_sql_name(std::string_view text);

} // namespace truc::tdoffice
