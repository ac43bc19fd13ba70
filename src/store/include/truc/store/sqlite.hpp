#pragma once
/// A thin, typed skin over SQLite. Failures are exceptions here (sqlite_error) because they are never expected ones;
/// the writer and the reader turn them into results. One connection belongs to one thread at a time.

#include <truc/base/bytes.hpp>
#include <truc/base/uuid.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <sqlite3.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

namespace truc::store {

class sqlite_error : public std::runtime_error {
  public:
    sqlite_error(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
    int code() const { return code_; }
    bool is_full() const { return (code_ & 0xff) == SQLITE_FULL; }

  private:
    int code_;
};

class connection;

/// A prepared statement during one use: bind in order, step, read columns in order; reset when it goes out of scope.
class statement {
  public:
    statement(sqlite3* db, sqlite3_stmt* stmt) : db_(db), stmt_(stmt) {}
    statement(statement&& o) noexcept : db_(o.db_), stmt_(o.stmt_), next_(o.next_) { o.stmt_ = nullptr; }
    statement(const statement&) = delete;
    ~statement();

    /// Bound text and blobs must live until the statement is reset.
    statement& bind(std::int64_t value);
    statement& bind(std::string_view text);
    statement& bind_blob(std::string_view bytes);
    statement& bind(const uuid& id) { return bind_blob(id.view()); }
    statement& bind(const sha256_digest& d) { return bind_blob(d.view()); }
    statement& bind_null();
    template <class E>
    requires std::is_enum_v<E> statement& bind(E value) { return bind(static_cast<std::int64_t>(value)); }

    /// By number, for texts put together from parts; a number that the text does not use is passed over.
    statement& bind_at(int index, std::int64_t value);
    statement& bind_at(int index, std::string_view text);

    /// True while there is a row.
    bool step();
    /// For statements without rows.
    void run() { step(); }

    std::int64_t integer(int column) const { return sqlite3_column_int64(stmt_, column); }
    bool is_null(int column) const { return sqlite3_column_type(stmt_, column) == SQLITE_NULL; }
    std::string_view text(int column) const;
    std::string_view blob(int column) const;
    uuid id(int column) const { return *uuid::from_bytes(blob(column)); }
    sha256_digest digest(int column) const { return *sha256_digest::from_bytes(blob(column)); }
    /// Milliseconds since 1970; nullopt of NULL.
    std::optional<timestamp> moment(int column) const {
        if (is_null(column)) return std::nullopt;
        return from_millis(integer(column));
    }
    template <class E>
    E enumeration(int column) const {
        return static_cast<E>(integer(column));
    }

  private:
    void check(int code) const;

    sqlite3* db_;
    sqlite3_stmt* stmt_;
    int next_ = 1;
};

/// An open database with its prepared statements, kept by their text. A text in use must not be prepared a second time.
class connection {
  public:
    enum class mode { writer, reader };
    connection(const std::filesystem::path& file, mode m);

    statement prepare(std::string_view sql);
    void execute(const char* sql);
    std::int64_t last_id() const { return sqlite3_last_insert_rowid(db_.get()); }
    int changes() const { return sqlite3_changes(db_.get()); }
    sqlite3* get() const { return db_.get(); }

  private:
    struct close_db {
        void operator()(sqlite3* p) const { sqlite3_close_v2(p); }
    };
    struct finalize {
        void operator()(sqlite3_stmt* p) const { sqlite3_finalize(p); }
    };
    std::unique_ptr<sqlite3, close_db> db_;
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, finalize>, text_hash, std::equal_to<>> statements_;
};

} // namespace truc::store
