#include "writer.hpp"

#include "purge.hpp"

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
    : o_(std::move(o)),
      db_(o_.database, connection::mode::writer),
      book_(db_, o_.signer),
      feeds_(db_),
      happened_(o_.metrics) {
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
    const char* why = "too much waits to be written";
    {
        const std::scoped_lock lock(mutex_);
        if (!draining_ && queue_.size() < queue_items) {
            queue_.push_back({std::move(item), std::chrono::steady_clock::now()});
            waiting_.notify_one();
            return;
        }
        if (draining_) why = "the node is stopping";
    }
    item->failed(error(errc::not_ready, why));
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

std::chrono::milliseconds writer::oldest_wait() const {
    const std::scoped_lock lock(mutex_);
    if (!busy_ && queue_.empty()) return {};
    const auto since = busy_ ? group_since_ : queue_.front().since;
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since);
}

void writer::run() {
    group g;
    while (take(g)) {
        if (g.empty())
            recover();
        else
            write(g);
        g.clear();
        checkpoint_if_grown();
    }
    checkpoint(SQLITE_CHECKPOINT_PASSIVE);
}

/// Waits for work; takes up to a group of it. An empty group means: nothing to do, but the last group could not be
/// written. False when the writer stops.
bool writer::take(group& g) {
    std::unique_lock lock(mutex_);
    busy_ = false;
    idle_.notify_all();
    const auto something = [this] { return !queue_.empty() || stopping_; };
    if (healthy_)
        waiting_.wait(lock, something);
    else
        waiting_.wait_for(lock, retry_period, something);
    if (!queue_.empty()) group_since_ = queue_.front().since;
    std::size_t bytes = 0;
    while (!queue_.empty() && g.size() < group_items && bytes < group_bytes) {
        bytes += queue_.front().item->size();
        g.push_back({std::move(queue_.front().item), std::nullopt});
        queue_.pop_front();
    }
    busy_ = !g.empty();
    return busy_ || !stopping_;
}

