#pragma once
#include "context.hpp"
#include "lane.hpp"
#include "route.hpp"

#include <truc/store/lanes.hpp>

#include <set>
#include <unordered_map>

namespace truc::deliver {

/// Which delivery waits on which lane: puts what commits bring and what each lane reads from disk onto the lanes, each
/// delivery once. A delivery waits in the lane that stands on disk with it. Where the directory of now leads elsewhere
/// the store is asked to move it, and the commit brings it again; but what a neighbour may have stays in that
/// neighbour's lane until it has answered. Used by run() alone.
class schedule {
  public:
    /// What is on disk by now may have been offered by an earlier life of this node.
    explicit schedule(context& c);

    lane& lane_of(const std::string& neighbour);
    std::map<std::string, lane>& lanes() { return lanes_; } ///< of neighbours
    lane& home() { return home_; }                          ///< what belongs into an inbox here
    const directory::directory& directory() const { return *directory_; }
    std::uint64_t generation() const { return generation_; } ///< rises with the directory

    /// Rows up to here were there before this life began.
    std::int64_t left_behind() const { return left_behind_; }

    /// By the directory of now.
    route route_to(std::string_view recipient) const;
    /// The lane of a route: a neighbour, this node, or none (empty).
    static std::string lane_by(const route& way) { return way.kind == route::kind::none ? std::string() : way.name; }

    void place(const std::vector<store::queued_delivery>& found);
    /// Something is on disk in that lane that may not be here.
    void missed(const std::string& lane, lane_class of, std::int64_t row);
    /// By the directory of now: what waits is forgotten and read anew.
    void start_over();
    /// Reads on where lanes have room, some pages at a time. True when there is more to read.
    bool fill();
    /// Rows that are being moved.
    std::size_t moving() const { return moving_; }
    /// No way is known to this node or agency.
    void without_way(const std::string& name);
    /// No way was found to these and no others, as everything has been looked at.
    void only_these_without_way(std::set<std::string> names);
    bool has_unrouted() const { return !unrouted_.empty(); }
    /// Something could not be moved: everything has to be looked at again. Once.
    bool take_move_failed() { return std::exchange(move_failed_, false); }

    /// Of a leg that was taken off its lane only these deliveries are as they were thought to be; the others wait
    /// anew, if they wait at all.
    void keep_only(waiting_leg& l, const std::vector<std::int64_t>& rows);
    void let_go(const std::vector<std::int64_t>& rows);
    /// Of it these came back by other hops: no doubt is left about them, and they wait anew.
    void take_off(waiting_leg& l, const std::vector<std::int64_t>& rows);
    /// Passed on (and perhaps back again) or ended: no doubt is left about them.
    void forget(const std::vector<std::int64_t>& rows);
    /// Held: off their lanes. Whether a neighbour may have them is not forgotten.
    void withhold(const std::vector<std::int64_t>& rows);
    /// Of a leg that is not under way any more what came back by other hops meanwhile leaves it, and waits anew. True
    /// when nothing else is left.
    bool drop_returned(waiting_leg& l);
    /// Of a leg that is not under way any more what is held leaves it. True when nothing else is left.
    bool drop_withheld(waiting_leg& l);
    /// Off its lane, custody here, and on none until a commit brings it again.
    void set_aside(const std::vector<std::int64_t>& rows);
    /// Onto their lane for one offer, whatever room it has: only the neighbour's answer lets them end.
    void ask_about(const std::vector<std::int64_t>& rows);
    /// Off its lane for a moment, custody here.
    void keep_away(const std::vector<std::int64_t>& rows);
    /// Offered: until there is an answer the neighbour may have custody, so that it is neither ended here nor offered
    /// to another: two would have it, and after a move of the recipient both could hand it over.
    void take_away(const std::vector<std::int64_t>& rows);
    /// Whether the neighbour in whose lane they wait may have custody of any of them.
    bool in_doubt(const std::vector<std::int64_t>& rows) const;
    /// There was an answer, and custody is here.
    void settle(const std::vector<std::int64_t>& rows);
    /// Waits again, as before.
    void bring_back(const std::vector<std::int64_t>& rows);
    /// Waits again, on whatever lane is the right one by now.
    void find_again(const waiting_leg& l);
    /// Those of the deliveries whose custody is certainly here: off their lanes, to be ended. Of what an earlier life
    /// of this node left behind nobody knows what was under way when it died: the neighbour has to answer first.
    std::vector<std::int64_t> withdraw(const std::vector<store::dated_delivery>& late);
    /// They could not be ended; withdraw() gives them again.
    void still_here(const std::vector<std::int64_t>& rows);

  private:
    enum class whereabouts : std::uint8_t { nowhere, waiting, away, ending, not_ended };
    struct known_row {
        whereabouts where = whereabouts::nowhere;
        bool unsettled = false; ///< offered in this life, and not answered
        bool settled = false;   ///< answered in this life, whatever happened in one before
        bool withheld = false;  ///< held since it is here
        std::size_t hops = 0;
        /// Came back under other hops while it was still known under the old ones.
        std::unique_ptr<store::queued_delivery> returned{};
    };
    struct found_leg {
        std::string lane;
        waiting_leg leg;
    };

    bool may_be_elsewhere(std::int64_t row, const known_row& known, bool was_offered) const;
    bool may_be_elsewhere(const store::dated_delivery& d) const;
    bool claim(const store::queued_delivery& d, bool& bound);
    bool came_back(const store::queued_delivery& d, known_row& row);
    void add(std::vector<found_leg>& found, const store::queued_delivery& d, bool bound) const;
    void put(const std::string& lane, waiting_leg l);
    void put_all(std::vector<found_leg>& legs);
    lane& lane_named(const std::string& name) { return name == c_.o.node ? home_ : lane_of(name); }
    milliseconds loop_wait(const std::string& lane, const waiting_leg& l) const;
    std::size_t read(const std::string& name, lane& l, const lane::unread& what);
    void flush_moves();
    void moved(const std::vector<std::int64_t>& rows, bool committed);
    void drop(lane& l);
    void release(std::int64_t row);
    lane::limits neighbours_limits() const;
    lane::limits home_limits() const;

    context& c_;
    std::shared_ptr<const directory::directory> directory_;
    std::uint64_t generation_ = 0;
    std::map<std::string, lane> lanes_;
    lane home_;
    std::string read_last_;                            ///< the lane that had the last turn to read
    std::unordered_map<std::int64_t, known_row> rows_; ///< all that is here, and what must not be forgotten
    const std::int64_t left_behind_;
    std::map<std::string, std::vector<std::int64_t>> to_move_;
    std::size_t moving_ = 0; ///< rows, in the store's hands
    bool move_failed_ = false;
    std::set<std::string> unrouted_; ///< what there is no way to, as alarmed
    counter* rows_read_ = nullptr;
};

} // namespace truc::deliver
