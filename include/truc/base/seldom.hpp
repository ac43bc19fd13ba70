#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace truc {

/// Keeps strangers from filling the log: each thing is said once in a while, and not too many different things.
/// Thread-safe; holds at most `most` keys.
class seldom {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    static constexpr std::chrono::seconds usual_pause{60};
    static constexpr std::size_t usual_most = 100;

    explicit seldom(std::chrono::seconds pause = usual_pause, std::size_t most = usual_most)
        : pause_(pause), most_(most) {}

    /// May it be said now? Then how often it was held back since it was said last; else nothing.
    std::optional<std::uint64_t> may_say(std::string_view what, time_point now = std::chrono::steady_clock::now());

  private:
    struct record {
        time_point said;
        std::uint64_t held_back = 0;
    };

    const std::chrono::seconds pause_;
    const std::size_t most_;
    std::mutex mutex_; ///< for what follows
    std::map<std::string, record, std::less<>> records_;
};

} // namespace truc
