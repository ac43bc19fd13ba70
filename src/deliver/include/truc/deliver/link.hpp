#pragma once
#include <truc/store/custody.hpp>

#include <functional>
#include <string>

namespace truc::deliver {

/// How an offered leg came back.
enum class leg_fate : std::uint8_t {
    accepted, ///< the neighbour has committed it: custody is there
    released, ///< not now; custody stays here
    rejected, ///< not like this; custody stays here, and somebody has to look
    lost,     ///< no answer: it may or may not have been committed, and is offered again
};

struct leg_answer {
    leg_fate fate = leg_fate::lost;
    std::string reason; ///< code of the catalogue where there is one, then what the neighbour said
};

/// The way to one neighbour while there is one: a relay session, or a wire of the simulation. Thread-safe.
class link {
  public:
    virtual ~link() = default;
    /// How many more legs may be offered now, by the neighbour's credit; what was offered counts from then on.
    virtual std::size_t room() const = 0;
    /// Gives a leg to the neighbour. `leg.header.hops` ends with this node already. `done` is called exactly once, from
    /// any thread, also when the link goes down (lost).
    virtual void offer(store::outgoing_leg leg, std::function<void(leg_answer)> done) = 0;
};

} // namespace truc::deliver
