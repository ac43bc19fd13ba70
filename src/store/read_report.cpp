// How the deliveries that this node watches have gone, for legal clocks and reports.
#include "readers.hpp"

#include <truc/store/report.hpp>

#include <map>
#include <unordered_map>

namespace truc::store {

namespace {

/// Codes 01 to 06 tell that the recipient has it, all but 01 what becomes of it (QCVN 102:2016). At the sender's node
/// those count that came for the delivery; at the recipient's what the recipient itself sent.
const std::string status_times =
    "CASE WHEN v.state <> 3 OR d.kind <> 0 THEN NULL WHEN d.receipt IS NULL THEN"
    " (SELECT min(r.time) FROM reported_status r WHERE r.delivery = v.seq AND r.code BETWEEN '{0}' AND '06') ELSE"
    " (SELECT min(s.accepted_at) FROM dispatch s WHERE s.document_id = d.document_id AND s.sender = v.recipient"
    " AND s.kind = 1 AND s.status_code BETWEEN '{0}' AND '06') END";

std::string times_from(const std::string& code) {
    auto text = status_times;
    for (auto at = text.find("{0}"); at != std::string::npos; at = text.find("{0}")) text.replace(at, 3, code);
    return text;
}

const std::string columns =
    "SELECT v.seq, v.dispatch, d.sender, v.recipient, d.document_id, d.signature, d.receipt IS NULL, v.consigned_at,"
    " d.priority, d.business, d.accepted_at, v.state, v.ended_at, v.passed_to <> '', v.deadline,"
    " d.kind = 0 AND v.copy_of IS NULL, " +
    times_from("01") + ", " + times_from("02");
const std::string open_page = columns + " FROM delivery v CROSS JOIN dispatch d ON d.seq = v.dispatch"
                                        " WHERE v.state = ? AND v.state < 3 AND (v.deadline, v.seq) > (?, ?)"
                                        " ORDER BY v.deadline, v.seq LIMIT ?";
const std::string ended_page = columns + " FROM delivery v CROSS JOIN dispatch d ON d.seq = v.dispatch"
                                         " WHERE v.ended_at IS NOT NULL AND (v.ended_at, v.seq) > (?, ?)"
                                         " ORDER BY v.ended_at, v.seq LIMIT ?";
const std::string one_day = columns + " FROM dispatch d CROSS JOIN delivery v ON v.dispatch = d.seq"
                                      " WHERE d.accepted_at >= ?1 AND d.accepted_at < ?2 AND d.kind = 0"
                                      " AND (?3 = '' OR d.sender = ?3 OR v.recipient = ?3)"
                                      " ORDER BY d.accepted_at, d.seq";

/// Reads rows of `columns`.
class history_reader {
  public:
    explicit history_reader(connection& db) : db_(db) {}

    /// Nullopt where nobody here watches: a status, a second copy, what only passed through.
    std::optional<delivery_history> read(const statement& q) {
        const bool passed_on = q.integer(13) != 0;
        delivery_history h;
        h.sent_here = q.integer(6) != 0;
        h.home_here = !q.is_null(7) && !passed_on;
        if (q.integer(15) == 0 || !(h.sent_here || h.home_here)) return std::nullopt;
        h.seq = q.integer(0);
        h.sender = q.text(2);
        h.recipient = q.text(3);
        h.document_id = q.text(4);
        h.signature = q.enumeration<signature_outcome>(5);
        h.life.priority = q.enumeration<priority>(8);
        h.life.business = q.enumeration<business_type>(9);
        h.life.sent_at = from_millis(q.integer(10));
        h.life.told_at = q.moment(16);
        h.life.decided_at = q.moment(17);
        const auto state = q.enumeration<delivery_state>(11);
        (state == delivery_state::handed_over ? h.life.handed_over_at : h.life.given_up_at) = q.moment(12);
        h.life.arrived_at = h.home_here ? q.moment(7) : passed_on ? arrived_elsewhere(q) : std::nullopt;
        if (!h.life.arrived_at) h.life.arrived_at = h.life.handed_over_at;
        return h;
    }

