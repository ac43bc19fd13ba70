#include "deadline_watch.hpp"
#include "inquiries.hpp"
#include "relocation.hpp"

#include <algorithm>
#include <atomic>

namespace truc::deliver {

namespace {

using namespace std::chrono_literals;

constexpr auto review_period = 1min;
/// Deliveries of commits that wait for the next turn; of more only the place is kept, and they are read from disk.
constexpr std::size_t most_arrived = 20'000;
constexpr std::size_t recipients_a_turn = 100;

/// Written at the end of a turn, read by anybody.
struct published_lanes {
    std::mutex mutex;
    std::vector<lane_view> lanes;

    double waiting(const std::string& neighbour) {
        const std::scoped_lock lock(mutex);
        for (const auto& l : lanes)
            if (l.neighbour == neighbour) return static_cast<double>(l.waiting);
        return 0;
    }
};

lane_view view_of(const std::string& neighbour, const lane& l, timestamp now) {
    lane_view v;
    v.neighbour = neighbour;
    v.connected = l.way != nullptr;
    v.waiting = l.waiting();
    v.waiting_by_class = l.waiting_by_class();
    v.more = l.has_more();
    v.under_way = l.under_way();
    v.limit = l.limit();
    v.state = l.state(now);
    v.failures = l.failures();
    v.last_failure = l.last_failure;
    v.next_at = l.next_at();
    return v;
}

} // namespace

std::string_view to_string(circuit c) {
    switch (c) {
    case circuit::closed:
        return "closed";
    case circuit::backing_off:
        return "backing_off";
    case circuit::probing:
        return "probing";
    }
    return {};
}

struct forwarder::parts {
    explicit parts(options o)
        : c(std::move(o)),
          waiting(c),
          moves(c, waiting),
          moving(c, waiting),
          deadlines(c, waiting, moving),
          asking(c, waiting, moving) {}

    std::optional<timestamp> turn();
    void take_what_came();
    void use_new_directory();
    void send_away();
    void review();
    void connect(const std::string& neighbour, std::shared_ptr<link> way);
    void disconnect(const std::string& neighbour, const std::shared_ptr<link>& way, std::string why);
    void retry(const std::optional<std::string>& neighbour);
    void publish();
    std::optional<timestamp> next_turn(timestamp look_again);

    context c;
    schedule waiting;
    relocation moves;
    offers moving;
    deadline_watch deadlines;
    inquiries asking;
    bool directory_is_new = true;
    std::vector<std::string> moved_away; ///< recipients with items here whose home is another node now
    timestamp send_away_at{};
    timestamp review_at{};
    std::optional<timestamp> move_again_at; ///< the store could not move something
    bool more_to_read = false;
    std::set<std::string> in_metrics;
    std::shared_ptr<published_lanes> shown = std::make_shared<published_lanes>();

