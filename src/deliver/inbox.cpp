#include <truc/deliver/inbox.hpp>

#include <algorithm>

namespace truc::deliver {

namespace {

bool has_left(const store::store& kept, const uuid& delivery) {
    const auto item = kept.find_inbox_item(delivery);
    return !item || item->held || is_final(item->state);
}

} // namespace

std::vector<store::inbox_item> inbox::read(const query& q) {
    if (!q.claim) return store_.read_inbox(q.recipients, q.kind, q.after, q.max);
    return read_unclaimed(q);
}

/// Reads on behind what others hold until enough is found or nothing is left.
std::vector<store::inbox_item> inbox::read_unclaimed(const query& q) {
    std::vector<store::inbox_item> items;
    auto after = q.after;
    const auto now = clock_.now();
    forget_expired(now);
    for (;;) {
        const auto page = store_.read_inbox(q.recipients, q.kind, after, q.max);
        for (const auto& item : page) {
            const bool left_out =
                std::find(q.leave_out.begin(), q.leave_out.end(), item.delivery_id) != q.leave_out.end();
            if (left_out || !claim(item.delivery_id, now, *q.claim)) continue;
            // Whoever claimed it may have ended it since the page was read, and his claim went with it.
            if (has_left(store_, item.delivery_id)) {
                unclaim(item.delivery_id);
                continue;
            }
            items.push_back(item);
            if (items.size() == q.max) return items;
        }
        if (page.size() < q.max) return items;
        after = {page.back().priority, page.back().seq};
    }
}

bool inbox::claim(const uuid& delivery, timestamp now, milliseconds period) {
    const std::scoped_lock lock(mutex_);
    auto& until = claims_[delivery];
    if (until > now) return false;
    until = now + period;
    return true;
}

void inbox::unclaim(const uuid& delivery) {
    const std::scoped_lock lock(mutex_);
    claims_.erase(delivery);
}

void inbox::forget_expired(timestamp now) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(claims_, [now](const auto& c) { return c.second <= now; });
}

void inbox::acknowledge(answer a, store::completion<store::conclusion_record> done) {
    if (a.outcome == outcome::released) {
        const auto item = store_.find_inbox_item(a.delivery);
        if (!item || std::find(a.recipients.begin(), a.recipients.end(), item->to) == a.recipients.end())
            return done(fail(errc::not_found, a.delivery.str()));
        if (is_final(item->state)) return done(fail(errc::already_ended, std::string(to_string(item->state))));
        unclaim(a.delivery);
        return done(store::conclusion_record{delivery_state::consigned, {}, false});
    }
    const uuid delivery = a.delivery;
    store::conclusion c{a.delivery, std::move(a.recipients), a.outcome == outcome::accepted, std::move(a.reason),
                        std::move(a.channel)};
    store_.conclude(std::move(c), [this, delivery, done = std::move(done)](result<store::conclusion_record> r) {
        if (r) unclaim(delivery);
        done(std::move(r));
    });
}

} // namespace truc::deliver
