#include "failure.hpp"

#include <atomic>
#include <csignal>

namespace truc::bench {

namespace {
std::atomic<bool> asked_to_stop{false};
static_assert(std::atomic<bool>::is_always_lock_free);
} // namespace

void take_interrupts() {
    for (const int s : {SIGINT, SIGTERM}) std::signal(s, [](int) { asked_to_stop = true; });
}

void check_interrupted() {
    if (asked_to_stop) throw failure("interrupted");
}

} // namespace truc::bench
