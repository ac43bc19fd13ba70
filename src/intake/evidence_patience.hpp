#pragma once
#include <truc/base/clock.hpp>

#include <map>
#include <mutex>
#include <string>

namespace truc::intake {

/// For how long feeds stand still before a receipt that cannot be judged yet. Without an end, one that can never be
/// judged would keep back all evidence that follows it, silently.
///
/// Counted by what is waited for, not by receipt: a hundred receipts of a node that stays unknown hold the feed once,
/// and a feed that numbers its entries anew gains nothing. Outlives sessions with the neighbour. Thread-safe. Memory:
/// of each feed what was waited for in vain within a day, at most one thing in `limit`.
class evidence_patience {
  public:
    static constexpr milliseconds limit = std::chrono::minutes(15);
    /// For how long what was waited for in vain is not waited for again.
    static constexpr milliseconds memory = std::chrono::hours(24);

    /// The feed has come to a receipt that waits for `what`. True: long enough.
    bool is_over(const std::string& neighbour, const std::string& what, timestamp now);
    /// The feed stands no more.
    void goes_on(const std::string& neighbour);

  private:
    struct feed {
        std::string awaited; ///< empty: it does not stand
        timestamp since;
        std::map<std::string, timestamp> in_vain; ///< until when it is remembered
    };
    std::mutex mutex_;
    std::map<std::string, feed> feeds_; ///< by neighbour
};

} // namespace truc::intake
