// Reading inboxes.
#include "parts.hpp"

namespace truc::store {

namespace {

const std::string inbox_columns =
    "SELECT v.seq, v.id, d.id, d.document_id, d.kind, d.sender, v.recipient, v.priority, c.sha256, c.size, "
    "v.consigned_at, v.state, v.said, v.said_at, v.attempts, v.held <> 0"
    " FROM delivery v JOIN dispatch d ON d.seq = v.dispatch JOIN content c ON c.id = d.content ";
const std::string inbox_page =
    inbox_columns + "WHERE v.recipient = ?1 AND v.state = 2 AND v.copy_of IS NULL AND v.held = 0 AND v.priority = ?2"
                    " AND v.seq > ?3 AND (?4 < 0 OR d.kind = ?4) ORDER BY v.seq LIMIT ?5";
const std::string fresh_page =
    inbox_columns + "WHERE v.recipient = ?1 AND v.state = 2 AND v.copy_of IS NULL AND v.held = 0 AND v.priority = ?2"
                    " AND v.seq > ?3 AND v.said IS NULL AND (?4 < 0 OR d.kind = ?4) ORDER BY v.seq LIMIT ?5";
/// What was tried least comes first: whoever asks again and again comes round to all of it.
const std::string known_page =
    inbox_columns + "WHERE v.recipient = ?1 AND v.state = 2 AND v.copy_of IS NULL AND v.held = 0 AND v.said IS NOT NULL"
                    " AND (?2 < 0 OR d.kind = ?2) ORDER BY v.attempts, v.priority DESC, v.seq LIMIT ?3";
const std::string inbox_one = inbox_columns + "WHERE v.id = ? AND v.copy_of IS NULL";

inbox_item read_item(const statement& q) {
    inbox_item i;
    i.seq = q.integer(0);
    i.delivery_id = q.id(1);
    i.id = q.id(2);
    i.document_id = q.text(3);
    i.kind = q.enumeration<dispatch_kind>(4);
    i.from = q.text(5);
    i.to = q.text(6);
    i.priority = q.enumeration<priority>(7);
    i.sha256 = q.digest(8);
    i.size = static_cast<std::uint64_t>(q.integer(9));
    i.consigned_at = from_millis(q.integer(10));
    i.state = q.enumeration<delivery_state>(11);
    if (!q.is_null(12)) i.said = q.enumeration<reported>(12);
    i.said_at = q.moment(13);
    i.attempts = static_cast<std::uint32_t>(q.integer(14));
    i.held = q.integer(15) != 0;
    return i;
}

std::int64_t number_of(std::optional<dispatch_kind> kind) { return kind ? static_cast<std::int64_t>(*kind) : -1; }

/// Of the items from `first` on, which come from several inboxes, the first ones in that order.
template <class Order>
void keep(std::vector<inbox_item>& items, std::size_t first, std::size_t max, Order order) {
    std::sort(items.begin() + static_cast<std::ptrdiff_t>(first), items.end(), order);
    if (items.size() > max) items.resize(max);
}

bool arrived_earlier(const inbox_item& a, const inbox_item& b) { return a.seq < b.seq; }

/// `page` is inbox_page or fresh_page.
std::vector<inbox_item> read_urgent_first(connection& db, const std::string& page,
                                          const std::vector<std::string>& recipients, std::optional<dispatch_kind> kind,
                                          const inbox_cursor& after, std::size_t max) {
    std::vector<inbox_item> items;
    // One stretch of the index for each priority: a page costs what it holds, however deep it lies.
    for (int urgency = static_cast<int>(after.priority); urgency >= 0 && items.size() < max; --urgency) {
        const auto first = items.size();
        for (const auto& recipient : recipients) {
            auto q = db.prepare(page);
            q.bind(std::string_view(recipient)).bind(urgency);
            q.bind(urgency == static_cast<int>(after.priority) ? after.seq : -1);
            q.bind(number_of(kind)).bind(static_cast<std::int64_t>(max - first));
            while (q.step()) items.push_back(read_item(q));
            if (items.size() > max) keep(items, first, max, arrived_earlier);
        }
        keep(items, first, max, arrived_earlier);
    }
    return items;
}

void append_known(connection& db, const std::vector<std::string>& recipients, std::optional<dispatch_kind> kind,
                  std::size_t max, std::vector<inbox_item>& items) {
    const auto tried_less = [](const inbox_item& a, const inbox_item& b) {
        return std::tuple(a.attempts, -static_cast<int>(a.priority), a.seq) <
               std::tuple(b.attempts, -static_cast<int>(b.priority), b.seq);
    };
    const auto first = items.size();
    for (const auto& recipient : recipients) {
        auto q = db.prepare(known_page);
        q.bind(std::string_view(recipient)).bind(number_of(kind)).bind(static_cast<std::int64_t>(max - first));
        while (q.step()) items.push_back(read_item(q));
        keep(items, first, max, tried_less);
    }
}

} // namespace

std::vector<inbox_item> store::read_inbox(const std::vector<std::string>& recipients, std::optional<dispatch_kind> kind,
                                          const inbox_cursor& after, std::size_t max) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    return read_urgent_first(*db, inbox_page, recipients, kind, after, max);
}

std::vector<inbox_item> store::read_inbox_fresh_first(const std::vector<std::string>& recipients,
                                                      std::optional<dispatch_kind> kind, std::size_t max) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    auto items = read_urgent_first(*db, fresh_page, recipients, kind, {}, max);
    if (items.size() < max) append_known(*db, recipients, kind, max, items);
    return items;
}

std::optional<inbox_item> store::find_inbox_item(const uuid& delivery) const {
    auto db = parts_->pool.take();
    auto q = db->prepare(inbox_one);
    q.bind(delivery);
    if (!q.step()) return std::nullopt;
    return read_item(q);
}

} // namespace truc::store
