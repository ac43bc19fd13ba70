#pragma once
#include "chores.hpp"
#include "loading.hpp"

#include <truc/api/upkeep.hpp>
#include <truc/net/listener.hpp>

#include <deque>

namespace truc::broker {

/// Watches what runs out: legal clocks and certificates. Threads: shown() and the handlers of watched() from any; the
/// others as the node.
class upkeep {
  public:
    struct options {
        const configuration* c = nullptr;
        store::store* store = nullptr;
        alarm_board* alarms = nullptr;
        metrics_registry* metrics = nullptr; ///< outlives it
        std::function<std::shared_ptr<const directory::directory>()> directory;
        bool runs = true; ///< false: the node's store is only shown
    };
    upkeep(const options& o, const loaded& l);

    /// What administrators see of it.
    api::upkeep shown() const;
    /// The same handler, which takes note of the certificate of each connection. Lives as long as this.
    net::connection_handler& watched(net::connection_handler& inner);

    void start() { chores_.start(); }
    void stop() { chores_.stop(); }
    /// What the files say now.
    void use(const loaded& l);
    void adjust(const configuration& c) { keep_free_ = c.keep_free; }

  private:
    class noting_handler;
    std::vector<std::shared_ptr<const trust::trusted_certificate>> take_used() const;
    void add_metrics(metrics_registry& metrics);

    const configuration& c_;
    const bool runs_;
    std::atomic<std::uint64_t> keep_free_; ///< bytes
    std::atomic<std::shared_ptr<const trust::certificate_store>> agencies_;
    const std::shared_ptr<const trust::certificate_store> exchange_; ///< follows what is in force
    api::certificate_watch certificates_;
    deliver::legal_clocks clocks_;
    std::deque<std::unique_ptr<net::connection_handler>> handlers_;
    chores chores_;
};

} // namespace truc::broker
