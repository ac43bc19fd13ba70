#include "ledger_book.hpp"

namespace truc::store {

ledger::subtree_reader stored_subtrees(connection& db, std::uint64_t first) {
    return [&db, first](unsigned level, std::uint64_t index) {
        auto q = db.prepare("SELECT hash FROM merkle WHERE position = ?");
        q.bind(static_cast<std::int64_t>(2 * first + merkle_position(level, index)));
        if (!q.step()) throw sqlite_error(SQLITE_CORRUPT, "a subtree of the ledger is missing");
        return q.digest(0);
    };
}

ledger_book::ledger_book(connection& db, std::shared_ptr<const ledger::head_signer> signer)
    : db_(db), log_(current_log(db)), signer_(std::move(signer)) {
    auto last = db_.prepare("SELECT size, time FROM head ORDER BY size DESC LIMIT 1");
    if (!last.step()) return;
    const auto rows = static_cast<std::uint64_t>(last.integer(0));
    committed_ = ledger::frontier(rows - log_.first, stored_subtrees(db_, log_.first));
    last_time_ = from_millis(last.integer(1));
    frontier_ = committed_;
}

void ledger_book::begin(timestamp now) {
    recent_.clear();
    texts_.clear();
    head_xml_.clear();
    frontier_ = committed_;
    time_ = std::max(now, last_time_);
    committed_.for_each_subtree([this](unsigned level, std::uint64_t index, const sha256_digest& hash) {
        recent_[merkle_position(level, index)] = hash;
    });
}

void ledger_book::keep(unsigned level, std::uint64_t index, const sha256_digest& hash) {
    const auto position = merkle_position(level, index);
    recent_[position] = hash;
    auto row = db_.prepare("INSERT INTO merkle (position, hash) VALUES (?, ?)");
    row.bind(static_cast<std::int64_t>(2 * log_.first + position)).bind(hash).run();
}

std::uint64_t ledger_book::append(ledger::event& e, const about& rows) {
    const auto number = size();
    e.log = log_.id;
    e.leaf = frontier_.size();
    e.time = time_;
    std::string text;
    ledger::append_text(e, text);

    auto row = db_.prepare(
        "INSERT INTO event (leaf, name, time, dispatch, delivery, reader, xml) VALUES (?, ?, ?, ?, ?, ?, ?)");
    row.bind(static_cast<std::int64_t>(number)).bind(e.name).bind(to_millis(time_));
    rows.dispatch ? row.bind(*rows.dispatch) : row.bind_null();
    rows.delivery ? row.bind(*rows.delivery) : row.bind_null();
    row.bind(rows.reader).bind(std::string_view(text)).run();

    frontier_.append(ledger::leaf_hash(text), [this](unsigned level, std::uint64_t index, const sha256_digest& hash) {
        keep(level, index, hash);
    });
    texts_[number] = std::move(text);
    return number;
}

std::string ledger_book::id_of(std::uint64_t row) const {
    return row >= log_.first ? log_.event_id(row) : log_of(db_, row).event_id(row);
}

result<void> ledger_book::close() {
    if (frontier_.size() == committed_.size()) return {};
    auto signed_head = sign({log_.id, frontier_.size(), time_, frontier_.root()});
    if (!signed_head) return fail(signed_head.error());
    head_xml_ = std::move(*signed_head);
    auto row = db_.prepare("INSERT INTO head (size, time, xml) VALUES (?, ?, ?)");
    row.bind(static_cast<std::int64_t>(size())).bind(to_millis(time_)).bind(std::string_view(head_xml_)).run();
    return {};
}

result<void> ledger_book::try_signing(timestamp now) const {
    const auto tried = sign({log_.id, committed_.size(), std::max(now, last_time_), committed_.root()});
    if (!tried) return fail(tried.error());
    return {};
}

result<std::string> ledger_book::sign(const ledger::tree_head& head) const {
    const auto signer = signer_.load();
    if (!signer->is_valid(head.time)) return fail(errc::not_ready, "the node's certificate is not valid at this time");
    return signer->sign(head);
}

std::string ledger_book::receipt(std::uint64_t row) const {
    const auto leaf = row - log_.first;
    const auto path = ledger::inclusion_path(leaf, frontier_.size(), [this](unsigned level, std::uint64_t index) {
        return recent_.at(merkle_position(level, index));
    });
    return ledger::receipt_text(texts_.at(row), leaf, frontier_.size(), path, head_xml_);
}

void ledger_book::rolled_back() { frontier_ = committed_; }

void ledger_book::committed() {
    if (frontier_.size() == committed_.size()) return;
    committed_ = frontier_;
    last_time_ = time_;
}

std::optional<std::string> stored_receipt(connection& db, std::uint64_t row, std::string_view event_xml) {
    auto head = db.prepare("SELECT size, xml FROM head WHERE size > ? ORDER BY size LIMIT 1");
    head.bind(static_cast<std::int64_t>(row));
    if (!head.step()) return std::nullopt;
    const auto first = log_of(db, row).first;
    const auto leaf = row - first;
    const auto size = static_cast<std::uint64_t>(head.integer(0)) - first;
    const auto path = ledger::inclusion_path(leaf, size, stored_subtrees(db, first));
    return ledger::receipt_text(event_xml, leaf, size, path, head.text(1));
}

} // namespace truc::store
