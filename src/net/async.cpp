#include <truc/net/async.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>

namespace truc::net {

void wakeup::notify() {
    // All of it under the lock, which the waiting coroutine must take to go on: as long as this thread refers to the
    // timer, the coroutine cannot end, nor the loop that the timer belongs to.
    const std::lock_guard lock(mutex_);
    notified_ = true;
    if (!waiting_) return;
    auto& timer = *waiting_;
    asio::post(timer.get_executor(), [held = std::move(waiting_)] { held->cancel(); });
}

/// The coroutine's side of a wait. Lives in its frame, so that nothing of the loop is left behind when the loop
/// destroys the frame.
class wakeup::waiter {
  public:
    waiter(wakeup& bell, timer_ptr timer) : bell_(bell), timer_(std::move(timer)) {}
    ~waiter() {
        const std::lock_guard lock(bell_.mutex_);
        bell_.waiting_.reset();
    }
    waiter(const waiter&) = delete;

    /// True: a notification was there, and is taken. False: the timer will be cancelled by the next one.
    bool take_or_register() {
        const std::lock_guard lock(bell_.mutex_);
        const bool taken = std::exchange(bell_.notified_, false);
        if (!taken) bell_.waiting_ = timer_;
        return taken;
    }

  private:
    wakeup& bell_;
    timer_ptr timer_;
};

awaitable<bool> wakeup::wait_until(steady_time deadline) {
    const auto executor = co_await asio::this_coro::executor;
    const auto timer = std::make_shared<asio::steady_timer>(executor, deadline);
    waiter own(*this, timer);
    while (!own.take_or_register()) {
        if (std::chrono::steady_clock::now() >= deadline) co_return false;
        co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
    }
    co_return true;
}

work_pool::work_pool(unsigned threads) : pool_(threads ? threads : 1) {}

work_pool::~work_pool() { join(); }

void work_pool::join() { pool_.join(); }

} // namespace truc::net
