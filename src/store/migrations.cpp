#include "migrations.hpp"

#include "sql_migrations.hpp" // generated from schemas/sql

#include <truc/base/durable.hpp>
#include <truc/base/file_copy.hpp>
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

/// The old version, for those who have to go back. The WAL is empty then: nobody else has the database open.
void keep_copy(connection& db, const std::filesystem::path& file, std::int64_t newest) {
    int left = 0;
    if (sqlite3_wal_checkpoint_v2(db.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, &left, nullptr) != SQLITE_OK ||
        left > 0)
        throw std::runtime_error(file.string() + " is in use by another program");
    const auto size = std::filesystem::file_size(file);
    const auto directory = file.parent_path();
    const auto needed = 2 * size; // the copy, and what the new version writes
    if (const auto left_there = free_bytes(directory); left_there < needed)
        throw std::runtime_error(fmt::format("before the database is brought to version {} it is copied: {} needs {} "
                                             "MiB of free space for it, and has {}",
                                             newest, directory.string(), (needed >> 20) + 1, left_there >> 20));
    const auto copy = fmt::format("{}.before-{}", file.string(), newest);
    spdlog::info("the database as it is goes to {}; whoever is content with the new version may remove it", copy);
    const auto copied = copy_durably(file, copy);
    const auto synced = copied ? sync_directory(directory) : fail(copied.error());
    if (!synced) throw std::runtime_error(explain(synced.error(), language::english));
}

} // namespace

/// All of it in one transaction: a node that dies meanwhile begins anew.
void migrate(connection& db, const std::filesystem::path& file) {
    const auto version = pragma(db, "PRAGMA user_version");
    const auto newest = static_cast<std::int64_t>(std::size(sql_migrations));
    if (version > 0 && pragma(db, "PRAGMA application_id") != application_id)
        throw std::runtime_error("the database belongs to another program");
    if (version > newest)
        throw std::runtime_error(fmt::format(
            "the database is of version {}, this program knows {}: use the newer program", version, newest));
    if (version == newest) return;
    if (version > 0) keep_copy(db, file, newest);
    db.execute("BEGIN IMMEDIATE");
    for (auto next = version; next < newest; ++next) {
        if (version > 0)
            spdlog::info("the database is brought from version {} to {}; a large one takes a while", next, next + 1);
        db.execute(sql_migrations[next]);
    }
    db.execute(fmt::format("PRAGMA user_version={}; PRAGMA application_id={}", newest, application_id).c_str());
    db.execute("COMMIT");
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
