#pragma once
#include "world.hpp"

namespace truc::simulation {

/// Speaks with the voice of one node and lies beside what that node honestly says: changed legs, others' receipts, old
/// legs again, evidence that is not its to give. Nobody may believe any of it; the node itself is a victim.
class liar {
  public:
    liar(world& w, std::size_t node);
    std::size_t lies() const { return lies_; }

  private:
    void change_leg(const node& from, const node& to, const letter& l);
    void change_evidence(node& owner, node& reader, const std::vector<store::feed_entry>& entries);

    world& world_;
    std::string name_;
    std::vector<std::pair<std::string, letter>> earlier_; ///< to whom, what
    std::vector<std::string> receipts_;                   ///< of others, seen in feeds
    std::size_t lies_ = 0;
};

} // namespace truc::simulation
