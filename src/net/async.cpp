#include <truc/net/async.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/dispatch.hpp>

namespace truc::net {

wakeup::wakeup(asio::any_io_executor executor) : timer_(std::move(executor)) {}

void wakeup::notify() {
    if (notified_.exchange(true)) return;
    asio::post(timer_.get_executor(), [self = shared_from_this()] { self->timer_.cancel(); });
}

awaitable<bool> wakeup::wait_until(steady_time deadline) {
    const auto self = shared_from_this(); // the owner may let go while we wait
    // A loop, because the cancellation of a notification that was already taken may still be on its way.
    while (!notified_.exchange(false)) {
        if (std::chrono::steady_clock::now() >= deadline) co_return false;
        timer_.expires_at(deadline);
        co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    co_return true;
}

namespace detail {

rendezvous::rendezvous(asio::any_io_executor executor) : timer_(std::move(executor), steady_time::max()) {}

void rendezvous::complete() {
    asio::post(timer_.get_executor(), [self = shared_from_this()] {
        self->completed_ = true;
        self->timer_.cancel();
    });
}

awaitable<void> rendezvous::wait() {
    const auto self = shared_from_this();
    while (!completed_) co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
}

} // namespace detail

work_pool::work_pool(unsigned threads) : pool_(threads ? threads : 1) {}

work_pool::~work_pool() { join(); }

void work_pool::join() { pool_.join(); }

} // namespace truc::net
