#pragma once
#include <truc/base/clock.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace truc {

/// A UUIDv7 (RFC 9562, section 5.7): the milliseconds first, so that keys made one after another lie near each other
/// in an index. Truc ids and delivery ids are of this kind.
struct uuid {
    std::array<std::uint8_t, 16> bytes{};

    auto operator<=>(const uuid&) const = default;
    std::string str() const; ///< 8-4-4-4-12, lower case
    std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

    /// Any version is parsed; upper case is accepted.
    static std::optional<uuid> parse(std::string_view text);
    static std::optional<uuid> from_bytes(std::string_view raw);
    /// A new UUIDv7 of that moment with random bits from the system. Thread-safe.
    static uuid make(timestamp now);
};

} // namespace truc

template <>
struct std::hash<truc::uuid> {
    std::size_t operator()(const truc::uuid& u) const noexcept {
        std::size_t h;
        __builtin_memcpy(&h, u.bytes.data() + 8, sizeof h);
        return h;
    }
};
