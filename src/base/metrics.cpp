#include <truc/base/metrics.hpp>

#include <fmt/format.h>

#include <vector>

namespace truc {

namespace {

struct gauge {
    std::function<double()> read;
};

} // namespace

/// All series of one name; they share help and type.
struct metrics_registry::family {
    std::string help;
    std::string type;
    std::map<std::string, std::unique_ptr<counter>, std::less<>> counters; // by labels
    std::map<std::string, gauge, std::less<>> gauges;
    std::function<std::vector<gauge_line>()> read_lines; ///< null: its lines are those above
    std::unique_ptr<duration_histogram> histogram;
};

void duration_histogram::record_us(std::uint64_t us) {
    std::size_t i = 0;
    while (i < bounds_us.size() && us > bounds_us[i]) ++i;
    buckets_[i].fetch_add(1, std::memory_order_relaxed);
    sum_us_.fetch_add(us, std::memory_order_relaxed);
}

counter& metrics_registry::get_counter(std::string_view name, std::string_view help, std::string_view labels) {
    const std::scoped_lock lock(mutex_);
    auto& f = families_[std::string(name)];
    if (!f) f = std::make_shared<family>(family{std::string(help), "counter", {}, {}, {}, {}});
    auto& c = f->counters[std::string(labels)];
    if (!c) c = std::make_unique<counter>();
    return *c;
}

duration_histogram& metrics_registry::get_histogram(std::string_view name, std::string_view help) {
    const std::scoped_lock lock(mutex_);
    auto& f = families_[std::string(name)];
    if (!f)
        f = std::make_shared<family>(
            family{std::string(help), "histogram", {}, {}, {}, std::make_unique<duration_histogram>()});
    return *f->histogram;
}

void metrics_registry::add_gauge(std::string_view name, std::string_view help, std::function<double()> read,
                                 std::string_view labels) {
    const std::scoped_lock lock(mutex_);
    auto& f = families_[std::string(name)];
    if (!f) f = std::make_shared<family>(family{std::string(help), "gauge", {}, {}, {}, {}});
    f->gauges[std::string(labels)].read = std::move(read);
}

void metrics_registry::add_gauges(std::string_view name, std::string_view help,
                                  std::function<std::vector<gauge_line>()> read) {
    const std::scoped_lock lock(mutex_);
    auto& f = families_[std::string(name)];
    if (!f) f = std::make_shared<family>(family{std::string(help), "gauge", {}, {}, {}, {}});
    f->read_lines = std::move(read);
}

std::string metrics_registry::expose() const {
    const std::scoped_lock lock(mutex_);
    std::string page;
    const auto out = std::back_inserter(page);
    const auto braces = [](std::string_view labels) { return labels.empty() ? "" : fmt::format("{{{}}}", labels); };
    for (const auto& [name, f] : families_) {
        fmt::format_to(out, "# HELP {} {}\n# TYPE {} {}\n", name, f->help, name, f->type);
        for (const auto& [labels, c] : f->counters) fmt::format_to(out, "{}{} {}\n", name, braces(labels), c->value());
        for (const auto& [labels, g] : f->gauges) fmt::format_to(out, "{}{} {}\n", name, braces(labels), g.read());
        if (f->read_lines)
            for (const auto& l : f->read_lines()) fmt::format_to(out, "{}{} {}\n", name, braces(l.labels), l.value);
        if (!f->histogram) continue;
        const auto& h = *f->histogram;
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < h.buckets_.size(); ++i) {
            below += h.buckets_[i].load(std::memory_order_relaxed);
            const auto bound = i < h.bounds_us.size() ? fmt::format("{}", h.bounds_us[i] / 1e6) : "+Inf";
            fmt::format_to(out, "{}_bucket{{le=\"{}\"}} {}\n", name, bound, below);
        }
        fmt::format_to(out, "{}_sum {}\n{}_count {}\n", name, static_cast<double>(h.sum_us_.load()) / 1e6, name, below);
    }
    return page;
}

} // namespace truc
