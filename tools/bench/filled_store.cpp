#include "filled_store.hpp"

#include "failure.hpp"

#include <truc/base/durable.hpp>
#include <truc/model/delivery_id.hpp>
#include <truc/model/delivery_state.hpp>
#include <truc/model/lane_class.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

namespace truc::bench {

namespace {

constexpr auto time_to_deliver = std::chrono::hours(72);
constexpr std::uint64_t events_a_group = 250; ///< that share a signed head, as in a node with much to do
constexpr std::string_view client = "bench";

/// As the schema says: leaf i at 2i, the subtree (level, index) at (2·index+1)·2^level − 1.
std::int64_t merkle_position(unsigned level, std::uint64_t index) {
    return static_cast<std::int64_t>(((2 * index + 1) << level) - 1);
}

ledger::log_id identity(store::connection& db) {
    auto q = db.prepare("SELECT node, epoch FROM identity");
    if (!q.step()) throw failure("the store has no identity yet");
    return {std::string(q.text(0)), static_cast<std::uint32_t>(q.integer(1))};
}

std::int64_t number(store::connection& db, std::string_view sql) {
    auto q = db.prepare(sql);
    if (!q.step()) throw failure("nothing is found by " + std::string(sql));
    return q.integer(0);
}

std::shared_ptr<const trust::signing_key> key_of(const network& n) {
    return trust::signing_key::load(n.directory / "node.pem", n.directory / "node-key.pem");
}

/// So that what is asked first comes from the disk, as it does after months.
void send_to_disk(const std::filesystem::path& path) {
    const file_handle file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file || ::fsync(file.fd()) != 0) throw failure("cannot sync " + path.string());
    ::posix_fadvise(file.fd(), 0, 0, POSIX_FADV_DONTNEED);
}

} // namespace

struct store_filler::accepted_document {
    std::int64_t seq;
    uuid id;
    std::string document_id;
    sha256_digest sha256;
    std::uint64_t leaf; ///< of its acceptance
};

store_filler::store_filler(const network& n, timestamp begin)
    : file_(n.data_dir / "truc.db"),
      db_(file_, store::connection::mode::writer),
      ledger_(identity(db_)),
      signer_(key_of(n)),
      now_(begin),
      group_time_(begin) {
    // Whoever is interrupted here makes the store anew.
    db_.execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                "PRAGMA foreign_keys=OFF; PRAGMA cache_size=-524288");
    signed_ = static_cast<std::uint64_t>(number(db_, "SELECT coalesce(max(size), 0) FROM head"));
    tree_ = ledger::frontier(signed_, [this](unsigned level, std::uint64_t index) {
        auto q = db_.prepare("SELECT hash FROM merkle WHERE position = ?");
        if (!q.bind(merkle_position(level, index)).step()) throw failure("the ledger lacks a subtree");
        return q.digest(0);
    });
    last_dispatch_ = number(db_, "SELECT coalesce(max(seq), 0) FROM dispatch");
    last_delivery_ = number(db_, "SELECT coalesce(max(seq), 0) FROM delivery");
    next_position_ = number(db_, "SELECT value FROM tally WHERE name = 'feed_next'");
    db_.execute("BEGIN");
    take_indexes_off();
}

/// Sorting them at the end takes a fraction of what keeping them in order does.
void store_filler::take_indexes_off() {
    std::vector<std::string> names;
    {
        auto q = db_.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL");
        while (q.step()) {
            names.emplace_back(q.text(0));
            indexes_.emplace_back(q.text(1));
        }
    }
    for (const auto& name : names) db_.execute(("DROP INDEX " + name).c_str());
}

