#include "evidence_desk.hpp"

#include <truc/base/decimal.hpp>

namespace truc::client {

namespace {

/// What is no cursor is the beginning: to read evidence once more does no harm, to miss some does.
std::int64_t to_position(const std::string& cursor) {
    const auto position = parse_decimal<std::uint64_t>(cursor).value_or(0);
    return position > std::uint64_t{INT64_MAX} ? 0 : static_cast<std::int64_t>(position);
}

} // namespace

evidence_desk::evidence_desk(const std::vector<std::string>& agencies) {
    for (const auto& agency : agencies) positions_.emplace(agency, 0);
}

void evidence_desk::follow(const std::string& agency, const std::string& after) {
    const std::scoped_lock lock(mutex_);
    if (const auto at = positions_.find(agency); at != positions_.end() && !begun_) at->second = to_position(after);
}

bool evidence_desk::begin() {
    const std::scoped_lock lock(mutex_);
    return !std::exchange(begun_, true);
}

std::vector<evidence> evidence_desk::read(std::size_t max, deadline until) {
    std::unique_lock lock(mutex_);
    arrived_.wait_until(lock, until, [&] { return interrupted_ || !unread_.empty(); });
    std::vector<evidence> some;
    if (interrupted_) return some;
    while (some.size() < max && !unread_.empty()) {
        auto& next = unread_.front();
        positions_[next.evidence.agency] = to_position(next.evidence.cursor);
        read_.push_back(next.message);
        some.push_back(std::move(next.evidence));
        unread_.pop_front();
    }
    return some;
}

void evidence_desk::interrupt() {
    const std::scoped_lock lock(mutex_);
    interrupted_ = true;
    arrived_.notify_all();
}

bool evidence_desk::is_read() const {
    const std::scoped_lock lock(mutex_);
    return begun_;
}

std::int64_t evidence_desk::position(const std::string& agency) const {
    const std::scoped_lock lock(mutex_);
    return positions_.at(agency);
}

void evidence_desk::arrive(evidence e, amqp::message_handle message) {
    const std::scoped_lock lock(mutex_);
    unread_.push_back(entry{std::move(e), message});
    arrived_.notify_one();
}

std::vector<amqp::message_handle> evidence_desk::take_read() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(read_, {});
}

/// Messages of other links stay as they are; those of this one that were read are over, which settling them finds out.
void evidence_desk::link_lost(const std::string& agency) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(unread_, [&](const entry& e) { return e.evidence.agency == agency; });
}

void evidence_desk::connection_lost() {
    const std::scoped_lock lock(mutex_);
    unread_.clear();
    read_.clear();
}

} // namespace truc::client
