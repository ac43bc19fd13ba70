#pragma once
/// How a coroutine on a strand waits for work that is done elsewhere: on a pool of threads, by the store's writer, by
/// another connection. Coroutines of this project never hold a thread while they wait.
///
/// Teardown order: listeners are stopped first (their handlers still get their answers), then pools and the writer,
/// then the loop.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

namespace truc::net {

namespace asio = boost::asio;
using asio::awaitable;
using steady_time = std::chrono::steady_clock::time_point;

/// Wakes one waiting coroutine, as often as needed: the bell of a long poll. `notify` may be called from any thread and
/// even when the loop is gone already: it touches the loop only while a coroutine waits.
class wakeup {
  public:
    /// Never blocks. Notifications before or between waits are kept as one.
    void notify();
    /// True: notified (the notification is used up). False: the deadline passed. One coroutine at a time; it is resumed
    /// on its own executor.
    awaitable<bool> wait_until(steady_time deadline);

  private:
    using timer_ptr = std::shared_ptr<asio::steady_timer>;
    class waiter;

    std::mutex mutex_;
    bool notified_ = false;
    timer_ptr waiting_; ///< lives in the coroutine that waits; null between waits
};

namespace detail {

template <class T>
struct outcome {
    wakeup bell;
    std::optional<T> value;
    std::exception_ptr failure;
};

} // namespace detail

/// The right to complete a `pending<T>`, from any thread, once. Copies share that right. When the last copy goes away
/// unused, the waiting coroutine is resumed with a std::runtime_error: a lost answer must not become a lost connection.
template <class T>
class completion {
  public:
    explicit completion(std::shared_ptr<detail::outcome<T>> o) : end_(std::make_shared<end>(std::move(o))) {}

    void operator()(T value) const {
        auto target = take();
        if (!target) return;
        target->value.emplace(std::move(value));
        target->bell.notify();
    }
    void fail(std::exception_ptr why) const {
        auto target = take();
        if (!target) return;
        target->failure = std::move(why);
        target->bell.notify();
    }

  private:
    struct end {
        explicit end(std::shared_ptr<detail::outcome<T>> o) : target(std::move(o)) {}
        ~end() {
            if (used.load()) return;
            target->failure = std::make_exception_ptr(std::runtime_error("completion dropped"));
            target->bell.notify();
        }
        std::shared_ptr<detail::outcome<T>> target;
        std::atomic<bool> used{false};
    };

    detail::outcome<T>* take() const { return end_->used.exchange(true) ? nullptr : end_->target.get(); }

    std::shared_ptr<end> end_;
};

/// An answer that somebody else will give. Lives in the coroutine that waits:
///
///     net::pending<receipt> pending;
///     store.submit(item, pending.completer()); // completes on the writer's thread
///     receipt r = co_await pending.wait();     // resumes on the coroutine's strand
template <class T>
class pending {
  public:
    /// Call once.
    completion<T> completer() const { return completion<T>(outcome_); }

    /// Call once. Rethrows what the other side failed with.
    awaitable<T> wait() {
        for (bool rung = false; !rung;) rung = co_await outcome_->bell.wait_until(steady_time::max());
        if (outcome_->failure) std::rethrow_exception(outcome_->failure);
        co_return std::move(*outcome_->value);
    }

  private:
    std::shared_ptr<detail::outcome<T>> outcome_ = std::make_shared<detail::outcome<T>>();
};

/// Threads for work that takes the CPU: parsing, signatures. Thread-safe.
class work_pool {
  public:
    explicit work_pool(unsigned threads);
    ~work_pool(); ///< joins
    work_pool(const work_pool&) = delete;

    template <class F>
    void post(F work) {
        asio::post(pool_, std::move(work));
    }
    /// Finishes all that was posted, then ends the threads.
    void join();

  private:
    asio::thread_pool pool_;
};

/// Runs `work` on the pool and returns its value on the caller's executor; its exceptions arrive there too.
/// g++ 12: give it a named object (`auto work = [&] {…}; co_await on_pool(pool, std::move(work));`).
template <class F>
awaitable<std::invoke_result_t<F&>> on_pool(work_pool& pool, F work) {
    using value = std::invoke_result_t<F&>;
    using stored = std::conditional_t<std::is_void_v<value>, std::monostate, value>;

    pending<stored> answer;
    auto job = [work = std::move(work), done = answer.completer()]() mutable {
        try {
            if constexpr (std::is_void_v<value>) {
                work();
                done(std::monostate{});
            } else {
                done(work());
            }
        } catch (...) {
            done.fail(std::current_exception());
        }
    };
    pool.post(std::move(job));
    if constexpr (std::is_void_v<value>)
        co_await answer.wait();
    else
        co_return co_await answer.wait();
}

} // namespace truc::net
