#pragma once
/// Who takes part in the demonstration: real kinds of agencies of Ninh Thuận with their codes.

#include <truc/trust/pki.hpp>

#include <string_view>
#include <vector>

namespace truc::cli::demo {

struct node_role {
    std::string_view name;
    std::string_view level;
    std::string_view parent; ///< node; empty at the root
    bool dialled = true;     ///< false: behind a firewall, it dials out only
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

/// A legacy system that is plugged in; its adapter is the client of the agency.
struct adapter_role {
    std::string_view name; ///< also the client's
    std::string_view kind;
    std::string_view agency;
};

inline constexpr std::string_view government_office = "000.00.00.G22";
inline constexpr std::string_view ministry_of_information = "000.00.00.G14";
inline constexpr std::string_view province = "000.00.00.H43";
inline constexpr std::string_view information_department = "000.00.12.H43";
inline constexpr std::string_view planning_department = "000.00.03.H43";
inline constexpr std::string_view interior_department = "000.00.07.H43";
inline constexpr std::string_view labour_department = "000.00.08.H43"; ///< closed in 2025, merged into interior
inline constexpr std::string_view phan_rang = "000.00.31.H43";
inline constexpr std::string_view ninh_hai = "000.00.33.H43";
inline constexpr std::string_view ninh_phuoc = "000.00.34.H43";
inline constexpr std::string_view district = "000.00.36.H43";
inline constexpr std::string_view district_office = "000.21.36.H43";
inline constexpr std::string_view commune = "000.05.36.H43";
inline constexpr std::string_view commune_clinic = "001.05.36.H43";

// They work in TD.Office, each by another way in.
inline constexpr std::string_view thuannam_office = "000.22.36.H43";
inline constexpr std::string_view education_department = "000.00.05.H43";
inline constexpr std::string_view health_department = "000.00.09.H43";
/// Where the exchange and the national axis meet.
inline constexpr std::string_view axis_gateway = "000.00.01.G22";
// A province that has no Truc; it works on the axis.
inline constexpr std::string_view other_province = "000.00.00.H42";
inline constexpr std::string_view other_department = "000.00.12.H42";

/// Parents before children. `one_node`: only the province's.
std::vector<node_role> nodes(bool one_node);
/// With one node it is everybody's home.
std::vector<agency_role> agencies(bool one_node);
/// None with one node.
std::vector<adapter_role> adapters(bool one_node);

} // namespace truc::cli::demo
