#include <truc/base/log.hpp>
#include <truc/deliver/driver.hpp>

#include <algorithm>

namespace truc::deliver {

namespace {

using namespace std::chrono_literals;

/// The clock may be set: never sleep longer by what it said.
constexpr milliseconds longest_sleep = 60s;
constexpr milliseconds after_failure = 1s;

} // namespace

void driver::start(forwarder& f) {
    stopping_ = false;
    woken_ = true;
    thread_ = std::thread([this, &f] { drive(f); });
}

void driver::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void driver::wake() {
    {
        const std::scoped_lock lock(mutex_);
        woken_ = true;
    }
    changed_.notify_all();
}

void driver::drive(forwarder& f) {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        woken_ = false;
        lock.unlock();
        const auto next = turn(f);
        const auto pause = std::clamp<milliseconds>(next - clock_.now(), 0ms, longest_sleep);
        lock.lock();
        changed_.wait_for(lock, pause, [this] { return woken_ || stopping_; });
    }
}

timestamp driver::turn(forwarder& f) const {
    try {
        return f.run().value_or(clock_.now() + longest_sleep);
    } catch (const std::exception& e) {
        spdlog::error("forwarding pauses because the store could not be read: {}", e.what());
        return clock_.now() + after_failure;
    }
}

} // namespace truc::deliver
