#pragma once
#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace truc {

/// Decimal digits as Truc writes numbers: no sign, no leading zero, nothing around them.
template <std::unsigned_integral T>
std::optional<T> parse_decimal(std::string_view text) {
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    T value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

} // namespace truc
