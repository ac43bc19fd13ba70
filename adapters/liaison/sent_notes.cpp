#include "sent_notes.hpp"

namespace truc::liaison {

namespace {

constexpr auto kept_for = std::chrono::hours(24 * 366);
constexpr std::size_t commits_between_checkpoints = 500;

constexpr const char* schema = R"sql(
CREATE TABLE IF NOT EXISTS sent(
    delivery BLOB PRIMARY KEY,
    digest BLOB NOT NULL,
    kind INTEGER NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    notation TEXT NOT NULL,
    first_tried INTEGER NOT NULL,
    last_tried INTEGER NOT NULL,
    state INTEGER NOT NULL,
    repeated INTEGER NOT NULL DEFAULT 0, -- begun more than once
    doc_id TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sent_digest ON sent(digest);
CREATE INDEX IF NOT EXISTS sent_sender ON sent(sender);
CREATE INDEX IF NOT EXISTS sent_twins ON sent(recipient, notation) WHERE state = 0 OR repeated = 1;
-- What the axis' list holds of deliveries; one that was repeated may have several rows there.
CREATE TABLE IF NOT EXISTS listed(
    doc_id TEXT NOT NULL,
    recipient TEXT NOT NULL,
    delivery BLOB NOT NULL,
    PRIMARY KEY(doc_id, recipient)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS listed_delivery ON listed(delivery);
)sql";

sent_note note_in(const store::statement& row) {
    sent_note n;
    n.delivery = row.id(0);
    n.digest = row.digest(1);
    n.kind = row.enumeration<dispatch_kind>(2);
    n.from = row.text(3);
    n.to = row.text(4);
    n.notation = row.text(5);
    n.first_tried = from_millis(row.integer(6));
    n.last_tried = from_millis(row.integer(7));
    n.known = row.enumeration<sent_note::state>(8);
    n.doc_id = row.text(9);
    return n;
}

} // namespace

sent_notes::sent_notes(const std::filesystem::path& file, store::connection::mode mode, timestamp now)
    : db_(file, mode) {
    if (mode == store::connection::mode::reader) {
        db_.prepare("SELECT 1 FROM sent LIMIT 1").run(); // there is something to read
        return;
    }
    db_.execute(schema);
    db_.prepare("DELETE FROM sent WHERE last_tried < ?").bind(to_millis(now - kept_for)).run();
    db_.execute("DELETE FROM listed WHERE delivery NOT IN (SELECT delivery FROM sent)");
    commit();
}

/// Statements commit by themselves; only the writer's thread checkpoints.
void sent_notes::commit() {
    if (commits_++ % commits_between_checkpoints == 0) db_.execute("PRAGMA wal_checkpoint(PASSIVE)");
}

std::optional<sent_note> sent_notes::find(const uuid& delivery) {
    auto row =
        db_.prepare("SELECT delivery, digest, kind, sender, recipient, notation, first_tried, last_tried, state, "
                    "doc_id FROM sent WHERE delivery = ?");
    row.bind(delivery);
    if (!row.step()) return std::nullopt;
    return note_in(row);
}

void sent_notes::begin(const sent_note& n) {
    db_.prepare("INSERT INTO sent(delivery, digest, kind, sender, recipient, notation, first_tried, last_tried, state) "
                "VALUES(?, ?, ?, ?, ?, ?, ?, ?, 0) "
                "ON CONFLICT(delivery) DO UPDATE SET first_tried = excluded.first_tried, "
                "last_tried = excluded.last_tried, repeated = iif(state = 3, repeated, 1), state = 0")
        .bind(n.delivery)
        .bind(n.digest)
        .bind(n.kind)
        .bind(n.from)
        .bind(n.to)
        .bind(n.notation)
        .bind(to_millis(n.first_tried))
        .bind(to_millis(n.last_tried))
        .run();
    commit();
}

void sent_notes::sent(const sent_note& note, const std::vector<std::string>& rows) {
    db_.execute("BEGIN IMMEDIATE");
    try {
        for (const auto& doc_id : rows)
            db_.prepare("INSERT OR IGNORE INTO listed(doc_id, recipient, delivery) VALUES(?, ?, ?)")
                .bind(doc_id)
                .bind(note.to)
                .bind(note.delivery)
                .run();
        db_.prepare("UPDATE sent SET state = 1, doc_id = ? WHERE delivery = ?")
            .bind(rows.empty() ? std::string_view() : std::string_view(rows.front()))
            .bind(note.delivery)
            .run();
        db_.execute("COMMIT");
    } catch (...) {
        if (!sqlite3_get_autocommit(db_.get())) sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
        throw;
    }
    commit();
}

void sent_notes::is_not_there(const uuid& delivery, sent_note::state why) {
    db_.prepare("UPDATE sent SET state = ? WHERE delivery = ?").bind(why).bind(delivery).run();
    commit();
}

bool sent_notes::is_taken(std::string_view doc_id, std::string_view recipient) {
    return db_.prepare("SELECT 1 FROM listed WHERE doc_id = ? AND recipient = ?").bind(doc_id).bind(recipient).step();
}

std::vector<sent_note> sent_notes::doubtful_twins(const sent_note& n) {
    auto row =
        db_.prepare("SELECT delivery, digest, kind, sender, recipient, notation, first_tried, last_tried, state, "
                    "doc_id FROM sent WHERE state = 0 AND recipient = ? AND notation = ? AND sender = ? AND "
                    "kind = ? AND delivery <> ? ORDER BY first_tried");
    row.bind(n.to).bind(n.notation).bind(n.from).bind(n.kind).bind(n.delivery);
    std::vector<sent_note> twins;
    while (row.step()) twins.push_back(note_in(row));
    return twins;
}

bool sent_notes::has_repeated_twin(const sent_note& n, timestamp since) {
    return db_
        .prepare("SELECT 1 FROM sent WHERE repeated = 1 AND recipient = ? AND notation = ? AND sender = ? AND "
                 "kind = ? AND delivery <> ? AND last_tried >= ?")
        .bind(n.to)
        .bind(n.notation)
        .bind(n.from)
        .bind(n.kind)
        .bind(n.delivery)
        .bind(to_millis(since))
        .step();
}

bool sent_notes::has_sender(std::string_view code) {
    return db_.prepare("SELECT 1 FROM sent WHERE sender = ?").bind(code).step();
}

bool sent_notes::has(const sha256_digest& digest) {
    return db_.prepare("SELECT 1 FROM sent WHERE digest = ? AND state < 2").bind(digest).step();
}

} // namespace truc::liaison
