// Reading evidence, this node's own and what other nodes proved: traces, receipts, feeds.
#include "foreign_receipts.hpp"
#include "parts.hpp"

#include <charconv>
#include <map>

namespace truc::store {

namespace {

std::uint64_t leaf_in(std::string_view event_id) {
    std::uint64_t leaf = 0;
    const auto digits = event_id.substr(event_id.rfind('.') + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), leaf);
    return leaf;
}

/// Receipts of own events, many at a time: those of one group share its head, and neighbours most of their path.
class receipt_maker {
  public:
    explicit receipt_maker(connection& db) : db_(db) {}

    std::string make(std::uint64_t row, std::string_view event_xml) {
        find_head(row);
        const auto first = log_.first;
        const auto stored = stored_subtrees(db_, first);
        const auto path = ledger::inclusion_path(row - first, size_ - first, [&](unsigned level, std::uint64_t index) {
            const auto [known, made] = subtrees_.try_emplace(2 * first + merkle_position(level, index));
            if (made) known->second = stored(level, index);
            return known->second;
        });
        return ledger::receipt_text(event_xml, row - first, size_ - first, path, head_xml_);
    }
    /// The name everywhere of an event whose receipt was made last.
    std::string id_of(std::uint64_t row) const { return log_.event_id(row); }

  private:
    void find_head(std::uint64_t row) {
        if (row >= previous_size_ && row < size_) return;
        auto head = db_.prepare("SELECT size, xml, (SELECT coalesce(max(size), 0) FROM head WHERE size <= ?1) FROM head"
                                " WHERE size > ?1 ORDER BY size LIMIT 1");
        head.bind(static_cast<std::int64_t>(row));
        if (!head.step()) throw sqlite_error(SQLITE_CORRUPT, "an event has no tree head");
        log_ = log_of(db_, row);
        size_ = static_cast<std::uint64_t>(head.integer(0));
        head_xml_ = head.text(1);
        previous_size_ = static_cast<std::uint64_t>(head.integer(2));
    }

    connection& db_;
    own_log log_;                     ///< that the head belongs to
    std::uint64_t previous_size_ = 0; ///< of the head before
    std::uint64_t size_ = 0;          ///< in rows
    std::string head_xml_;
    std::unordered_map<std::uint64_t, sha256_digest> subtrees_;
};

/// An event with what its place among those of other nodes depends on.
template <class Row>
struct placed {
    timestamp time;
    std::string node;
    std::uint64_t leaf = 0;
    Row row;
};

template <class Row>
std::vector<Row> in_order(std::vector<placed<Row>> events) {
    std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) {
        return std::tie(a.time, a.node, a.leaf) < std::tie(b.time, b.node, b.leaf);
    });
    std::vector<Row> rows;
    rows.reserve(events.size());
    for (auto& e : events) rows.push_back(std::move(e.row));
    return rows;
}

std::optional<std::int64_t> dispatch_seq(connection& db, const uuid& id) {
    auto q = db.prepare("SELECT seq FROM dispatch WHERE id = ?");
    q.bind(id);
    if (!q.step()) return std::nullopt;
    return q.integer(0);
}

constexpr std::string_view own_events =
    "SELECT e.leaf, e.time, e.xml, e.name, v.id FROM event e LEFT JOIN delivery v ON v.seq = e.delivery"
    " WHERE e.dispatch = ? ORDER BY e.leaf";
constexpr std::string_view foreign_events =
    "SELECT r.xml, h.xml, r.head_at, r.event_id, r.time, r.node, r.name, v.id FROM evidence r"
    " JOIN foreign_head h ON h.id = r.head LEFT JOIN delivery v ON v.seq = r.delivery"
    " WHERE r.dispatch = ?";

std::optional<uuid> id_in(const statement& q, int column) {
    if (q.is_null(column)) return std::nullopt;
    return q.id(column);
}

} // namespace

std::vector<trace_row> store::trace(const uuid& dispatch) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    const auto seq = dispatch_seq(*db, dispatch);
    if (!seq) return {};
    std::vector<placed<trace_row>> events;
    auto own = db->prepare(own_events);
    own.bind(*seq);
    while (own.step()) {
        const auto row = static_cast<std::uint64_t>(own.integer(0));
        events.push_back({from_millis(own.integer(1)), log().node, row,
                          trace_row{log_of(*db, row).event_id(row), std::string(own.text(2))}});
    }
    auto foreign = db->prepare(foreign_events);
    foreign.bind(*seq);
    while (foreign.step()) {
        const std::string id(foreign.text(3));
        const auto receipt = foreign_text(foreign, 0);
        events.push_back({from_millis(foreign.integer(4)), std::string(foreign.text(5)), leaf_in(id),
                          trace_row{id, std::string(event_in(receipt))}});
    }
    return in_order(std::move(events));
}

