#pragma once
#include "dialled_session.hpp"
#include "load.hpp"

#include <unordered_map>

namespace truc::bench {

/// Signed documents that wait to be sent.
using document_queue = std::deque<std::string>;

/// Agencies' systems that submit over AMQP, each over a session of its own, driven by one thread.
class amqp_load {
  public:
    explicit amqp_load(std::uint16_t port);
    ~amqp_load();

    /// One more session; it has so many documents under way at once. Sessions may share a queue, which outlives this.
    void add(const std::string& client, std::shared_ptr<const trust::tls_context> tls, document_queue& documents,
             std::size_t window);
    /// Opens all sessions, then submits until the time is over or a queue is empty, then waits for the outcomes of what
    /// is under way. A unit is a document that was accepted; it took from being given to the session until its outcome.
    /// Once. Throws failure, also when a document is not accepted.
    observation run(std::chrono::nanoseconds time);

  private:
    class submitter;
    /// What the sessions share; written by the loop's thread, and read by others when that has ended.
    struct account {
        bool running = false;
        steady_time start;
        observation seen;
        std::atomic<std::size_t> under_way{0};
        std::atomic<bool> dry{false}; ///< there was nothing left to send
    };

    void tell_all(bool running);
    template <class Condition>
    void wait_until(std::chrono::nanoseconds most, const Condition& reached) const;

    const std::uint16_t port_;
    account account_;
    std::vector<std::unique_ptr<submitter>> submitters_;
    net::io_loop loop_; // stops before what its handlers refer to
};

} // namespace truc::bench
