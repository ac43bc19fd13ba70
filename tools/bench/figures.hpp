#pragma once
#include "load.hpp"

#include <string>
#include <vector>

namespace truc::bench {

/// One line of the result. Names are stable: other programs compare them between versions.
struct figure {
    std::string name;
    double value;
    std::string unit;
};

/// {"name": …, "value": …, "unit": …}
std::string to_json_line(const figure& f);

/// Units per second: the median of windows of half a second, so that one hiccup of the machine does not count. The
/// last, unfinished window is left out.
double median_rate(const observation& seen);
/// In milliseconds; 0 when nothing was seen.
double percentile_ms(std::vector<std::chrono::nanoseconds> took, double part);

} // namespace truc::bench
