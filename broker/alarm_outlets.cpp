#include "alarm_outlet.hpp"

#include <truc/base/log.hpp>

#include <fmt/format.h>

namespace truc::broker {

namespace {

counter& count_of(metrics_registry& m, const alarm_outlet& o, std::string_view outcome) {
    return m.get_counter("truc_alarm_notices_total", "Alarms raised or cleared, by whether people were told",
                         fmt::format("outlet=\"{}\",outcome=\"{}\"", o.name(), outcome));
}

} // namespace

outlet_queue::outlet_queue(std::unique_ptr<alarm_outlet> outlet, metrics_registry& metrics)
    : outlet_(std::move(outlet)),
      told_(count_of(metrics, *outlet_, "told")),
      failed_(count_of(metrics, *outlet_, "failed")),
      thread_([this] { run(); }) {}

outlet_queue::~outlet_queue() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    news_.notify_all();
    thread_.join();
}

void outlet_queue::post(const alarm_news& n) {
    {
        const std::scoped_lock lock(mutex_);
        if (waiting_.size() >= most_waiting) {
            waiting_.pop_front();
            failed_.add();
        }
        waiting_.push_back(n);
    }
    news_.notify_one();
}

void outlet_queue::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        news_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) return;
        const auto n = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        tell(n);
        lock.lock();
    }
}

void outlet_queue::tell(const alarm_news& n) {
    auto wait = first_pause;
    for (int attempt = 1;; ++attempt) {
        const auto done = outlet_->tell(n, stopping_);
        if (done) return told_.add();
        const bool last = attempt == most_attempts;
        if (attempt == 1 || last)
            spdlog::warn("alarm {} ({}) could not be told by {}{}: {}", n.what.kind, n.what.subject, outlet_->name(),
                         last ? ", for good" : "", explain(done.error(), language::english));
        if (last || !pause(wait)) return failed_.add();
        wait = std::min(wait * 2, longest_pause);
    }
}

/// False when the node stops.
bool outlet_queue::pause(std::chrono::seconds time) {
    std::unique_lock lock(mutex_);
    return !news_.wait_for(lock, time, [this] { return stopping_.load(); });
}

std::vector<std::unique_ptr<outlet_queue>> make_outlets(const configuration& c, metrics_registry& metrics) {
    std::vector<std::unique_ptr<outlet_queue>> all;
    const auto add = [&](std::unique_ptr<alarm_outlet> o) {
        all.push_back(std::make_unique<outlet_queue>(std::move(o), metrics));
    };
    const auto& ways = c.alarms;
    if (ways.syslog) add(make_syslog_outlet(ways.syslog_socket));
    if (!ways.webhook.empty()) add(make_webhook_outlet(ways, c.node));
    if (!ways.command.empty()) add(make_command_outlet(ways, c.node));
    return all;
}

} // namespace truc::broker
