#pragma once
#include "adapter_context.hpp"
#include "outbound.hpp"

namespace truc::adapter {

/// From the exchange into the legacy system: the exchange is told that something is handed over when the legacy system
/// has it and the journal says so.
///
/// Threads: run() or pass() by one, the only one that touches the inbox; the rest from any.
class inbound {
  public:
    static constexpr std::size_t batch = 16; ///< deliveries with their bytes that are here at once

    struct options {
        bool report_arrival = true;          ///< status 01 by itself
        std::function<void()> on_own_status; ///< called behind each: it waits to be sent
    };

    inbound(const workshop& w, const adapter_context& context, legacy_inbox& inbox, options o);

    /// Until stop(). Throws what the journal throws.
    void run();
    /// What has arrived, waiting for the first at most so long. Whether anything had.
    bool pass(std::chrono::milliseconds wait);

    void stop(); ///< and interrupt the exchange

  private:
    void take(const client::inbox_delivery& d);
    void try_one(const client::inbox_delivery& d, bool perhaps_there);
    void has_it(const client::inbox_delivery& d, const std::string& reference);
    void later(const client::inbox_delivery& d, const error& e);
    void never(const client::inbox_delivery& d, const error& e);

    workshop w_;
    const adapter_context& context_;
    legacy_inbox& inbox_;
    options options_;
    back_off legacy_pause_;
    back_offs item_pauses_;
    unsigned faults_ = 0; ///< of the legacy system in a row
    counter& delivered_;
    counter& quarantined_;
    counter& later_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::condition_variable bell_;
};

} // namespace truc::adapter
