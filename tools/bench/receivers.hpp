#pragma once
#include "dialled_session.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <vector>

namespace truc::bench {

/// Agencies' systems that wait at their inboxes over AMQP, each over a session of its own, and accept what comes.
class receivers {
  public:
    explicit receivers(std::uint16_t port);
    ~receivers();

    void add(const std::string& client, std::shared_ptr<const trust::tls_context> tls);
    /// Returns when each has its link, with credit. Throws failure.
    void await_links() const;
    /// When the last byte of that delivery arrived. Throws failure, also when one has come twice.
    std::chrono::steady_clock::time_point await_delivery(const std::string& id);

  private:
    class receiver;
    void note(const std::string& delivery);

    const std::uint16_t port_;
    std::vector<std::unique_ptr<receiver>> all_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, std::chrono::steady_clock::time_point> arrived_; ///< by delivery
    std::string twice_;                                                    ///< a delivery that came again
    net::io_loop loop_;                                                    // stops before what its handlers refer to
};

} // namespace truc::bench
