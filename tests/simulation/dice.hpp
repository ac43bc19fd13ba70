#pragma once
#include <truc/base/clock.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace truc::simulation {

/// The only source of chance in a run: equal seeds, equal runs. SplitMix64, because the generators of <random> are
/// fixed by the standard but their distributions are not.
class dice {
  public:
    explicit dice(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
    bool percent(unsigned p) { return below(100) < p; }
    milliseconds between(milliseconds least, milliseconds most) {
        return least + milliseconds(below(static_cast<std::size_t>((most - least).count()) + 1));
    }
    template <class T>
    T& pick(std::vector<T>& from) {
        return from[below(from.size())];
    }
    template <class T>
    const T& pick(const std::vector<T>& from) {
        return from[below(from.size())];
    }

  private:
    std::uint64_t state_;
};

/// From now on everything that asks OpenSSL for random bytes (ids, keys, signatures) gets them from this seed: ids
/// decide orders, and a run that cannot be repeated explains nothing. For the whole process; tests only.
void seed_openssl(std::uint64_t seed);

} // namespace truc::simulation
