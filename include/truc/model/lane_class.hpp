#pragma once
#include <truc/model/vocabulary.hpp>

#include <cstdint>

namespace truc {

/// Where a delivery stands in its lane: urgent documents by their Độ khẩn (NĐ 30/2020 Art. 8; edXML
/// OtherInfo/Priority), statuses before bulk, and recalls before everything, because each moment counts against a
/// hand-over. Stored in databases: never renumber.
enum class lane_class : std::uint8_t {
    normal = 0,
    status = 1,
    urgent = 2,
    very_urgent = 3,
    express = 4,
    express_timed = 5,
    recall = 6,
};
inline constexpr std::size_t lane_classes = 7;

constexpr lane_class lane_class_of(dispatch_kind kind, business_type business, priority p) {
    if (kind == dispatch_kind::edoc && business == business_type::recall) return lane_class::recall;
    if (p != priority::normal) return static_cast<lane_class>(static_cast<std::uint8_t>(p) + 1);
    return kind == dispatch_kind::status ? lane_class::status : lane_class::normal;
}

} // namespace truc
