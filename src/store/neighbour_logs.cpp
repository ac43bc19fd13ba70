// What neighbours' logs looked like, and whether what a restored copy has cost them was made good.
#include "parts.hpp"
#include "quiet_work.hpp"

#include <truc/store/neighbour_logs.hpp>

namespace truc::store {

namespace {

known_head head_in(const statement& q, int first) {
    return {std::string(q.text(first)), static_cast<std::uint64_t>(q.integer(first + 1)), q.digest(first + 2),
            from_millis(q.integer(first + 3)), std::string(q.text(first + 4))};
}

std::uint32_t epoch_of(std::string_view log) {
    const auto id = ledger::log_id::parse(log);
    return id ? id->epoch : 0;
}

class remember_head_work final : public quiet_work {
  public:
    remember_head_work(std::string neighbour, known_head head, completion<std::monostate> done)
        : quiet_work(std::move(done)), neighbour_(std::move(neighbour)), head_(std::move(head)) {}
    result<void> apply(transaction& t) override;

  private:
    void keep_former(transaction& t) const;
    void write(transaction& t, std::optional<std::int64_t> met_at) const;

    std::string neighbour_;
    known_head head_;
};

/// Two sessions of one neighbour may tell of its heads in any order: a log does not grow shorter, and does not come
/// back.
result<void> remember_head_work::apply(transaction& t) {
    auto q = t.db.prepare("SELECT log, size, met_at FROM neighbour_head WHERE neighbour = ?");
    q.bind(std::string_view(neighbour_));
    const auto epoch = epoch_of(head_.log);
    const auto now = to_millis(t.book.time());
    if (!q.step()) {
        write(t, epoch > 1 ? std::optional(now) : std::nullopt); // one that never showed the log before may lack it
        return {};
    }
    const std::string log(q.text(0));
    const auto size = static_cast<std::uint64_t>(q.integer(1));
    const auto met_at = q.is_null(2) ? std::optional<std::int64_t>() : q.integer(2);
    if (log == head_.log) {
        if (head_.size >= size) write(t, met_at);
    } else if (epoch > epoch_of(log)) {
        keep_former(t);
        write(t, now);
    }
    return {};
}

void remember_head_work::keep_former(transaction& t) const {
    auto row = t.db.prepare("INSERT OR REPLACE INTO former_head (neighbour, log, size, root, time, xml)"
                            " SELECT neighbour, log, size, root, time, xml FROM neighbour_head WHERE neighbour = ?");
    row.bind(std::string_view(neighbour_)).run();
}

/// Of a log that follows another it is not asked yet about what the restored copy may lack.
void remember_head_work::write(transaction& t, std::optional<std::int64_t> met_at) const {
    auto row = t.db.prepare("INSERT INTO neighbour_head (neighbour, log, size, root, time, xml, met_at, asked)"
                            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7 IS NULL) ON CONFLICT (neighbour) DO UPDATE SET"
                            " asked = CASE WHEN log = excluded.log THEN asked ELSE excluded.asked END,"
                            " log = excluded.log, size = excluded.size, root = excluded.root, time = excluded.time,"
                            " xml = excluded.xml, met_at = excluded.met_at");
    row.bind(std::string_view(neighbour_)).bind(std::string_view(head_.log));
    row.bind(static_cast<std::int64_t>(head_.size)).bind(head_.root).bind(to_millis(head_.time));
    row.bind(std::string_view(head_.xml));
    met_at ? row.bind(*met_at) : row.bind_null();
    row.run();
}

class note_asked_work final : public quiet_work {
  public:
    note_asked_work(std::string neighbour, std::string log, completion<std::monostate> done)
        : quiet_work(std::move(done)), neighbour_(std::move(neighbour)), log_(std::move(log)) {}
    result<void> apply(transaction& t) override {
        auto row = t.db.prepare("UPDATE neighbour_head SET asked = 1 WHERE neighbour = ? AND log = ?");
        row.bind(std::string_view(neighbour_)).bind(std::string_view(log_)).run();
        return {};
    }

  private:
    std::string neighbour_;
    std::string log_;
};

} // namespace

std::unique_ptr<work> make_remember_head(std::string neighbour, known_head head, completion<std::monostate> done) {
    return std::make_unique<remember_head_work>(std::move(neighbour), std::move(head), std::move(done));
}

void store::note_asked(std::string neighbour, std::string log, completion<std::monostate> done) {
    parts_->writing->submit(std::make_unique<note_asked_work>(std::move(neighbour), std::move(log), std::move(done)));
}

std::optional<known_head> store::head_of(std::string_view neighbour) const {
    auto db = parts_->pool.take();
    auto q = db->prepare("SELECT log, size, root, time, xml FROM neighbour_head WHERE neighbour = ?");
    q.bind(neighbour);
    if (!q.step()) return std::nullopt;
    return head_in(q, 0);
}

std::vector<known_head> former_heads(const store& s, std::string_view neighbour) {
    std::vector<known_head> all;
    s.look([&](connection& db) {
        auto q = db.prepare("SELECT log, size, root, time, xml FROM former_head WHERE neighbour = ? ORDER BY time");
        q.bind(neighbour);
        while (q.step()) all.push_back(head_in(q, 0));
    });
    return all;
}

std::optional<opened_log> log_opened_by(const store& s, std::string_view neighbour) {
    std::optional<opened_log> opened;
    s.look([&](connection& db) {
        const snapshot one(db);
        auto q = db.prepare("SELECT log, size, root, time, xml, met_at, asked FROM neighbour_head"
                            " WHERE neighbour = ? AND met_at IS NOT NULL");
        q.bind(neighbour);
        if (q.step()) opened = opened_log{head_in(q, 0), from_millis(q.integer(5)), q.integer(6) != 0, {}};
    });
    if (!opened) return opened;
    for (auto& head : former_heads(s, neighbour))
        if (!opened->before || epoch_of(head.log) > epoch_of(opened->before->log)) opened->before = std::move(head);
    return opened;
}

} // namespace truc::store