std::vector<receipt_row> store::receipts_of(const uuid& dispatch) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    const auto seq = dispatch_seq(*db, dispatch);
    if (!seq) return {};
    std::vector<placed<receipt_row>> events;
    receipt_maker receipts(*db);
    auto own = db->prepare(own_events);
    own.bind(*seq);
    while (own.step()) {
        const auto row = static_cast<std::uint64_t>(own.integer(0));
        auto xml = receipts.make(row, own.text(2));
        events.push_back(
            {from_millis(own.integer(1)), log().node, row,
             receipt_row{receipts.id_of(row), own.enumeration<event_name>(3), std::move(xml), id_in(own, 4)}});
    }
    auto foreign = db->prepare(foreign_events);
    foreign.bind(*seq);
    while (foreign.step()) {
        const std::string id(foreign.text(3));
        events.push_back(
            {from_millis(foreign.integer(4)), std::string(foreign.text(5)), leaf_in(id),
             receipt_row{id, foreign.enumeration<event_name>(6), foreign_text(foreign, 0), id_in(foreign, 7)}});
    }
    return in_order(std::move(events));
}

std::vector<feed_entry> store::read_feed(const std::vector<std::string>& readers, std::uint64_t from,
                                         std::size_t max) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    receipt_maker receipts(*db);
    std::map<std::uint64_t, feed_entry> entries;
    for (const auto& reader : readers) {
        const bool of_node = reader.starts_with(feed_of_node(""));
        auto q = db->prepare("SELECT f.position, f.leaf, e.name, e.xml, r.xml, h.xml, r.head_at, r.event_id, r.name,"
                             " d.submission FROM feed f LEFT JOIN event e ON e.leaf = f.leaf"
                             " LEFT JOIN evidence r ON r.id = f.evidence LEFT JOIN foreign_head h ON h.id = r.head"
                             " LEFT JOIN dispatch d ON d.seq = coalesce(e.dispatch, r.dispatch)"
                             " WHERE f.reader = ? AND f.position >= ? ORDER BY f.position LIMIT ?");
        q.bind(std::string_view(reader)).bind(static_cast<std::int64_t>(from)).bind(static_cast<std::int64_t>(max));
        while (q.step()) {
            const auto position = static_cast<std::uint64_t>(q.integer(0));
            const auto row = static_cast<std::uint64_t>(q.integer(1));
            auto& entry = entries[position];
            if (q.is_null(1)) {
                entry = {position, std::string(q.text(7)), q.enumeration<event_name>(8), foreign_text(q, 4)};
            } else {
                auto xml = receipts.make(row, q.text(3));
                entry = {position, receipts.id_of(row), q.enumeration<event_name>(2), std::move(xml)};
            }
            if (!of_node) entry.submission = q.text(9); // the sender's own word, for nobody else
        }
    }
    std::vector<feed_entry> page;
    for (auto& [position, entry] : entries)
        if (page.size() < max) page.push_back(std::move(entry));
    return page;
}

namespace {

/// A recipient may see the acceptance of what it received and the events of its own delivery.
void add_recipients(connection& db, std::optional<std::int64_t> dispatch, std::optional<std::int64_t> delivery,
                    std::vector<std::string>& parties) {
    if (!dispatch) return;
    auto who = db.prepare("SELECT recipient FROM delivery WHERE dispatch = ?1 AND (?2 IS NULL OR seq = ?2)");
    who.bind(*dispatch);
    delivery ? who.bind(*delivery) : who.bind_null();
    while (who.step()) parties.emplace_back(who.text(0));
}

std::optional<std::int64_t> integer_in(const statement& q, int column) {
    if (q.is_null(column)) return std::nullopt;
    return q.integer(column);
}

std::optional<store::owned_receipt> find_own(connection& db, std::string_view event_id, std::uint64_t row) {
    auto q = db.prepare("SELECT name, xml, reader, dispatch, delivery FROM event WHERE leaf = ?");
    q.bind(static_cast<std::int64_t>(row));
    if (!q.step()) return std::nullopt;
    receipt_maker receipts(db);
    store::owned_receipt found{{std::string(event_id), q.enumeration<event_name>(0), receipts.make(row, q.text(1))},
                               std::string(q.text(2)),
                               {}};
    if (!found.reader.empty()) found.parties.push_back(found.reader);
    add_recipients(db, integer_in(q, 3), integer_in(q, 4), found.parties);
    return found;
}

std::optional<store::owned_receipt> find_foreign(connection& db, std::string_view event_id) {
    auto q = db.prepare("SELECT r.xml, h.xml, r.head_at, r.name, d.seq, r.delivery, d.sender FROM evidence r"
                        " JOIN foreign_head h ON h.id = r.head"
                        " LEFT JOIN dispatch d ON d.seq = r.dispatch WHERE r.event_id = ?");
    q.bind(event_id);
    if (!q.step()) return std::nullopt;
    store::owned_receipt found{
        {std::string(event_id), q.enumeration<event_name>(3), foreign_text(q, 0)}, std::string(q.text(6)), {}};
    if (!found.reader.empty()) found.parties.push_back(found.reader);
    add_recipients(db, integer_in(q, 4), integer_in(q, 5), found.parties);
    return found;
}

} // namespace

std::optional<store::owned_receipt> store::find_receipt(std::string_view event_id) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    if (const auto row = find_event_row(*db, event_id)) return find_own(*db, event_id, *row);
    return find_foreign(*db, event_id);
}

} // namespace truc::store
