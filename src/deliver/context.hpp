#pragma once
#include "backoff.hpp"
#include "mailbox.hpp"

#include <truc/deliver/forwarder.hpp>

#include <map>

namespace truc::deliver {

/// What the parts of a forwarder share. Used by run() alone, but for the mailbox.
struct context {
    explicit context(forwarder::options o_)
        : o(std::move(o_)), box(std::make_shared<mailbox>(o.wake)), jitter(o.seed) {}

    forwarder::options o;
    std::shared_ptr<mailbox> box;
    backoff jitter;

    timestamp now() const { return o.clock->now(); }

    void raise(std::string_view kind, std::string_view subject, std::string text) const {
        if (o.alarms) o.alarms->raise(kind, subject, std::move(text));
    }
    void clear(std::string_view kind, std::string_view subject) const {
        if (o.alarms) o.alarms->clear(kind, subject);
    }

    /// Told to the store at the end of the turn, together with others of the same reason.
    void note(const std::vector<std::int64_t>& rows, const std::string& neighbour, std::string_view reason,
              timestamp next_at) {
        auto& n = notes[{neighbour, std::string(reason)}];
        n.rows.insert(n.rows.end(), rows.begin(), rows.end());
        n.next_at = std::max(n.next_at, next_at);
    }
    /// It is for those who ask why: that one of them is not kept harms nobody.
    void keep_notes() {
        for (auto& [key, n] : std::exchange(notes, {})) {
            n.neighbour = key.first;
            n.reason = key.second;
            o.store->note_attempt(std::move(n), [](const result<std::monostate>&) {});
        }
    }

    std::map<std::pair<std::string, std::string>, store::failed_attempt> notes; ///< by neighbour and reason
};

} // namespace truc::deliver
