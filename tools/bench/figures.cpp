#include "figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace truc::bench {

namespace {

constexpr auto window = std::chrono::milliseconds(500);

} // namespace

std::string to_json_line(const figure& f) {
    // Small ones are ratios and short times: a tenth would be too coarse.
    const int places = std::abs(f.value) < 100 ? 3 : 1;
    return fmt::format(R"({{"name": "{}", "value": {:.{}f}, "unit": "{}"}})", f.name, f.value, places, f.unit);
}

double median_rate(const observation& seen) {
    const auto whole = static_cast<std::size_t>(seen.length / window);
    if (whole == 0) {
        const auto seconds = std::chrono::duration<double>(seen.length).count();
        return seconds > 0 ? static_cast<double>(seen.completed.size()) / seconds : 0;
    }
    std::vector<double> counts(whole, 0);
    for (const auto at : seen.completed)
        if (const auto i = static_cast<std::size_t>(at / window); i < whole) ++counts[i];
    std::sort(counts.begin(), counts.end());
    const double median = (counts[(whole - 1) / 2] + counts[whole / 2]) / 2;
    return median / std::chrono::duration<double>(window).count();
}

double percentile_ms(std::vector<std::chrono::nanoseconds> took, double part) {
    if (took.empty()) return 0;
    std::sort(took.begin(), took.end());
    const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(took.size())));
    return std::chrono::duration<double, std::milli>(took[std::clamp<std::size_t>(rank, 1, took.size()) - 1]).count();
}

} // namespace truc::bench
