#pragma once
#include "small_store.hpp"

#include <map>

namespace truc::test {

/// Stores of several nodes that believe each other, and legs and evidence carried between them by hand: every step is
/// the test's, so that any of them can be left out, repeated or done late.
class small_network {
  public:
    /// Made when it is asked for the first time. Its clock is a second ahead of the one made before it.
    small_store& operator[](const std::string& node);

    /// A document accepted at a node, for recipients whose home is elsewhere.
    store::acceptance submit(const std::string& node, std::string bytes,
                             std::vector<std::string> recipients = {"000.00.12.H43"});
    /// All that waits at the node, of its most urgent dispatch, as its neighbour gets it.
    store::incoming_leg leg(const std::string& from, const std::string& to, store::fate fate = store::fate::forward);
    store::incoming_leg as_received(const store::outgoing_leg& leg, const std::string& from, const std::string& to,
                                    store::fate fate = store::fate::forward);
    result<store::leg_taken> take(const std::string& node, store::incoming_leg leg);
    /// What waits at the node becomes the neighbour's, and the node is told so.
    void pass(const std::string& from, const std::string& to, store::fate fate = store::fate::forward);
    void acknowledge(const std::string& from, const std::string& to, const store::outgoing_leg& leg);
    /// What the neighbour's feed holds for this node from a position on, verified.
    store::evidence_batch evidence(const std::string& from, const std::string& to, std::uint64_t position);
    /// The neighbour reads on in the feed.
    void feed(const std::string& from, const std::string& to);

    std::optional<store::outgoing_leg> waiting(const std::string& node);
    store::delivery_row row(const std::string& node, const uuid& delivery);
    delivery_state state(const std::string& node, const uuid& delivery) { return row(node, delivery).state; }
    /// The books of every node hold.
    bool balance();

  private:
    std::shared_ptr<test_pki> pki_ = std::make_shared<test_pki>();
    std::map<std::string, std::unique_ptr<small_store>> nodes_;
};

} // namespace truc::test
