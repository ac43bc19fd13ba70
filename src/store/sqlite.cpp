#include <truc/store/sqlite.hpp>

namespace truc::store {

statement::~statement() {
    if (!stmt_) return;
    sqlite3_reset(stmt_);
    sqlite3_clear_bindings(stmt_);
}

void statement::check(int code) const {
    if (code != SQLITE_OK) throw sqlite_error(sqlite3_extended_errcode(db_), sqlite3_errmsg(db_));
}

statement& statement::bind(std::int64_t value) {
    check(sqlite3_bind_int64(stmt_, next_++, value));
    return *this;
}

statement& statement::bind(std::string_view text) {
    // A null pointer would bind NULL; an empty text must stay a text.
    const char* data = text.data() ? text.data() : "";
    check(sqlite3_bind_text64(stmt_, next_++, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
    return *this;
}

statement& statement::bind_blob(std::string_view bytes) {
    const char* data = bytes.data() ? bytes.data() : "";
    check(sqlite3_bind_blob64(stmt_, next_++, data, bytes.size(), SQLITE_STATIC));
    return *this;
}

statement& statement::bind_null() {
    check(sqlite3_bind_null(stmt_, next_++));
    return *this;
}

statement& statement::bind_at(int index, std::int64_t value) {
    if (index <= sqlite3_bind_parameter_count(stmt_)) check(sqlite3_bind_int64(stmt_, index, value));
    return *this;
}

statement& statement::bind_at(int index, std::string_view text) {
    if (index > sqlite3_bind_parameter_count(stmt_)) return *this;
    check(sqlite3_bind_text64(stmt_, index, text.data() ? text.data() : "", text.size(), SQLITE_STATIC, SQLITE_UTF8));
    return *this;
}

bool statement::step() {
    const int code = sqlite3_step(stmt_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) {
        sqlite3_reset(stmt_); // it may be prepared anew while this use of it lasts, and then takes no values otherwise
        return false;
    }
    throw sqlite_error(sqlite3_extended_errcode(db_), sqlite3_errmsg(db_));
}

std::string_view statement::text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(stmt_, column));
    return {data ? data : "", static_cast<std::size_t>(sqlite3_column_bytes(stmt_, column))};
}

std::string_view statement::blob(int column) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(stmt_, column));
    return {data ? data : "", static_cast<std::size_t>(sqlite3_column_bytes(stmt_, column))};
}

connection::connection(const std::filesystem::path& file, mode m) {
    const int flags =
        SQLITE_OPEN_NOMUTEX | (m == mode::writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
    db_.reset(raw);
    if (code != SQLITE_OK) throw sqlite_error(code, file.string() + ": " + (raw ? sqlite3_errmsg(raw) : "cannot open"));
    sqlite3_busy_timeout(raw, 5000);
    // Only the writer's thread checkpoints (the WAL-reset fault of SQLite before 3.51.3 needs two who do).
    sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, m == mode::reader ? 1 : 0, nullptr);
    execute("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA wal_autocheckpoint=0");
    if (m != mode::writer) return;
    auto journal = prepare("PRAGMA journal_mode=WAL");
    if (!journal.step() || journal.text(0) != "wal")
        throw sqlite_error(SQLITE_CANTOPEN, file.string() + " cannot be kept in WAL mode");
    execute("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
            "PRAGMA cache_size=-65536; PRAGMA journal_size_limit=67108864");
}

statement connection::prepare(std::string_view sql) {
    auto known = statements_.find(sql);
    if (known == statements_.end()) {
        sqlite3_stmt* raw = nullptr;
        if (sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw,
                               nullptr) != SQLITE_OK)
            throw sqlite_error(sqlite3_extended_errcode(db_.get()),
                               std::string(sqlite3_errmsg(db_.get())) + " in " + std::string(sql));
        known = statements_.emplace(sql, raw).first;
    }
    if (sqlite3_stmt_busy(known->second.get())) throw std::logic_error("statement in use: " + std::string(sql));
    return statement(db_.get(), known->second.get());
}

void connection::execute(const char* sql) {
    if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        throw sqlite_error(sqlite3_extended_errcode(db_.get()), sqlite3_errmsg(db_.get()));
}

} // namespace truc::store
