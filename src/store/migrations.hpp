#pragma once
#include <truc/store/sqlite.hpp>

namespace truc::store {

/// Brings the database to the version of this program, one migration (schemas/sql/NNNN.sql) a transaction. A database
/// of a newer version, or of another program, is refused. Throws std::runtime_error.
void migrate(connection& db);
/// For those who only read: another version than this program's is refused. Throws std::runtime_error.
void expect_current(connection& db);

} // namespace truc::store