    std::mutex arrived_mutex;
    std::vector<store::queued_delivery> arrived;
    /// The first of each lane and class that found no room in `arrived`.
    std::map<std::pair<std::string, lane_class>, std::int64_t> missed;
};

forwarder::forwarder(options o) : parts_(std::make_unique<parts>(std::move(o))) {}

forwarder::~forwarder() { parts_->c.box->close(); }

void forwarder::notice(const std::vector<store::queued_delivery>& queued) {
    if (queued.empty()) return;
    auto& p = *parts_;
    {
        const std::scoped_lock lock(p.arrived_mutex);
        for (const auto& d : queued) {
            if (p.arrived.size() < most_arrived) {
                p.arrived.push_back(d);
                continue;
            }
            auto& first = p.missed.try_emplace({d.lane, d.lane_class}, d.seq).first->second;
            first = std::min(first, d.seq);
        }
    }
    p.c.box->post([] {});
}

void forwarder::withhold(const std::vector<std::int64_t>& rows) {
    if (rows.empty()) return;
    parts_->c.box->post([p = parts_.get(), rows] {
        p->waiting.withhold(rows);
        p->deadlines.look_at_once();
    });
}

void forwarder::connect(const std::string& neighbour, std::shared_ptr<link> way) {
    parts_->c.box->post([p = parts_.get(), neighbour, way = std::move(way)] { p->connect(neighbour, way); });
}

void forwarder::disconnect(const std::string& neighbour, const std::shared_ptr<link>& way, std::string why) {
    parts_->c.box->post(
        [p = parts_.get(), neighbour, way, why = std::move(why)] { p->disconnect(neighbour, way, why); });
}

void forwarder::room(const std::string&) {
    parts_->c.box->post([] {});
}

void forwarder::directory_changed() {
    parts_->c.box->post([p = parts_.get()] { p->directory_is_new = true; });
}

void forwarder::retry(std::optional<std::string> neighbour) {
    parts_->c.box->post([p = parts_.get(), neighbour = std::move(neighbour)] { p->retry(neighbour); });
}

void forwarder::ask_again(const std::string& neighbour) {
    parts_->c.box->post([p = parts_.get(), neighbour] { p->asking.begin(neighbour); });
}

void forwarder::hold_expiry(bool hold) {
    parts_->c.box->post([p = parts_.get(), hold] { p->deadlines.hold(hold); });
}

std::optional<timestamp> forwarder::run() { return parts_->turn(); }

std::vector<lane_view> forwarder::lanes() const {
    const std::scoped_lock lock(parts_->shown->mutex);
    return parts_->shown->lanes;
}

std::optional<timestamp> forwarder::parts::turn() {
    use_new_directory();
    take_what_came();
    use_new_directory();
    send_away();
    auto look_again = deadlines.look();
    if (const auto ask_at = asking.look()) look_again = std::min(look_again, *ask_at);
    if (waiting.take_move_failed()) move_again_at = c.now() + 1s;
    if (move_again_at && *move_again_at <= c.now()) {
        move_again_at.reset();
        moves.begin();
    }
    more_to_read = waiting.fill();
    if (moves.step()) more_to_read = true;
    review();
    moving.bring_home();
    for (auto& [neighbour, l] : waiting.lanes()) moving.offer(neighbour, l);
    moving.pass_on();
    c.keep_notes();
    publish();
    return next_turn(look_again);
}

/// Answers before arrivals: what has come back was passed on before.
void forwarder::parts::take_what_came() {
    for (const auto& task : c.box->take()) task();
    std::vector<store::queued_delivery> came;
    decltype(missed) not_taken;
    {
        const std::scoped_lock lock(arrived_mutex);
        came = std::exchange(arrived, {});
        not_taken = std::exchange(missed, {});
    }
    waiting.place(came);
    for (const auto& [where, row] : not_taken) waiting.missed(where.first, where.second, row);
    if (!not_taken.empty()) moves.begin(); // some may be in the wrong lane
}

void forwarder::parts::use_new_directory() {
    if (!directory_is_new) return;
    auto recipients = c.o.store->recipients_in(delivery_state::consigned);
    waiting.start_over();
    moves.begin();
    std::erase_if(recipients, [this](const std::string& recipient) {
        const auto home = home_of(waiting.directory(), recipient, c.now());
        return home.empty() || home == c.o.node;
    });
    moved_away = std::move(recipients);
    send_away_at = review_at = c.now();
    directory_is_new = false;
}

void forwarder::parts::send_away() {
    if (moved_away.empty() || c.now() < send_away_at) return;
    for (std::size_t i = 0; i < recipients_a_turn && !moved_away.empty(); ++i) {
        auto recipient = std::move(moved_away.back());
        moved_away.pop_back();
        c.o.store->send_away(recipient, [this, recipient, box = c.box](const result<std::monostate>& r) {
            if (r) return; // the commit's notice brings what is queued now
            box->post([this, recipient] {
                moved_away.push_back(recipient);
                send_away_at = c.now() + 1s;
            });
        });
    }
}

void forwarder::parts::review() {
    if (c.now() < review_at || more_to_read) return;
    review_at = c.now() + review_period;
    moving.review_refused();
    if (!waiting.has_unrouted()) return;
    moves.begin(); // a way may have opened with time
    more_to_read = true;
}

void forwarder::parts::connect(const std::string& neighbour, std::shared_ptr<link> way) {
    auto& l = waiting.lane_of(neighbour);
    l.way = std::move(way);
    moving.lose(neighbour);
    asking.start_over(neighbour);
    asking.connected(neighbour);
    l.restart();
    l.wake_lost();
}

void forwarder::parts::disconnect(const std::string& neighbour, const std::shared_ptr<link>& way, std::string why) {
    auto& l = waiting.lane_of(neighbour);
    if (l.way != way) return;
    l.way.reset();
    l.last_failure = std::move(why);
    moving.lose(neighbour);
    asking.start_over(neighbour);
}

void forwarder::parts::retry(const std::optional<std::string>& neighbour) {
    for (auto& [name, l] : waiting.lanes()) {
        if (neighbour && *neighbour != name) continue;
        asking.hurry(name);
        l.restart();
        l.wake_all();
    }
    if (neighbour) return;
    waiting.home().restart();
    waiting.home().wake_all();
    review_at = c.now();
}

void forwarder::parts::publish() {
    std::vector<lane_view> views;
    for (const auto& [neighbour, l] : waiting.lanes()) {
        views.push_back(view_of(neighbour, l, c.now()));
        if (!c.o.metrics || !in_metrics.insert(neighbour).second) continue;
        c.o.metrics->add_gauge(
            "truc_lane_deliveries", "Deliveries that wait for a neighbour, as far as they are in memory",
            [shown = shown, neighbour = neighbour] { return shown->waiting(neighbour); },
            fmt::format("neighbour=\"{}\"", neighbour));
    }
    const std::scoped_lock lock(shown->mutex);
    shown->lanes = std::move(views);
}

/// A lane without a connection needs no turn: connecting brings one.
std::optional<timestamp> forwarder::parts::next_turn(timestamp look_again) {
    const auto now = c.now();
    if (more_to_read) return now;
    auto next = look_again;
    const auto at = [&next](const std::optional<timestamp>& t) {
        if (t) next = std::min(next, *t);
    };
    const auto lane_at = [&](const lane& l) {
        at(l.next_delayed());
        if (l.has_ready() && l.backs_off(now)) at(l.next_at());
    };
    for (const auto& [neighbour, l] : waiting.lanes())
        if (l.way) lane_at(l);
    lane_at(waiting.home());
    if (waiting.has_unrouted() || moving.has_refused()) at(review_at);
    at(move_again_at);
    if (!moved_away.empty()) at(send_away_at);
    return std::max(next, now);
}

} // namespace truc::deliver
