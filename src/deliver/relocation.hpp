#pragma once
#include "schedule.hpp"

#include <deque>

namespace truc::deliver {

/// Finds what waits in another lane than the directory of now leads to, and has it moved: after a change of the
/// directory, at the start, and now and then while there is no way for something. It looks at recipients and not at
/// deliveries, a page a turn, so that it delays nothing. Used by run() alone.
class relocation {
  public:
    relocation(context& c, schedule& s) : c_(c), s_(s) {}

    /// From the first recipient on.
    void begin();
    /// A page of it. True when there is more to do at once; while moves are under way their commits bring a turn.
    bool step();

  private:
    struct misplaced {
        store::waiting_place from;
        std::int64_t after = 0; ///< the row that was looked at last
    };

    void look_at_more_places();
    void look_at(const store::waiting_place& place);

    context& c_;
    schedule& s_;
    bool looking_ = false;
    store::waiting_place last_;
    std::set<std::string> without_way_;
    std::deque<misplaced> misplaced_;
};

} // namespace truc::deliver
