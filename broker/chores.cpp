#include "chores.hpp"

#include <truc/base/log.hpp>

#include <algorithm>

namespace truc::broker {

namespace {

using namespace std::chrono_literals;

/// The clock may be set: never sleep longer by what it said.
constexpr milliseconds longest_sleep = 1min;
constexpr milliseconds after_failure = 1min;

} // namespace

void chores::start() {
    stopping_ = false;
    thread_ = std::thread([this] { go_on(); });
}

void chores::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    stopping_changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void chores::go_on() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        auto next = system_clock().now() + longest_sleep;
        for (auto& c : all_) {
            if (c.due <= system_clock().now()) do_one(c);
            next = std::min(next, c.due);
        }
        lock.lock();
        const auto pause = std::clamp<milliseconds>(next - system_clock().now(), 0ms, longest_sleep);
        stopping_changed_.wait_for(lock, pause, [this] { return stopping_; });
    }
}

void chores::do_one(chore& c) {
    try {
        c.due = c.run();
    } catch (const std::exception& e) {
        spdlog::error("{} has to wait: {}", c.name, e.what());
        c.due = system_clock().now() + after_failure;
    }
}

} // namespace truc::broker
