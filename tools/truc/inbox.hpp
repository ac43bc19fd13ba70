#pragma once
/// What an agency's system does with one item of its inbox.

#include "session.hpp"

#include <truc/base/uuid.hpp>

namespace truc::cli {

/// The delivery id of an item. Parsed, because names of files and targets are made from it.
outcome<uuid> delivery_of(const json::object& item);
/// The bytes of a delivery, complete and with the digest that the item announced.
outcome<std::string> fetch(session& s, const json::object& item);
/// Says that the delivery is safe on this side: handed over, for good.
outcome<void> acknowledge(session& s, const json::object& item);

} // namespace truc::cli
