#include <truc/net/async.hpp>
#include <truc/net/io_loop.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

namespace truc::net {
namespace {

using namespace std::chrono_literals;

auto after(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

/// Runs a coroutine on a strand of its own and waits for its value.
template <class T>
T run(io_loop& loop, awaitable<T> what) {
    auto strand = asio::make_strand(loop.context());
    return asio::co_spawn(strand, std::move(what), asio::use_future).get();
}

awaitable<std::size_t> sum_of_pool_work(work_pool& pool, int rounds) {
    std::size_t sum = 0;
    for (int i = 0; i < rounds; ++i) {
        const std::string text(static_cast<std::size_t>(i % 50), 'x');
        auto length = [text] { return text.size(); };
        sum += co_await on_pool(pool, std::move(length));
    }
    co_return sum;
}

TEST(on_pool, returns_values_to_many_coroutines_at_once) {
    work_pool pool(2);
    io_loop loop(2);
    std::vector<std::future<std::size_t>> sums;
    for (int i = 0; i < 50; ++i)
        sums.push_back(
            asio::co_spawn(asio::make_strand(loop.context()), sum_of_pool_work(pool, 200), asio::use_future));
    for (auto& sum : sums) EXPECT_EQ(sum.get(), 4u * (49 * 50 / 2));
    pool.join();
}

awaitable<bool> comes_back_to_its_strand(work_pool& pool) {
    const auto executor = co_await asio::this_coro::executor;
    const auto strand = *executor.target<asio::strand<asio::io_context::executor_type>>();
    std::thread::id worker;
    auto work = [&worker] { worker = std::this_thread::get_id(); };
    co_await on_pool(pool, std::move(work));
    co_return strand.running_in_this_thread() && worker != std::this_thread::get_id();
}

TEST(on_pool, works_elsewhere_and_comes_back) {
    work_pool pool(1);
    io_loop loop;
    EXPECT_TRUE(run(loop, comes_back_to_its_strand(pool)));
    pool.join();
}

awaitable<std::string> message_of_failed_work(work_pool& pool) {
    auto work = []() -> int { throw std::runtime_error("the work failed"); };
    try {
        co_await on_pool(pool, work);
    } catch (const std::runtime_error& e) {
        co_return e.what();
    }
    co_return "nothing was thrown";
}

TEST(on_pool, passes_exceptions_on) {
    work_pool pool(1);
    io_loop loop;
    EXPECT_EQ(run(loop, message_of_failed_work(pool)), "the work failed");
    pool.join();
}

/// Stands for the store's writer: completes in groups, on a thread of its own.
class writer {
  public:
    void submit(int value, completion<std::string> done) {
        const std::lock_guard lock(mutex_);
        waiting_.emplace_back(value, std::move(done));
    }
    void run_until(const std::atomic<bool>& stop) {
        while (!stop) {
            std::vector<std::pair<int, completion<std::string>>> group;
            {
                const std::lock_guard lock(mutex_);
                group.swap(waiting_);
            }
            for (auto& [value, done] : group) done(std::to_string(value));
            std::this_thread::yield();
        }
    }

  private:
    std::mutex mutex_;
    std::vector<std::pair<int, completion<std::string>>> waiting_;
};

awaitable<int> count_right_answers(writer& w, int rounds) {
    int right = 0;
    for (int i = 0; i < rounds; ++i) {
        pending<std::string> answer;
        w.submit(i, answer.completer());
        const auto text = co_await answer.wait();
        right += text == std::to_string(i);
    }
    co_return right;
}

TEST(pending, is_completed_by_another_thread) {
    io_loop loop(2);
    writer w;
    std::atomic<bool> stop{false};
    std::thread thread([&] { w.run_until(stop); });
    std::vector<std::future<int>> counts;
    for (int i = 0; i < 20; ++i)
        counts.push_back(
            asio::co_spawn(asio::make_strand(loop.context()), count_right_answers(w, 300), asio::use_future));
    for (auto& count : counts) EXPECT_EQ(count.get(), 300);
    stop = true;
    thread.join();
}

awaitable<std::string> wait_for_a_dropped_answer() {
    pending<int> answer;
    std::thread([done = answer.completer()] {}).detach();
    try {
        co_await answer.wait();
    } catch (const std::runtime_error& e) {
        co_return e.what();
    }
    co_return "an answer";
}

TEST(pending, a_completion_that_is_dropped_resumes_with_an_exception) {
    io_loop loop;
    for (int i = 0; i < 100; ++i) EXPECT_EQ(run(loop, wait_for_a_dropped_answer()), "completion dropped");
}

awaitable<int> complete_twice() {
    pending<int> answer;
    const auto done = answer.completer();
    done(1);
    done(2);
    const int value = co_await answer.wait();
    co_return value;
}

TEST(pending, only_the_first_completion_counts) {
    io_loop loop;
    EXPECT_EQ(run(loop, complete_twice()), 1);
}

awaitable<bool> wait_on(std::shared_ptr<wakeup> bell, std::chrono::milliseconds time) {
    const bool rung = co_await bell->wait_until(after(time));
    co_return rung;
}

TEST(wakeup, ends_with_its_deadline) {
    io_loop loop;
    const auto strand = asio::make_strand(loop.context());
    const auto bell = std::make_shared<wakeup>();
    EXPECT_FALSE(asio::co_spawn(strand, wait_on(bell, 5ms), asio::use_future).get());
}

TEST(wakeup, keeps_a_notification_that_came_before_the_wait) {
    io_loop loop;
    const auto strand = asio::make_strand(loop.context());
    const auto bell = std::make_shared<wakeup>();
    bell->notify();
    bell->notify();
    EXPECT_TRUE(asio::co_spawn(strand, wait_on(bell, 1min), asio::use_future).get());
    EXPECT_FALSE(asio::co_spawn(strand, wait_on(bell, 5ms), asio::use_future).get());
}

awaitable<int> count_rings(std::shared_ptr<wakeup> bell, std::atomic<int>& acknowledged, int rounds) {
    for (int i = 0; i < rounds; ++i) {
        const bool rung = co_await bell->wait_until(after(1min));
        if (!rung) co_return i;
        ++acknowledged;
    }
    co_return rounds;
}

TEST(wakeup, may_outlive_the_loop_even_while_somebody_waits) {
    const auto bell = std::make_shared<wakeup>();
    {
        io_loop loop;
        asio::co_spawn(loop.context(), wait_on(bell, 1min), asio::detached);
        std::promise<void> begun;
        asio::post(loop.context(), [&] { begun.set_value(); });
        begun.get_future().wait();
    }
    bell->notify();
    io_loop another;
    EXPECT_TRUE(run(another, wait_on(bell, 1min)));
}

TEST(pending, a_completion_may_outlive_the_loop) {
    std::optional<completion<int>> done;
    {
        io_loop loop;
        pending<int> answer;
        done = answer.completer();
    }
    (*done)(1);
    done.reset();
}

TEST(wakeup, loses_no_ring_from_other_threads) {
    io_loop loop(2);
    const auto strand = asio::make_strand(loop.context());
    const auto bell = std::make_shared<wakeup>();
    std::atomic<int> acknowledged{0};
    auto count = asio::co_spawn(strand, count_rings(bell, acknowledged, 2000), asio::use_future);
    for (int i = 0; i < 2000; ++i) {
        bell->notify();
        while (acknowledged <= i) std::this_thread::yield();
    }
    EXPECT_EQ(count.get(), 2000);
}

} // namespace
} // namespace truc::net
