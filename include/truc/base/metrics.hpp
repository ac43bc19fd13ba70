#pragma once
/// Counters for Prometheus. Names are part of the product: truc_accepted_total, truc_refused_total{code="…"} …
/// Everything here is thread-safe and never fails; counting costs one relaxed atomic addition.

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace truc {

class counter {
  public:
    void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

/// Durations in fixed buckets from 50 µs to 10 s.
class duration_histogram {
  public:
    static constexpr std::array<std::uint32_t, 14> bounds_us = {
        50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 100000, 250000, 1000000, 2500000, 10000000};
    void record_us(std::uint64_t us);

  private:
    friend class metrics_registry;
    std::array<std::atomic<std::uint64_t>, bounds_us.size() + 1> buckets_{};
    std::atomic<std::uint64_t> sum_us_{0};
};

/// One line of a family whose lines are not known before the page is asked for.
struct gauge_line {
    std::string labels; ///< as Prometheus writes them
    double value = 0;
};

/// Owns the metrics of one node. References it hands out live as long as it does.
class metrics_registry {
  public:
    /// `labels` as Prometheus writes them, e.g. code="not_xml"; empty for none.
    counter& get_counter(std::string_view name, std::string_view help, std::string_view labels = {});
    duration_histogram& get_histogram(std::string_view name, std::string_view help);
    /// A value read when the page is asked for. The function must be thread-safe and outlive the registry's use.
    void add_gauge(std::string_view name, std::string_view help, std::function<double()> read,
                   std::string_view labels = {});
    /// As many values as there are at that moment; none is no mistake. As add_gauge().
    void add_gauges(std::string_view name, std::string_view help, std::function<std::vector<gauge_line>()> read);
    /// Text exposition format 0.0.4.
    std::string expose() const;

  private:
    struct family;
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<family>, std::less<>> families_;
};

} // namespace truc
