#pragma once
/// How a coroutine on a strand waits for work that is done elsewhere: on a pool of threads, by the store's writer, by
/// another connection. Coroutines of this project never hold a thread while they wait.
///
/// Teardown order: whoever completes (pools, writer) is joined before the io_context of the waiting coroutines dies.

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
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

namespace truc::net {

namespace asio = boost::asio;
using asio::awaitable;
using steady_time = std::chrono::steady_clock::time_point;

/// Wakes one waiting coroutine, as often as needed: the bell of a long poll.
/// Made and waited on by a coroutine of `executor` (its strand); `notify` may be called from any thread.
class wakeup : public std::enable_shared_from_this<wakeup> {
  public:
    explicit wakeup(asio::any_io_executor executor);

    /// Never blocks. Notifications before or between waits are kept as one.
    void notify();
    /// True: notified (the notification is used up). False: the deadline passed.
    awaitable<bool> wait_until(steady_time deadline);

  private:
    std::atomic<bool> notified_{false};
    asio::steady_timer timer_;
};

namespace detail {

/// Resumes the waiting coroutine on its own executor, whoever completes on whatever thread.
class rendezvous : public std::enable_shared_from_this<rendezvous> {
  public:
    explicit rendezvous(asio::any_io_executor executor);
    void complete();        ///< once, from any thread
    awaitable<void> wait(); ///< on the executor

  private:
    asio::steady_timer timer_;
    bool completed_ = false; ///< touched on the executor only
};

template <class T>
struct outcome {
    explicit outcome(asio::any_io_executor executor) : meeting(std::make_shared<rendezvous>(std::move(executor))) {}
    ~outcome() = default;

    std::shared_ptr<rendezvous> meeting;
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
        target->meeting->complete();
    }
    void fail(std::exception_ptr why) const {
        auto target = take();
        if (!target) return;
        target->failure = std::move(why);
        target->meeting->complete();
    }

  private:
    struct end {
        explicit end(std::shared_ptr<detail::outcome<T>> o) : target(std::move(o)) {}
        ~end() {
            if (used.load()) return;
            target->failure = std::make_exception_ptr(std::runtime_error("completion dropped"));
            target->meeting->complete();
        }
        std::shared_ptr<detail::outcome<T>> target;
        std::atomic<bool> used{false};
    };

    detail::outcome<T>* take() const { return end_->used.exchange(true) ? nullptr : end_->target.get(); }

    std::shared_ptr<end> end_;
};

/// An answer that somebody else will give. Lives in the coroutine that waits:
///
///     net::pending<answer> pending(executor);         // the strand of this coroutine
///     store.submit(item, pending.completer());        // completes on the writer's thread
///     answer a = co_await pending.wait();             // resumes on the strand
template <class T>
class pending {
  public:
    explicit pending(asio::any_io_executor executor)
        : outcome_(std::make_shared<detail::outcome<T>>(std::move(executor))) {}

    /// Call once.
    completion<T> completer() const { return completion<T>(outcome_); }

    /// Call once, on the executor. Rethrows what the other side failed with.
    awaitable<T> wait() {
        co_await outcome_->meeting->wait();
        if (outcome_->failure) std::rethrow_exception(outcome_->failure);
        co_return std::move(*outcome_->value);
    }

  private:
    std::shared_ptr<detail::outcome<T>> outcome_;
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

    auto executor = co_await asio::this_coro::executor;
    pending<stored> answer(executor);
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
