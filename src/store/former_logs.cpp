// The logs that restored copies have ended, and the first event of the one that follows.
#include "parts.hpp"
#include "quiet_work.hpp"

#include <truc/store/former_logs.hpp>

#include <fmt/format.h>

namespace truc::store {

namespace {

/// The first event of a log that follows another: it names that one's last known head.
class open_log_work final : public quiet_work {
  public:
    using quiet_work::quiet_work;
    result<void> apply(transaction& t) override {
        const auto row = t.book.size();
        auto q = t.db.prepare("SELECT epoch FROM former_log WHERE size = ?");
        q.bind(static_cast<std::int64_t>(row));
        if (!q.step()) return {}; // the log is open, or the first of its node
        const auto size = row - (row == 0 ? 0 : log_of(t.db, row - 1).first);
        const ledger::frontier ended(size, stored_subtrees(t.db, row - size));
        const ledger::log_id log{t.book.log().node, static_cast<std::uint32_t>(q.integer(0))};
        ledger::event e;
        e.name = event_name::log_opened;
        e.reason =
            fmt::format("restored from a copy of {} with {} events, root {}", log.str(), size, ended.root().hex());
        if (size > 0) e.answers = {t.book.id_of(row - 1)};
        t.record(std::move(e), std::nullopt, std::nullopt, {});
        return {};
    }
};

/// Of a log that a restored copy of this node has ended, and more than the copy has, and than was told before.
bool tells_more(connection& db, std::string_view node, const told_size& told) {
    constexpr std::uint64_t largest = std::uint64_t{1} << 53;
    const auto log = ledger::log_id::parse(told.log);
    if (!log || log->node != node || told.size > largest) return false;
    auto q = db.prepare("SELECT 1 FROM former_log a WHERE epoch = ?1"
                        " AND ?2 > size - coalesce((SELECT max(size) FROM former_log b WHERE b.epoch < a.epoch), 0)"
                        " AND ?2 > coalesce((SELECT size FROM told_size WHERE log = ?3 AND neighbour = ?4), 0)");
    q.bind(std::int64_t{log->epoch}).bind(static_cast<std::int64_t>(told.size));
    q.bind(std::string_view(told.log)).bind(std::string_view(told.neighbour));
    return q.step();
}

class note_told_work final : public quiet_work {
  public:
    note_told_work(told_size told, completion<std::monostate> done)
        : quiet_work(std::move(done)), told_(std::move(told)) {}
    result<void> apply(transaction& t) override {
        if (!tells_more(t.db, t.book.log().node, told_)) return {};
        auto row = t.db.prepare("INSERT OR REPLACE INTO told_size (log, neighbour, size) VALUES (?, ?, ?)");
        row.bind(std::string_view(told_.log)).bind(std::string_view(told_.neighbour));
        row.bind(static_cast<std::int64_t>(told_.size)).run();
        return {};
    }

  private:
    told_size told_;
};

} // namespace

std::unique_ptr<work> make_open_log(completion<std::monostate> done) {
    return std::make_unique<open_log_work>(std::move(done));
}

void store::note_told(told_size t, completion<std::monostate> done) {
    parts_->writing->submit(std::make_unique<note_told_work>(std::move(t), std::move(done)));
}

std::vector<former_log> store::former_logs() const {
    auto db = parts_->pool.take();
    auto q =
        db->prepare("SELECT epoch, size - coalesce((SELECT max(size) FROM former_log b WHERE b.epoch < a.epoch), 0),"
                    " head FROM former_log a ORDER BY epoch");
    std::vector<former_log> all;
    while (q.step())
        all.push_back({static_cast<std::uint32_t>(q.integer(0)), static_cast<std::uint64_t>(q.integer(1)),
                       std::string(q.text(2))});
    return all;
}

bool is_news(const store& s, const told_size& told) {
    bool news = false;
    s.look([&](connection& db) { news = tells_more(db, s.log().node, told); });
    return news;
}

std::vector<lost_events> lost_since_copy(const store& s) {
    std::vector<lost_events> lost;
    for (const auto& ended : s.former_logs()) {
        const auto log = ledger::log_id{s.log().node, ended.epoch}.str();
        s.look([&](connection& db) {
            auto q = db.prepare("SELECT size, neighbour FROM told_size WHERE log = ? AND size > ?"
                                " ORDER BY size DESC LIMIT 1");
            q.bind(std::string_view(log)).bind(static_cast<std::int64_t>(ended.size));
            if (q.step())
                lost.push_back({log, ended.size, static_cast<std::uint64_t>(q.integer(0)), std::string(q.text(1))});
        });
    }
    return lost;
}

} // namespace truc::store
