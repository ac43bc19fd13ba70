#pragma once
/// The ODBC C API behind four values. SOCI is not used: the BLOBs of its ODBC backend (4.0.3) are stubs, which write
/// nothing and say nothing.
///
/// Text crosses as UTF-16, the form that every driver takes whatever the locale; here it is UTF-8. One thread at a time
/// a connection. Errors: see fault_of().

#include <truc/base/result.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace truc::tdoffice {

/// A value of a parameter: nothing (NULL), text in UTF-8, or bytes, which outlive the call. Numbers are texts too: the
/// database knows the type of its column.
using sql_value = std::variant<std::monostate, std::string, std::string_view>;

/// What a driver's diagnostic means. Of the item: classes 21, 22 and 23 (the row does not fit the table) are
/// legacy_refused. All others are about the database and pass or are put right by its administrator: unreachable (08,
/// 28, 57P0x, or the connection is dead), timeout (HYT00, 57014, 55P03), not_ready (a lock, a deadlock, no room, a
/// table that is not there). `native`: SQLite's driver says HY000 for nearly everything, and its result code here.
errc fault_of(std::string_view state, std::int32_t native, bool sqlite);

class odbc_rows;

/// A connection. Outside of a transaction each statement is one of its own.
///
/// Lifecycle: move only; closing rolls back.
class odbc_connection {
  public:
    struct options {
        std::chrono::seconds login{10};
        std::chrono::seconds statement{30};         ///< at most so long for one statement
        std::chrono::milliseconds lock_wait{2'000}; ///< for a row that the legacy program holds, where the database can
    };
    /// `text` is the driver's connection string; it is neither kept nor logged.
    static result<odbc_connection> open(const std::string& text, const options& o);
    odbc_connection(odbc_connection&&) noexcept;
    odbc_connection& operator=(odbc_connection&&) noexcept;
    ~odbc_connection();

    /// `SELECT …`; a `?` for each parameter. `most`: rows, 0 for all of them; said in the dialect of the database.
    result<odbc_rows> query(const std::string& sql, const std::vector<sql_value>& parameters, std::size_t most = 0);
    /// Anything else. Returns how many rows it touched.
    result<std::size_t> execute(const std::string& sql, const std::vector<sql_value>& parameters);

    char quote() const; ///< around identifiers
    /// The last transaction failed because it met another one (a deadlock, a serialization failure, SQLite's lock): it
    /// may do when it is run again at once.
    bool collided() const;
    /// Whether one transaction at a time may write, as in SQLite.
    bool has_one_writer() const;

  private:
    friend class odbc_transaction;
    friend class odbc_rows;
    struct state;
    struct statement;
    explicit odbc_connection(std::unique_ptr<state> s);
    result<std::unique_ptr<statement>> run(const std::string& sql, const std::vector<sql_value>& parameters);
    result<void> set_autocommit(bool on);
    result<void> end(bool commit);

    std::unique_ptr<state> state_;
};

/// What a query found, row by row. The columns of a row are read in order, each once. Lives no longer than its
/// connection; while it lives no other statement runs there.
class odbc_rows {
  public:
    odbc_rows(odbc_rows&&) noexcept;
    ~odbc_rows();

    result<bool> next();
    /// NULL is nullopt. Error: too_large beyond `limit` bytes; it is read piece by piece, never more than that.
    result<std::optional<std::string>> text(std::size_t limit = std::size_t{1} << 20);
    result<std::optional<std::string>> bytes(std::size_t limit);

  private:
    friend class odbc_connection;
    explicit odbc_rows(std::unique_ptr<odbc_connection::statement> s);
    template <class Unit>
    result<std::optional<std::basic_string<Unit>>> read(int as, std::size_t limit);

    std::unique_ptr<odbc_connection::statement> statement_;
    std::uint16_t column_ = 0;
};

/// Statements that take effect together. Destruction without commit() rolls back.
class odbc_transaction {
  public:
    static result<odbc_transaction> begin(odbc_connection& c);
    odbc_transaction(odbc_transaction&& o) noexcept : connection_(o.connection_) { o.connection_ = nullptr; }
    ~odbc_transaction();
    /// An error leaves open whether it took effect.
    result<void> commit();

  private:
    explicit odbc_transaction(odbc_connection& c) : connection_(&c) {}
    odbc_connection* connection_;
};

} // namespace truc::tdoffice
