#include "relay_core.hpp"

namespace truc::api {

bool relay_core::stopping() const {
    const std::scoped_lock lock(mutex_);
    return stopping_;
}

bool relay_core::enlist(std::shared_ptr<net::wakeup> bell) {
    const std::scoped_lock lock(mutex_);
    bells_.push_back(std::move(bell));
    return !stopping_;
}

bool relay_core::enlist(const std::shared_ptr<net::connection>& dialled) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(dialled_, [](const auto& old) { return old.expired(); });
    dialled_.push_back(dialled);
    return !stopping_;
}

void relay_core::ring() {
    std::vector<std::shared_ptr<net::wakeup>> bells;
    {
        const std::scoped_lock lock(mutex_);
        bells = bells_;
    }
    for (const auto& bell : bells) bell->notify();
}

void relay_core::enter() {
    const std::scoped_lock lock(mutex_);
    ++present_;
}

void relay_core::leave() {
    const std::scoped_lock lock(mutex_);
    if (--present_ == 0) emptied_.notify_all();
}

void relay_core::for_each(void (net::connection::*what)()) {
    std::vector<std::shared_ptr<net::connection>> all;
    {
        const std::scoped_lock lock(mutex_);
        for (auto& weak : dialled_)
            if (auto connection = weak.lock()) all.push_back(std::move(connection));
    }
    for (auto& connection : all) (connection.get()->*what)();
}

void relay_core::stop(std::chrono::milliseconds grace) {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    ring();
    for_each(&net::connection::drain);
    std::unique_lock lock(mutex_);
    const auto empty = [this] { return present_ == 0; };
    if (emptied_.wait_for(lock, grace, empty)) return;
    lock.unlock();
    for_each(&net::connection::abort);
    lock.lock();
    emptied_.wait(lock, empty);
}

} // namespace truc::api
