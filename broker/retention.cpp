#include "retention.hpp"

#include <truc/base/log.hpp>

#include <future>

namespace truc::broker {

namespace {

/// Each is one item of the writer's, which removes files between two groups.
constexpr std::size_t contents_at_once = 32;
constexpr std::chrono::milliseconds between_batches{100};
/// A node that has just started has other things to do.
constexpr std::chrono::seconds first_look{60};

result<store::purge_result> purge(store::store& store, const store::purge_order& order) {
    std::promise<result<store::purge_result>> done;
    store.purge(order, [&done](result<store::purge_result> r) { done.set_value(std::move(r)); });
    return done.get_future().get();
}

} // namespace

void retention::start() {
    thread_ = std::thread([this] { run(); });
}

void retention::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    stopped_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool retention::wait(std::chrono::milliseconds period) {
    std::unique_lock lock(mutex_);
    return !stopped_.wait_for(lock, period, [this] { return stopping_; });
}

void retention::run() {
    for (bool on = wait(std::min(first_look, o_.period)); on; on = wait(o_.period)) {
        try {
            look();
        } catch (const std::exception& e) {
            spdlog::error("retention could not look what is due: {}", e.what());
        }
    }
}

/// What is recalled goes at once from where its recipients are (NĐ 30/2020 App. VI, III.8).
store::purge_order retention::order() const {
    const auto now = o_.clock->now();
    return {o_.keep.count() > 0 ? now - o_.keep : timestamp{}, now, contents_at_once};
}

void retention::look() {
    store::purge_result all;
    const auto due = order();
    do {
        const auto gone = purge(*o_.store, due);
        if (!gone) {
            spdlog::debug("retention waits: {}", explain(gone.error(), language::english));
            break;
        }
        all.contents += gone->contents;
        all.bytes += gone->bytes;
        all.more = gone->more;
    } while (all.more && wait(between_batches));
    if (all.contents) spdlog::info("retention removed {} contents, {} bytes", all.contents, all.bytes);
}

} // namespace truc::broker
