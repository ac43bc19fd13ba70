// Retention: bytes that are not needed any more are destroyed; rows, events and receipts stay.
#include "purge.hpp"

#include "parts.hpp"
#include "quiet_work.hpp"

#include <set>

namespace truc::store {

namespace {

/// How all deliveries of a content stand, over all dispatches that it belongs to.
struct standing {
    std::optional<std::int64_t> last_end; ///< as learned here; nullopt: one of them is open, or there is none
    bool recalled = false;                ///< and nobody has it: every recipient's delivery was taken back, or failed
    bool frozen = false;                  ///< its sender, who recalled it, is an agency of this node
    bool held = false;                    ///< a legal hold
};

standing standing_of(connection& db, std::int64_t content) {
    auto q = db.prepare("SELECT count(*) = count(v.ended_at), max(v.learned_at),"
                        " total(v.state = ?2 AND d.business <> ?3) > 0, total(v.state = ?4) > 0,"
                        " total(v.state = ?2 AND d.business <> ?3 AND d.receipt IS NULL) > 0,"
                        " total(d.legal_hold <> '') > 0"
                        " FROM dispatch d LEFT JOIN delivery v ON v.dispatch = d.seq WHERE d.content = ?1");
    q.bind(content).bind(delivery_state::recalled).bind(business_type::recall).bind(delivery_state::handed_over);
    q.step();
    standing s;
    if (q.integer(0) != 0 && !q.is_null(1)) s.last_end = q.integer(1);
    s.recalled = q.integer(2) != 0 && q.integer(3) == 0;
    s.frozen = q.integer(4) != 0;
    s.held = q.integer(5) != 0;
    return s;
}

/// Why it goes; empty: it stays. A recalled document is destroyed where its recipients are, and kept where its sender
/// is (NĐ 30/2020 App. VI, III.8).
std::string_view reason_to_purge(connection& db, std::int64_t content, const purge_order& o) {
    const auto s = standing_of(db, content);
    if (!s.last_end || s.held || s.frozen) return {};
    if (s.recalled && *s.last_end < to_millis(o.recalled_before)) return "recalled";
    return *s.last_end < to_millis(o.ended_before) ? "retention" : std::string_view();
}

class purge_work final : public work {
  public:
    purge_work(purge_order o, std::vector<std::int64_t> contents, const std::atomic<bool>& copying,
               const content_files& files, completion<purge_result> done)
        : o_(o), contents_(std::move(contents)), copying_(copying), files_(files), done_(std::move(done)) {}

    result<void> apply(transaction& t) override {
        if (copying_) return fail(errc::not_ready, "a copy is being made");
        t.db.execute("PRAGMA secure_delete=ON"); // what is freed is overwritten
        for (const auto content : contents_) {
            // Meanwhile somebody may have asked for it.
            const auto reason = reason_to_purge(t.db, content, o_);
            if (!reason.empty()) remove(t, content, reason);
        }
        return {};
    }
    void committed(transaction& t) override {
        for (const auto& digest : in_files_)
            if (is_purged(t.db, digest)) files_.remove(digest); // else it came again in the same group
        done_(purged_);
    }
    void failed(error e) override { done_(fail(std::move(e))); }

  private:
    void remove(transaction& t, std::int64_t content, std::string_view reason);
    static void record(transaction& t, std::int64_t content, const sha256_digest& digest, std::string_view reason);

    purge_order o_;
    std::vector<std::int64_t> contents_;
    const std::atomic<bool>& copying_;
    const content_files& files_;
    completion<purge_result> done_;
    purge_result purged_;
    std::vector<sha256_digest> in_files_;
};

void purge_work::remove(transaction& t, std::int64_t content, std::string_view reason) {
    auto q = t.db.prepare("SELECT sha256, size, bytes IS NULL FROM content WHERE id = ? AND purged_at IS NULL");
    q.bind(content);
    if (!q.step()) return;
    const auto digest = q.digest(0);
    record(t, content, digest, reason);
    auto row = t.db.prepare("UPDATE content SET bytes = NULL, purged_at = ? WHERE id = ?");
    row.bind(to_millis(t.book.time())).bind(content).run();
    if (q.integer(2) != 0) in_files_.push_back(digest);
    ++purged_.contents;
    purged_.bytes += static_cast<std::uint64_t>(q.integer(1));
}

void purge_work::record(transaction& t, std::int64_t content, const sha256_digest& digest, std::string_view reason) {
    auto q = t.db.prepare("SELECT seq, id, document_id, sender FROM dispatch WHERE content = ?");
    q.bind(content);
    while (q.step()) {
        ledger::event e;
        e.name = event_name::purge;
        e.dispatch_id = q.id(1);
        e.document_id = q.text(2);
        e.from = q.text(3);
        e.sha256 = digest;
        e.reason = reason;
        t.record(std::move(e), q.integer(0), std::nullopt, {});
    }
}

class barrier_work final : public quiet_work {
  public:
    using quiet_work::quiet_work;
    result<void> apply(transaction&) override { return {}; }
};

/// Contents that are due, found without troubling the writer. Looks at a limited number of deliveries, so that no
/// snapshot stands for long, and judges each content once, however many recipients it has.
class purge_search {
  public:
    purge_search(connection& db, const purge_order& o) : db_(db), o_(o) {}

