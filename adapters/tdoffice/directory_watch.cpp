#include "directory_watch.hpp"

#include <sys/eventfd.h>
#include <sys/inotify.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <unistd.h>

namespace truc::tdoffice {

namespace {

constexpr std::uint32_t appearing = IN_MOVED_TO | IN_CLOSE_WRITE;
constexpr std::uint32_t going = IN_DELETE | IN_MOVED_FROM;
/// The directory was replaced or unmounted, or events were lost: only a look can tell.
constexpr std::uint32_t all_is_new = IN_IGNORED | IN_UNMOUNT | IN_MOVE_SELF | IN_DELETE_SELF | IN_Q_OVERFLOW;

} // namespace

directory_watch::directory_watch(std::filesystem::path dir, matters m)
    : dir_(std::move(dir)),
      matters_(m),
      events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      interrupts_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (!interrupts_) throw std::runtime_error(std::string("eventfd: ") + std::strerror(errno));
}

void directory_watch::begin() {
    if (!events_ || watch_ >= 0) return;
    watch_ =
        ::inotify_add_watch(events_.fd(), dir_.c_str(), appearing | going | IN_MOVE_SELF | IN_DELETE_SELF | IN_ONLYDIR);
}

/// Whether one of them matters.
bool directory_watch::drain_events() {
    bool news = false;
    alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
    while (true) {
        const auto size = ::read(events_.fd(), buffer.data(), buffer.size());
        if (size <= 0) return news;
        for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
            const auto* const e = reinterpret_cast<const inotify_event*>(buffer.data() + at);
            at += sizeof(inotify_event) + e->len;
            if (e->mask & all_is_new) {
                if (watch_ >= 0 && !(e->mask & (IN_IGNORED | IN_Q_OVERFLOW))) ::inotify_rm_watch(events_.fd(), watch_);
                if (!(e->mask & IN_Q_OVERFLOW)) watch_ = -1;
                news = true;
                continue;
            }
            const std::string_view name = e->len ? e->name : "";
            if (!matters_(name, (e->mask & appearing) != 0)) continue;
            if (e->mask & IN_MOVED_TO) renamed_.emplace_back(name);
            news = true;
        }
    }
}

bool directory_watch::drain_interrupts() {
    std::uint64_t count = 0;
    return ::read(interrupts_.fd(), &count, sizeof count) == sizeof count;
}

void directory_watch::wait(std::chrono::milliseconds at_most) {
    const auto until = std::chrono::steady_clock::now() + at_most;
    while (true) {
        const auto rest =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
        std::array<pollfd, 2> both = {{{interrupts_.fd(), POLLIN, 0}, {events_.fd(), POLLIN, 0}}};
        const int got = ::poll(both.data(), both.size(), static_cast<int>(std::max<std::int64_t>(rest, 0)));
        if (got == 0 || (got < 0 && errno != EINTR)) return;
        const bool interrupted = drain_interrupts();
        const bool news = events_ && drain_events();
        if (interrupted || news) return;
    }
}

void directory_watch::interrupt() {
    const std::uint64_t one = 1;
    // It can only fail when the counter is full, and then the waiter is awake anyhow.
    [[maybe_unused]] const auto written = ::write(interrupts_.fd(), &one, sizeof one);
}

} // namespace truc::tdoffice
