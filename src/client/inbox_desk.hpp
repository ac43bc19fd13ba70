#pragma once
#include <truc/amqp/session.hpp>
#include <truc/client/exchange_link.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace truc::client {

/// The deliveries that are here: arriving, ready to be received, or with the caller. Each id is here once, whatever
/// becomes of connections: what comes again while the caller still works on it stays parked, and how the caller
/// settles it is how the one that came again is settled. Thread-safe.
class inbox_desk {
  public:
    using deadline = std::chrono::steady_clock::time_point;

    enum class verdict : std::uint8_t { accept, release, fail, set_aside, reject };
    /// What the session has to tell the node.
    struct settling {
        amqp::message_handle message;
        verdict how;
        std::string why;
    };

    // Callers:
    std::vector<inbox_delivery> receive(std::size_t max, deadline until);
    void settle(const uuid& delivery, verdict how, std::string why = {});
    void interrupt();

    // The session:
    enum class reception : std::uint8_t {
        wanted,
        parked, ///< the caller has its content already
        twice   ///< another message of this link is the same
    };
    reception begin(const uuid& delivery, amqp::message_handle message);
    void complete(inbox_delivery d, amqp::message_handle message);
    void lose(const uuid& delivery, amqp::message_handle message);
    std::vector<settling> take_settled();
    /// Messages of this link are over; what the caller works on is remembered.
    void link_lost();

  private:
    enum class place : std::uint8_t { arriving, ready, with_caller };
    struct entry {
        place at = place::arriving;
        std::optional<amqp::message_handle> message; ///< none: of a link that is lost
    };

    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::unordered_map<uuid, entry> entries_;
    std::deque<inbox_delivery> ready_;
    std::vector<settling> settled_;
    bool interrupted_ = false;
};

} // namespace truc::client
