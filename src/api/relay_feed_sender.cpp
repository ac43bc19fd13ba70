#include "relay_feed_sender.hpp"

#include "relay_session.hpp"

namespace truc::api {

namespace {

constexpr std::size_t page = 128; ///< receipts that are read at once

} // namespace

relay_feed_sender::relay_feed_sender(std::shared_ptr<relay_core> c, relay_session& owner, amqp::link_handle link,
                                     std::uint64_t after)
    : relay_part(std::move(c), owner), link_(link), position_(after), reader_(store::feed_of_node(neighbour())) {}

relay_feed_sender::~relay_feed_sender() = default;

void relay_feed_sender::open() {
    // The place is taken first, the store is read afterwards: what commits in between rings.
    auto wake = [weak = weak_from_this(), rung = rung_, strand = strand()] {
        if (rung->exchange(true)) return; // one turn on the strand for all that commits until then
        net::asio::post(strand, [weak, rung] {
            rung->store(false);
            if (const auto part = weak.lock()) std::static_pointer_cast<relay_feed_sender>(part)->pump();
        });
    };
    place_ = use().waiting->enter({"feed:" + reader_}, std::move(wake));
    pump();
}

void relay_feed_sender::credit_changed(amqp::link_handle, std::size_t) { pump(); }

void relay_feed_sender::detached(amqp::link_handle, const std::optional<amqp::condition>&) { end(); }

void relay_feed_sender::closed() { end(); }

void relay_feed_sender::end() {
    ended_ = true;
    place_.reset();
}

void relay_feed_sender::pump() {
    if (ended_) return;
    const auto room = std::min(amqp().credit(link_), page);
    if (reading_ || room == 0) {
        news_ = true;
        return;
    }
    reading_ = true;
    news_ = false;
    auto read = [store = use().store, reader = reader_, from = position_,
                 room]() -> result<std::vector<store::feed_entry>> { return store->read_feed({reader}, from, room); };
    work_then(core(), strand(), std::move(read),
              [self = self<relay_feed_sender>(), room](result<std::vector<store::feed_entry>> entries) {
                  self->reading_ = false;
                  if (entries) return self->send(*entries, room);
                  // The neighbour asks again, later.
                  if (!self->ended_) self->amqp().detach(self->link_, condition_of(entries.error()));
                  self->end();
              });
}

void relay_feed_sender::send(const std::vector<store::feed_entry>& entries, std::size_t asked) {
    if (ended_) return;
    for (const auto& e : entries) {
        amqp::message m;
        m.head.message_id = e.event_id;
        m.head.subject = to_string(e.event);
        m.head.properties["truc-cursor"] = static_cast<std::int64_t>(e.position + 1);
        m.body.emplace_back(e.xml);
        if (!amqp().send(link_, std::move(m))) return;
        position_ = e.position + 1;
    }
    if (entries.size() == asked || news_) pump();
}

} // namespace truc::api
