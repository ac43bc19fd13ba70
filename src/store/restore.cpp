// A copy becomes a store again, and opens a new log.
#include "content_files.hpp"
#include "epochs.hpp"
#include "manifest.hpp"
#include "migrations.hpp"

#include <truc/base/durable.hpp>
#include <truc/base/file_copy.hpp>

#include <fmt/format.h>
#include <sys/file.h>

#include <fcntl.h>

namespace truc::store {

namespace {

namespace fs = std::filesystem;

/// Feeds go on so far behind the copy that nobody can have read beyond it: positions after the copy were given out, and
/// lost. Leaves room for a hundred thousand restorings below 2^53.
constexpr std::int64_t feed_gap = std::int64_t{1} << 36;

/// Of what is made here; all files below are made so by themselves.
constexpr auto not_for_others = fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec;

tl::unexpected<error> bad(std::string what) { return fail(errc::bad_backup, std::move(what)); }

/// Counts what goes by.
class going {
  public:
    going(const progress& told, std::uint64_t all) : told_(told), all_(all) {}
    bytes_done steps() {
        return [this](std::uint64_t bytes) {
            done_ += bytes;
            if (told_) told_(std::min(done_, all_), all_);
        };
    }

  private:
    const progress& told_;
    std::uint64_t all_;
    std::uint64_t done_ = 0;
};

/// One restoring: everything is put together in <directory>/restoring, checked there, and moved up last.
class restoring {
  public:
    restoring(const fs::path& backup, const fs::path& directory, backup_manifest m, const progress& told)
        : backup_(backup), directory_(directory), work_(directory / "restoring"), going_(told, m.record.bytes) {
        done_.copy = std::move(m);
    }

    result<restored_store> run(timestamp now);

  private:
    bool died_half_way() const;
    result<void> take_place();
    result<void> copy_database();
    result<void> open_log(timestamp now);
    result<void> compare(connection& db) const;
    void write_new_log(connection& db, timestamp now);
    result<void> copy_contents();
    result<void> copy_content(const sha256_digest& digest, const content_files& from, const content_files& to);
    result<void> move_up() const;

