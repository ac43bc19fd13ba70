#pragma once
/// Receipts of other nodes, kept byte for byte. The receipts of one group share its signed head, so the table of
/// receipts holds them without it.

#include <truc/store/custody.hpp>
#include <truc/store/sqlite.hpp>

namespace truc::store {

/// The row of a receipt that is new here; nullopt when its event is known already.
std::optional<std::int64_t> keep_receipt(connection& db, const evidence& e, std::optional<std::int64_t> dispatch,
                                         std::optional<std::int64_t> delivery);
/// The row of a receipt, made if its event is new here.
std::int64_t keep_or_find_receipt(connection& db, const evidence& e, std::optional<std::int64_t> dispatch = {},
                                  std::optional<std::int64_t> delivery = {});

/// Puts a receipt together again from three columns: evidence.xml, foreign_head.xml, evidence.head_at.
std::string foreign_text(const statement& q, int first_column);
/// Throws sqlite_error when the row is missing.
std::string load_receipt(connection& db, std::int64_t row);

/// The <Event> of a receipt as it was hashed; empty when the receipt is not written as Truc writes them.
std::string_view event_in(std::string_view receipt);

} // namespace truc::store
