#pragma once
#include "network.hpp"
#include "oracle.hpp"

#include <memory>
#include <vector>

namespace truc::simulation {

/// Everything that a run consists of.
struct world {
    world(std::uint64_t seed, const std::filesystem::path& scratch, bool verbose);

    node& at(std::size_t position) { return *nodes[position]; }
    void note(const std::string& what) const;
    /// The administrators move an agency's home; the nodes hear of it at different times.
    void move_somebody();
    /// A node comes back with what is on its disk.
    void wake_up(node& n);
    /// Everybody knows everything, nothing is cut, nobody dies: from now on all must come right.
    void calm_down();

    timeline time;
    dice chance;
    std::vector<std::unique_ptr<node>> nodes;
    simulation::network network;
    simulation::oracle oracle;
    std::vector<edition> editions; ///< in the order in which they were signed
    bool calm = false;
    bool verbose = false;

  private:
    void plan_run(node& n, timestamp when);
    void buried(node& n);

    std::vector<timestamp> next_run_; ///< of each node; past when none is planned
};

} // namespace truc::simulation
