#include "relay_registry.hpp"

#include "relay_session.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace truc::api {

namespace {

constexpr milliseconds suspicious_offset{5'000};
constexpr milliseconds impossible_offset{60'000};

} // namespace

relay_registry::relay_registry(std::string node, const std::vector<relay_neighbour>& neighbours,
                               deliver::forwarder& forwarder, alarm_board& alarms, const truc::clock& clock)
    : node_(std::move(node)), forwarder_(forwarder), alarms_(alarms), clock_(clock) {
    for (const auto& n : neighbours) {
        auto& e = entries_[n.name];
        e.view.name = n.name;
        if (!n.host.empty()) e.view.address = fmt::format("{}:{}", n.host, n.port);
    }
}

bool relay_registry::is_preferred(const relay_session& fresh, const relay_session& old) const {
    if (fresh.dialler() == old.dialler()) return true;
    return fresh.dialler() == std::min(node_, fresh.neighbour());
}

std::optional<amqp::condition> relay_registry::admit(const std::shared_ptr<relay_session>& s) {
    std::shared_ptr<relay_session> old;
    {
        const std::scoped_lock lock(mutex_);
        const auto at = entries_.find(s->neighbour());
        if (at == entries_.end()) return amqp::condition{std::string(amqp::not_allowed), "not a neighbour of " + node_};
        auto& e = at->second;
        if (e.session && !is_preferred(*s, *e.session))
            return amqp::condition{std::string(amqp::connection_forced), "there is another session"};
        old = std::exchange(e.session, s);
        e.view.connected = true;
        e.view.dialled_by = s->dialler();
        e.view.since = s->since();
        e.view.last_error.clear();
    }
    if (old) old->end(amqp::condition{std::string(amqp::connection_forced), "a newer session has taken its place"});
    return std::nullopt;
}

bool relay_registry::leave(const relay_session& s, const std::string& why) {
    const auto now = clock_.now();
    std::shared_ptr<relay_session> kept; // destroyed outside the lock
    {
        const std::scoped_lock lock(mutex_);
        const auto at = entries_.find(s.neighbour());
        if (at == entries_.end() || at->second.session.get() != &s) return false;
        auto& e = at->second;
        kept = std::move(e.session);
        e.view.connected = false;
        e.view.dialled_by.clear();
        e.view.since = now;
        e.view.last_error = why;
        e.view.clock_offset.reset();
        e.view.round_trip.reset();
    }
    hold_expiry();
    return true;
}

bool relay_registry::is_connected(const std::string& name) const { return session_of(name) != nullptr; }

std::shared_ptr<relay_session> relay_registry::session_of(const std::string& name) const {
    const std::scoped_lock lock(mutex_);
    const auto at = entries_.find(name);
    return at == entries_.end() ? nullptr : at->second.session;
}

std::vector<std::shared_ptr<relay_session>> relay_registry::sessions() const {
    std::vector<std::shared_ptr<relay_session>> all;
    const std::scoped_lock lock(mutex_);
    for (const auto& [name, e] : entries_)
        if (e.session) all.push_back(e.session);
    return all;
}

void relay_registry::note(const std::string& name, const std::function<void(neighbour_view&)>& change) {
    const std::scoped_lock lock(mutex_);
    const auto at = entries_.find(name);
    if (at != entries_.end()) change(at->second.view);
}

void relay_registry::note_clock(const std::string& name, milliseconds offset) {
    note(name, [offset](neighbour_view& v) { v.clock_offset = offset; });
    if (std::abs(offset.count()) > suspicious_offset.count())
        alarms_.raise("clock_skew", name, fmt::format("its clock differs from ours by {} ms", offset.count()));
    else
        alarms_.clear("clock_skew", name);
    hold_expiry();
}

void relay_registry::hold_expiry() {
    bool hold = false;
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& [name, e] : entries_)
            hold = hold || (e.view.clock_offset && std::abs(e.view.clock_offset->count()) > impossible_offset.count());
    }
    forwarder_.hold_expiry(hold);
}

std::vector<neighbour_view> relay_registry::view() const {
    std::vector<neighbour_view> all;
    const std::scoped_lock lock(mutex_);
    for (const auto& [name, e] : entries_) all.push_back(e.view);
    return all;
}

std::optional<neighbour_view> relay_registry::view(const std::string& name) const {
    const std::scoped_lock lock(mutex_);
    const auto at = entries_.find(name);
    if (at == entries_.end()) return std::nullopt;
    return at->second.view;
}

} // namespace truc::api
