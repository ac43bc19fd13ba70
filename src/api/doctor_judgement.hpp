#pragma once
/// What the doctor makes of measurements. Pure functions.

#include "doctor.hpp"

#include <truc/base/disk_probe.hpp>

namespace truc::api {

/// Of a synced write of 4 KiB, sorted. No device that keeps what it is given answers within a few microseconds.
finding judge_syncs(const std::vector<std::chrono::microseconds>& took);
finding judge_file_system(const std::optional<mounted_file_system>& on);

struct space {
    std::uint64_t free = 0;     ///< bytes
    std::uint64_t capacity = 0; ///< bytes
    std::uint64_t kept = 0;     ///< bytes below which no new documents are taken
    bool accepts = true;        ///< whether they are taken now
};
finding judge_space(const space& s);

/// As the kernel tells of its clock (adjtimex).
struct kernel_clock {
    bool synchronised = false;
    std::chrono::microseconds greatest_error{};
};
finding judge_clock(const kernel_clock& c);
finding judge_neighbour_clocks(const std::vector<neighbour_view>& neighbours);
finding judge_neighbours(const std::vector<neighbour_view>& neighbours);
finding judge_calendar(const working_calendar& calendar, timestamp now);
finding judge_certificates(const std::vector<certificate_term>& terms, const std::string& node, timestamp now);
finding judge_held(std::uint64_t by_person, std::uint64_t by_truc);
finding judge_alarms(const std::vector<alarm>& alarms);

} // namespace truc::api
