#pragma once
#include "network.hpp"

namespace truc::simulation {

/// One direction of an open way: what the relay's session is in a real node.
class wire final : public deliver::link, public std::enable_shared_from_this<wire> {
  public:
    wire(network& net, node& from, node& to) : net_(net), from_(from), to_(to), life_(from.life()) {}

    std::size_t room() const override { return open_ && waiting_.size() < credit ? credit - waiting_.size() : 0; }
    void offer(store::outgoing_leg leg, std::function<void(deliver::leg_answer)> done) override;

    node& from() const { return from_; }
    node& to() const { return to_; }
    /// The sender lives still, or again, and has not lost this way.
    bool is_open() const { return open_ && from_.is_up() && from_.life() == life_; }
    bool awaits(std::uint64_t offer) const { return waiting_.count(offer) != 0; }
    /// Within an act of the sender.
    void settle(std::uint64_t offer, const deliver::leg_answer& a);
    /// Nothing more is taken or told; within an act of the sender everything under way is lost.
    void close(bool sender_is_alive);

  private:
    static constexpr std::size_t credit = 4;

    network& net_;
    node& from_;
    node& to_;
    const unsigned life_;
    bool open_ = true;
    std::uint64_t offers_ = 0;
    std::map<std::uint64_t, std::function<void(deliver::leg_answer)>> waiting_;
};

} // namespace truc::simulation
