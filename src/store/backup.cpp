// A consistent copy of a store while its node works.
#include "manifest.hpp"
#include "parts.hpp"

#include <truc/base/durable.hpp>
#include <truc/base/file_copy.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <future>

namespace truc::store {

namespace {

namespace fs = std::filesystem;

constexpr int pages_a_step = 512;
constexpr std::uint64_t spare = std::uint64_t{16} << 20;

struct closing {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
    void operator()(sqlite3_backup* b) const { sqlite3_backup_finish(b); }
};

/// Nothing is purged while it lives. Only one at a time.
class copying_mark {
  public:
    explicit copying_mark(std::atomic<bool>& mark) : mark_(mark), mine_(!mark.exchange(true)) {}
    ~copying_mark() {
        if (mine_) mark_ = false;
    }
    copying_mark(const copying_mark&) = delete;
    bool is_mine() const { return mine_; }

  private:
    std::atomic<bool>& mark_;
    bool mine_;
};

/// What was on its way to the writer when the mark was set may still be a purge.
void wait_for_writer(work_desk& desk) {
    std::promise<void> passed;
    desk.submit(make_barrier([&passed](const result<std::monostate>&) { passed.set_value(); }));
    passed.get_future().wait();
}

std::uint64_t number(connection& db, std::string_view sql) {
    auto q = db.prepare(sql);
    q.step();
    return static_cast<std::uint64_t>(q.integer(0));
}

/// One copy being made. The connection reads one state of the database from the beginning to the end, however much is
/// committed meanwhile; the WAL only cannot begin anew until then.
class copy_maker {
  public:
    copy_maker(connection& db, const content_files& files, fs::path to, const progress& told)
        : db_(db), files_(files), to_(std::move(to)), told_(told) {
        const auto in_files = number(db_, "SELECT coalesce(sum(size), 0) FROM content WHERE bytes IS NULL"
                                          " AND purged_at IS NULL");
        database_bytes_ = number(db_, "PRAGMA page_count") * number(db_, "PRAGMA page_size");
        all_ = database_bytes_ + in_files;
    }

    result<backup_record> run(const std::string& node, timestamp now) {
        if (auto room = expect_room(); !room) return fail(room.error());
        if (auto copied = copy_database(); !copied) return fail(copied.error());
        if (auto copied = copy_contents(); !copied) return fail(copied.error());
        return finish(node, now);
    }

  private:
    result<void> expect_room() const;
    result<void> copy_database();
    result<void> copy_contents();
    result<void> copy_content(const sha256_digest& digest, const content_files& copies);
    result<backup_record> finish(const std::string& node, timestamp now) const;
    void tell() const {
        if (told_) told_(std::min(done_, all_), all_);
    }

