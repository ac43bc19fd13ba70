// What happens to deliveries while custody is here: passed on, tried in vain, moved with their recipient, ended.
#include "foreign_receipts.hpp"
#include "held.hpp"
#include "quiet_work.hpp"

namespace truc::store {

namespace {

class pass_on_work final : public quiet_work {
  public:
    pass_on_work(passing p, completion<std::monostate> done) : quiet_work(std::move(done)), p_(std::move(p)) {
        if (!p_.hops.empty()) p_.hops.pop_back(); // this node itself
    }
    result<void> apply(transaction& t) override {
        const auto hops = join_words(p_.hops);
        const bool had_it_before = std::find(p_.hops.begin(), p_.hops.end(), p_.neighbour) != p_.hops.end();
        for (const auto seq : p_.rows) {
            if (!pass(t, seq, hops))
                tell_again(t, seq);
            else if (had_it_before)
                end_by_known_evidence(t, seq);
        }
        return {};
    }

  private:
    /// Under other hops it is another custody: it came back while the answer was on its way.
    bool pass(transaction& t, std::int64_t seq, const std::string& hops) const {
        auto row = t.db.prepare("UPDATE delivery SET state = ?, passed_to = ?, next_at = NULL, held = 0"
                                " WHERE seq = ? AND state = ? AND hops = ?");
        row.bind(delivery_state::relayed).bind(std::string_view(p_.neighbour)).bind(seq);
        row.bind(delivery_state::queued).bind(std::string_view(hops)).run();
        return t.db.changes() != 0;
    }
    /// What such a neighbour brought while the delivery was queued here did not count then (take_evidence): now it
    /// does, but for what others of the way before state.
    void end_by_known_evidence(transaction& t, std::int64_t seq) const {
        const auto v = find_held(t.db, seq);
        auto q = t.db.prepare("SELECT id, name, node FROM evidence WHERE dispatch = ? AND delivery = ? ORDER BY id");
        q.bind(v->dispatch).bind(seq);
        while (q.step()) {
            const auto to = end_stated_by(q.enumeration<event_name>(1));
            const std::string node(q.text(2));
            if (!to || (node != p_.neighbour && was_held_by(*v, node))) continue;
            const auto stated = ledger::parse_event(event_in(load_receipt(t.db, q.integer(0))));
            if (!stated) continue;
            pass_back(t, *v, q.integer(0), p_.neighbour);
            return end_elsewhere(t, *v, p_.neighbour, {*to, stated->time, stated->reason, q.integer(0)});
        }
    }
    static void tell_again(transaction& t, std::int64_t seq) {
        auto v = find_held(t.db, seq);
        if (v && v->state == delivery_state::queued) announce_again(t, *v);
    }

    passing p_;
};

class note_attempt_work final : public quiet_work {
  public:
    note_attempt_work(failed_attempt a, completion<std::monostate> done)
        : quiet_work(std::move(done)), attempt_(std::move(a)) {}
    result<void> apply(transaction& t) override {
        const auto why = attempt_.neighbour + ": " + attempt_.reason;
        for (const auto seq : attempt_.rows) {
            auto row = t.db.prepare("UPDATE delivery SET attempts = attempts + 1, last_attempt = ?, next_at = ?"
                                    " WHERE seq = ? AND state = ?");
            row.bind(std::string_view(why)).bind(to_millis(attempt_.next_at)).bind(seq);
            row.bind(delivery_state::queued).run();
        }
        return {};
    }

  private:
    failed_attempt attempt_;
};

class end_work final : public quiet_work {
  public:
    end_work(ending e, completion<std::monostate> done) : quiet_work(std::move(done)), ending_(std::move(e)) {}
    result<void> apply(transaction& t) override {
        for (const auto seq : ending_.rows) {
            auto v = find_held(t.db, seq);
            if (v && is_in_custody(*v)) end(t, *v, {ending_.to, ending_.event, ending_.reason, {}});
        }
        return {};
    }

  private:
    ending ending_;
};

class send_away_work final : public quiet_work {
  public:
    send_away_work(std::string recipient, completion<std::monostate> done)
        : quiet_work(std::move(done)), recipient_(std::move(recipient)) {}
    result<void> apply(transaction& t) override {
        for (const auto seq : inbox(t.db)) {
            auto row = t.db.prepare("UPDATE delivery SET state = ?, consigned_at = NULL, attempts = 0,"
                                    " last_attempt = '', said = NULL, said_at = NULL, copy_of = NULL WHERE seq = ?");
            row.bind(delivery_state::queued).bind(seq).run();
            auto v = find_held(t.db, seq);
            announce_again(t, *v);
        }
        return {};
    }

  private:
    /// What lies there and the copies that wait behind it: the new home judges them together.
    std::vector<std::int64_t> inbox(connection& db) const {
        auto q = db.prepare(
            "WITH lies AS (SELECT seq, priority FROM delivery INDEXED BY delivery_inbox"
            " WHERE recipient = ?1 AND state = 2 AND copy_of IS NULL AND held = 0 UNION ALL"
            " SELECT seq, priority FROM delivery INDEXED BY delivery_held"
            " WHERE held > 0 AND state < 3 AND recipient = ?1 AND state = 2 AND copy_of IS NULL)"
            " SELECT seq, priority FROM lies UNION ALL SELECT c.seq, c.priority FROM lies CROSS JOIN delivery c"
            " ON c.copy_of = lies.seq ORDER BY 2 DESC, 1");
        q.bind(std::string_view(recipient_));
        std::vector<std::int64_t> rows;
        while (q.step()) rows.push_back(q.integer(0));
        return rows;
    }

    std::string recipient_;
};

class arrive_work final : public quiet_work {
  public:
    arrive_work(arrival a, completion<std::monostate> done) : quiet_work(std::move(done)), arrival_(std::move(a)) {}
    result<void> apply(transaction& t) override {
        for (const auto seq : arrival_.rows) {
            auto v = find_held(t.db, seq);
            if (!v || v->state != delivery_state::queued || v->held.kind != held_kind::no) continue;
            keep_essence(t.db, v->dispatch, arrival_.found.essence);
            if (arrival_.found.fate == fate::consign) consign(t, *v, arrival_.successor);
            if (arrival_.found.fate == fate::undeliverable)
                end(t, *v,
                    {delivery_state::undeliverable,
                     event_name::content_consignment_failure,
                     std::string(describe(arrival_.found.reason).name),
                     {}});
        }
        return {};
    }

  private:
    arrival arrival_;
};

} // namespace

std::unique_ptr<work> make_pass_on(passing p, completion<std::monostate> done) {
    return std::make_unique<pass_on_work>(std::move(p), std::move(done));
}

std::unique_ptr<work> make_note_attempt(failed_attempt a, completion<std::monostate> done) {
    return std::make_unique<note_attempt_work>(std::move(a), std::move(done));
}

std::unique_ptr<work> make_end(ending e, completion<std::monostate> done) {
    return std::make_unique<end_work>(std::move(e), std::move(done));
}

std::unique_ptr<work> make_send_away(std::string recipient, completion<std::monostate> done) {
    return std::make_unique<send_away_work>(std::move(recipient), std::move(done));
}

std::unique_ptr<work> make_arrive(arrival a, completion<std::monostate> done) {
    return std::make_unique<arrive_work>(std::move(a), std::move(done));
}

} // namespace truc::store
