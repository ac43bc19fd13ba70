#pragma once
#include "broker_process.hpp"
#include "figures.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace truc::bench {

struct settings {
    std::filesystem::path trucd;
    std::filesystem::path directory; ///< on the disk to be measured; what is made there is removed again
    std::chrono::seconds time{8};    ///< of each measured run
    std::size_t agencies = 20;
    std::size_t connections = 40;
    std::size_t waiting = 500;              ///< clients that wait at once
    std::size_t misbehaving = 1000;         ///< connections
    std::size_t backlog = 1'000'000;        ///< deliveries that wait for a dead neighbour
    std::size_t ledger_events = 10'000'000; ///< of a large ledger

    /// Before each measured run: shorter than that, and with documents for so long.
    std::chrono::seconds warming_time() const { return std::min(time, std::chrono::seconds(2)); }
    std::size_t warming_documents() const { return static_cast<std::size_t>(warming_time().count()) * 750; }
};

/// What can be measured: the part of its figures' names that says so, and how. Each starts its own broker with an empty
/// store and ends with books that balance and a ledger that is consistent, or throws failure.
struct measurement {
    std::string name;
    std::string meaning; ///< in a line, for --help
    std::function<std::vector<figure>(const settings&)> run;
};

std::vector<measurement> all_measurements();

/// Microseconds of an fdatasync after appending 4 KiB, the median: what the disk asks of every durable answer.
figure measure_disk(const settings& s);
/// The kind of file system of that directory, e.g. ext4.
std::string file_system_of(const std::filesystem::path& directory);

} // namespace truc::bench