  private:
    /// By the evidence of the node where it arrived; all of a dispatch's is read at once, since its deliveries come
    /// one after the other.
    std::optional<timestamp> arrived_elsewhere(const statement& row) {
        if (const auto dispatch = row.integer(1); dispatch != of_) {
            of_ = dispatch;
            arrived_.clear();
            auto q = db_.prepare("SELECT delivery, time FROM evidence WHERE dispatch = ? AND name = ?");
            q.bind(dispatch).bind(event_name::content_consignment);
            while (q.step()) arrived_.try_emplace(q.integer(0), from_millis(q.integer(1)));
        }
        const auto found = arrived_.find(row.integer(0));
        if (found == arrived_.end()) return std::nullopt;
        return found->second;
    }

    connection& db_;
    std::int64_t of_ = -1;
    std::unordered_map<std::int64_t, timestamp> arrived_; ///< by delivery
};

/// `time` is the column that the page is ordered by.
history_page read_page(connection& db, statement& q, int time, std::size_t max) {
    history_page page;
    history_reader reader(db);
    std::size_t seen = 0;
    for (; q.step(); ++seen) {
        page.next = {from_millis(q.integer(time)), q.integer(0)};
        if (auto h = reader.read(q)) page.rows.push_back(std::move(*h));
    }
    page.last = seen < max;
    return page;
}

class report_maker {
  public:
    report_maker(const report_period& p, const clock_rules& rules, timestamp now) : p_(p), rules_(rules), now_(now) {}

    void add(const delivery_history& h, std::int64_t dispatch) {
        if (h.sent_here && wants(h.sender)) add_sent(line(h.sender), h, dispatch);
        if (h.home_here && wants(h.recipient)) add_received(line(h.recipient), h);
    }
    std::vector<report_line> lines() && {
        std::vector<report_line> all;
        for (auto& [agency, l] : lines_) all.push_back(std::move(l));
        return all;
    }

  private:
    bool wants(const std::string& agency) const { return p_.agency.empty() || p_.agency == agency; }
    report_line& line(const std::string& agency) {
        auto& l = lines_[agency];
        if (l.agency.empty()) l.agency = agency;
        return l;
    }
    bool ran_out(legal_clock c, const delivery_history& h) const {
        const auto state = read_clock(c, h.life, rules_, now_).state;
        return state == clock_state::late || state == clock_state::missed;
    }
    void add_sent(report_line& l, const delivery_history& h, std::int64_t dispatch) {
        if (dispatch != last_sent_) {
            last_sent_ = dispatch;
            ++l.sent;
            l.signed_ += h.signature == signature_outcome::valid ? 1 : 0;
        }
        ++l.recipients;
        for (const auto c : legal_clocks_all) l.out_of_time[static_cast<std::size_t>(c)] += ran_out(c, h) ? 1 : 0;
    }
    void add_received(report_line& l, const delivery_history& h) const {
        ++l.received;
        l.unanswered += ran_out(legal_clock::received, h) ? 1 : 0;
    }

    const report_period& p_;
    const clock_rules& rules_;
    timestamp now_;
    std::int64_t last_sent_ = -1; ///< dispatch; its deliveries come one after the other
    std::map<std::string, report_line> lines_;
};

} // namespace

history_page read_open_histories(const store& s, delivery_state state, const history_cursor& after, std::size_t max) {
    history_page page;
    s.look([&](connection& db) {
        const snapshot one(db);
        auto q = db.prepare(open_page);
        q.bind(state).bind(to_millis(after.time)).bind(after.seq).bind(static_cast<std::int64_t>(max));
        page = read_page(db, q, 14, max);
    });
    return page;
}

history_page read_handed_over(const store& s, timestamp since, const history_cursor& after, std::size_t max) {
    const auto from = after.time < since ? history_cursor{since - milliseconds(1), INT64_MAX} : after;
    history_page page;
    s.look([&](connection& db) {
        const snapshot one(db);
        auto q = db.prepare(ended_page);
        q.bind(to_millis(from.time)).bind(from.seq).bind(static_cast<std::int64_t>(max));
        page = read_page(db, q, 12, max);
    });
    std::erase_if(page.rows, [](const auto& h) { return !h.life.handed_over_at; });
    return page;
}

std::vector<report_line> read_report(const store& s, const report_period& p, const clock_rules& rules, timestamp now) {
    report_maker report(p, rules, now);
    s.look([&](connection& db) {
        const snapshot one(db);
        history_reader reader(db);
        auto q = db.prepare(one_day);
        q.bind(to_millis(p.since)).bind(to_millis(p.until)).bind(std::string_view(p.agency));
        while (q.step())
            if (const auto h = reader.read(q)) report.add(*h, q.integer(1));
    });
    return std::move(report).lines();
}

} // namespace truc::store
