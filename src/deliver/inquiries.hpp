#pragma once
#include "offers.hpp"

#include <truc/store/passed.hpp>

namespace truc::deliver {

/// Neighbours that were restored from a copy are asked about everything that was passed on to them and has no end yet:
/// whoever has lost it takes it anew, for the others nothing changes. What is asked when the connection goes down is
/// asked again with the next one. A node that itself goes down meanwhile asks about the rest when its deadline comes
/// (deadline_watch). Used by run() alone.
class inquiries {
  public:
    inquiries(context& c, schedule& s, offers& o) : c_(c), s_(s), offers_(o) {}

    void begin(const std::string& neighbour) { open_[neighbour] = {}; }
    /// The connection is another one, or none: answers may be lost.
    void start_over(const std::string& neighbour);
    /// Asks as much as the neighbours can take now. Returns when to look again; nullopt: nobody is to be asked.
    std::optional<timestamp> look();

  private:
    struct inquiry {
        std::int64_t after = 0; ///< row
        bool exhausted = false;
        std::map<std::int64_t, std::vector<std::int64_t>> due{}; ///< rows by dispatch
    };

    void go_on(const std::string& neighbour, inquiry& i);
    bool ask(const std::string& neighbour, std::vector<std::int64_t>& rows);

    context& c_;
    schedule& s_;
    offers& offers_;
    std::map<std::string, inquiry> open_;
};

} // namespace truc::deliver
