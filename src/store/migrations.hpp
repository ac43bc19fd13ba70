#pragma once
#include <truc/store/sqlite.hpp>

namespace truc::store {

/// Brings the database to the version of this program: all that lacks of schemas/sql/NNNN.sql, in one transaction. One
/// with data in it is copied before, to `<file>.before-<version>`. A database of a newer version, or of another
/// program, is refused. `db` is the only connection to the file. Throws std::runtime_error.
void migrate(connection& db, const std::filesystem::path& file);
/// For those who only read: another version than this program's is refused. Throws std::runtime_error.
void expect_current(connection& db);

} // namespace truc::store
