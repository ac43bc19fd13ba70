#include "writer.hpp"

#include <truc/base/log.hpp>

#include <cstdlib>
#include <set>

namespace truc::store {

namespace {

/// Whether something is on stable storage is not known any more: no answer may be given, by anybody. The restart finds
/// out.
[[noreturn]] void stop_the_process(std::string_view why) {
    spdlog::critical("the store cannot be trusted to be written: {}; stopping without answering", why);
    spdlog::default_logger()->flush();
    std::_Exit(70); // EX_SOFTWARE
}

error temporary(const sqlite_error& e) { return e.is_full() ? error(errc::no_space) : error(errc::internal, e.what()); }

} // namespace

writer::writer(options o)
    : o_(std::move(o)), db_(o_.database, connection::mode::writer), book_(db_, o_.log, o_.signer) {
    if (o_.metrics)
        commit_time_ =
            &o_.metrics->get_histogram("truc_commit_seconds", "Duration of a group's transaction, sync included");
    sqlite3_wal_hook(
        db_.get(),
        [](void* self, sqlite3*, const char*, int pages) {
            static_cast<writer*>(self)->wal_pages_ = pages;
            return SQLITE_OK;
        },
        this);
    thread_ = std::thread([this] { run(); });
}

writer::~writer() {
    {
        const std::scoped_lock lock(mutex_);
        draining_ = stopping_ = true;
    }
    waiting_.notify_all();
    thread_.join();
}

void writer::submit(std::unique_ptr<work> item) {
    {
        const std::scoped_lock lock(mutex_);
        if (!draining_ && queue_.size() < queue_items) {
            queue_.push_back(std::move(item));
            waiting_.notify_one();
            return;
        }
    }
    item->failed(error(errc::not_ready, draining_ ? "the node is stopping" : "too much waits to be written"));
}

void writer::drain() {
    std::unique_lock lock(mutex_);
    draining_ = true;
    idle_.wait(lock, [this] { return queue_.empty() && !busy_; });
}

std::size_t writer::queued() const {
    const std::scoped_lock lock(mutex_);
    return queue_.size();
}

void writer::run() {
    group g;
    while (take(g)) {
        write(g);
        g.clear();
        if (wal_pages_ > checkpoint_pages) checkpoint();
    }
    checkpoint();
}

/// Waits for work; takes up to a group of it. False when there is none left and the writer stops.
bool writer::take(group& g) {
    std::unique_lock lock(mutex_);
    busy_ = false;
    idle_.notify_all();
    waiting_.wait(lock, [this] { return !queue_.empty() || stopping_; });
    std::size_t bytes = 0;
    while (!queue_.empty() && g.size() < group_items && bytes < group_bytes) {
        bytes += queue_.front()->size();
        g.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    busy_ = !g.empty();
    return busy_;
}

void writer::write(group& g) {
    const auto start = std::chrono::steady_clock::now();
    transaction t{db_, book_, {}, {}};
    sync_content(g);
    try {
        db_.execute("BEGIN IMMEDIATE");
        book_.begin(o_.clock->now());
        apply_all(t, g);
        flush_counts(t);
        if (auto closed = book_.close(); !closed) return give_up(g, closed.error());
    } catch (const sqlite_error& e) {
        return give_up(g, temporary(e));
    }
    try {
        db_.execute("COMMIT");
    } catch (const sqlite_error& e) {
        stop_the_process(e.what());
    }
    book_.committed();
    healthy_ = true;
    if (commit_time_) {
        const auto took = std::chrono::steady_clock::now() - start;
        commit_time_->record_us(
            static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
    }
    for (auto& item : g)
        if (item) item->committed(t);
    if (o_.on_commit) o_.on_commit(t.notice);
}

/// Items that fail leave the group (their place becomes null) and are answered at once: nothing of them is kept.
void writer::apply_all(transaction& t, group& g) {
    for (auto& item : g)
        if (!apply_one(t, *item)) item.reset();
}

bool writer::apply_one(transaction& t, work& item) {
    const auto mark = book_.here();
    const auto counts = t.counts;
    db_.execute("SAVEPOINT item");
    error reason(errc::internal);
    try {
        auto applied = item.apply(t);
        if (applied) {
            db_.execute("RELEASE item");
            return true;
        }
        reason = applied.error();
    } catch (const sqlite_error& e) {
        // A full disk or an I/O error may have ended the transaction: then the whole group is given up.
        if (e.is_full() || sqlite3_get_autocommit(db_.get())) throw;
        spdlog::error("an item could not be written and was left out of its group: {}", e.what());
        reason = error(errc::internal, "the item could not be written");
    }
    db_.execute("ROLLBACK TO item");
    db_.execute("RELEASE item");
    book_.back_to(mark);
    t.counts = counts;
    item.failed(std::move(reason));
    return false;
}

/// The names of large contents must be as durable as the rows that will point at them.
void writer::sync_content(const group& g) {
    std::set<std::filesystem::path> directories;
    for (const auto& item : g)
        if (const auto* digest = item->content_file()) directories.insert(o_.files->directory_of(*digest));
    if (!directories.empty()) directories.insert(o_.files->root()); // a shard's directory may be new itself
    for (const auto& directory : directories)
        if (auto synced = sync_directory(directory); !synced) stop_the_process(synced.error().what);
}

void writer::flush_counts(transaction& t) {
    for (std::size_t i = 0; i < t.counts.size(); ++i) {
        if (t.counts[i] == 0) continue;
        auto row = db_.prepare(
            "INSERT INTO tally (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = value + ?2");
        row.bind(std::string_view(tally_names[i])).bind(t.counts[i]).run();
    }
}

/// Nothing of the group was kept, and everybody is told so: the same bytes may be sent again.
void writer::give_up(group& g, const error& e) {
    spdlog::error("a group of {} could not be written and was rolled back: {}", g.size(),
                  explain(e, language::english));
    if (!sqlite3_get_autocommit(db_.get())) {
        try {
            db_.execute("ROLLBACK");
        } catch (const sqlite_error& failure) {
            stop_the_process(failure.what());
        }
    }
    book_.rolled_back();
    healthy_ = false;
    for (auto& item : g)
        if (item) item->failed(e);
}

void writer::checkpoint() {
    int left = 0;
    const int code = sqlite3_wal_checkpoint_v2(db_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, &left);
    if (code != SQLITE_OK && code != SQLITE_BUSY) spdlog::error("checkpoint: {}", sqlite3_errmsg(db_.get()));
    wal_pages_ = 0;
}

} // namespace truc::store
