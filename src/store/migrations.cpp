#include "migrations.hpp"

#include "sql_migrations.hpp" // generated from schemas/sql

#include <truc/base/log.hpp>

#include <fmt/format.h>

namespace truc::store {

namespace {

constexpr std::int64_t application_id = 0x54727563; // "Truc"

std::int64_t pragma(connection& db, const char* sql) {
    auto q = db.prepare(sql);
    q.step();
    return q.integer(0);
}

} // namespace

void migrate(connection& db) {
    const auto version = pragma(db, "PRAGMA user_version");
    const auto newest = static_cast<std::int64_t>(std::size(sql_migrations));
    if (version > 0 && pragma(db, "PRAGMA application_id") != application_id)
        throw std::runtime_error("the database belongs to another program");
    if (version > newest)
        throw std::runtime_error(fmt::format(
            "the database is of version {}, this program knows {}: use the newer program", version, newest));
    for (auto next = version; next < newest; ++next) {
        if (version > 0)
            spdlog::info("the database is brought from version {} to {}; a large one takes a while", next, next + 1);
        db.execute("BEGIN IMMEDIATE");
        db.execute(sql_migrations[next]);
        db.execute(fmt::format("PRAGMA user_version={}; PRAGMA application_id={}", next + 1, application_id).c_str());
        db.execute("COMMIT");
    }
}

void expect_current(connection& db) {
    const auto version = pragma(db, "PRAGMA user_version");
    const auto known = static_cast<std::int64_t>(std::size(sql_migrations));
    if (pragma(db, "PRAGMA application_id") != application_id)
        throw std::runtime_error("the database belongs to another program");
    if (version > known)
        throw std::runtime_error(
            fmt::format("the database is of version {}, this program knows {}: use the newer program", version, known));
    if (version < known)
        throw std::runtime_error(fmt::format(
            "the database is of version {}, this program's is {}: it is brought to it when the node starts; until then "
            "use the program that it was stopped with",
            version, known));
}

} // namespace truc::store
