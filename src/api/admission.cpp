#include <truc/api/admission.hpp>

#include <algorithm>

namespace truc::api {

void admission::forget(accounts::iterator at) {
    if (at->second == account{}) accounts_.erase(at);
}

bool admission::open_connection(const std::string& client) {
    const std::scoped_lock lock(mutex_);
    auto& own = account_of(client)->second;
    if (own.connections == connections_per_client) return false;
    ++own.connections;
    return true;
}

void admission::close_connection(const std::string& client) {
    const std::scoped_lock lock(mutex_);
    const auto at = account_of(client);
    --at->second.connections;
    forget(at);
}

std::size_t admission::open_link(const std::string& client) {
    {
        const std::scoped_lock lock(mutex_);
        ++account_of(client)->second.links;
    }
    return window_of(client);
}

void admission::close_link(const std::string& client) {
    const std::scoped_lock lock(mutex_);
    const auto at = account_of(client);
    --at->second.links;
    forget(at);
}

std::size_t admission::window_of(const std::string& client) const {
    const std::scoped_lock lock(mutex_);
    const auto at = accounts_.find(client);
    const auto links = at == accounts_.end() ? 1 : std::max<std::size_t>(at->second.links, 1);
    return std::clamp<std::size_t>(messages_per_client / links, 1, window);
}

bool admission::begin(const std::string& client) {
    const std::scoped_lock lock(mutex_);
    const auto at = account_of(client);
    auto& own = at->second.messages;
    // Half of the room is for those who have nothing under way yet.
    const auto room = own == 0 ? messages_in_all : messages_in_all / 2;
    if (own < messages_per_client && all_messages_ < room) {
        ++own;
        ++all_messages_;
        return true;
    }
    forget(at);
    return false;
}

void admission::end(const std::string& client) {
    const std::scoped_lock lock(mutex_);
    const auto at = account_of(client);
    --at->second.messages;
    --all_messages_;
    forget(at);
}

bool admission::lend(const std::string& client, std::uint64_t bytes) {
    const std::scoped_lock lock(mutex_);
    auto& own = account_of(client)->second;
    const bool fits = own.lent < lent_per_client && own.lent_bytes + bytes <= lent_bytes_per_client &&
                      all_lent_bytes_ + bytes <= lent_bytes_in_all;
    if (!fits && own.lent > 0) return false;
    ++own.lent;
    own.lent_bytes += bytes;
    all_lent_bytes_ += bytes;
    return true;
}

void admission::give_back(const std::string& client, std::uint64_t bytes) {
    const std::scoped_lock lock(mutex_);
    const auto at = account_of(client);
    --at->second.lent;
    at->second.lent_bytes -= bytes;
    all_lent_bytes_ -= bytes;
    forget(at);
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
