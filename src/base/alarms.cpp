#include <truc/base/alarms.hpp>
#include <truc/base/log.hpp>

#include <algorithm>

namespace truc {

alarm_board::alarm_board(const truc::clock& c, metrics_registry* metrics) : clock_(c), metrics_(metrics) {}

void alarm_board::raise(std::string_view kind, std::string_view subject, std::string text) {
    const auto now = clock_.now();
    const std::scoped_lock lock(mutex_);
    const auto [it, first] = open_.try_emplace(key(kind, subject));
    auto& a = it->second;
    a.text = std::move(text);
    a.last = now;
    if (!first) {
        ++a.count;
        return;
    }
    a.kind = kind;
    a.subject = subject;
    a.since = now;
    spdlog::error("alarm {} ({}): {}", a.kind, a.subject, a.text);
    if (listener_) listener_({a, true});
    if (!metrics_) return;
    const std::string label = "kind=\"" + a.kind + "\"";
    metrics_->get_counter("truc_alarms_total", "Alarms raised; an alarm that stays open counts once", label).add();
}

void alarm_board::clear(std::string_view kind, std::string_view subject) {
    const std::scoped_lock lock(mutex_);
    const auto it = open_.find(key(kind, subject));
    if (it == open_.end()) return;
    spdlog::info("alarm {} ({}) is over", kind, subject);
    if (listener_) {
        it->second.last = clock_.now();
        listener_({it->second, false});
    }
    open_.erase(it);
}

void alarm_board::tell(std::function<void(const alarm_news&)> listener) {
    const std::scoped_lock lock(mutex_);
    listener_ = std::move(listener);
}

std::vector<alarm> alarm_board::list() const {
    std::vector<alarm> all;
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& [of, a] : open_) all.push_back(a);
    }
    std::sort(all.begin(), all.end(), [](const alarm& a, const alarm& b) { return a.since < b.since; });
    return all;
}

} // namespace truc
