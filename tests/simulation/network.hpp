#pragma once
#include "node.hpp"

#include <functional>
#include <map>
#include <unordered_map>

namespace truc::simulation {

class wire;

/// What the ways between nodes do to what they carry; percentages.
struct weather {
    unsigned lose_request = 0;
    unsigned lose_answer = 0;
    unsigned duplicate = 0;
    unsigned straggle = 0; ///< of the requests: come very late, in any order, also when the sender has given them up
    milliseconds longest_delay{20};
};

/// The ways between neighbours, in both directions: legs with their answers, and evidence that is asked for. They can
/// be cut and restored. What was on its way when a way is cut may still arrive, but no answer comes back.
class network {
  public:
    /// Sees what is sent before the receiver does, and may send more in the sender's name.
    struct tamperer {
        std::function<void(node& from, node& to, const letter&)> leg;
        std::function<void(node& owner, node& reader, const std::vector<store::feed_entry>&)> feed;
    };

    network(timeline& time, dice& chance, std::vector<std::unique_ptr<node>>& nodes);

    struct way {
        std::size_t a = 0, b = 0;
        bool cut = false;
    };
    const std::vector<way>& ways() const { return ways_; }
    void cut(std::size_t way, const std::string& why);
    void restore(std::size_t way);
    /// After a node has died, or has come back: the ways end there.
    void lost_node(const node& n);
    void found_node(const node& n);

    /// A node asks a neighbour for the evidence that it has for it.
    void ask_for_evidence(node& reader, node& owner);
    /// What waits for neighbours is asked for soon.
    void committed(node& at, const store::commit_notice& notice);

    /// Delivers a letter whose answer nobody waits for.
    void post(const std::string& to, letter l);

    simulation::weather weather;
    tamperer tampering;
    std::function<void(const std::string&)> note = [](const std::string&) {};
    /// Positions of feeds that did not rise.
    std::function<void(const std::string&)> violated = [](const std::string&) {};

  private:
    friend class wire;

    using answer_to = std::function<void(deliver::leg_answer)>;
    void carry(const std::shared_ptr<wire>& by, std::uint64_t offer, letter l);
    void arrive(const std::shared_ptr<wire>& by, std::uint64_t offer, const letter& l);
    void answer(const std::shared_ptr<wire>& by, std::uint64_t offer, deliver::leg_answer a);
    void connect(std::size_t from, std::size_t to);
    void disconnect(std::size_t from, std::size_t to, const std::string& why);
    void give_evidence(node& reader, node& owner, std::uint64_t from);
    milliseconds delay() { return chance_.between(milliseconds(1), weather.longest_delay); }
    node& named(const std::string& name);
    bool is_open(const node& a, const node& b) const;

    timeline& time_;
    dice& chance_;
    std::vector<std::unique_ptr<node>>& nodes_;
    std::vector<way> ways_;
    std::map<std::pair<std::size_t, std::size_t>, std::shared_ptr<wire>> wires_; ///< open ones, by sender and receiver
};

} // namespace truc::simulation
