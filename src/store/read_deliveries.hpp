#pragma once
/// Delivery rows as every reader shows them.

#include <truc/store/records.hpp>
#include <truc/store/sqlite.hpp>

namespace truc::store {

/// `SELECT … FROM delivery v …`, with no condition yet.
extern const std::string delivery_columns;
constexpr int delivery_column_count = 19;
delivery_row read_delivery(const statement& q, int first_column = 0);

/// The deliveries of a dispatch whose own columns are known, and the documents that it acts on.
void read_deliveries(connection& db, dispatch_row& d);

/// The cursor behind which every dispatch was accepted at that moment or later.
std::int64_t cursor_since(connection& db, timestamp since);

} // namespace truc::store