void writer::write(group& g) {
    const auto start = std::chrono::steady_clock::now();
    transaction t{db_, book_, feeds_, o_.way, {}, {}};
    t.stands_for = &o_.stands_for;
    t.keeps_events = static_cast<bool>(o_.on_events);
    if (auto ready = sync_content(g); !ready) return give_up(g, ready.error());
    if (auto applied = apply_group(t, g); !applied) return give_up(g, applied.error());
    try {
        db_.execute("COMMIT");
    } catch (const sqlite_error& e) {
        // Without space the commit frame was never written whole: nothing is uncertain.
        if (e.is_full()) return give_up(g, temporary(e));
        stop_the_process(e.what());
    }
    book_.committed();
    feeds_.committed();
    healthy_ = true;
    if (commit_time_) {
        const auto took = std::chrono::steady_clock::now() - start;
        commit_time_->record_us(
            static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
    }
    happened_.count(t.happened);
    remove_what_stays_purged(g);
    answer(t, g);
    if (t.keeps_events && !t.events.empty()) o_.on_events(std::move(t.events));
}

/// Everything up to COMMIT. An error means that nothing of the group may be kept.
result<void> writer::apply_group(transaction& t, group& g) {
    try {
        db_.execute("BEGIN IMMEDIATE");
        book_.begin(o_.clock->now());
        for (auto& e : g)
            e.left_out = has_its_file(*e.item) ? apply_one(t, *e.item)
                                               : error(errc::internal, "retention has just removed such a content");
        flush_counts(t);
        feeds_.close();
        return book_.close();
    } catch (const sqlite_error& e) {
        return fail(temporary(e));
    } catch (const std::exception& e) {
        return fail(errc::internal, e.what());
    }
}

/// Files are removed between two groups, also one whose name was just given anew. Who sends it again is safe.
bool writer::has_its_file(const work& item) const {
    const auto* digest = item.content_file();
    return !digest || std::filesystem::exists(o_.files->path_of(*digest));
}

/// The same bytes as those that retention removed, and nobody new needs them: no file may be left of them.
void writer::remove_what_stays_purged(const group& g) {
    for (const auto& e : g)
        if (const auto* digest = e.item->content_file(); digest && is_purged(db_, *digest)) o_.files->remove(*digest);
}

/// Gives the reason when nothing of the item is kept; the others of its group go on.
std::optional<error> writer::apply_one(transaction& t, work& item) {
    const auto mark = t.here();
    db_.execute("SAVEPOINT item");
    std::optional<error> reason;
    try {
        if (auto applied = item.apply(t); !applied) reason = applied.error();
    } catch (const sqlite_error& e) {
        // A full disk or an I/O error may have ended the transaction: then the whole group is given up.
        if (e.is_full() || sqlite3_get_autocommit(db_.get())) throw;
        spdlog::error("an item could not be written and was left out of its group: {}", e.what());
        reason = error(errc::internal, "the item could not be written");
    } catch (const std::exception& e) {
        spdlog::error("an item was left out of its group: {}", e.what());
        reason = error(errc::internal, "the item could not be written");
    }
    if (reason) {
        db_.execute("ROLLBACK TO item");
        t.back_to(mark);
    }
    db_.execute("RELEASE item");
    return reason;
}

/// Also what was left out is answered only now: its reason may rest on another item of the group.
void writer::answer(transaction& t, group& g) {
    for (auto& e : g) {
        if (e.left_out) {
            e.item->failed(std::move(*e.left_out));
            continue;
        }
        try {
            e.item->committed(t);
        } catch (const std::exception& failure) {
            // It is kept; only the answer is lost, and the sender asks again.
            spdlog::error("an answer could not be given after its commit: {}", failure.what());
            e.item->failed(error(errc::internal, "the answer could not be put together"));
        }
    }
    if (!o_.on_commit) return;
    for (auto* names : {&t.notice.inboxes, &t.notice.feeds}) {
        std::sort(names->begin(), names->end());
        names->erase(std::unique(names->begin(), names->end()), names->end());
    }
    o_.on_commit(t.notice);
}

/// The names of large contents must be as durable as the rows that will point at them.
result<void> writer::sync_content(const group& g) {
    std::set<std::filesystem::path> directories;
    for (const auto& e : g)
        if (const auto* digest = e.item->content_file()) directories.insert(o_.files->directory_of(*digest));
    if (!directories.empty()) directories.insert(o_.files->root()); // a shard's directory may be new itself
    for (const auto& directory : directories) {
        auto synced = sync_directory(directory);
        if (!synced && synced.error().code == errc::not_ready) return synced; // not even opened: nothing is uncertain
        if (!synced) stop_the_process(synced.error().what);
    }
    return {};
}

/// After a group that was given up: finds out whether the next one could be written, so that readiness tells the truth
/// also when nobody sends any more.
void writer::recover() {
    try {
        db_.execute("BEGIN IMMEDIATE");
        db_.execute("UPDATE identity SET epoch = epoch");
        db_.execute("COMMIT");
        healthy_ = book_.try_signing(o_.clock->now()).has_value();
    } catch (const sqlite_error& e) {
        spdlog::warn("the store still cannot be written: {}", e.what());
        if (!sqlite3_get_autocommit(db_.get())) sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
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
    feeds_.rolled_back();
    healthy_ = false;
    for (auto& left : g) left.item->failed(e);
}

void writer::checkpoint_if_grown() {
    if (wal_pages_ < checkpointed_pages_) checkpointed_pages_ = 0; // the WAL began anew
    if (wal_pages_ < checkpointed_pages_ + checkpoint_pages) return;
    // Readers that never pause keep the WAL from beginning anew; once it is large, waiting for them briefly is the
    // lesser evil.
    checkpoint(wal_pages_ > 16 * checkpoint_pages ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE);
    checkpointed_pages_ = wal_pages_;
}

void writer::checkpoint(int mode) {
    sqlite3_busy_timeout(db_.get(), 100);
    const int code = sqlite3_wal_checkpoint_v2(db_.get(), nullptr, mode, nullptr, nullptr);
    if (code != SQLITE_OK && code != SQLITE_BUSY) spdlog::error("checkpoint: {}", sqlite3_errmsg(db_.get()));
    sqlite3_busy_timeout(db_.get(), 5000);
}

} // namespace truc::store
