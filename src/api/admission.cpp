#include <truc/api/admission.hpp>

namespace truc::api {

bool admission::begin(const std::string& client) {
    const std::scoped_lock lock(mutex_);
    if (all_under_way_ == messages_in_all) return false;
    auto& own = under_way_[client];
    if (own == messages_per_client) return false;
    ++own;
    ++all_under_way_;
    return true;
}

void admission::end(const std::string& client) {
    const std::scoped_lock lock(mutex_);
    const auto at = under_way_.find(client);
    if (--at->second == 0) under_way_.erase(at);
    --all_under_way_;
}

bool admission::hold(std::size_t before, std::size_t after) {
    const std::scoped_lock lock(mutex_);
    bytes_ = bytes_ - before + after;
    return bytes_ > bytes_in_all;
}

void admission::take_turn(const std::string& client, std::function<void()> examine) {
    {
        const std::scoped_lock lock(mutex_);
        auto& own = waiting_[client];
        if (own.empty()) order_.push_back(client);
        own.push_back(std::move(examine));
        if (examining_ == turns_) return;
        ++examining_;
    }
    pool_.post([this] { next(); });
}

void admission::next() {
    std::function<void()> examine;
    {
        const std::scoped_lock lock(mutex_);
        if (order_.empty()) {
            --examining_;
            return;
        }
        const auto client = std::move(order_.front());
        order_.pop_front();
        const auto at = waiting_.find(client);
        examine = std::move(at->second.front());
        at->second.pop_front();
        if (at->second.empty())
            waiting_.erase(at);
        else
            order_.push_back(client);
    }
    examine();
    pool_.post([this] { next(); });
}

} // namespace truc::api
