#pragma once
#include "offers.hpp"

#include <truc/store/passed.hpp>

namespace truc::deliver {

/// Neighbours that were restored from a copy are asked about everything that was passed on to them and has no end yet:
/// whoever has lost it takes it anew, for the others nothing changes. What is asked when the connection goes down is
/// asked again with the next one, what a node had not asked when it went down, by its next life: the store remembers
/// that the question is open. Whoever says that it was restored again and again is asked once an hour, unless a person
/// wants it sooner. Used by run() alone.
class inquiries {
  public:
    inquiries(context& c, schedule& s, offers& o) : c_(c), s_(s), offers_(o) {}

    /// The neighbour has opened a new log.
    void begin(const std::string& neighbour);
    /// The connection is another one, or none: answers may be lost.
    void start_over(const std::string& neighbour);
    /// There is a connection: what an earlier life of this node has left open goes on.
    void connected(const std::string& neighbour);
    /// An inquiry that waits for its hour waits no more.
    void hurry(const std::string& neighbour);
    /// Asks as much as the neighbours can take now. Returns when to look again; nullopt: nobody is to be asked.
    std::optional<timestamp> look();

  private:
    struct inquiry {
        std::string log;           ///< that the neighbour has opened
        timestamp not_before{};    ///< it was asked lately
        std::int64_t after = 0;    ///< row
        std::int64_t answered = 0; ///< row: up to here the neighbour has answered
        bool exhausted = false;
        std::map<std::int64_t, std::vector<std::int64_t>> due{}; ///< rows by dispatch
    };

    void go_on(const std::string& neighbour, inquiry& i);
    bool ask(const std::string& neighbour, std::vector<std::int64_t>& rows);
    bool is_over(const std::string& neighbour, const inquiry& i) const;
    void end(const std::string& neighbour, const inquiry& i);

    context& c_;
    schedule& s_;
    offers& offers_;
    std::map<std::string, inquiry> open_;
    std::map<std::string, timestamp> begun_; ///< when each neighbour was last asked from the first row on
};

} // namespace truc::deliver
