#pragma once
/// What the parts of all relay sessions share.

#include "relay_registry.hpp"
#include "work_then.hpp"

#include <truc/api/relay.hpp>
#include <truc/base/log.hpp>

#include <condition_variable>
#include <mutex>

namespace truc::api {

/// Held by every session and dialler, so that those may end after the relay object.
class relay_core : public std::enable_shared_from_this<relay_core> {
  public:
    explicit relay_core(relay::options o)
        : use(std::move(o)), registry(use.node, use.neighbours, *use.forwarder, *use.alarms, *use.clock) {}

    const relay::options use;
    relay_registry registry;

    // What was dialled, for those who stop it. Thread-safe.

    /// A dialler or its connection lives; the relay's stop waits for its end.
    class presence {
      public:
        explicit presence(std::shared_ptr<relay_core> c) : core_(std::move(c)) { core_->enter(); }
        ~presence() { core_->leave(); }
        presence(const presence&) = delete;

      private:
        std::shared_ptr<relay_core> core_;
    };

    bool stopping() const;
    /// The bell rings when the relay stops, or a neighbour's state changed. False: it stops already.
    bool enlist(std::shared_ptr<net::wakeup> bell);
    bool enlist(const std::shared_ptr<net::connection>& dialled);
    void ring();
    void stop(std::chrono::milliseconds grace);

  private:
    void enter();
    void leave();
    void for_each(void (net::connection::*what)());

    mutable std::mutex mutex_; ///< for what follows; held for moments only
    std::condition_variable emptied_;
    std::size_t present_ = 0;
    bool stopping_ = false;
    std::vector<std::shared_ptr<net::wakeup>> bells_;
    std::vector<std::weak_ptr<net::connection>> dialled_;
};

/// Runs `work`, which returns a result, on the pool, and then `then` with it on the strand.
template <class Work, class Then>
void work_then(const relay_core& core, net::connection::strand strand, Work work, Then then) {
    work_then(*core.use.pool, std::move(strand), std::move(work), std::move(then));
}

} // namespace truc::api
