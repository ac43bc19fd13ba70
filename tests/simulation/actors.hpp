#pragma once
#include "world.hpp"

#include <deque>

namespace truc::simulation {

/// The agencies' systems: they send, ask again when no answer came, look into their inboxes, take, refuse, put back,
/// and report what they took. They know what they were told and nothing else.
class systems {
  public:
    /// `documents`: how many of the cast's are sent in this run.
    systems(world& w, std::size_t documents);

    void send_something();
    void look_into_an_inbox();
    /// Every system sends what it has not been answered for, and empties its inbox.
    void do_everything();
    bool is_done() const;
    /// An agency's system is busy with sending, or with looking, again and again.
    void begin();

    std::size_t answers() const { return answers_; }
    std::size_t refusals() const { return refusals_; }

  private:
    /// Something to be sent until it is answered.
    struct errand {
        std::size_t sender = 0;
        std::string bytes;
        std::optional<std::size_t> tried_at; ///< the node that may have accepted it
        bool answered = false;
        bool given_up = false; ///< refused for good
    };
    /// A decision about a delivery whose answer was lost.
    struct decision {
        std::size_t recipient = 0;
        std::size_t node = 0;
        store::inbox_item item;
        deliver::inbox::outcome outcome{};
    };

    void send(errand& e);
    void hear(errand& e, std::size_t node, const result<store::acceptance>& answer);
    void open_inbox(std::size_t recipient, std::size_t node);
    void decide(decision d);
    void hear(const decision& d, const result<store::conclusion_record>& answer);
    void report(const decision& d);
    void again_sending();
    void again_looking();

    world& world_;
    std::deque<errand> errands_;
    std::vector<decision> in_doubt_;
    std::set<uuid> reported_;
    std::size_t to_send_ = 0; ///< position of the first errand that was never tried
    std::size_t answers_ = 0;
    std::size_t refusals_ = 0;
};

} // namespace truc::simulation
