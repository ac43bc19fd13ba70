#include "inbox_desk.hpp"

#include <algorithm>
#include <iterator>

namespace truc::client {

std::vector<inbox_delivery> inbox_desk::receive(std::size_t max, deadline until) {
    std::unique_lock lock(mutex_);
    arrived_.wait_until(lock, until, [&] { return interrupted_ || !ready_.empty(); });
    std::vector<inbox_delivery> some;
    if (interrupted_) return some;
    while (some.size() < max && !ready_.empty()) {
        entries_[ready_.front().delivery_id].at = place::with_caller;
        some.push_back(std::move(ready_.front()));
        ready_.pop_front();
    }
    return some;
}

/// Also of one that came again and is still arriving, or ready: the caller may know it from an earlier connection.
void inbox_desk::settle(const uuid& delivery, verdict how, std::string why) {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.extract(delivery);
    if (found.empty()) return;
    const auto& e = found.mapped();
    if (e.message) settled_.push_back(settling{*e.message, how, std::move(why)});
    if (e.at == place::ready) std::erase_if(ready_, [&](const auto& d) { return d.delivery_id == delivery; });
}

void inbox_desk::interrupt() {
    const std::scoped_lock lock(mutex_);
    interrupted_ = true;
    arrived_.notify_all();
}

inbox_desk::reception inbox_desk::begin(const uuid& delivery, amqp::message_handle message) {
    const std::scoped_lock lock(mutex_);
    auto& e = entries_[delivery];
    if (e.message) return reception::twice;
    e.message = message;
    return e.at == place::with_caller ? reception::parked : reception::wanted;
}

void inbox_desk::complete(inbox_delivery d, amqp::message_handle message) {
    const std::scoped_lock lock(mutex_);
    const auto at = entries_.find(d.delivery_id);
    if (at == entries_.end() || at->second.message != message || at->second.at != place::arriving) return;
    at->second.at = place::ready;
    ready_.push_back(std::move(d));
    arrived_.notify_one();
}

void inbox_desk::lose(const uuid& delivery, amqp::message_handle message) {
    const std::scoped_lock lock(mutex_);
    const auto at = entries_.find(delivery);
    if (at == entries_.end() || at->second.message != message) return;
    if (at->second.at == place::with_caller)
        at->second.message.reset();
    else
        entries_.erase(at);
}

std::vector<inbox_desk::settling> inbox_desk::take_settled() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(settled_, {});
}

void inbox_desk::link_lost() {
    const std::scoped_lock lock(mutex_);
    std::erase_if(entries_, [](const auto& e) { return e.second.at != place::with_caller; });
    for (auto& [delivery, e] : entries_) e.message.reset();
    ready_.clear();
    settled_.clear();
}

} // namespace truc::client