uuid store_filler::add(const document& d, milliseconds later) {
    check_interrupted();
    now_ += later;
    if (tree_.size() == signed_) group_time_ = now_;
    const auto seq = ++last_dispatch_;
    accepted_document a{seq, uuid::make(group_time_), fmt::format("{},{}", d.sender, seq), sha256(d.content),
                        tree_.size()};
    ledger::event e;
    e.name = event_name::submission_acceptance;
    e.dispatch_id = a.id;
    e.document_id = a.document_id;
    e.from = d.sender;
    e.to = d.recipients;
    e.sha256 = a.sha256;
    e.signature = signature_outcome::valid;
    e.channel = fmt::format("http:{}", client);
    record(std::move(e), seq, std::nullopt, d.sender);
    write_dispatch(d, a);
    if (d.lane.empty()) inboxes_.emplace_back();
    for (const auto& recipient : d.recipients) deliver(d, a, recipient);
    if (inboxes_.size() > open_documents) {
        for (const auto& v : inboxes_.front()) hand_over(v);
        inboxes_.pop_front();
    }
    if (tree_.size() >= signed_ + events_a_group) close_group();
    return a.id;
}

std::int64_t store_filler::keep_content(const sha256_digest& digest, std::string_view bytes) {
    auto row = db_.prepare("INSERT INTO content (sha256, size, bytes) VALUES (?, ?, ?)");
    row.bind(digest).bind(static_cast<std::int64_t>(bytes.size())).bind_blob(bytes).run();
    return db_.last_id();
}

void store_filler::write_dispatch(const document& d, const accepted_document& a) {
    const auto content = keep_content(a.sha256, d.content);
    const auto code = fmt::format("{}/UBND-VP", a.seq);
    auto row = db_.prepare("INSERT INTO dispatch (seq, id, kind, sender, document_id, code, promulgated, subject,"
                           " business, status_code, priority, content, signature, client, entrance, accepted_at,"
                           " accepted_leaf, warnings, door)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?, '', ?)");
    row.bind(a.seq).bind(a.id).bind(dispatch_kind::edoc).bind(std::string_view(d.sender));
    row.bind(std::string_view(a.document_id)).bind(std::string_view(code)).bind(std::string_view("2024/03/05"));
    row.bind(std::string_view("V/v thử tải")).bind(business_type::new_document).bind(d.priority).bind(content);
    row.bind(signature_outcome::valid).bind(client).bind(entrance::http).bind(to_millis(group_time_));
    row.bind(static_cast<std::int64_t>(a.leaf)).bind(std::string_view(ledger_.node)).run();
}

void store_filler::deliver(const document& d, const accepted_document& a, const std::string& recipient) {
    ++taken_in_;
    consigned_delivery v{++last_delivery_, a.seq,         a.id,      delivery_id_of(a.id, recipient),
                         d.sender,         a.document_id, recipient, a.sha256,
                         d.priority,       group_time_,   a.leaf};
    if (!d.lane.empty()) {
        auto row = db_.prepare("INSERT INTO delivery (seq, id, dispatch, recipient, priority, state, deadline,"
                               " warn_at, last_leaf, reason, offered_to, lane, lane_class, passed_to)"
                               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?)");
        row.bind(v.seq).bind(v.id).bind(v.dispatch).bind(std::string_view(recipient)).bind(d.priority);
        row.bind(d.passed_on ? delivery_state::relayed : delivery_state::queued);
        row.bind(to_millis(group_time_ + time_to_deliver));
        row.bind(to_millis(group_time_ + time_to_deliver * 3 / 4));
        row.bind(static_cast<std::int64_t>(a.leaf)).bind(d.lane).bind(d.lane);
        row.bind(lane_class_of(dispatch_kind::edoc, business_type::new_document, d.priority));
        row.bind(d.passed_on ? d.lane : std::string_view()).run();
        return;
    }
    ledger::event e;
    e.name = event_name::content_consignment;
    e.answers = {id_of(a.leaf)};
    e.dispatch_id = v.dispatch_id;
    e.delivery_id = v.id;
    e.document_id = v.document_id;
    e.from = v.sender;
    e.to = {v.recipient};
    e.sha256 = v.sha256;
    v.leaf = record(std::move(e), v.dispatch, v.seq, v.sender);
    inboxes_.back().push_back(std::move(v));
}