    /// The places move behind what was looked at. What is recalled at its origin is frozen.
    std::vector<std::int64_t> run(purge_places& places) {
        look("SELECT v.ended_at, v.seq, d.content, c.purged_at IS NULL AND d.receipt IS NOT NULL"
             " FROM delivery v INDEXED BY delivery_recalled"
             " JOIN dispatch d ON d.seq = v.dispatch JOIN content c ON c.id = d.content"
             " WHERE v.state = 5 AND (v.ended_at, v.seq) > (?1, ?2) AND v.ended_at < ?3"
             " ORDER BY v.ended_at, v.seq LIMIT ?4",
             o_.recalled_before, places.recalled);
        look("SELECT v.ended_at, v.seq, d.content, c.purged_at IS NULL FROM delivery v INDEXED BY delivery_ended"
             " JOIN dispatch d ON d.seq = v.dispatch JOIN content c ON c.id = d.content"
             " WHERE v.ended_at IS NOT NULL AND (v.ended_at, v.seq) > (?1, ?2) AND v.ended_at < ?3"
             " ORDER BY v.ended_at, v.seq LIMIT ?4",
             o_.ended_before, places.ended);
        return {found_.begin(), found_.end()};
    }
    bool more() const { return more_; }

  private:
    void look(std::string_view sql, timestamp before, purge_place& from) {
        auto q = db_.prepare(sql);
        q.bind(from.ended_at).bind(from.seq).bind(to_millis(before)).bind(most_deliveries);
        std::int64_t looked_at = 0;
        while (found_.size() < o_.most && q.step()) {
            from.ended_at = q.integer(0);
            from.seq = q.integer(1);
            ++looked_at;
            if (q.integer(3) != 0) judge(q.integer(2));
        }
        more_ = more_ || found_.size() >= o_.most || looked_at == most_deliveries;
    }
    void judge(std::int64_t content) {
        if (judged_.insert(content).second && !reason_to_purge(db_, content, o_).empty()) found_.insert(content);
    }

    static constexpr std::int64_t most_deliveries = 20'000;

    connection& db_;
    const purge_order& o_;
    std::set<std::int64_t> judged_;
    std::set<std::int64_t> found_;
    bool more_ = false;
};

} // namespace

bool is_purged(connection& db, const sha256_digest& digest) {
    auto q = db.prepare("SELECT 1 FROM content WHERE sha256 = ? AND purged_at IS NOT NULL");
    q.bind(digest);
    return q.step();
}

std::unique_ptr<work> make_barrier(completion<std::monostate> done) {
    return std::make_unique<barrier_work>(std::move(done));
}

/// Every place is looked at again once a day: a hold may have been lifted since.
void store::purge(purge_order o, completion<purge_result> done) {
    constexpr auto round = std::chrono::hours(24);
    if (parts_->copying) return done(fail(errc::not_ready, "a copy is being made"));
    std::vector<std::int64_t> contents;
    bool more = false;
    {
        const std::scoped_lock lock(parts_->purging);
        const auto now = parts_->o.clock->now();
        if (now - parts_->round_begun >= round) {
            parts_->places = {};
            parts_->round_begun = now;
        }
        const auto db = parts_->pool.take();
        const snapshot one(*db);
        purge_search search(*db, o);
        contents = search.run(parts_->places);
        more = search.more();
    }
    if (contents.empty()) return done(purge_result{0, 0, more});
    auto told = [more, done = std::move(done)](result<purge_result> r) {
        if (r) r->more = more;
        done(std::move(r));
    };
    parts_->writing->submit(
        std::make_unique<purge_work>(o, std::move(contents), parts_->copying, parts_->files, std::move(told)));
}

} // namespace truc::store
