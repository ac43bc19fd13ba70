#include "content_files.hpp"

#include <truc/store/integrity.hpp>
#include <truc/store/sqlite.hpp>

#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

namespace truc::store {

namespace {

using steady = std::chrono::steady_clock;

/// How many of SQLite's instructions pass between two looks at the time.
constexpr int instructions_between = 1'000;
/// One instruction may walk a whole tree, which only an interruption from outside ends.
constexpr milliseconds between_interruptions(10);

int is_over(void* deadline) { return steady::now() > *static_cast<steady::time_point*>(deadline) ? 1 : 0; }

/// Ends the statement of a connection, which is lent to others afterwards, when time is up.
class time_limit {
  public:
    time_limit(connection& db, milliseconds at_most)
        : db_(db.get()), deadline_(steady::now() + at_most), watch_([this] { interrupt_later(); }) {
        sqlite3_progress_handler(db_, instructions_between, is_over, &deadline_);
    }
    time_limit(const time_limit&) = delete;
    ~time_limit() {
        {
            const std::scoped_lock lock(mutex_);
            done_ = true;
        }
        changed_.notify_one();
        watch_.join();
        sqlite3_progress_handler(db_, 0, nullptr, nullptr);
    }

  private:
    /// Again and again: one that comes before the statement has begun is forgotten.
    void interrupt_later() {
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, deadline_, [this] { return done_; });
        while (!done_) {
            sqlite3_interrupt(db_);
            changed_.wait_for(lock, between_interruptions, [this] { return done_; });
        }
    }

    sqlite3* db_;
    steady::time_point deadline_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
    std::thread watch_; ///< last, since it uses the others
};

std::vector<kept_content> read_contents(statement& q) {
    std::vector<kept_content> all;
    while (q.step()) all.push_back({q.integer(0), q.digest(1)});
    return all;
}

} // namespace

integrity check_database(const store& s, milliseconds at_most) {
    integrity found;
    s.look([&](connection& db) {
        const time_limit limit(db, at_most);
        try {
            auto q = db.prepare("PRAGMA quick_check(1)");
            if (q.step() && q.text(0) != "ok") found.fault = q.text(0);
        } catch (const sqlite_error& e) {
            if ((e.code() & 0xff) == SQLITE_INTERRUPT)
                found.complete = false;
            else
                found.fault = e.what();
        }
    });
    return found;
}

std::vector<kept_content> list_contents(const store& s, std::int64_t after, std::size_t max) {
    std::vector<kept_content> all;
    s.look([&](connection& db) {
        auto q = db.prepare("SELECT id, sha256 FROM content WHERE id > ? AND purged_at IS NULL ORDER BY id LIMIT ?");
        q.bind(after).bind(static_cast<std::int64_t>(max));
        all = read_contents(q);
    });
    return all;
}

std::uint64_t count_contents(const store& s) {
    std::uint64_t all = 0;
    s.look([&](connection& db) {
        auto q = db.prepare("SELECT count(*) FROM content WHERE purged_at IS NULL");
        q.step();
        all = static_cast<std::uint64_t>(q.integer(0));
    });
    return all;
}

std::vector<kept_content> missing_files(const store& s, const std::filesystem::path& directory) {
    const auto root = directory / "content";
    std::vector<kept_content> missing;
    s.look([&](connection& db) {
        auto q = db.prepare("SELECT id, sha256, size FROM content WHERE bytes IS NULL AND purged_at IS NULL");
        while (q.step()) {
            std::error_code absent;
            const auto size = std::filesystem::file_size(content_files::path_in(root, q.digest(1)), absent);
            if (absent || size != static_cast<std::uint64_t>(q.integer(2)))
                missing.push_back({q.integer(0), q.digest(1)});
        }
    });
    return missing;
}

std::vector<kept_content> sample_contents(const store& s, std::size_t newest, std::uint64_t seed) {
    std::vector<kept_content> all;
    s.look([&](connection& db) {
        {
            auto q = db.prepare("SELECT id, sha256 FROM content WHERE purged_at IS NULL ORDER BY id DESC LIMIT ?");
            q.bind(static_cast<std::int64_t>(newest));
            all = read_contents(q);
        }
        if (all.size() < newest) return; // that was all
        std::mt19937_64 random(seed);
        std::uniform_int_distribution<std::int64_t> anywhere(1, all.back().id);
        for (std::size_t i = 0; i < newest; ++i) {
            auto q = db.prepare("SELECT id, sha256 FROM content WHERE id <= ? AND purged_at IS NULL"
                                " ORDER BY id DESC LIMIT 1");
            q.bind(anywhere(random));
            for (auto& one : read_contents(q)) all.push_back(one);
        }
    });
    return all;
}

held_count count_held(const store& s) {
    held_count held;
    s.look([&](connection& db) {
        auto q = db.prepare("SELECT held, count(*) FROM delivery INDEXED BY delivery_held"
                            " WHERE held > 0 AND state < 3 GROUP BY held");
        while (q.step())
            (q.enumeration<held_kind>(0) == held_kind::by_truc ? held.by_truc : held.by_person) =
                static_cast<std::uint64_t>(q.integer(1));
    });
    return held;
}

} // namespace truc::store
