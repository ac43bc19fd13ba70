#pragma once
/// When something that failed for the moment is tried again: after 1 s, 2 s, 4 s … 60 s.

#include <truc/base/clock.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace truc::adapter {

inline constexpr std::chrono::seconds first_pause{1};
inline constexpr std::chrono::seconds longest_pause{60};

/// The pause behind the n-th failure in a row, counted from 1.
std::chrono::seconds pause_after(unsigned failures);

/// One thing that fails and recovers: a legacy system. One thread.
class back_off {
  public:
    void failed(timestamp now);
    void worked() { failures_ = 0; }
    bool rests(timestamp now) const { return failures_ > 0 && now < again_; }
    timestamp again() const { return again_; }

  private:
    unsigned failures_ = 0;
    timestamp again_;
};

/// Many of them, by name: single items that fail while others go through. What has not failed is not held; beyond
/// `most` the one that rests least is forgotten, which costs no more than an early attempt. One thread.
class back_offs {
  public:
    static constexpr std::size_t most = 4096;

    void failed(const std::string& name, timestamp now);
    void worked(const std::string& name) { all_.erase(name); }
    bool rests(const std::string& name, timestamp now) const;
    bool knows(const std::string& name) const { return all_.contains(name); } ///< failed and has not worked since
    std::size_t size() const { return all_.size(); }

  private:
    std::unordered_map<std::string, back_off> all_;
};

} // namespace truc::adapter
