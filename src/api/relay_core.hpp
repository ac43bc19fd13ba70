#pragma once
/// What the parts of all relay sessions share.

#include "relay_registry.hpp"

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

namespace detail {

/// A fault of ours in work for one peer becomes a failure of that work.
template <class Work>
auto guarded(Work& work) -> decltype(work()) {
    try {
        return work();
    } catch (const std::exception& e) {
        spdlog::error("relay: {}", e.what());
        return fail(errc::internal, e.what());
    }
}

} // namespace detail

/// Runs `work`, which returns a result, on the pool, and then `then` with it on the strand.
template <class Work, class Then>
void work_then(const relay_core& core, net::connection::strand strand, Work work, Then then) {
    core.use.pool->post([strand = std::move(strand), work = std::move(work), then = std::move(then)]() mutable {
        auto outcome = detail::guarded(work);
        net::asio::post(strand,
                        [then = std::move(then), outcome = std::move(outcome)]() mutable { then(std::move(outcome)); });
    });
}

} // namespace truc::api
