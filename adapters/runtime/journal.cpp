#include "journal.hpp"

#include "back_off.hpp"
#include "journal_transaction.hpp"

#include <truc/base/bytes.hpp>
#include <truc/base/durable.hpp>

#include <algorithm>
#include <fcntl.h>

namespace truc::adapter {

namespace {

constexpr std::int64_t application_id = 0x54724164; // "TrAd"
constexpr std::int64_t schema_version = 1;
/// A refusal so long after the one before is another matter.
constexpr std::chrono::minutes forgiveness{10};

/// `content` is the last column, so that whoever reads the others passes no large pages. Rows are small once it is
/// gone: 200 to 400 bytes with their index entries.
constexpr const char* schema = R"(
CREATE TABLE items (
  id INTEGER PRIMARY KEY,
  direction INTEGER NOT NULL,             -- 0 outgoing, 1 incoming
  key TEXT NOT NULL,                      -- the legacy system's own; incoming: the delivery id
  label TEXT NOT NULL,
  state INTEGER NOT NULL,                 -- 0 under way, 1 done, 2 quarantined
  own INTEGER NOT NULL DEFAULT 0,         -- 1: a status that the adapter made
  submission TEXT,                        -- what the exchange calls it
  on_behalf INTEGER NOT NULL DEFAULT 0,   -- 1: the adapter put the signature in
  bound INTEGER NOT NULL DEFAULT 0,       -- 1: perhaps sent, or wanted by somebody: the list has no say any more
  reference TEXT NOT NULL DEFAULT '',     -- Truc's id; incoming: what the legacy system calls it
  code TEXT NOT NULL DEFAULT '',          -- of the last refusal or fault
  text TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0,
  refusals INTEGER NOT NULL DEFAULT 0,    -- one soon after the other
  refused_at INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL DEFAULT 0,     -- milliseconds since 1970, as all moments
  since INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  sha256 BLOB,                            -- of the content
  content BLOB,                           -- as long as it may have to be sent
  UNIQUE (direction, key)
);
CREATE UNIQUE INDEX items_by_submission ON items (submission) WHERE submission IS NOT NULL;
CREATE INDEX items_by_state ON items (direction, state, id);
CREATE INDEX items_by_digest ON items (sha256) WHERE sha256 IS NOT NULL;
CREATE TABLE reports (                    -- what the legacy system has to be told, in this order
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  stage INTEGER NOT NULL,
  dispatch_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  code TEXT NOT NULL,
  text TEXT NOT NULL,
  at INTEGER NOT NULL,
  set_aside TEXT                          -- why the legacy system does not take it
);
CREATE TABLE ends (                       -- what became of accepted bytes: other keys may come with the same
  sha256 BLOB NOT NULL,
  recipient TEXT NOT NULL,
  stage INTEGER NOT NULL,
  code TEXT NOT NULL,
  text TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (sha256, recipient)
) WITHOUT ROWID;
CREATE INDEX reports_by_key ON reports (key);
CREATE INDEX reports_due ON reports (id) WHERE set_aside IS NULL;
CREATE TABLE cursors (agency TEXT PRIMARY KEY, cursor TEXT NOT NULL) WITHOUT ROWID;
)";

/// It holds documents. SQLite gives the files beside it the same mode.
const std::filesystem::path& private_file(const std::filesystem::path& file) {
    const file_handle made(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    return file;
}

std::int64_t pragma(store::connection& db, const char* sql) {
    auto q = db.prepare(sql);
    q.step();
    return q.integer(0);
}

} // namespace

journal::journal(const std::filesystem::path& file, const clock& c, step_hook hook)
    : clock_(c), hook_(std::move(hook)), db_(private_file(file), store::connection::mode::writer) {
    // There is one connection: it writes, reads and checkpoints.
    db_.execute("PRAGMA wal_autocheckpoint=1000; PRAGMA cache_size=-8192");
    const auto version = pragma(db_, "PRAGMA user_version");
    if (version > 0 && pragma(db_, "PRAGMA application_id") != application_id)
        throw std::runtime_error(file.string() + " belongs to another program");
    if (version > schema_version) throw std::runtime_error(file.string() + " was written by a newer program: use that");
    if (version == schema_version) return;
    transaction t(*this, "schema");
    db_.execute(schema);
    db_.execute(
        fmt::format("PRAGMA user_version={}; PRAGMA application_id={}", schema_version, application_id).c_str());
    t.commit();
}

journal::knowledge journal::look_up(const std::string& key) const {
    const std::scoped_lock lock(mutex_);
    auto due = db_.prepare("SELECT 1 FROM reports WHERE key=?1 LIMIT 1");
    if (due.bind(key).step()) return knowledge::waits;
    auto q = db_.prepare("SELECT state, next_at FROM items WHERE direction=0 AND key=?1");
    if (!q.bind(key).step()) return knowledge::nothing;
    switch (q.enumeration<item_state>(0)) {
    case item_state::done:
        return knowledge::accepted;
    case item_state::quarantined:
        return *q.moment(1) <= clock_.now() ? knowledge::corrected : knowledge::waits;
    default:
        return knowledge::waits;
    }
}

std::size_t journal::unfinished() const {
    const std::scoped_lock lock(mutex_);
    auto q = db_.prepare("SELECT (SELECT count(*) FROM items WHERE direction=0 AND state=0)"
                         " + (SELECT count(DISTINCT key) FROM reports)");
    q.step();
    return static_cast<std::size_t>(q.integer(0));
}

std::size_t journal::ready_count() const {
    const std::scoped_lock lock(mutex_);
    auto q = db_.prepare("SELECT count(*) FROM items WHERE direction=0 AND state=0");
    q.step();
    return static_cast<std::size_t>(q.integer(0));
}

std::vector<waiting_item> journal::to_load(std::size_t max) const {
    const std::scoped_lock lock(mutex_);
    auto q = db_.prepare("SELECT key, label FROM items WHERE direction=0 AND state=0 AND content IS NULL"
                         " ORDER BY id LIMIT ?1");
    q.bind(static_cast<std::int64_t>(max));
    std::vector<waiting_item> all;
    while (q.step()) all.push_back({std::string(q.text(0)), std::string(q.text(1))});
    return all;
}

void journal::insert(const new_submission& s, bool own) {
    auto q = db_.prepare(
        "INSERT INTO items (direction, key, label, state, own, submission, on_behalf, since, changed_at, sha256,"
        " content, bound) VALUES (0, ?1, ?2, 0, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?3)"
        " ON CONFLICT (direction, key) DO UPDATE SET label=?2, state=0, submission=?4, on_behalf=?5, code='', text='', "
        "attempts=0,"
        " next_at=0, since=?6, changed_at=?6, sha256=?7, content=?8,"
        " bound=CASE WHEN state=0 THEN bound ELSE ?3 END WHERE state<>1");
    const auto digest = sha256(s.content);
    q.bind(s.key).bind(s.label).bind(std::int64_t{own}).bind(s.name).bind(std::int64_t{s.signed_on_behalf});
    q.bind(to_millis(clock_.now())).bind(digest).bind_blob(s.content).run();
}

void journal::add(const new_submission& s) {
    const std::scoped_lock lock(mutex_);
    transaction t(*this, "add");
    insert(s, false);
    t.commit();
}

void journal::add_report(const outgoing_report& r) {
    auto q = db_.prepare("INSERT INTO reports (key, stage, dispatch_id, recipient, code, text, at)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    q.bind(r.key).bind(r.reached).bind(r.dispatch_id).bind(r.recipient).bind(r.code).bind(r.text);
    q.bind(to_millis(r.at)).run();
}

/// A list that shows it on and on makes it read ever more seldom, down to once a minute.
void journal::count_refusal(const std::string& key) {
    const auto now = clock_.now();
    unsigned refusals = 1;
    {
        auto q = db_.prepare("SELECT refusals, refused_at FROM items WHERE direction=0 AND key=?1");
        q.bind(key).step();
        if (*q.moment(1) + forgiveness > now) refusals += static_cast<unsigned>(q.integer(0));
    }
    auto q = db_.prepare("UPDATE items SET refusals=?1, refused_at=?2, next_at=?3 WHERE direction=0 AND key=?4");
    q.bind(std::int64_t{refusals}).bind(to_millis(now)).bind(to_millis(now + pause_after(refusals))).bind(key).run();
}

void journal::refuse(const waiting_item& item, const std::string& code, const std::string& text) {
    const std::scoped_lock lock(mutex_);
    const auto now = clock_.now();
    transaction t(*this, "refuse");
    {
        auto q = db_.prepare(
            "INSERT INTO items (direction, key, label, state, code, text, attempts, next_at, since, changed_at)"
            " VALUES (0, ?1, ?2, 2, ?3, ?4, 1, ?5, ?6, ?6) ON CONFLICT (direction, key) DO UPDATE SET label=?2,"
            " state=2, code=?3, text=?4, attempts=attempts+1, next_at=?5, changed_at=?6, content=NULL");
        q.bind(item.key).bind(item.label).bind(code).bind(text);
        q.bind(to_millis(now)).bind(to_millis(now)).run();
    }
    count_refusal(item.key);
    add_report({item.key, outgoing_report::stage::refused, {}, {}, code, text, now});
    t.commit();
}

void journal::report_again(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    outgoing_report r{key, outgoing_report::stage::accepted, {}, {}, {}, {}, clock_.now()};
    {
        auto q = db_.prepare("SELECT reference FROM items WHERE direction=0 AND key=?1");
        if (q.bind(key).step()) r.dispatch_id = q.text(0);
    }
    transaction t(*this, "report again");
    add_report(r);
    t.commit();
}

std::vector<ready_item> journal::ready(std::size_t max, std::size_t bytes) const {
    const std::scoped_lock lock(mutex_);
    auto q =
        db_.prepare("SELECT id, key, submission, on_behalf, attempts, length(content), content, label, bound FROM items"
                    " WHERE direction=0 AND state=0 AND next_at<=?1 AND content IS NOT NULL ORDER BY id LIMIT ?2");
    q.bind(to_millis(clock_.now())).bind(static_cast<std::int64_t>(max));
    std::vector<ready_item> all;
    std::size_t sum = 0;
    while (q.step()) {
        sum += static_cast<std::size_t>(q.integer(5));
        if (!all.empty() && sum > bytes) break;
        all.push_back({q.integer(0), std::string(q.text(1)), std::string(q.text(7)), std::string(q.text(2)),
                       std::string(q.blob(6)), q.integer(3) != 0, static_cast<unsigned>(q.integer(4)),
                       q.integer(8) != 0});
    }
    return all;
}

void journal::set_off(const std::vector<ready_item>& all) {
    if (std::all_of(all.begin(), all.end(), [](const auto& i) { return i.bound; })) return;
    const std::scoped_lock lock(mutex_);
    transaction t(*this, "set off");
    for (const auto& i : all) {
        auto q = db_.prepare("UPDATE items SET bound=1 WHERE id=?1");
        q.bind(i.id).run();
    }
    t.commit();
}

std::size_t journal::forget_waiting(timestamp journalled_before) {
    const std::scoped_lock lock(mutex_);
    transaction t(*this, "forget waiting");
    std::size_t all = 0;
    {
        auto q = db_.prepare("DELETE FROM items WHERE direction=0 AND state=0 AND bound=0 AND since<?1");
        q.bind(to_millis(journalled_before)).run();
        all = static_cast<std::size_t>(db_.changes());
    }
    t.commit();
    return all;
}

std::optional<timestamp> journal::next_ready() const {
    const std::scoped_lock lock(mutex_);
    auto q = db_.prepare("SELECT min(next_at) FROM items WHERE direction=0 AND state=0 AND content IS NOT NULL");
    q.step();
    return q.moment(0);
}

/// Evidence may have been quicker than the answer: then there is nothing to settle.
void journal::settle_one(const settlement& s) {
    const auto now = to_millis(clock_.now());
    if (s.result == settlement::outcome::later) {
        auto q = db_.prepare("UPDATE items SET code=?1, text=?2, attempts=attempts+1, next_at=?3, changed_at=?4"
                             " WHERE id=?5 AND state=0");
        q.bind(s.code).bind(s.text).bind(to_millis(s.again)).bind(now).bind(s.id).run();
        return;
    }
    const bool accepted = s.result == settlement::outcome::accepted;
    {
        // An own status has nowhere to be loaded from again.
        auto q = db_.prepare("UPDATE items SET state=?1, code=?2, text=?3, next_at=?4, changed_at=?5,"
                             " content=CASE WHEN ?1=2 AND own=1 THEN content END WHERE id=?6 AND state=0");
        q.bind(accepted ? item_state::done : item_state::quarantined).bind(s.code).bind(s.text);
        q.bind(std::int64_t{0}).bind(now).bind(s.id).run();
        if (db_.changes() == 0) return;
    }
    if (accepted) {
        // The node knew these bytes: their receipts were read already, when another key brought them.
        auto q = db_.prepare("UPDATE items SET reference=coalesce((SELECT o.reference FROM items o WHERE"
                             " o.sha256=items.sha256 AND o.direction=0 AND o.reference<>'' LIMIT 1), '') WHERE id=?1");
        q.bind(s.id).run();
    }
    outgoing_report r;
    {
        auto q = db_.prepare("SELECT key, reference, own FROM items WHERE id=?1");
        q.bind(s.id).step();
        if (q.integer(2) != 0) return;
        r.key = q.text(0);
        if (accepted) r.dispatch_id = q.text(1);
    }
    if (!accepted) count_refusal(r.key);
    r.reached = accepted ? outgoing_report::stage::accepted : outgoing_report::stage::refused;
    r.code = s.code;
    r.text = s.text;
    r.at = clock_.now();
    add_report(r);
    if (accepted) add_known_ends(s.id, r.key);
}

void journal::settle(const std::vector<settlement>& all) {
    if (all.empty()) return;
    const std::scoped_lock lock(mutex_);
    transaction t(*this, "settle");
    for (const auto& s : all) settle_one(s);
    t.commit();
}

} // namespace truc::adapter
