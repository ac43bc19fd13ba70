#include "progress.hpp"

#include "text.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace truc::cli {

namespace {

using std::chrono::steady_clock;

constexpr auto patience = std::chrono::milliseconds(400);
constexpr auto between_lines = std::chrono::milliseconds(100);
constexpr std::size_t longest_bar = 30;

bool watched(const context& c) { return !c.options().json && isatty(STDERR_FILENO) == 1; }

std::size_t width_of_errors() {
    constexpr std::size_t usual = 80;
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual;
}

/// The last column stays free: some terminals go on to the next line when it is written.
void draw(const std::string& line) {
    const auto text = "\r" + shortened(line, width_of_errors() - 1) + "\x1B[K";
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

std::string time_text(std::chrono::seconds s) {
    return s.count() < 60 ? fmt::format("{} s", s.count())
                          : fmt::format("{}:{:02} min", s.count() / 60, s.count() % 60);
}

std::chrono::seconds since(steady_clock::time_point begun) {
    return std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - begun);
}

} // namespace

std::string progress_line(std::string_view title, std::uint64_t done, std::uint64_t all, std::chrono::seconds taken,
                          std::size_t width) {
    const double share = all ? std::min(1.0, static_cast<double>(done) / static_cast<double>(all)) : 1.0;
    const auto tail = fmt::format(" {:3.0f} %  {}", share * 100, time_text(taken));
    const auto used = display_width(title) + 3 + display_width(tail);
    const auto bar = used < width ? std::min(longest_bar, width - used) : 0;
    const auto full = static_cast<std::size_t>(share * static_cast<double>(bar));
    return shortened(fmt::format("{} [{}{}]{}", title, std::string(full, '#'), std::string(bar - full, '.'), tail),
                     width);
}

progress_bar::progress_bar(const context& c, std::string title)
    : title_(std::move(title)), shown_(watched(c)), begun_(steady_clock::now()) {}

progress_bar::~progress_bar() {
    if (drawn_) draw("");
}

void progress_bar::show(std::uint64_t done, std::uint64_t all) {
    const auto now = steady_clock::now();
    if (!shown_ || now - begun_ < patience || now - drawn_at_ < between_lines) return;
    draw(progress_line(title_, done, all, since(begun_), width_of_errors() - 1));
    drawn_ = true;
    drawn_at_ = now;
}

waiting_line::waiting_line(const context& c, std::string title) : title_(std::move(title)) {
    if (watched(c)) thread_ = std::thread([this] { run(); });
}

waiting_line::~waiting_line() {
    if (!thread_.joinable()) return;
    {
        const std::scoped_lock lock(mutex_);
        over_ = true;
    }
    ended_.notify_one();
    thread_.join();
}

void waiting_line::run() {
    const auto begun = steady_clock::now();
    std::unique_lock lock(mutex_);
    if (ended_.wait_for(lock, patience, [this] { return over_; })) return;
    do draw(fmt::format("{} … {}", title_, time_text(since(begun))));
    while (!ended_.wait_for(lock, std::chrono::milliseconds(500), [this] { return over_; }));
    draw("");
}

} // namespace truc::cli
