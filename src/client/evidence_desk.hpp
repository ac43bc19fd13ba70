#pragma once
#include <truc/amqp/session.hpp>
#include <truc/client/exchange_link.hpp>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

namespace truc::client {

/// The receipts that are here and nobody has read yet, and how far each agency's were read. Thread-safe.
class evidence_desk {
  public:
    using deadline = std::chrono::steady_clock::time_point;

    explicit evidence_desk(const std::vector<std::string>& agencies);

    // Callers:
    void follow(const std::string& agency, const std::string& after);
    std::vector<evidence> read(std::size_t max, deadline until);
    /// Somebody reads, or is about to.
    bool begin();
    void interrupt();

    // The session:
    bool is_read() const;
    std::int64_t position(const std::string& agency) const;
    void arrive(evidence e, amqp::message_handle message);
    std::vector<amqp::message_handle> take_read(); ///< to be accepted
    /// What came by this agency's link and was not read comes again.
    void link_lost(const std::string& agency);
    void connection_lost();

  private:
    struct entry {
        truc::client::evidence evidence;
        amqp::message_handle message;
    };

    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::map<std::string, std::int64_t> positions_;
    std::deque<entry> unread_;
    std::vector<amqp::message_handle> read_;
    bool begun_ = false;
    bool interrupted_ = false;
};

} // namespace truc::client
