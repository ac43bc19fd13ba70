#include "node_watch.hpp"

#include <truc/base/log.hpp>

#include <fmt/format.h>

namespace truc::broker {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr std::string_view low_space = "low_space";
constexpr auto look_every = 1s;
constexpr auto asked_lately = 5min;
constexpr int enough_looks = 3;
constexpr int share_of_time = 50; ///< one part of reading to so many of rest

double seconds_since(const std::optional<timestamp>& t, timestamp now) {
    return t ? std::max(0.0, static_cast<double>((now - *t).count()) / 1000) : 0;
}

std::string destination(const std::string& neighbour) {
    return fmt::format("destination=\"{}\"", neighbour.empty() ? "unknown" : neighbour);
}

} // namespace

struct node_watch::shown {
    std::mutex mutex;
    store::store_figures figures;
    steady::time_point asked = steady::now();

    /// For a page that is being made.
    store::store_figures take() {
        const std::scoped_lock lock(mutex);
        asked = steady::now();
        return figures;
    }
};

node_watch::node_watch(options o) : o_(std::move(o)), shown_(std::make_shared<shown>()) {
    add_metrics();
    thread_ = std::thread([this] { run(); });
}

node_watch::~node_watch() { stop(); }

void node_watch::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    ending_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void node_watch::add_metrics() {
    auto& m = *o_.metrics;
    const auto* clock = o_.clock;
    m.add_gauges("truc_queue_deliveries", "Deliveries that wait to be passed on, by neighbour", [s = shown_] {
        std::vector<gauge_line> lines;
        for (const auto& l : s->take().queue)
            lines.push_back({destination(l.neighbour), static_cast<double>(l.deliveries)});
        return lines;
    });
    m.add_gauges("truc_queue_oldest_seconds", "How long the oldest of them has been at this node", [s = shown_, clock] {
        std::vector<gauge_line> lines;
        for (const auto& l : s->take().queue)
            lines.push_back({destination(l.neighbour), seconds_since(l.oldest, clock->now())});
        return lines;
    });
    m.add_gauge("truc_inbox_deliveries", "Deliveries that lie in inboxes of this node",
                [s = shown_] { return static_cast<double>(s->take().inbox); });
    m.add_gauge("truc_inbox_oldest_seconds", "How long the oldest of them has been at this node",
                [s = shown_, clock] { return seconds_since(s->take().inbox_oldest, clock->now()); });
    m.add_gauge("truc_held_deliveries", "Deliveries that a person or Truc holds",
                [s = shown_] { return static_cast<double>(s->take().held); });
    m.add_gauge("truc_ledger_size", "Events in the ledger",
                [s = shown_] { return static_cast<double>(s->take().ledger_size); });
    m.add_gauge("truc_database_bytes", "Size of the database, content files not counted",
                [s = shown_] { return static_cast<double>(s->take().database_bytes); });
}

void node_watch::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        look();
        lock.lock();
        ending_.wait_for(lock, look_every, [this] { return stopping_; });
    }
}

void node_watch::look() {
    try {
        watch_space();
        read();
    } catch (const std::exception& e) { // the next look may see more
        spdlog::warn("the store could not be looked at for the metrics: {}", e.what());
    }
}

/// It is over when several looks found room, so that it does not come and go with each document.
void node_watch::watch_space() {
    if (!o_.store->has_space()) {
        if (looks_with_room_ != 0)
            o_.alarms->raise(low_space, o_.data_dir.string(),
                             fmt::format("{} MiB are free: new documents and legs are refused with no_space, "
                                         "deliveries go on",
                                         o_.store->free_bytes() >> 20));
        looks_with_room_ = 0;
    } else if (looks_with_room_ < enough_looks && ++looks_with_room_ == enough_looks) {
        o_.alarms->clear(low_space, o_.data_dir.string());
    }
}

void node_watch::read() {
    const auto now = steady::now();
    {
        const std::scoped_lock lock(shown_->mutex);
        if (now < read_at_ || now - shown_->asked > asked_lately) return;
    }
    read_at_ = now + o_.pause; // also when it fails
    auto figures = store::read_figures(*o_.store);
    const auto took = steady::now() - now;
    read_at_ = now + std::max<steady::duration>(o_.pause, share_of_time * took);
    const std::scoped_lock lock(shown_->mutex);
    shown_->figures = std::move(figures);
}

} // namespace truc::broker