    fs::path backup_, directory_, work_;
    going going_;
    restored_store done_;
    file_handle lock_;
    std::vector<sha256_digest> contents_;
};

result<restored_store> restoring::run(timestamp now) {
    if (auto mine = take_place(); !mine) return fail(mine.error());
    if (auto copied = copy_database(); !copied) return fail(copied.error());
    if (auto opened = open_log(now); !opened) return fail(opened.error());
    if (auto copied = copy_contents(); !copied) return fail(copied.error());
    if (auto moved = move_up(); !moved) return fail(moved.error());
    return done_;
}

/// The content of an attempt was moved up, its database was not: it is still in the work directory.
bool restoring::died_half_way() const { return fs::exists(work_ / "truc.db") && !fs::exists(directory_ / "truc.db"); }

/// The lock is that of a running node, and keeps one from starting meanwhile.
result<void> restoring::take_place() {
    if (fs::create_directories(directory_)) fs::permissions(directory_, not_for_others);
    const bool content_is_ours = died_half_way();
    for (const auto& entry : fs::directory_iterator(directory_)) {
        const auto name = entry.path().filename();
        if (name != "lock" && name != "restoring" && !(name == "content" && content_is_ours))
            return fail(errc::bad_configuration,
                        fmt::format("{} is not empty: {} is there", directory_.string(), name.string()));
    }
    lock_ = file_handle(::open((directory_ / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
    if (!lock_ || ::flock(lock_.fd(), LOCK_EX | LOCK_NB) != 0)
        return fail(errc::bad_configuration, directory_.string() + " is in use by a trucd that runs");
    if (died_half_way()) fs::remove_all(directory_ / "content"); // before what shows that it did
    fs::remove_all(work_);
    fs::create_directory(work_);
    const auto needed = done_.copy.record.bytes, left = free_bytes(directory_);
    if (left >= needed) return {};
    return fail(errc::no_space,
                fmt::format("{} needs {} MiB, {} MiB are free", directory_.string(), (needed >> 20) + 1, left >> 20));
}

result<void> restoring::copy_database() {
    const auto digest = copy_durably(backup_ / "truc.db", work_ / "truc.db", going_.steps());
    if (!digest && !fs::exists(backup_ / "truc.db")) return bad("truc.db is missing");
    if (!digest) return fail(digest.error());
    if (*digest != done_.copy.database) return bad("truc.db is not the one that was copied");
    return {};
}

result<void> restoring::open_log(timestamp now) {
    const auto file = work_ / "truc.db";
    connection db(file, connection::mode::writer);
    migrate(db, file);
    if (auto same = compare(db); !same) return same;
    db.execute("BEGIN IMMEDIATE");
    write_new_log(db, now);
    db.execute("COMMIT");
    auto q = db.prepare("SELECT sha256 FROM content WHERE bytes IS NULL AND purged_at IS NULL");
    while (q.step()) contents_.push_back(q.digest(0));
    if (sqlite3_wal_checkpoint_v2(db.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) != SQLITE_OK)
        return fail(errc::internal, sqlite3_errmsg(db.get()));
    return {};
}

result<void> restoring::compare(connection& db) const {
    const auto log = current_log(db);
    if (log.id.node != done_.copy.node || log.id.str() != done_.copy.log)
        return bad("truc.db holds the log " + log.id.str());
    auto head = db.prepare("SELECT xml FROM head ORDER BY size DESC LIMIT 1");
    if (std::string(head.step() ? head.text(0) : "") != done_.copy.record.head)
        return bad("truc.db ends with another head");
    return {};
}

/// Its first event is written, and signed, when the node starts.
void restoring::write_new_log(connection& db, timestamp now) {
    const auto ended = current_log(db).id;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    const auto epoch = std::max(std::int64_t{ended.epoch} + 1, std::int64_t{seconds});
    auto former = db.prepare("INSERT INTO former_log (epoch, size, head)"
                             " VALUES (?, (SELECT coalesce(max(size), 0) FROM head), ?)");
    former.bind(std::int64_t{ended.epoch}).bind(std::string_view(done_.copy.record.head)).run();
    auto identity = db.prepare("UPDATE identity SET epoch = ?");
    identity.bind(epoch).run();
    auto feeds = db.prepare("UPDATE tally SET value = value + ? WHERE name = 'feed_next'");
    feeds.bind(feed_gap).run();
    done_.log = current_log(db).id.str();
}

result<void> restoring::copy_contents() {
    const content_files from(backup_ / "content"), to(work_ / "content");
    for (const auto& digest : contents_)
        if (auto copied = copy_content(digest, from, to); !copied) return copied;
    return sync_tree(work_);
}

result<void> restoring::copy_content(const sha256_digest& digest, const content_files& from, const content_files& to) {
    fs::create_directory(to.directory_of(digest));
    if (!fs::exists(from.path_of(digest))) {
        done_.missing.push_back(digest);
        return {};
    }
    const auto copied = copy_durably(from.path_of(digest), to.path_of(digest), going_.steps());
    if (!copied) return fail(copied.error());
    if (*copied == digest) return {};
    fs::remove(to.path_of(digest));
    done_.missing.push_back(digest);
    return {};
}

/// The database last: without it there is no store here, no node makes one (store::parts::begin), and restoring begins
/// anew.
result<void> restoring::move_up() const {
    for (const auto* name : {"content", "truc.db"})
        if (auto moved = move_file(work_ / name, directory_ / name, existing::keep); !moved) return moved;
    fs::remove_all(work_);
    return sync_directory(directory_);
}

} // namespace

result<restored_store> restore(const fs::path& backup, const fs::path& directory, timestamp now, const progress& told) {
    auto manifest = read_manifest(backup);
    if (!manifest) return fail(manifest.error());
    try {
        return restoring(backup, directory, std::move(*manifest), told).run(now);
    } catch (const sqlite_error& e) {
        if (e.is_full()) return fail(errc::no_space, directory.string());
        return bad(std::string("truc.db: ") + e.what());
    } catch (const fs::filesystem_error& e) {
        return fail(e.code() == std::errc::no_space_on_device ? errc::no_space : errc::internal, e.what());
    } catch (const std::exception& e) {
        return bad(e.what());
    }
}

} // namespace truc::store
