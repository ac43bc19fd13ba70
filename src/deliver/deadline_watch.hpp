#pragma once
#include "offers.hpp"

namespace truc::deliver {

/// Looks after deadlines (custody rule 5): what is queued here beyond its deadline expires, unless an offer of
/// it was never answered, so that the neighbour may have custody; some time before, its sender is warned. What lies in
/// an inbox only raises an alarm; so does what was passed on, and the neighbour is asked again. Used by run() alone.
class deadline_watch {
  public:
    deadline_watch(context& c, schedule& s, offers& f) : c_(c), s_(s), offers_(f) {}

    void hold(bool held) { held_ = held; }
    /// Among what is withheld there may be something that an administrator wants ended.
    void look_at_once() { queued_.due = {}; }
    /// A page of what is due. Returns when to look again.
    timestamp look();

  private:
    struct overdue {
        std::size_t count = 0;
        timestamp since = timestamp::max();
    };
    /// Going through all deliveries of one state that are overdue, a page at a time.
    struct round {
        delivery_state state;
        milliseconds period;
        std::string_view what; ///< is said of those that are found
        std::int64_t after = 0;
        timestamp due{};
        std::map<std::string, overdue> found{}; ///< by whom to ask
        std::set<std::string> alarmed{};        ///< by the round before
    };
    struct asked_row {
        unsigned times = 0;
        timestamp again{};
        std::uint64_t round = 0; ///< in which it was seen last
    };

    std::vector<store::dated_delivery> next_page(round& r);
    void expire();
    void ask_for_the_end(const std::vector<store::dated_delivery>& kept);
    void have_expire(std::vector<std::int64_t> rows);
    void warn();
    std::string why_queued(const store::dated_delivery& d) const;
    void end(std::vector<std::int64_t> rows, std::string reason);
    void remind(round& r);
    static void add(round& r, const std::string& whom, const store::dated_delivery& d);
    void tell(round& r);
    std::size_t alarmed_by_others(const std::string& whom, const round& r) const;
    void ask(const std::vector<store::dated_delivery>& page);

    context& c_;
    schedule& s_;
    offers& offers_;
    bool held_ = false;
    round queued_{delivery_state::queued, std::chrono::seconds(10),
                  "beyond their deadline may be there: no answer says that they are not"};
    round consigned_{delivery_state::consigned, std::chrono::minutes(1), "in the inbox are beyond their deadline"};
    round relayed_{delivery_state::relayed, std::chrono::minutes(1), "passed on there are beyond their deadline"};
    std::unordered_map<std::int64_t, asked_row> asked_;
    std::uint64_t round_ = 0;
    timestamp warn_at_{};
    bool warning_ = false; ///< in the store's hands
};

} // namespace truc::deliver
