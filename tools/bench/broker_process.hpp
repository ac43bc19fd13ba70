#pragma once
#include "network.hpp"

#include <sys/types.h>

#include <map>
#include <string>

namespace truc::bench {

/// A trucd of its own, from start to stop.
class broker_process {
  public:
    /// Starts it and waits until /readyz answers 200. Throws failure.
    broker_process(const std::filesystem::path& program, const network& n);
    /// Drains it (SIGTERM), and kills it when that does not help.
    ~broker_process();
    broker_process(const broker_process&) = delete;

    struct usage {
        double cpu_seconds = 0;                ///< user and system, of all its threads
        std::map<std::string, double> metrics; ///< samples of /metrics without labels, by name
    };
    usage read_usage() const;
    /// A line of /proc/PID/status in MiB: VmRSS, VmHWM.
    double memory_mib(std::string_view line) const;
    /// The books' count of deliveries taken in from agencies. Throws failure unless the books balance and the ledger
    /// is consistent.
    std::uint64_t check_books() const;
    /// Of what was submitted here: how many deliveries have no proven end yet. Throws failure.
    std::uint64_t open_deliveries() const;

  private:
    void wait_until_ready() const;

    const network& network_;
    std::filesystem::path log_;
    pid_t pid_ = -1;
};

} // namespace truc::bench
