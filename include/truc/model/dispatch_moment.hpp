#pragma once
/// When its origin accepted a dispatch: its id, a UUIDv7, says so. Recipients that are added later, and deliveries that
/// are sent again, have receipts of their own times, which say nothing of this one. Any thread.

#include <truc/base/clock.hpp>
#include <truc/base/uuid.hpp>

namespace truc {

inline timestamp moment_of(const uuid& dispatch) {
    std::int64_t ms = 0;
    for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | dispatch.bytes[i];
    return from_millis(ms);
}

} // namespace truc
