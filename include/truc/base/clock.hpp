#pragma once
/// Time as Truc writes it: milliseconds since 1970 inside, RFC 3339 with milliseconds and +07:00 outside
/// (QĐ 28/2018 Art. 14.4). Vietnam has had no other offset since 1975.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace truc {

using milliseconds = std::chrono::milliseconds;
/// A moment, counted in UTC milliseconds. Stored as a 64-bit integer.
using timestamp = std::chrono::sys_time<milliseconds>;

inline std::int64_t to_millis(timestamp t) { return t.time_since_epoch().count(); }
inline timestamp from_millis(std::int64_t ms) { return timestamp(milliseconds(ms)); }

/// 2026-11-21T16:27:10.358+07:00
std::string to_rfc3339(timestamp t);
/// Any offset and any number of fraction digits; nullopt on anything else.
std::optional<timestamp> from_rfc3339(std::string_view text);

/// Where time comes from; tests and the simulation bring their own. Implementations are thread-safe.
class clock {
  public:
    virtual ~clock() = default;
    virtual timestamp now() const = 0;
};

/// The machine's wall clock.
const clock& system_clock();

} // namespace truc
