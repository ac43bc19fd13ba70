#include "odbc.hpp"

#include <truc/base/utf8.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <sql.h>
#include <sqlext.h>

namespace truc::tdoffice {

namespace {

static_assert(sizeof(SQLWCHAR) == sizeof(char16_t), "unixODBC speaks UTF-16");

constexpr std::size_t piece = std::size_t{64} << 10;
constexpr std::size_t longest_reason = 300; ///< of what a driver says, for people
constexpr std::int32_t sqlite_busy = 5, sqlite_locked = 6, sqlite_too_big = 18, sqlite_constraint = 19,
                       sqlite_mismatch = 20;

SQLWCHAR* wide(const std::u16string& text) {
    return reinterpret_cast<SQLWCHAR*>(const_cast<char16_t*>(text.data())); // ODBC's inputs are not const
}
SQLPOINTER number(std::int64_t n) { return reinterpret_cast<SQLPOINTER>(n); }

/// A handle of ODBC, freed on destruction.
template <SQLSMALLINT type>
struct handle {
    SQLHANDLE h = SQL_NULL_HANDLE;
    explicit handle(SQLHANDLE parent) { SQLAllocHandle(type, parent, &h); }
    handle(const handle&) = delete;
    ~handle() {
        if (h) SQLFreeHandle(type, h);
    }
};

struct diagnostic {
    std::string state;
    std::int32_t native = 0;
    std::string reason;
};

/// One line for people, and of a value that does not fit not the value: what a database quotes is somebody's document.
std::string readable(std::string_view state, std::string_view text) {
    text = text.substr(0, text.find('\n'));
    if (state.starts_with("22")) text = text.substr(0, text.find_first_of("\"'"));
    std::string line = to_valid_utf8(text.substr(0, longest_reason));
    std::ranges::replace_if(
        line, [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    return line;
}

diagnostic first_diagnostic(SQLSMALLINT type, SQLHANDLE h) {
    SQLCHAR state[6] = {};
    SQLINTEGER native = 0;
    SQLCHAR text[1024] = {};
    SQLSMALLINT length = 0;
    if (!SQL_SUCCEEDED(SQLGetDiagRec(type, h, 1, state, &native, text, sizeof text, &length)))
        return {"HY000", 0, "the driver says nothing"};
    const std::string said(reinterpret_cast<const char*>(state));
    return {said, native, readable(said, reinterpret_cast<const char*>(text))};
}

std::string info(SQLHDBC c, SQLUSMALLINT what) {
    char text[128] = {};
    SQLSMALLINT length = 0;
    return SQL_SUCCEEDED(SQLGetInfo(c, what, text, sizeof text, &length)) ? std::string(text) : std::string();
}

bool is_of_item(std::string_view state) {
    return state.starts_with("21") || state.starts_with("22") || state.starts_with("23");
}

bool is_sqlite_lock(std::int32_t native) { return native == sqlite_busy || native == sqlite_locked; }

errc sqlite_fault(std::int32_t native) {
    if (native == sqlite_too_big || native == sqlite_constraint || native == sqlite_mismatch)
        return errc::legacy_refused;
    return errc::not_ready;
}

} // namespace

errc fault_of(std::string_view state, std::int32_t native, bool sqlite) {
    if (is_of_item(state)) return errc::legacy_refused;
    if (state.starts_with("08") || state.starts_with("28") || state.starts_with("57P")) return errc::unreachable;
    if (state.starts_with("HYT") || state == "57014" || state == "55P03") return errc::timeout;
    return sqlite ? sqlite_fault(native) : errc::not_ready;
}

struct odbc_connection::state {
    handle<SQL_HANDLE_ENV> environment{SQL_NULL_HANDLE};
    handle<SQL_HANDLE_DBC> connection{
        (SQLSetEnvAttr(environment.h, SQL_ATTR_ODBC_VERSION, number(SQL_OV_ODBC3), 0), environment.h)};
    std::string dbms;
    char quote = '"';
    std::chrono::seconds patience{};
    bool connected = false;
    bool collided = false;

    ~state() {
        if (!connected) return;
        SQLEndTran(SQL_HANDLE_DBC, connection.h, SQL_ROLLBACK);
        SQLDisconnect(connection.h);
    }
    bool is_sqlite() const { return dbms == "SQLite"; }
    bool is_dead() const {
        SQLUINTEGER dead = SQL_CD_FALSE;
        const auto said = SQLGetConnectAttr(connection.h, SQL_ATTR_CONNECTION_DEAD, &dead, 0, nullptr);
        return SQL_SUCCEEDED(said) && dead == SQL_CD_TRUE;
    }
    tl::unexpected<error> failure(SQLSMALLINT type, SQLHANDLE h) {
        const auto d = first_diagnostic(type, h);
        collided = d.state == "40001" || d.state == "40P01" || (is_sqlite() && is_sqlite_lock(d.native));
        const auto code = fault_of(d.state, d.native, is_sqlite());
        return fail(code != errc::legacy_refused && is_dead() ? errc::unreachable : code,
                    fmt::format("SQLSTATE {}, {}", d.state, d.reason));
    }
    void learn();
    result<void> connect(const std::string& text, const options& o);
    std::string limited(const std::string& sql, std::size_t most) const;
    /// How this database is told to give up waiting for a lock; empty: the connection string or the statement's
    /// own time-out has to do.
    std::string lock_wait(std::chrono::milliseconds t) const;
};

struct odbc_connection::statement {
    state& owner;
    handle<SQL_HANDLE_STMT> h;
    explicit statement(state& s) : owner(s), h(s.connection.h) {}

    tl::unexpected<error> failure() const { return owner.failure(SQL_HANDLE_STMT, h.h); }
    bool bind(SQLUSMALLINT at, const sql_value& v);
    SQLRETURN start(const std::string& sql);
    /// Hands over the bytes that the driver asks for.
    SQLRETURN feed(const std::vector<sql_value>& parameters);

    std::vector<std::unique_ptr<std::u16string>> texts; ///< live until the statement has run
    std::vector<SQLLEN> lengths;
};

bool odbc_connection::statement::bind(SQLUSMALLINT at, const sql_value& v) {
    auto& length = lengths[at - 1u];
    if (const auto* bytes = std::get_if<std::string_view>(&v)) {
        length = SQL_LEN_DATA_AT_EXEC(static_cast<SQLLEN>(bytes->size()));
        return SQL_SUCCEEDED(SQLBindParameter(h.h, at, SQL_PARAM_INPUT, SQL_C_BINARY, SQL_VARBINARY,
                                              std::max<std::size_t>(1, bytes->size()), 0, number(at), 0, &length));
    }
    const auto* text = std::get_if<std::string>(&v);
    texts.push_back(std::make_unique<std::u16string>(text ? to_utf16(*text) : std::u16string()));
    const auto& units = *texts.back();
    length = text ? static_cast<SQLLEN>(units.size() * sizeof(char16_t)) : SQL_NULL_DATA;
    return SQL_SUCCEEDED(SQLBindParameter(h.h, at, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR,
                                          std::max<std::size_t>(1, units.size()), 0, wide(units),
                                          static_cast<SQLLEN>(units.size() * sizeof(char16_t)), &length));
}

/// Debian's driver of SQLite has no wide functions of its own, and unixODBC would cut what it makes of them to the
/// locale's characters; the driver takes UTF-8 as it is.
SQLRETURN odbc_connection::statement::start(const std::string& sql) {
    if (owner.is_sqlite()) {
        auto* text = reinterpret_cast<SQLCHAR*>(const_cast<char*>(sql.data()));
        return SQLExecDirect(h.h, text, static_cast<SQLINTEGER>(sql.size()));
    }
    const auto text = to_utf16(sql);
    return SQLExecDirectW(h.h, wide(text), static_cast<SQLINTEGER>(text.size()));
}

SQLRETURN odbc_connection::statement::feed(const std::vector<sql_value>& parameters) {
    SQLPOINTER token = nullptr;
    auto code = SQLParamData(h.h, &token);
    while (code == SQL_NEED_DATA) {
        auto rest = std::get<std::string_view>(parameters[reinterpret_cast<std::uintptr_t>(token) - 1]);
        do {
            const auto now = rest.substr(0, piece);
            code = SQLPutData(h.h, const_cast<char*>(now.data()), static_cast<SQLLEN>(now.size()));
            if (!SQL_SUCCEEDED(code)) return code;
            rest.remove_prefix(now.size());
        } while (!rest.empty());
        code = SQLParamData(h.h, &token);
    }
    return code;
}

void odbc_connection::state::learn() {
    dbms = info(connection.h, SQL_DBMS_NAME);
    const auto q = info(connection.h, SQL_IDENTIFIER_QUOTE_CHAR);
    quote = q.empty() ? ' ' : q.front(); // a blank is what ODBC says for none
}

result<void> odbc_connection::state::connect(const std::string& text, const options& o) {
    if (!connection.h) return fail(errc::not_ready, "no ODBC handle");
    SQLSetConnectAttr(connection.h, SQL_ATTR_LOGIN_TIMEOUT, number(o.login.count()), 0);
    const auto in = to_utf16(text);
    const auto code = SQLDriverConnectW(connection.h, nullptr, wide(in), static_cast<SQLSMALLINT>(in.size()), nullptr,
                                        0, nullptr, SQL_DRIVER_NOPROMPT);
    if (!SQL_SUCCEEDED(code)) {
        const auto d = first_diagnostic(SQL_HANDLE_DBC, connection.h);
        return fail(errc::unreachable, fmt::format("SQLSTATE {}, {}", d.state, d.reason));
    }
    connected = true;
    patience = o.statement;
    // What a driver cannot do it says here, and does what it can; SQLite has only the strictest.
    SQLSetConnectAttr(connection.h, SQL_ATTR_TXN_ISOLATION, number(SQL_TXN_READ_COMMITTED), 0);
    learn();
    return {};
}

std::string odbc_connection::state::limited(const std::string& sql, std::size_t most) const {
    if (most == 0) return sql;
    if (dbms == "PostgreSQL" || dbms == "SQLite" || dbms == "MySQL" || dbms == "MariaDB")
        return fmt::format("{} LIMIT {}", sql, most);
    return fmt::format("{} OFFSET 0 ROWS FETCH NEXT {} ROWS ONLY", sql, most); // SQL:2008; SQL Server, Oracle
}

std::string odbc_connection::state::lock_wait(std::chrono::milliseconds t) const {
    if (dbms == "PostgreSQL") return fmt::format("SET lock_timeout = {}", t.count());
    if (dbms == "Microsoft SQL Server") return fmt::format("SET LOCK_TIMEOUT {}", t.count());
    return {};
}

odbc_connection::odbc_connection(std::unique_ptr<state> s) : state_(std::move(s)) {}
odbc_connection::odbc_connection(odbc_connection&&) noexcept = default;
odbc_connection& odbc_connection::operator=(odbc_connection&&) noexcept = default;
odbc_connection::~odbc_connection() = default;

result<odbc_connection> odbc_connection::open(const std::string& text, const options& o) {
    auto s = std::make_unique<state>();
    if (auto ok = s->connect(text, o); !ok) return fail(std::move(ok.error()));
    const auto lock = s->lock_wait(o.lock_wait);
    odbc_connection c(std::move(s));
    if (!lock.empty())
        if (auto ok = c.execute(lock, {}); !ok) return fail(std::move(ok.error()));
    return c;
}

result<std::unique_ptr<odbc_connection::statement>> odbc_connection::run(const std::string& sql,
                                                                         const std::vector<sql_value>& parameters) {
    auto s = std::make_unique<statement>(*state_);
    if (!s->h.h) return state_->failure(SQL_HANDLE_DBC, state_->connection.h);
    SQLSetStmtAttr(s->h.h, SQL_ATTR_QUERY_TIMEOUT, number(state_->patience.count()), 0);
    s->lengths.resize(parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i)
        if (!s->bind(static_cast<SQLUSMALLINT>(i + 1), parameters[i])) return s->failure();
    auto code = s->start(sql);
    if (code == SQL_NEED_DATA) code = s->feed(parameters);
    if (!SQL_SUCCEEDED(code) && code != SQL_NO_DATA) return s->failure();
    return s;
}

result<odbc_rows> odbc_connection::query(const std::string& sql, const std::vector<sql_value>& parameters,
                                         std::size_t most) {
    auto s = run(state_->limited(sql, most), parameters);
    if (!s) return fail(std::move(s.error()));
    return odbc_rows(std::move(*s));
}

result<std::size_t> odbc_connection::execute(const std::string& sql, const std::vector<sql_value>& parameters) {
    auto s = run(sql, parameters);
    if (!s) return fail(std::move(s.error()));
    SQLLEN touched = 0;
    SQLRowCount((*s)->h.h, &touched);
    return touched > 0 ? static_cast<std::size_t>(touched) : 0;
}

char odbc_connection::quote() const { return state_->quote; }
bool odbc_connection::collided() const { return state_->collided; }
bool odbc_connection::has_one_writer() const { return state_->is_sqlite(); }

result<void> odbc_connection::set_autocommit(bool on) {
    const auto c = state_->connection.h;
    const auto code = SQLSetConnectAttr(c, SQL_ATTR_AUTOCOMMIT, number(on ? SQL_AUTOCOMMIT_ON : SQL_AUTOCOMMIT_OFF), 0);
    if (!SQL_SUCCEEDED(code)) return state_->failure(SQL_HANDLE_DBC, c);
    return {};
}

result<void> odbc_connection::end(bool commit) {
    const auto c = state_->connection.h;
    if (!SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, c, commit ? SQL_COMMIT : SQL_ROLLBACK)))
        return state_->failure(SQL_HANDLE_DBC, c);
    return {};
}

odbc_rows::odbc_rows(std::unique_ptr<odbc_connection::statement> s) : statement_(std::move(s)) {}
odbc_rows::odbc_rows(odbc_rows&&) noexcept = default;
odbc_rows::~odbc_rows() = default;

result<bool> odbc_rows::next() {
    column_ = 0;
    const auto code = SQLFetch(statement_->h.h);
    if (code == SQL_NO_DATA) return false;
    if (!SQL_SUCCEEDED(code)) return statement_->failure();
    return true;
}

/// Drivers may say a length they do not know (SQL_NO_TOTAL) and end each piece of text with a NUL that does not count.
template <class Unit>
result<std::optional<std::basic_string<Unit>>> odbc_rows::read(int as, std::size_t limit) {
    std::basic_string<Unit> all;
    std::vector<Unit> part(piece / sizeof(Unit));
    const std::size_t whole = part.size() - (sizeof(Unit) > 1 ? 1 : 0);
    ++column_;
    for (;;) {
        SQLLEN length = 0;
        const auto code = SQLGetData(statement_->h.h, column_, static_cast<SQLSMALLINT>(as), part.data(),
                                     static_cast<SQLLEN>(part.size() * sizeof(Unit)), &length);
        if (code == SQL_NO_DATA) break;
        if (!SQL_SUCCEEDED(code)) return statement_->failure();
        if (length == SQL_NULL_DATA) return std::optional<std::basic_string<Unit>>();
        const bool more = length == SQL_NO_TOTAL || static_cast<std::size_t>(length) > whole * sizeof(Unit);
        all.append(part.data(), more ? whole : static_cast<std::size_t>(length) / sizeof(Unit));
        if (all.size() * sizeof(Unit) > limit) return fail(errc::too_large, fmt::format("more than {} bytes", limit));
        if (code == SQL_SUCCESS) break;
    }
    return std::optional(std::move(all));
}

result<std::optional<std::string>> odbc_rows::text(std::size_t limit) {
    const auto units = std::min(limit, std::numeric_limits<std::size_t>::max() / 2) * 2;
    auto read_units = read<char16_t>(SQL_C_WCHAR, units);
    if (!read_units) return fail(std::move(read_units.error()));
    if (!*read_units) return std::optional<std::string>();
    return std::optional(to_utf8(**read_units));
}

result<std::optional<std::string>> odbc_rows::bytes(std::size_t limit) { return read<char>(SQL_C_BINARY, limit); }

result<odbc_transaction> odbc_transaction::begin(odbc_connection& c) {
    c.state_->collided = false;
    if (auto ok = c.set_autocommit(false); !ok) return fail(std::move(ok.error()));
    return odbc_transaction(c);
}

odbc_transaction::~odbc_transaction() {
    if (!connection_) return;
    (void)connection_->end(false);
    (void)connection_->set_autocommit(true);
}

result<void> odbc_transaction::commit() {
    auto& c = *std::exchange(connection_, nullptr);
    auto done = c.end(true);
    if (!done) (void)c.end(false);
    auto back = c.set_autocommit(true);
    if (!done) return done;
    return back;
}

} // namespace truc::tdoffice
