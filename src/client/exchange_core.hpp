#pragma once
#include "evidence_desk.hpp"
#include "inbox_desk.hpp"
#include "submission_desk.hpp"

#include <truc/net/async.hpp>

#include <atomic>
#include <future>

namespace truc::client {

class exchange_session;

/// What callers and the connection's thread share.
struct exchange_core {
    explicit exchange_core(exchange_options o) : options(std::move(o)), receipts(options.evidence_of) {}

    const exchange_options options;
    submission_desk outgoing;
    inbox_desk inbox;
    evidence_desk receipts;
    std::atomic<bool> ask_again{false};
    std::atomic<bool> stopping{false};
    net::wakeup bell; ///< for the pauses between connections

    // From any thread:
    bool is_connected() const { return connected_; }
    std::string fault() const {
        const std::scoped_lock lock(mutex_);
        return fault_;
    }
    /// `why` is empty when nothing is wrong.
    void note(bool connected, const std::string& why) {
        const std::scoped_lock lock(mutex_);
        connected_ = connected;
        fault_ = why;
    }

    // On the strand only:
    exchange_session* session = nullptr;      ///< while there is one
    std::shared_ptr<std::promise<void>> gone; ///< somebody waits for its end

  private:
    std::atomic<bool> connected_{false};
    mutable std::mutex mutex_;
    std::string fault_ = "not connected yet";
};

} // namespace truc::client
