#pragma once
#include <truc/base/uuid.hpp>

#include <string_view>

namespace truc {

/// The id of the delivery of a dispatch for one recipient, a UUIDv7 of the dispatch's moment. It follows from the two:
/// the dispatch's id stands in the origin's receipt, so that no node on the way can invent a second delivery for a
/// recipient and keep the true one out. `resend` counts those that its origin made again after an end.
uuid delivery_id_of(const uuid& dispatch, std::string_view recipient, unsigned resend = 0);

} // namespace truc
