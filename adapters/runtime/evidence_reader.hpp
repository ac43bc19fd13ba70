#pragma once
#include "journal.hpp"

#include <atomic>

namespace truc::adapter {

/// Writes what the evidence says about the legacy system's submissions into the journal, together with how far it was
/// read. It touches no legacy system: the outbound tells it. Threads: run() or pass() by one.
class evidence_reader {
  public:
    static constexpr std::size_t batch = 256;

    /// `on_news`: something was written.
    evidence_reader(adapter::journal& j, adapter::exchange& x, std::function<void()> on_news)
        : journal_(j), exchange_(x), on_news_(std::move(on_news)) {}

    void run() {
        while (!stopping_) pass(std::chrono::seconds(10));
    }
    /// Whether there was anything.
    bool pass(std::chrono::milliseconds wait) {
        const auto facts = exchange_.read_evidence(batch, wait);
        if (facts.empty()) return false;
        journal_.keep(facts);
        if (on_news_) on_news_();
        return true;
    }
    void stop() { stopping_ = true; } ///< and interrupt the exchange

  private:
    adapter::journal& journal_;
    adapter::exchange& exchange_;
    std::function<void()> on_news_;
    std::atomic<bool> stopping_{false};
};

} // namespace truc::adapter
