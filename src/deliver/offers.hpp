#pragma once
#include "schedule.hpp"

#include <array>

namespace truc::deliver {

/// Moves custody: offers legs to neighbours, deals with their answers, and tells the store. A leg is forgotten only
/// when the store has committed that it was passed on; until then it is offered again after whatever goes wrong for
/// now. What a neighbour refuses for good is held, for a person to look at. Used by run() alone.
class offers {
  public:
    offers(context& c, schedule& s);

    /// What may go to the neighbour now.
    void offer(const std::string& neighbour, lane& l);
    /// Into the inboxes of this node, after the home node's checks.
    void bring_home();
    /// Offers what was passed on to the neighbour once more, which changes nothing there unless it was lost. Returns
    /// what was asked about.
    std::vector<std::int64_t> ask(const std::string& neighbour, std::vector<std::int64_t> rows);
    bool may_ask(const std::string& neighbour);
    /// Whether answers to ask() are awaited.
    bool is_asking(const std::string& neighbour) const;
    /// What neighbours have committed is committed here.
    void pass_on();
    /// What is under way by another link than the lane's has no answer to expect.
    void lose(const std::string& neighbour);
    /// Looks whether something is still held that a neighbour refused; without it the alarm is over.
    void review_refused();
    bool has_refused() const { return !refused_by_.empty(); }

  private:
    enum class purpose : std::uint8_t { pass_on, ask, home, hold };
    static bool is_offered(purpose p) { return p == purpose::pass_on || p == purpose::ask; }
    struct offer_under_way {
        std::string neighbour;
        offers::purpose purpose{};
        std::shared_ptr<link> way;
        waiting_leg leg;
        std::uint64_t generation = 0; ///< of the directory
        uuid dispatch{};
        bool doubtful = false; ///< the neighbour may have taken it at an earlier offer
    };
    struct passing_under_way {
        std::string neighbour;
        std::vector<offer_under_way> offers;
    };
    struct loaded_leg {
        waiting_leg leg;
        store::outgoing_leg content;
    };

    std::optional<loaded_leg> load(lane& l);
    void send(offer_under_way o, store::outgoing_leg loaded);
    void arrive(offer_under_way o, const store::outgoing_leg& loaded);
    result<store::home_finding> judge(const waiting_leg& l, const store::outgoing_leg& loaded) const;
    void answered(std::uint64_t id, const leg_answer& a);
    void settle_answer(offer_under_way o, const leg_answer& a);
    void accepted(offer_under_way o);
    void released(offer_under_way o, const std::string& reason);
    void rejected(offer_under_way o, const std::string& reason);
    bool is_late(const offer_under_way& o, const std::string& reason) const;
    void lost(offer_under_way o, const std::string& reason);
    void halve(offer_under_way o);
    void hold(offer_under_way o, const std::string& reason);
    void held(std::uint64_t id, bool committed, const std::string& reason);
    void wait(offer_under_way o, milliseconds period, const std::string& reason, bool lost = false);
    void passed(std::uint64_t id, bool committed);
    lane& lane_of(const offer_under_way& o);
    void note(waiting_leg& l, const std::string& neighbour, const std::string& reason, timestamp next_at);
    void count(leg_fate fate);
    std::map<std::string, std::uint64_t> section_versions(const store::outgoing_leg& l) const;

    context& c_;
    schedule& s_;
    std::uint64_t next_id_ = 1;
    std::map<std::uint64_t, offer_under_way> under_way_; ///< in the order in which they were offered
    std::unordered_set<std::int64_t> asking_;
    std::map<std::string, std::vector<offer_under_way>> taken_; ///< committed by the neighbour, not yet here
    std::map<std::uint64_t, passing_under_way> passings_;
    std::map<std::string, std::size_t> passings_of_; ///< by neighbour
    std::set<std::string> refused_by_;               ///< as alarmed
    std::array<counter*, 4> outcomes_{};
};

} // namespace truc::deliver
