#pragma once
#include "waiting_leg.hpp"

#include <truc/deliver/link.hpp>

#include <map>
#include <memory>
#include <optional>
#include <unordered_set>

namespace truc::deliver {

/// What waits for one neighbour, in memory, and how much of it is under way. The window holds so many deliveries; what
/// comes behind its horizon waits on disk until there is room. A value; used by run() alone.
class lane {
  public:
    struct limits {
        std::size_t window =
            10'000; ///< deliveries that could be offered, one leg more or less; some more wait for their time
        std::size_t legs = 256; ///< under way
        std::uint64_t bytes = std::uint64_t{64} << 20;
        std::uint64_t large = std::uint64_t{1} << 20; ///< from here on a leg is a large one
        std::size_t large_legs = 4;
    };
    explicit lane(const limits& l) : limits_(l) {}

    // --- what waits -----------------------------------------------------------------------------------------------

    /// A leg that was found. Returns what has no room: it waits on disk, behind the horizon.
    std::vector<waiting_leg> put(waiting_leg l);
    /// A leg that was taken out before.
    void put_back(waiting_leg l);
    /// It is not looked at before that time; with `lost`, also when the neighbour is connected again.
    void delay(waiting_leg l, timestamp until, bool lost = false);
    /// What was delayed until now can be offered.
    void wake(timestamp now);
    void wake_lost();
    void wake_all();
    bool has_ready() const { return !ready_.empty(); }
    const waiting_leg& first() const { return ready_.begin()->second; }
    waiting_leg take_first();
    void remember_size(std::uint64_t size) { ready_.begin()->second.size = size; }
    /// Takes these deliveries out of whatever legs wait.
    void take_out(const std::unordered_set<std::int64_t>& rows);
    /// Forgets all that waits, and the horizon; returns it.
    std::vector<waiting_leg> drop();
    bool holds_rejected() const;
    std::optional<timestamp> next_delayed() const;
    std::size_t waiting() const { return ready_rows_ + delayed_rows_; }

    // --- what waits on disk ---------------------------------------------------------------------------------------

    /// Everything before it is known here; without one, simply everything.
    const std::optional<leg_key>& horizon() const { return horizon_; }
    void set_horizon(std::optional<leg_key> h) { horizon_ = h; }
    bool wants_more() const {
        return horizon_ && ready_rows_ <= limits_.window / 2 && delayed_rows_ <= 4 * limits_.window;
    }

    // --- the neighbour --------------------------------------------------------------------------------------------

    std::shared_ptr<link> way; ///< null: not connected
    std::string last_failure;

    /// Whether the first leg may be offered as far as the lane is concerned. While it backs off, no; after that one leg
    /// probes.
    bool may_offer(timestamp now) const;
    /// Whether a content of this size goes beside those under way. Alone it always does.
    bool fits(std::uint64_t size) const;
    void sent(const waiting_leg& l);
    void settled(const waiting_leg& l);
    std::size_t under_way() const { return away_legs_; }

    /// The neighbour cannot take anything now. Answers to what was offered before do not count again.
    void back_off(timestamp now, milliseconds period);
    bool backs_off(timestamp now) const { return next_at_ && *next_at_ > now; }
    /// The neighbour works. What comes in while the lane backs off was offered before.
    void succeeded(timestamp now);
    void restart();
    unsigned failures() const { return failures_; }
    const std::optional<timestamp>& next_at() const { return next_at_; }

  private:
    struct delayed_leg {
        waiting_leg leg;
        bool lost;
    };

    limits limits_;
    std::map<leg_key, waiting_leg> ready_;
    std::multimap<timestamp, delayed_leg> delayed_;
    std::size_t ready_rows_ = 0, delayed_rows_ = 0;
    std::optional<leg_key> horizon_;
    std::size_t away_legs_ = 0, away_large_ = 0;
    std::uint64_t away_bytes_ = 0;
    unsigned failures_ = 0;
    std::optional<timestamp> next_at_;
};

} // namespace truc::deliver