void store_filler::hand_over(const consigned_delivery& v) {
    ++handed_over_;
    ledger::event e;
    e.name = event_name::content_handover;
    e.answers = {id_of(v.leaf)};
    e.dispatch_id = v.dispatch_id;
    e.delivery_id = v.id;
    e.document_id = v.document_id;
    e.from = v.sender;
    e.to = {v.recipient};
    e.sha256 = v.sha256;
    e.channel = fmt::format("http:{}", client);
    write_delivery(v, true, record(std::move(e), v.dispatch, v.seq, v.sender));
}

void store_filler::write_delivery(const consigned_delivery& v, bool handed_over, std::uint64_t leaf) {
    auto row = db_.prepare("INSERT INTO delivery (seq, id, dispatch, recipient, priority, state, deadline,"
                           " consigned_at, ended_at, last_leaf, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')");
    row.bind(v.seq).bind(v.id).bind(v.dispatch).bind(std::string_view(v.recipient)).bind(v.priority);
    row.bind(handed_over ? delivery_state::handed_over : delivery_state::consigned);
    row.bind(to_millis(v.consigned_at + time_to_deliver)).bind(to_millis(v.consigned_at));
    handed_over ? row.bind(to_millis(group_time_)) : row.bind_null();
    row.bind(static_cast<std::int64_t>(leaf)).run();
}

std::uint64_t store_filler::record(ledger::event e, std::int64_t dispatch, std::optional<std::int64_t> delivery,
                                   std::string_view reader) {
    e.log = ledger_;
    e.leaf = tree_.size();
    e.time = group_time_;
    std::string text;
    ledger::append_text(e, text);
    {
        auto row = db_.prepare("INSERT INTO event (leaf, name, time, dispatch, delivery, reader, xml)"
                               " VALUES (?, ?, ?, ?, ?, ?, ?)");
        row.bind(static_cast<std::int64_t>(e.leaf)).bind(e.name).bind(to_millis(e.time)).bind(dispatch);
        delivery ? row.bind(*delivery) : row.bind_null();
        row.bind(reader).bind(std::string_view(text)).run();
    }
    auto place = db_.prepare("INSERT INTO feed (reader, position, leaf) VALUES (?, ?, ?)");
    place.bind(reader).bind(next_position_++).bind(static_cast<std::int64_t>(e.leaf)).run();
    tree_.append(ledger::leaf_hash(text), [this](unsigned level, std::uint64_t index, const sha256_digest& hash) {
        auto row = db_.prepare("INSERT INTO merkle (position, hash) VALUES (?, ?)");
        row.bind(merkle_position(level, index)).bind(hash).run();
    });
    return e.leaf;
}

void store_filler::close_group() {
    if (tree_.size() == signed_) return;
    signed_ = tree_.size();
    const auto head = take(signer_.sign({ledger_, signed_, group_time_, tree_.root()}), "signing a head");
    auto row = db_.prepare("INSERT INTO head (size, time, xml) VALUES (?, ?, ?)");
    row.bind(static_cast<std::int64_t>(signed_)).bind(to_millis(group_time_)).bind(std::string_view(head)).run();
}

void store_filler::count(const char* name, std::int64_t n) {
    auto row = db_.prepare("INSERT INTO tally (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value ="
                           " value + ?2");
    row.bind(std::string_view(name)).bind(n).run();
}

void store_filler::finish() {
    for (const auto& deliveries : inboxes_)
        for (const auto& v : deliveries) write_delivery(v, false, v.leaf);
    close_group();
    count("taken_in", taken_in_);
    count("handed_over", handed_over_);
    {
        auto row = db_.prepare("UPDATE tally SET value = ? WHERE name = 'feed_next'");
        row.bind(next_position_).run();
    }
    for (const auto& index : indexes_) {
        check_interrupted();
        db_.execute(index.c_str());
    }
    db_.execute("COMMIT; PRAGMA locking_mode=NORMAL; PRAGMA journal_mode=WAL");
    send_to_disk(file_);
}

} // namespace truc::bench
