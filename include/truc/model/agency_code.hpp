#pragma once
#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace truc {

/// An agency's code in the form it is compared and stored: trimmed, upper case, '-' read as '.'
/// (Tân Dân's systems write 000-00-19-H40). Both the 13-character form of QCVN 102:2016 (000.00.12.H43, level 1 last)
/// and the form of QĐ 20/2020 (H43.12, level 1 first, at most 35 characters) are codes; whether two of them mean one
/// agency only the directory knows.
class agency_code {
  public:
    /// nullopt if empty, longer than 35 characters or with characters other than letters, digits, '.', '_'.
    static std::optional<agency_code> parse(std::string_view text);

    const std::string& str() const { return text_; }
    auto operator<=>(const agency_code&) const = default;

  private:
    explicit agency_code(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

} // namespace truc

template <>
struct std::hash<truc::agency_code> {
    std::size_t operator()(const truc::agency_code& c) const noexcept { return std::hash<std::string>{}(c.str()); }
};
