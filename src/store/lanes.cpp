// Where queued deliveries wait: what lanes read of their own, and what moves from one to another.
#include "held.hpp"
#include "quiet_work.hpp"

#include <truc/store/lanes.hpp>
#include <truc/store/sqlite.hpp>

namespace truc::store {

namespace {

constexpr std::string_view queued_columns =
    "SELECT v.seq, v.dispatch, v.priority, v.recipient, v.hops, v.deadline, d.receipt IS NULL, v.offered_to,"
    " v.resend > 0, v.lane_class, v.lane FROM delivery v ";

queued_delivery read_row(const statement& q) {
    queued_delivery d;
    d.seq = q.integer(0);
    d.dispatch = q.integer(1);
    d.priority = q.enumeration<priority>(2);
    d.recipient = q.text(3);
    d.hops = split_words(q.text(4));
    d.deadline = from_millis(q.integer(5));
    d.own = q.integer(6) != 0;
    d.offered_to = q.text(7);
    d.resent = q.integer(8) != 0;
    d.lane_class = q.enumeration<lane_class>(9);
    d.lane = q.text(10);
    return d;
}

/// What a lane reads; made once.
const std::string in_lane = std::string(queued_columns) +
                            "INDEXED BY delivery_lane CROSS JOIN dispatch d ON d.seq = v.dispatch"
                            " WHERE v.state = 0 AND v.held = 0 AND v.lane = ? AND v.lane_class = ? AND v.seq >= ?"
                            " ORDER BY v.seq LIMIT ?";
/// For people: whatever the lane.
const std::string everywhere = std::string(queued_columns) +
                               "JOIN dispatch d ON d.seq = v.dispatch WHERE v.state = 0 AND v.held = 0"
                               " AND (-v.lane_class, v.seq) > (-?, ?) ORDER BY v.lane_class DESC, v.seq LIMIT ?";
const std::string by_row = std::string(queued_columns) +
                           "JOIN dispatch d ON d.seq = v.dispatch WHERE v.seq = ? AND v.state = 0 AND v.held IN (0, ?)";

class move_lane_work final : public quiet_work {
  public:
    move_lane_work(std::vector<std::int64_t> rows, std::string lane, completion<std::monostate> done)
        : quiet_work(std::move(done)), rows_(std::move(rows)), lane_(std::move(lane)) {}
    result<void> apply(transaction& t) override {
        for (const auto seq : rows_) {
            auto v = find_held(t.db, seq);
            if (v && v->state == delivery_state::queued) wait_in(t, *v, lane_);
        }
        return {};
    }

  private:
    std::vector<std::int64_t> rows_;
    std::string lane_;
};

class warn_expiry_work final : public quiet_work {
  public:
    warn_expiry_work(std::vector<std::int64_t> rows, completion<std::monostate> done)
        : quiet_work(std::move(done)), rows_(std::move(rows)) {}
    result<void> apply(transaction& t) override {
        for (const auto seq : rows_) {
            auto row = t.db.prepare("UPDATE delivery SET warn_at = NULL"
                                    " WHERE seq = ? AND state = 0 AND warn_at IS NOT NULL RETURNING last_attempt");
            if (!row.bind(seq).step()) continue;
            const auto why = std::string(row.text(0));
            while (row.step()) {
            }
            if (auto v = find_held(t.db, seq)) warn(t, *v, why);
        }
        return {};
    }

  private:
    static void warn(transaction& t, const held_delivery& v, const std::string& why) {
        auto e = event_about(v, event_name::expiry_warning);
        e.answers = {t.book.id_of(v.last_leaf)};
        e.reason = "expires at " + to_rfc3339(v.deadline);
        if (v.held.kind != held_kind::no)
            e.reason += "; held: " + v.held.reason;
        else if (!why.empty())
            e.reason += "; " + why;
        record(t, std::move(e), v);
    }

