#pragma once
#include <truc/base/alarms.hpp>
#include <truc/store/report.hpp>

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace truc::deliver {

/// What is late at one agency by one clock.
struct late_deliveries {
    legal_clock clock{};
    std::string agency; ///< that has to look after it: the sender, or the recipient where that one is at home here
    std::size_t count = 0;
    timestamp oldest = timestamp::max(); ///< when its time was over
    std::string document_id;             ///< of the oldest
    std::string recipient;               ///< of the oldest
};

/// Watches the times that the law sets (model/legal_clock.hpp) for all deliveries that were submitted here or whose
/// recipient is at home here, and keeps one alarm for each clock and agency, which ends when nothing is late any more.
/// Goes round through what is open and what was handed over in the last days, a page at a time, so that a million
/// deliveries cost no more at once than a few thousand do; what it says is as old as its last round.
///
/// No thread and no clock of its own: look() by one thread at a time, the others by any.
class legal_clocks {
  public:
    struct options {
        const store::store* store = nullptr;
        const truc::clock* clock = &system_clock();
        alarm_board* alarms = nullptr;
        clock_rules rules;
        std::chrono::days look_back{14}; ///< how long what was handed over is watched
        std::size_t page = 5'000;        ///< rows at once
    };
    explicit legal_clocks(options o);

    /// Does one page. Returns when to call again.
    timestamp look();
    /// Other holidays or times, from the next page on.
    void use(clock_rules rules);

    clock_rules rules() const;
    /// What the last round found; no `at` before the first is over.
    struct finding {
        std::vector<late_deliveries> late;
        std::optional<timestamp> at;
    };
    finding last_round() const;

  private:
    using key = std::pair<legal_clock, std::string>;

    store::history_page next_page();
    void judge(const store::delivery_history& h, const clock_rules& rules);
    void add(legal_clock c, const std::string& agency, const store::delivery_history& h, timestamp due);
    void end_round();

    options o_;
    std::size_t part_ = 0; ///< of the round
    store::history_cursor after_;
    std::map<key, late_deliveries> found_; ///< in this round
    std::set<key> alarmed_;

    mutable std::mutex mutex_; ///< for the rules and what follows
    finding last_;
};

/// For people: how many are late at that agency, and which is the oldest.
std::string describe(const late_deliveries& l, language lang);

} // namespace truc::deliver
