#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace truc::simulation {

/// What happens in a run beside the work itself.
struct plan {
    std::uint64_t seed = 0;
    unsigned minutes = 3; ///< of virtual time until everything calms down
    std::size_t documents = 24;
    bool crashes = true;
    bool cuts = true;
    bool moves = true;
    bool holds = false; ///< administrators hold deliveries, release and end them
    bool liar = false;
    bool verbose = false;
};

struct outcome {
    std::vector<std::string> violations; ///< of promises; empty is good
    std::vector<std::string> accused;    ///< what alarms said of neighbours
    std::string liar;                    ///< the node in whose name lies were told
    std::size_t lies = 0;
    std::size_t dispatches = 0;
    std::size_t deaths = 0;
    std::size_t handed_over = 0, rejected = 0, expired = 0, undeliverable = 0;
    std::uint64_t steps = 0;
    std::string digest; ///< of what happened: equal for equal plans

    std::string summary() const;
};

/// Plays one run. Its files lie in a directory of their own and are gone afterwards.
outcome play(const plan& p);

} // namespace truc::simulation