    std::vector<std::int64_t> rows_;
};

} // namespace

std::unique_ptr<work> make_move_lane(std::vector<std::int64_t> rows, std::string lane,
                                     completion<std::monostate> done) {
    return std::make_unique<move_lane_work>(std::move(rows), std::move(lane), std::move(done));
}

std::unique_ptr<work> make_warn_expiry(std::vector<std::int64_t> rows, completion<std::monostate> done) {
    return std::make_unique<warn_expiry_work>(std::move(rows), std::move(done));
}

std::vector<queued_delivery> store::read_queued(const queue_cursor& after, std::size_t max) const {
    std::vector<queued_delivery> rows;
    look([&](connection& db) {
        auto q = db.prepare(everywhere);
        q.bind(after.lane_class).bind(after.seq).bind(static_cast<std::int64_t>(max));
        while (q.step()) rows.push_back(read_row(q));
    });
    return rows;
}

std::vector<std::string> lanes_in_use(const store& s) {
    std::vector<std::string> lanes;
    s.look([&lanes](connection& db) {
        // From one name to the next along the index, however much waits behind each.
        for (std::string after;;) {
            auto q = db.prepare("SELECT min(lane) FROM delivery INDEXED BY delivery_lane"
                                " WHERE state = 0 AND held = 0 AND lane > ?");
            q.bind(std::string_view(after));
            if (!q.step() || q.is_null(0)) return;
            after = q.text(0);
            lanes.push_back(after);
        }
    });
    return lanes;
}

std::vector<queued_delivery> read_lane(const store& s, std::string_view lane, lane_class of, std::int64_t from,
                                       std::size_t max) {
    std::vector<queued_delivery> rows;
    s.look([&](connection& db) {
        auto q = db.prepare(in_lane);
        q.bind(lane).bind(of).bind(from).bind(static_cast<std::int64_t>(max));
        while (q.step()) rows.push_back(read_row(q));
    });
    return rows;
}

std::vector<queued_delivery> read_rows(const store& s, const std::vector<std::int64_t>& rows, held_kind or_held) {
    std::vector<queued_delivery> found;
    s.look([&](connection& db) {
        for (const auto row : rows) {
            auto q = db.prepare(by_row);
            if (q.bind(row).bind(or_held).step()) found.push_back(read_row(q));
        }
    });
    return found;
}

std::vector<waiting_place> places_after(const store& s, const waiting_place& after, std::size_t max) {
    std::vector<waiting_place> places;
    s.look([&](connection& db) {
        auto last = after;
        while (places.size() < max) {
            auto q = db.prepare("SELECT recipient, lane FROM delivery INDEXED BY delivery_place"
                                " WHERE state = 0 AND (recipient, lane) > (?, ?) ORDER BY recipient, lane LIMIT 1");
            q.bind(std::string_view(last.recipient)).bind(std::string_view(last.lane));
            if (!q.step()) return;
            last = {std::string(q.text(0)), std::string(q.text(1))};
            places.push_back(last);
        }
    });
    return places;
}

std::vector<std::int64_t> rows_at(const store& s, const waiting_place& where, std::int64_t after, std::size_t max) {
    std::vector<std::int64_t> rows;
    s.look([&](connection& db) {
        auto q = db.prepare("SELECT seq FROM delivery INDEXED BY delivery_place"
                            " WHERE state = 0 AND recipient = ? AND lane = ? AND seq > ? ORDER BY seq LIMIT ?");
        q.bind(std::string_view(where.recipient)).bind(std::string_view(where.lane)).bind(after);
        q.bind(static_cast<std::int64_t>(max));
        while (q.step()) rows.push_back(q.integer(0));
    });
    return rows;
}

std::vector<std::int64_t> held_among(const store& s, const std::vector<std::int64_t>& rows) {
    std::vector<std::int64_t> held;
    s.look([&](connection& db) {
        for (const auto row : rows) {
            auto q = db.prepare("SELECT 1 FROM delivery WHERE seq = ? AND state = 0 AND held > 0");
            if (q.bind(row).step()) held.push_back(row);
        }
    });
    return held;
}

std::vector<std::int64_t> due_warnings(const store& s, timestamp now, std::size_t max) {
    std::vector<std::int64_t> rows;
    s.look([&](connection& db) {
        auto q = db.prepare("SELECT seq FROM delivery INDEXED BY delivery_warning"
                            " WHERE state = 0 AND warn_at IS NOT NULL AND warn_at <= ? ORDER BY warn_at LIMIT ?");
        q.bind(to_millis(now)).bind(static_cast<std::int64_t>(max));
        while (q.step()) rows.push_back(q.integer(0));
    });
    return rows;
}

std::vector<std::pair<std::string, std::uint64_t>> refused_by(const store& s) {
    std::vector<std::pair<std::string, std::uint64_t>> neighbours;
    s.look([&](connection& db) {
        auto q = db.prepare("SELECT held_by, count(*) FROM delivery INDEXED BY delivery_held"
                            " WHERE held > 0 AND state < 3 AND held = ? GROUP BY held_by");
        q.bind(held_kind::by_truc);
        while (q.step()) neighbours.emplace_back(q.text(0), static_cast<std::uint64_t>(q.integer(1)));
    });
    return neighbours;
}

std::int64_t newest_delivery(const store& s) {
    std::int64_t newest = 0;
    s.look([&newest](connection& db) {
        auto q = db.prepare("SELECT max(seq) FROM delivery");
        if (q.step() && !q.is_null(0)) newest = q.integer(0);
    });
    return newest;
}

} // namespace truc::store