    connection& db_;
    const content_files& files_;
    fs::path to_;
    const progress& told_;
    std::uint64_t database_bytes_ = 0;
    std::uint64_t all_ = 0;
    std::uint64_t done_ = 0;
    std::uint64_t contents_ = 0;
    std::vector<sha256_digest> missing_;
};

/// Contents are linked where they can be: then only the database needs room.
result<void> copy_maker::expect_room() const {
    struct stat here {
    }, there{};
    const bool same =
        ::stat(files_.root().c_str(), &here) == 0 && ::stat(to_.c_str(), &there) == 0 && here.st_dev == there.st_dev;
    const auto needed = (same ? database_bytes_ : all_) + spare;
    const auto left = truc::free_bytes(to_);
    if (left >= needed) return {};
    return fail(errc::no_space, fmt::format("{}: the copy needs {} MiB, {} MiB are free", to_.string(),
                                            (needed >> 20) + 1, left >> 20));
}

result<void> copy_maker::copy_database() {
    const auto file = to_ / "truc.db";
    sqlite3* raw = nullptr;
    const int opened = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    const std::unique_ptr<sqlite3, closing> copy(raw);
    if (opened != SQLITE_OK) return fail(errc::internal, file.string() + " cannot be made");
    // A copy that does not come to its end is thrown away: it needs no journal, and is synced once.
    sqlite3_exec(raw, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", nullptr, nullptr, nullptr);
    const std::unique_ptr<sqlite3_backup, closing> pages(sqlite3_backup_init(raw, "main", db_.get(), "main"));
    if (!pages) return fail(errc::internal, sqlite3_errmsg(raw));
    int code = SQLITE_OK;
    const auto page_size = number(db_, "PRAGMA page_size");
    while (code == SQLITE_OK) {
        code = sqlite3_backup_step(pages.get(), pages_a_step);
        const auto left = static_cast<std::uint64_t>(sqlite3_backup_remaining(pages.get())) * page_size;
        done_ = database_bytes_ - std::min(left, database_bytes_);
        tell();
    }
    if (code == SQLITE_DONE) return {};
    return fail((code & 0xff) == SQLITE_FULL ? errc::no_space : errc::internal, sqlite3_errmsg(raw));
}

result<void> copy_maker::copy_contents() {
    const content_files copies(to_ / "content");
    auto q = db_.prepare("SELECT sha256, size FROM content WHERE bytes IS NULL AND purged_at IS NULL");
    while (q.step()) {
        if (auto copied = copy_content(q.digest(0), copies); !copied) return copied;
        done_ += static_cast<std::uint64_t>(q.integer(1));
        tell();
    }
    return {};
}

/// A copy that was never read is found out on the day on which it is needed. What cannot be copied is named; the rest
/// is worth all the more.
result<void> copy_maker::copy_content(const sha256_digest& digest, const content_files& copies) {
    const auto from = files_.path_of(digest);
    if (const auto found = digest_of_file(from); !found || *found != digest) {
        missing_.push_back(digest);
        return {};
    }
    std::error_code exists;
    fs::create_directory(copies.directory_of(digest), exists);
    ++contents_;
    return link_or_copy(from, copies.path_of(digest));
}

/// The manifest comes last: with it the copy is one.
result<backup_record> copy_maker::finish(const std::string& node, timestamp now) const {
    backup_manifest m;
    m.node = node;
    m.log = current_log(db_).id.str();
    auto head = db_.prepare("SELECT size, xml FROM head ORDER BY size DESC LIMIT 1");
    if (head.step()) {
        m.record.ledger_size = static_cast<std::uint64_t>(head.integer(0)) - current_log(db_).first;
        m.record.head = head.text(1);
    }
    m.record.contents = contents_;
    m.record.bytes = all_;
    m.made_at = now;
    m.missing = missing_;
    const auto digest = digest_of_file(to_ / "truc.db");
    if (!digest) return fail(digest.error());
    m.database = *digest;
    if (auto synced = sync_file(to_ / "truc.db"); !synced) return fail(synced.error());
    if (auto synced = sync_tree(to_); !synced) return fail(synced.error());
    if (auto written = write_file(to_ / manifest_name, write_manifest(m), 0640); !written) return fail(written.error());
    return m.record;
}

result<void> expect_free(const fs::path& to) {
    std::error_code ignored;
    if (!to.is_absolute()) return fail(errc::bad_configuration, to.string() + ", expected an absolute path");
    if (fs::exists(to, ignored))
        return fail(errc::bad_configuration, to.string() + ", expected a directory that is new");
    if (!fs::is_directory(to.parent_path(), ignored))
        return fail(errc::bad_configuration, to.parent_path().string() + ", expected a directory");
    return {};
}

} // namespace

result<backup_record> store::back_up(const fs::path& to, const progress& told) const {
    if (auto free = expect_free(to); !free) return fail(free.error());
    const copying_mark mark(parts_->copying);
    if (!mark.is_mine()) return fail(errc::not_ready, "another copy is being made");
    wait_for_writer(*parts_->writing);
    const fs::path unfinished = to.string() + ".unfinished";
    try {
        fs::remove_all(unfinished);
        fs::create_directory(unfinished);
        auto made = [&] {
            const auto db = parts_->pool.take();
            const snapshot one(*db);
            return copy_maker(*db, parts_->files, unfinished, told).run(parts_->o.node, parts_->o.clock->now());
        }();
        if (made) {
            if (auto named = move_file(unfinished, to, existing::keep); !named) made = fail(named.error());
        }
        if (!made) fs::remove_all(unfinished);
        return made;
    } catch (const std::exception& e) {
        std::error_code ignored;
        fs::remove_all(unfinished, ignored);
        return fail(errc::internal, e.what());
    }
}

} // namespace truc::store
