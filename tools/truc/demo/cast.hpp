#pragma once
/// Who takes part in the demonstration: real kinds of agencies of Ninh Thuận with their codes.

#include <truc/trust/pki.hpp>

#include <string_view>
#include <vector>

namespace truc::cli::demo {

struct node_role {
    std::string_view name;
    std::string_view level;
};

struct agency_role {
    std::string_view code;
    std::string_view name;
    std::string_view level;
    std::string_view parent; ///< code
    std::string_view node;
    std::string_view alias;  ///< the form of QĐ 20/2020; empty for none
    std::string_view client; ///< its system; empty for the closed one, which has none any more
    trust::key_kind key;
    std::string_view successor; ///< of a closed agency
};

inline constexpr std::string_view government_office = "000.00.00.G22";
inline constexpr std::string_view province = "000.00.00.H43";
inline constexpr std::string_view information_department = "000.00.12.H43";
inline constexpr std::string_view planning_department = "000.00.03.H43";
inline constexpr std::string_view interior_department = "000.00.07.H43";
inline constexpr std::string_view labour_department = "000.00.08.H43"; ///< closed in 2025, merged into interior
inline constexpr std::string_view district = "000.00.36.H43";
inline constexpr std::string_view commune = "000.05.36.H43";

const std::vector<node_role>& nodes();
const std::vector<agency_role>& agencies();

} // namespace truc::cli::demo
