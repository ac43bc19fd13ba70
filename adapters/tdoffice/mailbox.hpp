#pragma once
/// The tables of the mailbox: what is configured, the connection of one side, rows by the words of mailbox_names.

#include "mailbox_names.hpp"
#include "mapping.hpp"
#include "odbc.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace truc::tdoffice {

/// [database] of the configuration.
struct mailbox_options {
    /// Reads everything and finds the first fault; contacts nobody.
    explicit mailbox_options(settings& s);

    std::string connection_string; ///< secret
    odbc_connection::options odbc;
    std::chrono::milliseconds poll{1'000};
    mailbox_names names;
    vocabulary words;
    bool date_columns = false;             ///< days and moments stand in columns of such types, not as dd/MM/yyyy
    std::filesystem::path attachment_root; ///< where paths of attachments count from; empty: no paths
    bool incoming_as_files = false;        ///< attachments of incoming documents go below attachment_root
    std::size_t most_attached = 0;         ///< bytes of one document's attachments together
    std::size_t longest_error = 1'000;     ///< characters of the columns error_text

    std::string moment(timestamp t) const; ///< for a column
    sql_value
    moment_column(std::string_view edxml) const; ///< yyyy/MM/dd HH:mm:ss; what a typed column cannot hold: NULL
    sql_value day_column(std::string_view edxml) const;
};

/// A row as texts; NULL reads as empty.
class mailbox_row {
  public:
    const std::string& operator[](std::string_view word) const { return values_.find(word)->second; }
    bool is_null(std::string_view word) const { return values_.find(word)->second.empty(); }
    void set(std::string_view word, std::string value) {
        values_.insert_or_assign(std::string(word), std::move(value));
    }

  private:
    std::map<std::string, std::string, std::less<>> values_;
};

using words = std::vector<std::string_view>;

/// A column and what is written there; left out where the installation has no such column.
struct assignment {
    std::string_view column;
    sql_value value;
};
using assignments = std::vector<assignment>;

/// The connection of one side, made when it is needed and given up when it fails. `where` texts are SQL for
/// mailbox_names::sql(). One thread.
class mailbox {
  public:
    explicit mailbox(const mailbox_options& o) : options_(o) {}

    const mailbox_options& options() const { return options_; }
    const mailbox_names& names() const { return options_.names; }
    sql_value state(std::string_view word) const { return names().state(word); }

    /// Runs `work` in one short transaction: all of it or nothing. One that met another transaction is run again at
    /// once, a few times. After an error that is not of the item the connection is made anew.
    template <class Work>
    auto transact(Work work) -> decltype(work()) {
        for (int tries = 1;; ++tries) {
            auto done = attempt(work);
            if (done || !again(done.error(), tries)) return done;
        }
    }

    // Within transact():
    /// Before anything is read in a transaction that writes. Where there is one writer at a time, whoever has read may
    /// not write any more once another has, and waits for it in vain: so this one becomes the writer first.
    result<void> begin_to_write();
    /// Columns of one table; `columns` are words of it: "place".
    result<std::vector<mailbox_row>> select(std::string_view table, const words& columns, std::string_view where,
                                            const std::vector<sql_value>& parameters, std::size_t most = 0);
    /// The bytes of one column of one row; nullopt when it is NULL.
    result<std::optional<std::string>> bytes(std::string_view column, std::string_view where,
                                             const std::vector<sql_value>& parameters, std::size_t limit);
    result<void> insert(std::string_view table, const assignments& values);
    /// How many rows it changed.
    result<std::size_t> update(std::string_view table, const assignments& values, std::string_view where,
                               const std::vector<sql_value>& parameters);

  private:
    /// The transaction ends in here, before again() may take its connection away.
    template <class Work>
    auto attempt(Work& work) -> decltype(work()) {
        auto t = begin();
        if (!t) return fail(std::move(t.error()));
        auto done = work();
        if (!done) return done;
        if (auto ok = t->commit(); !ok) return fail(std::move(ok.error()));
        return done;
    }
    result<odbc_transaction> begin();
    bool again(const error& e, int tries);
    std::string sql(std::string_view text) const { return names().sql(text, connection_->quote()); }

    const mailbox_options& options_;
    std::optional<odbc_connection> connection_;
};

} // namespace truc::tdoffice
