#pragma once
#include <truc/base/clock.hpp>

#include <algorithm>
#include <cstdint>

namespace truc::deliver {

/// How long to wait after so many failures in a row: doubling, and spread so that those who failed together do not try
/// together. Deterministic by its seed.
class backoff {
  public:
    struct range {
        milliseconds first;
        milliseconds longest;
    };

    explicit backoff(std::uint64_t seed) : state_(seed) {}

    /// Between half of and the whole of first · 2^failures, never more than the longest. `failures` counts from 1, so
    /// that the first wait is never shorter than `first`.
    milliseconds after(unsigned failures, const range& r) {
        const auto doubled = r.first.count() << std::min(failures, 30u);
        const auto whole = std::min<std::int64_t>(doubled, r.longest.count());
        const auto half = whole / 2;
        return milliseconds(half + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(whole - half + 1)));
    }

  private:
    /// A Weyl sequence, mixed until neighbouring states look unrelated.
    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15u;
        auto z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

    std::uint64_t state_;
};

} // namespace truc::deliver
