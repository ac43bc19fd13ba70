#pragma once
#include "context.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace truc::cli {

/// One line on standard error that says how far long work is; only where that is a terminal and nobody asked for
/// --json, and only when it takes long enough to be waited for. Wiped away when the work ends. One thread.
class progress_bar {
  public:
    progress_bar(const context& c, std::string title);
    progress_bar(const progress_bar&) = delete;
    ~progress_bar();

    void show(std::uint64_t done, std::uint64_t all);

  private:
    const std::string title_;
    const bool shown_;
    bool drawn_ = false;
    const std::chrono::steady_clock::time_point begun_;
    std::chrono::steady_clock::time_point drawn_at_;
};

/// The line of such a bar: title, bar, share and time. At most `width` columns.
std::string progress_line(std::string_view title, std::uint64_t done, std::uint64_t all, std::chrono::seconds taken,
                          std::size_t width);

/// The same for one call that does not say how far it is: how long it has been waited for. A thread of its own counts.
class waiting_line {
  public:
    waiting_line(const context& c, std::string title);
    waiting_line(const waiting_line&) = delete;
    ~waiting_line();

  private:
    void run();

    const std::string title_;
    std::mutex mutex_;
    std::condition_variable ended_;
    bool over_ = false;
    std::thread thread_;
};

} // namespace truc::cli
