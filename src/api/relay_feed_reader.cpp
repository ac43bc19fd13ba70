#include "relay_feed_reader.hpp"

#include "relay_session.hpp"

namespace truc::api {

namespace {

constexpr std::size_t window = 256;
constexpr std::size_t largest_receipt = std::size_t{256} << 10;
constexpr std::chrono::milliseconds first_pause{500};
constexpr std::chrono::milliseconds longest_pause{60'000};

} // namespace

relay_feed_reader::relay_feed_reader(std::shared_ptr<relay_core> c, relay_session& owner)
    : relay_part(std::move(c), owner), later_(strand()) {}

void relay_feed_reader::open(const std::string& log) {
    if (over() || !log_.empty()) return; // another log means another process, and that another connection
    log_ = log;
    ask();
}

void relay_feed_reader::ask() {
    auto read = [store = use().store, neighbour = neighbour(), log = log_]() -> result<std::uint64_t> {
        return store->cursor_of(neighbour, log);
    };
    work_then(core(), strand(), std::move(read), [self = self<relay_feed_reader>()](result<std::uint64_t> cursor) {
        if (self->over()) return;
        if (cursor)
            self->attach(*cursor);
        else
            self->stop_and_ask_later();
    });
}

void relay_feed_reader::attach(std::uint64_t cursor) {
    cursor_ = seen_ = cursor;
    amqp::property_map properties;
    properties["truc-after"] = static_cast<std::int64_t>(cursor);
    link_ = amqp().attach_receiver(owner().link_name("receipts"), "receipts", std::move(properties));
    owner().adopt(*link_, shared_from_this());
}

void relay_feed_reader::attached(amqp::link_handle link) { amqp().set_window(link, window); }

void relay_feed_reader::detached(amqp::link_handle link, const std::optional<amqp::condition>&) {
    if (link_ != link) return;
    link_.reset();
    stop_and_ask_later();
}

/// What arrived and is not stored goes back; the cursor in the store says where to begin anew.
void relay_feed_reader::stop_and_ask_later() {
    for (const auto& a : std::exchange(waiting_, {})) amqp().release(a.message);
    arriving_.reset();
    if (link_) {
        owner().forget(*link_);
        amqp().detach(*link_);
        link_.reset();
    }
    pause_ = std::clamp(pause_ * 2, first_pause, longest_pause);
    later_.expires_after(pause_);
    later_.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
        const auto part = weak.lock();
        if (failure || !part) return;
        const auto self = std::static_pointer_cast<relay_feed_reader>(part);
        if (!self->over() && !self->link_) self->ask();
    });
}

void relay_feed_reader::closed() {
    link_.reset();
    waiting_.clear();
    later_.cancel();
}

void relay_feed_reader::message_begun(amqp::link_handle link, amqp::message_handle message,
                                      const amqp::message_head& head) {
    if (link_ != link) return amqp().release(message);
    const auto* cursor = amqp::find<std::int64_t>(head.properties, "truc-cursor");
    if (!cursor || *cursor <= 0 || static_cast<std::uint64_t>(*cursor) <= seen_) {
        amqp().reject(message, amqp::condition{std::string(amqp::invalid_field), "truc-cursor"});
        return stop_and_ask_later();
    }
    arriving_ = arrived{message, {}};
    arriving_->receipt.cursor = static_cast<std::uint64_t>(*cursor);
}

void relay_feed_reader::message_data(amqp::message_handle message, std::size_t, std::string_view bytes) {
    if (!arriving_ || arriving_->message != message) return;
    auto& text = arriving_->receipt.xml;
    // One that is too long cannot be verified: an empty one neither, and the others go on.
    if (text.size() + bytes.size() <= largest_receipt) text += bytes;
}

void relay_feed_reader::message_complete(amqp::message_handle message) {
    if (!arriving_ || arriving_->message != message) return;
    seen_ = arriving_->receipt.cursor;
    waiting_.push_back(std::move(*arriving_));
    arriving_.reset();
    take_batch();
}

void relay_feed_reader::message_lost(amqp::message_handle message) {
    if (arriving_ && arriving_->message == message) arriving_.reset();
}

/// All that waits, at once: one transaction. What comes meanwhile is the next batch.
void relay_feed_reader::take_batch() {
    if (busy_ || waiting_.empty()) return;
    busy_ = true;
    auto whole = std::make_shared<const batch>(std::exchange(waiting_, {}));
    auto stored = [self = self<relay_feed_reader>(), whole](result<std::uint64_t> next) {
        net::asio::post(self->strand(), [self, whole, next = std::move(next)] { self->taken(*whole, next); });
    };
    auto work = [transit = use().transit, store = use().store, neighbour = neighbour(), log = log_, from = cursor_,
                 whole, stored]() -> result<void> {
        std::vector<intake::transit::fed_receipt> receipts;
        for (const auto& a : *whole) receipts.push_back(a.receipt);
        auto evidence = transit->examine_evidence(neighbour, log, from, receipts);
        const auto next = evidence.next;
        store->take_evidence(std::move(evidence), [stored, next](result<std::monostate> done) {
            stored(done ? result<std::uint64_t>(next) : fail(done.error()));
        });
        return {};
    };
    work_then(core(), strand(), std::move(work), [stored](result<void> begun) {
        if (!begun) stored(fail(begun.error()));
    });
}

void relay_feed_reader::taken(const batch& b, const result<std::uint64_t>& next) {
    busy_ = false;
    if (over()) return;
    bool all = true;
    for (const auto& a : b) {
        const bool kept = next && a.receipt.cursor <= *next;
        if (kept)
            amqp().accept(a.message);
        else
            amqp().release(a.message);
        all = all && kept;
    }
    if (next && *next > cursor_) {
        cursor_ = *next;
        pause_ = std::chrono::milliseconds(0);
    }
    if (!all) return stop_and_ask_later();
    take_batch();
}

} // namespace truc::api
