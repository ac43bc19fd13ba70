#pragma once
#include "pace.hpp"
#include "waiting_leg.hpp"

#include <truc/deliver/forwarder.hpp>
#include <truc/deliver/link.hpp>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <unordered_set>

namespace truc::deliver {

/// What waits for one neighbour, in memory, and how much of it is under way. Of each class a window is here; what comes
/// behind its horizon waits on disk until there is room. Large contents and others do not get into each other's way:
/// each have slots and bytes of their own. A value; used by run() alone.
class lane {
  public:
    struct limits {
        /// Deliveries of one class that could be offered, one leg more or less.
        std::size_t window = 2000;
        /// Others of the class that wait for their time: many, because what came behind them must not wait for them.
        std::size_t delayed = 100'000;
        std::size_t first_legs = 2;                    ///< under way at first
        std::size_t legs = 256;                        ///< under way at most; large ones are not among them
        std::uint64_t bytes = std::uint64_t{64} << 20; ///< under way, and as many of large ones
        std::uint64_t large = std::uint64_t{1} << 20;  ///< from here on a leg is a large one
        std::size_t large_legs = 4;
    };
    /// Nothing is known of the disk yet: each class begins at its start.
    explicit lane(const limits& l) : limits_(l), pace_(l.first_legs, l.legs) {}

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
    /// The leg whose turn it is among those that may go beside what is under way; null: none. The most urgent class
    /// first, but each eighth turn is that of the leg which has waited longest, so that none waits for ever.
    const waiting_leg* next() const;
    waiting_leg take_next();
    /// What next() gave is that large, as reading it has shown.
    void remember_size(std::uint64_t size);
    /// Takes these deliveries out of whatever legs wait.
    void take_out(const std::unordered_set<std::int64_t>& rows);
    /// Forgets all that waits, and how far the disk was read; returns it.
    std::vector<waiting_leg> drop();
    bool has_ready() const;
    std::optional<timestamp> next_delayed() const;
    std::size_t waiting() const;
    /// By class; what waits for its time is not among them.
    std::array<std::size_t, lane_classes> waiting_by_class() const;

    // --- what waits on disk ---------------------------------------------------------------------------------------

    struct unread {
        lane_class of{};
        std::int64_t from = 0;
    };
    /// What to read next; nullopt: there is no room, or nothing on disk that is not here.
    std::optional<unread> wants_more() const;
    /// Of this class everything before that row is here; nullopt: simply everything.
    void has_read(lane_class of, std::optional<std::int64_t> horizon) { at(of).horizon = horizon; }
    /// Something is on disk there that may not be here.
    void read_again(lane_class of, std::int64_t from);
    bool has_more() const;

    // --- the neighbour --------------------------------------------------------------------------------------------

    std::shared_ptr<link> way; ///< null: not connected
    std::string last_failure;

    /// Whether anything may be offered. While the circuit is open, no; after that one leg probes.
    bool may_offer(timestamp now) const;
    /// Whether a content of this size goes beside those under way. Alone it always does.
    bool fits(std::uint64_t size) const;
    void sent(const waiting_leg& l);
    void settled(const waiting_leg& l);
    std::size_t under_way() const { return away_.legs + away_large_.legs; }
    std::size_t limit() const { return failures_ ? 1 : pace_.limit(); }

    /// The neighbour cannot take anything now. Answers to what was offered before do not count again.
    void back_off(timestamp now, milliseconds period);
    bool backs_off(timestamp now) const { return next_at_ && *next_at_ > now; }
    /// The neighbour answers. What comes in while the lane backs off was offered before.
    void works(timestamp now);
    void accepted(timestamp now);
    /// The neighbour could not keep up.
    void slow_down(timestamp now) { pace_.failed(now); }
    void restart();
    circuit state(timestamp now) const;
    unsigned failures() const { return failures_; }
    const std::optional<timestamp>& next_at() const { return next_at_; }

  private:
    using legs = std::map<std::int64_t, waiting_leg>; ///< by key
    struct class_window {
        legs ready;
        legs large; ///< known to be large ones
        std::size_t rows = 0;
        std::size_t delayed = 0; ///< rows that wait for their time
        std::optional<std::int64_t> horizon = 0;
    };
    struct delayed_leg {
        waiting_leg leg;
        bool lost;
    };
    struct load {
        std::size_t legs = 0;
        std::uint64_t bytes = 0;
    };

    class_window& at(lane_class of) { return windows_[static_cast<std::size_t>(of)]; }
    bool has_room(std::size_t of) const;
    void end_delay(std::multimap<timestamp, delayed_leg>::iterator which);
    bool is_large(std::uint64_t size) const { return size >= limits_.large; }
    load& load_of(const waiting_leg& l) { return is_large(l.size) ? away_large_ : away_; }
    const waiting_leg* first_of(const class_window& w) const;
    static waiting_leg drop_last(class_window& w);

    limits limits_;
    std::array<class_window, lane_classes> windows_;
    std::multimap<timestamp, delayed_leg> delayed_;
    unsigned turns_ = 0;
    load away_, away_large_;
    pace pace_;
    unsigned failures_ = 0;
    std::optional<timestamp> next_at_;
};

} // namespace truc::deliver
