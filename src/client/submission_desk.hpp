#pragma once
#include <truc/client/exchange_link.hpp>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace truc::client {

/// Where those who submit wait, and where the session fetches what to send. Nothing is copied: the bytes are the
/// caller's, who stays until all that was fetched has its answer. Thread-safe.
class submission_desk {
  public:
    using deadline = std::chrono::steady_clock::time_point;

    /// What one caller submits.
    struct batch {
        explicit batch(const std::vector<submission>& all) : what(all), answers(all.size()), open(all.size()) {}

        const std::vector<submission>& what;
        std::vector<submission_answer> answers;
        std::size_t open; ///< without an answer
        bool given_up = false;
    };
    /// One of them.
    struct job {
        std::shared_ptr<batch> of;
        std::size_t index = 0;
        const submission& what() const { return of->what[index]; }
    };

    // Callers:
    std::shared_ptr<batch> enter(const std::vector<submission>& all);
    /// False: time is up.
    bool wait(const batch& b, deadline until);
    /// What was not fetched is `later`. What was, the session answers when it hears of it: ring, and wait for that.
    void give_up(batch& b, const std::string& why);
    void wait(const batch& b);

    // The session:
    std::optional<job> fetch();
    bool is_given_up(const job& j) const;
    void answer(const job& j, submission_answer how);

    /// From now on nothing is fetched: `later`.
    void close();

  private:
    void leave(const batch* b, const std::string& why);
    void put(const job& j, submission_answer how);

    mutable std::mutex mutex_;
    std::condition_variable answered_;
    std::deque<job> waiting_;
    bool closed_ = false;
};

} // namespace truc::client
