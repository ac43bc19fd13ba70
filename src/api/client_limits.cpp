#include <truc/api/client_limits.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <unordered_map>

namespace truc::api {

namespace {

using steady_time = std::chrono::steady_clock::time_point;
using seconds = std::chrono::duration<double>;

/// How long to wait where nobody knows when a request that is under way will end.
constexpr std::chrono::seconds until_one_ends(1);

} // namespace

/// One client: a bucket that fills with time, and the requests under way.
struct client_limits::state {
    struct account {
        double tokens;
        steady_time filled; ///< until when the tokens are counted
        std::size_t under_way = 0;
    };

    state(options options, metrics_registry* metrics)
        : o(std::move(options)),
          refused(metrics ? &metrics->get_counter("truc_rate_limited_total", "Requests of clients that asked too much")
                          : nullptr) {
        o.burst = std::max(o.burst, 1.0);
    }

    account& account_of(const std::string& client, steady_time now);
    void forget_idle(steady_time now);
    refusal refuse(std::string what, std::chrono::seconds retry_after) const;

    options o;
    counter* refused;
    mutable std::mutex mutex; ///< for what follows
    std::unordered_map<std::string, account> accounts;
    std::size_t tidy_at = 64; ///< accounts; then those that say nothing any more go
};

client_limits::state::account& client_limits::state::account_of(const std::string& client, steady_time now) {
    if (accounts.size() >= tidy_at) forget_idle(now);
    auto& a = accounts.try_emplace(client, account{o.burst, now}).first->second;
    a.tokens = std::min(o.burst, a.tokens + std::max(0.0, seconds(now - a.filled).count()) * o.per_second);
    a.filled = now;
    return a;
}

/// A full bucket with nothing under way says the same as no bucket. Looked at again when there are twice as many, so
/// that the effort stays a fixed one for each new client.
void client_limits::state::forget_idle(steady_time now) {
    std::erase_if(accounts, [&](const auto& entry) {
        const auto& a = entry.second;
        return a.under_way == 0 && a.tokens + seconds(now - a.filled).count() * o.per_second >= o.burst;
    });
    tidy_at = std::max<std::size_t>(64, accounts.size() * 2);
}

client_limits::refusal client_limits::state::refuse(std::string what, std::chrono::seconds retry_after) const {
    if (refused) refused->add();
    return {error(errc::rate_limited, std::move(what)), std::max(retry_after, std::chrono::seconds(1))};
}

client_limits::client_limits(options o, metrics_registry* metrics)
    : state_(std::make_unique<state>(std::move(o), metrics)) {}

client_limits::~client_limits() = default;

tl::expected<client_limits::ticket, client_limits::refusal> client_limits::admit(const std::string& client) {
    auto& s = *state_;
    const std::scoped_lock lock(s.mutex);
    auto& a = s.account_of(client, s.o.now());
    if (a.under_way >= s.o.at_once)
        return tl::unexpected(s.refuse(fmt::format("{} requests at once", s.o.at_once), until_one_ends));
    if (a.tokens < 1) {
        // A rate of nothing never fills: whoever configures that means "closed", and an hour is as good as any.
        const double wait = s.o.per_second > 0 ? std::min((1 - a.tokens) / s.o.per_second, 3600.0) : 3600.0;
        return tl::unexpected(s.refuse(fmt::format("{:g} requests a second", s.o.per_second),
                                       std::chrono::seconds(static_cast<std::int64_t>(std::ceil(wait)))));
    }
    a.tokens -= 1;
    ++a.under_way;
    return ticket(*this, client);
}

void client_limits::leave(const std::string& client) {
    const std::scoped_lock lock(state_->mutex);
    --state_->accounts.at(client).under_way; // it is kept while anything is under way
}

std::size_t client_limits::clients() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->accounts.size();
}

client_limits::ticket::ticket(client_limits& of, std::string client) : of_(&of), client_(std::move(client)) {}

client_limits::ticket::ticket(ticket&& other) noexcept
    : of_(std::exchange(other.of_, nullptr)), client_(std::move(other.client_)) {}

client_limits::ticket& client_limits::ticket::operator=(ticket&& other) noexcept {
    std::swap(of_, other.of_);
    std::swap(client_, other.client_);
    return *this;
}

client_limits::ticket::~ticket() {
    if (of_) of_->leave(client_);
}

} // namespace truc::api
