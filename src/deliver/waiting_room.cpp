#include <truc/deliver/waiting_room.hpp>

namespace truc::deliver {

waiting_room::place::~place() {
    const std::scoped_lock lock(room_.mutex_);
    for (const auto& key : keys_) {
        const auto [first, last] = room_.waiting_.equal_range(key);
        for (auto it = first; it != last; ++it) {
            if (it->second != wake_) continue;
            room_.waiting_.erase(it);
            break;
        }
    }
}

std::unique_ptr<waiting_room::place> waiting_room::enter(std::vector<std::string> keys, std::function<void()> wake) {
    auto shared = std::make_shared<std::function<void()>>(std::move(wake));
    const std::scoped_lock lock(mutex_);
    for (const auto& key : keys) waiting_.emplace(key, shared);
    return std::unique_ptr<place>(new place(*this, std::move(keys), std::move(shared)));
}

void waiting_room::news_for(const std::vector<std::string>& keys) {
    std::vector<std::shared_ptr<std::function<void()>>> to_wake;
    {
        const std::scoped_lock lock(mutex_);
        if (waiting_.empty()) return;
        for (const auto& key : keys) {
            const auto [first, last] = waiting_.equal_range(key);
            for (auto it = first; it != last; ++it) to_wake.push_back(it->second);
        }
    }
    // Outside the lock: a waiter may leave or enter anew while it is woken.
    for (const auto& wake : to_wake) (*wake)();
}

} // namespace truc::deliver
