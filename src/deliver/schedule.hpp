#pragma once
#include "context.hpp"
#include "lane.hpp"
#include "route.hpp"

#include <set>
#include <unordered_map>

namespace truc::deliver {

/// Which delivery waits on which lane: puts what commits bring and what lies on disk onto the lanes of their next hops,
/// each delivery once. Used by run() alone.
class schedule {
  public:
    explicit schedule(context& c) : c_(c) {}

    lane& lane_of(const std::string& neighbour);
    std::map<std::string, lane>& lanes() { return lanes_; } ///< of neighbours
    lane& home() { return home_; }                          ///< what belongs into an inbox here
    const directory::directory& directory() const { return *directory_; }
    std::uint64_t generation() const { return generation_; } ///< rises with the directory

    /// Where a delivery goes: by the directory, unless a neighbour may have it already.
    route way_of(std::int64_t row, std::string_view recipient) const;

    void place(const std::vector<store::queued_delivery>& found);
    /// Something is on disk that no lane knows, from there on.
    void read_from(leg_key key);
    /// By the directory of now: what waits is forgotten and read anew.
    void start_over();
    /// Reads on where lanes have room, some pages at a time. True when there is more to read.
    bool fill();
    bool is_reading() const { return reading_.has_value(); }
    /// Looks again whether there is a way for those without one.
    void review_unrouted();
    bool has_unrouted() const { return !unrouted_names_.empty(); }

    /// Of a leg that was taken off its lane only these deliveries are left.
    void keep_only(waiting_leg& l, const std::vector<std::int64_t>& rows);
    /// These deliveries of it are not what was thought: forgotten.
    void take_off(waiting_leg& l, const std::vector<std::int64_t>& rows);
    /// Passed on (and perhaps back again) or ended: no doubt is left about them.
    void forget(const std::vector<std::int64_t>& rows);
    /// Off its lane for a moment, custody here.
    void keep_away(const std::vector<std::int64_t>& rows);
    /// Offered: until there is an answer the neighbour may have custody, so that it is neither ended here nor offered
    /// to another: two would have it, and after a move of the recipient both could hand it over.
    void take_away(const std::vector<std::int64_t>& rows, const std::string& neighbour);
    /// Whether a neighbour may have custody of any of them.
    bool in_doubt(const std::vector<std::int64_t>& rows) const;
    /// There was an answer, and custody is here.
    void settle(const std::vector<std::int64_t>& rows);
    /// Waits again, as before.
    void bring_back(const std::vector<std::int64_t>& rows);
    /// Waits again, on whatever lane is the right one by now.
    void find_again(const waiting_leg& l);
    /// Those of the deliveries whose custody is certainly here: off their lanes, to be ended. Of what an earlier life
    /// of this node left behind nobody knows what was under way when it died: the neighbour has to answer first.
    std::vector<std::int64_t> withdraw(const std::vector<std::int64_t>& rows);
    /// They could not be ended; withdraw() gives them again.
    void still_here(const std::vector<std::int64_t>& rows);

  private:
    enum class whereabouts : std::uint8_t { waiting, away, ending, not_ended };
    struct known_row {
        whereabouts where = whereabouts::waiting;
        std::size_t hops = 0;
    };
    struct found_leg {
        route way;
        waiting_leg leg;
    };

    void add(std::vector<found_leg>& found, const store::queued_delivery& d);
    void put(const route& way, waiting_leg l);
    lane& lane_by(const route& way);
    milliseconds loop_wait(const route& way, const waiting_leg& l) const;
    std::vector<store::queued_delivery> read_page(store::queue_cursor& after, bool& at_end);
    bool refill(lane& l);
    bool may_be_elsewhere(std::int64_t row) const;
    void drop(lane& l);

    context& c_;
    std::shared_ptr<const directory::directory> directory_;
    std::uint64_t generation_ = 0;
    std::map<std::string, lane> lanes_;
    lane home_{limits()}, unrouted_{limits()};
    lane::limits limits() const {
        lane::limits l;
        l.window = c_.o.window;
        return l;
    }
    std::set<std::string> unrouted_names_; ///< what there is no way to, as alarmed
    std::unordered_map<std::int64_t, known_row> known_;
    std::unordered_map<std::int64_t, std::string> unsettled_; ///< offered to that neighbour, and not answered
    std::int64_t highest_read_ = 0;
    std::optional<std::int64_t> left_behind_; ///< up to here by an earlier life; known after reading everything once
    std::unordered_set<std::int64_t> settled_since_; ///< those of them that were answered
    /// Came back under other hops while the delivery was still known under the old ones.
    std::unordered_map<std::int64_t, store::queued_delivery> returned_;
    std::optional<store::queue_cursor> reading_; ///< of everything
};

} // namespace truc::deliver
