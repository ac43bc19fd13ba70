#include "migrations.hpp"
#include "parts.hpp"
#include "writer.hpp"

#include <truc/base/log.hpp>

#include <sys/file.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <fcntl.h>
#include <future>

namespace truc::store {

namespace {

/// One process at a time: SQLite would cope with two, the content files and the ledger's frontier would not.
file_handle lock_directory(const std::filesystem::path& directory) {
    std::filesystem::create_directories(directory);
    // Made so by whoever ran a node here under another umask.
    for (const auto* name : {"truc.db", "truc.db-wal", "truc.db-shm"}) {
        std::error_code not_there;
        std::filesystem::permissions(directory / name, std::filesystem::perms::others_all,
                                     std::filesystem::perm_options::remove, not_there);
    }
    file_handle lock(::open((directory / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
    if (!lock || ::flock(lock.fd(), LOCK_EX | LOCK_NB) != 0)
        throw std::runtime_error(directory.string() + " is in use by another trucd, or cannot be written");
    return lock;
}

/// The log of the store; nullopt when it is a new one.
std::optional<ledger::log_id> read_identity(connection& db, const std::string& node) {
    auto q = db.prepare("SELECT node, epoch FROM identity");
    if (!q.step()) return std::nullopt;
    if (q.text(0) != node)
        throw std::runtime_error("the store belongs to node " + std::string(q.text(0)) + ", not " + node);
    return ledger::log_id{std::string(q.text(0)), static_cast<std::uint32_t>(q.integer(1))};
}

/// The log this store continues; a new store begins its first epoch.
ledger::log_id open_identity(connection& db, const std::string& node) {
    if (auto known = read_identity(db, node)) return *known;
    auto row = db.prepare("INSERT INTO identity (node, epoch) VALUES (?, 1)");
    row.bind(std::string_view(node)).run();
    return {node, 1};
}

bool has_files(const std::filesystem::path& directory) {
    namespace fs = std::filesystem;
    if (!fs::exists(directory)) return false;
    const fs::recursive_directory_iterator all(directory);
    return std::any_of(begin(all), end(all), [](const fs::directory_entry& e) { return e.is_regular_file(); });
}

/// A new store would be the second first log of its node, and would remove the content files of the one that is
/// missing.
void refuse_to_replace(const std::filesystem::path& directory) {
    if (std::filesystem::exists(directory / "truc.db")) return;
    if (std::filesystem::exists(directory / "restoring"))
        throw std::runtime_error(directory.string() + " holds a copy that was not restored to its end: run truc restore"
                                                      " again");
    if (has_files(directory / "content"))
        throw std::runtime_error(directory.string() + " holds documents, but truc.db is missing: restore a copy, or"
                                                      " move content away");
}

/// The log has no event yet, though there was one before it.
bool is_restored(connection& db) {
    auto q = db.prepare("SELECT 1 FROM former_log WHERE size = (SELECT coalesce(max(size), 0) FROM head)");
    return q.step();
}

/// Readers make no files of their own accord, and wait for nobody.
file_handle expect_store_in(const std::filesystem::path& directory) {
    if (!std::filesystem::exists(directory / "truc.db"))
        throw std::runtime_error(directory.string() + " holds no store: no node has ever run there");
    return {};
}

} // namespace

store::store(options o) {
    auto lock = o.only_look ? expect_store_in(o.directory) : lock_directory(o.directory);
    parts_ = std::make_unique<parts>(std::move(o), std::move(lock));
    if (parts_->o.only_look)
        parts_->begin_to_look();
    else
        parts_->begin();
}

/// SQLite builds the index of a WAL that a killed node has left behind anew, for which it needs to write beside it (in
/// `truc.db-shm`, which is no part of the data); the WAL itself and the database stay as they are, and are there for
/// the node's next start. Nothing is checkpointed (readers.hpp).
void store::parts::begin_to_look() {
    const auto db = pool.take();
    expect_current(*db);
    log = read_identity(*db, o.node).value_or(ledger::log_id{o.node, 1});
    writing = std::make_unique<closed_desk>();
}

void store::parts::begin() {
    refuse_to_replace(o.directory);
    connection db(database(), connection::mode::writer);
    migrate(db, database());
    log = open_identity(db, o.node);
    const auto removed = files.sweep([&db](const sha256_digest& digest) {
        auto q = db.prepare("SELECT 1 FROM content WHERE sha256 = ? AND bytes IS NULL AND purged_at IS NULL");
        q.bind(digest);
        return q.step();
    });
    if (removed) spdlog::info("removed {} content files that no accepted document refers to", removed);
    writing = std::make_unique<writer>(writer::options{database(), &files, o.signer, o.clock, o.metrics, o.on_commit,
                                                       o.way, o.stands_for, o.on_events});
    if (is_restored(db)) open_log();
}

/// After a copy was restored the log is a new one. Nothing may come before its first event.
void store::parts::open_log() {
    std::promise<result<std::monostate>> opened;
    writing->submit(make_open_log([&opened](result<std::monostate> done) { opened.set_value(std::move(done)); }));
    if (const auto done = opened.get_future().get(); !done)
        throw std::runtime_error("the log of the restored store cannot be opened: " +
                                 explain(done.error(), language::english));
}

store::~store() = default;

void store::accept(new_dispatch dispatch, completion<acceptance> done) {
    if (!has_space()) return done(fail(errc::no_space));
    parts_->writing->submit(make_accept(std::move(dispatch), std::move(done)));
}

void store::refuse(refusal r, completion<refusal_record> done) {
    parts_->writing->submit(make_refuse(std::move(r), std::move(done)));
}

void store::conclude(conclusion c, completion<conclusion_record> done) {
    parts_->writing->submit(make_conclude(std::move(c), std::move(done)));
}

void store::report(inbox_report r, completion<std::monostate> done) {
    parts_->writing->submit(make_report(std::move(r), std::move(done)));
}

void store::propose(proposal p, completion<std::int64_t> done) {
    if (!has_space()) return done(fail(errc::no_space));
    parts_->writing->submit(make_propose(std::move(p), std::move(done)));
}

void store::decide(std::int64_t number, proposal_state decision, std::string by, completion<proposal> done) {
    parts_->writing->submit(make_decide(number, decision, std::move(by), std::move(done)));
}

void store::take_leg(incoming_leg leg, completion<leg_taken> done) {
    if (!has_space()) return done(fail(errc::no_space));
    parts_->writing->submit(make_take_leg(std::move(leg), std::move(done)));
}

void store::pass_on(passing p, completion<std::monostate> done) {
    parts_->writing->submit(make_pass_on(std::move(p), std::move(done)));
}

void store::move_lane(std::vector<std::int64_t> rows, std::string lane, completion<std::monostate> done) {
    parts_->writing->submit(make_move_lane(std::move(rows), std::move(lane), std::move(done)));
}

void store::warn_expiry(std::vector<std::int64_t> rows, completion<std::monostate> done) {
    parts_->writing->submit(make_warn_expiry(std::move(rows), std::move(done)));
}

void store::note_attempt(failed_attempt attempt, completion<std::monostate> done) {
    parts_->writing->submit(make_note_attempt(std::move(attempt), std::move(done)));
}

void store::end_deliveries(ending e, completion<std::monostate> done) {
    parts_->writing->submit(make_end(std::move(e), std::move(done)));
}

void store::send_away(std::string recipient, completion<std::monostate> done) {
    parts_->writing->submit(make_send_away(std::move(recipient), std::move(done)));
}

void store::arrive(arrival a, completion<std::monostate> done) {
    parts_->writing->submit(make_arrive(std::move(a), std::move(done)));
}

void store::take_evidence(evidence_batch batch, completion<std::monostate> done) {
    parts_->writing->submit(make_take_evidence(std::move(batch), std::move(done)));
}

void store::remember_head(std::string neighbour, known_head head, completion<std::monostate> done) {
    parts_->writing->submit(make_remember_head(std::move(neighbour), std::move(head), std::move(done)));
}

void store::keep_section(kept_section section, completion<std::monostate> done) {
    if (!has_space()) return done(fail(errc::no_space));
    parts_->writing->submit(make_keep_section(std::move(section), std::move(done)));
}

void store::count_section(std::string node, std::uint64_t version, completion<std::monostate> done) {
    parts_->writing->submit(make_count_section(std::move(node), version, std::move(done)));
}

void store::drain() { parts_->writing->drain(); }
std::size_t store::queued() const { return parts_->writing->queued(); }

std::uint64_t store::free_bytes() const {
    struct statvfs disk {};
    if (::statvfs(parts_->o.directory.c_str(), &disk) != 0) return 0;
    return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
}

bool store::has_space() const { return free_bytes() > parts_->keep_free.load(std::memory_order_relaxed); }

void store::keep_free(std::uint64_t bytes) { parts_->keep_free = bytes; }

store_health store::health() const {
    const auto& desk = *parts_->writing;
    return {has_space(), desk.healthy(), desk.can_sign(), desk.oldest_wait()};
}

bool store::ready() const { return has_space() && parts_->writing->healthy(); }

void store::replace_signer(std::shared_ptr<const ledger::head_signer> signer) {
    parts_->writing->replace_signer(std::move(signer));
}

spool store::new_spool() const { return spool(parts_->files.root()); }

result<void> store::link(spool& content) const {
    if (content.is_inline()) return {};
    return parts_->files.link(content);
}

result<content> store::open_content(const sha256_digest& digest) const {
    {
        auto db = parts_->pool.take();
        auto q = db->prepare("SELECT bytes, purged_at FROM content WHERE sha256 = ?");
        q.bind(digest);
        if (!q.step()) return fail(errc::not_found, digest.hex());
        if (!q.is_null(1)) return fail(errc::purged, digest.hex());
        if (!q.is_null(0)) {
            if (sha256(q.blob(0)) != digest) return fail(errc::corrupt, digest.hex());
            return content(std::string(q.blob(0)));
        }
    }
    auto file = parts_->files.open(digest);
    if (!file) return fail(file.error());
    return content(std::move(*file));
}

const ledger::log_id& store::log() const { return parts_->log; }

void store::look(const std::function<void(connection&)>& at) const {
    const auto db = parts_->pool.take();
    at(*db);
}

} // namespace truc::store
