// What administrators do with deliveries in this node's custody, and what Truc itself does when a neighbour refused for
// good. Each action leaves an event that names who wanted it, and why.
#include "held.hpp"
#include "parts.hpp"
#include "quiet_work.hpp"

#include <fmt/format.h>

namespace truc::store {

namespace {

std::string channel_of(const administration& a) {
    if (a.kind == held_kind::by_truc) return fmt::format("{}:{}", to_string(entrance::relay), a.who.by);
    return "admin:" + a.who.by;
}

/// Does one thing to each delivery that is in custody here; counts those that it changed.
class administration_work : public work {
  public:
    administration_work(administration a, completion<std::size_t> done) : a_(std::move(a)), done_(std::move(done)) {
        a_.who.reason = clipped(std::move(a_.who.reason));
    }
    result<void> apply(transaction& t) override {
        for (const auto row : a_.rows) {
            auto v = find_held(t.db, row);
            if (v && is_in_custody(*v) && act(t, *v)) ++changed_;
        }
        return {};
    }
    void committed(transaction&) override { done_(changed_); }
    void failed(error e) override { done_(fail(std::move(e))); }

  protected:
    /// False when it stands so already.
    virtual bool act(transaction& t, held_delivery& v) = 0;

    const administration& order() const { return a_; }
    std::size_t changed() const { return changed_; }
    ledger::event event_of(event_name name, const held_delivery& v, std::string answers) const {
        auto e = event_about(v, name);
        e.channel = channel_of(a_);
        e.reason = a_.who.reason;
        e.answers = {std::move(answers)};
        return e;
    }
    void mark(transaction& t, const held_delivery& v, held_kind kind) const {
        auto row =
            t.db.prepare("UPDATE delivery SET held = ?, held_by = ?, held_reason = ?, held_at = ? WHERE seq = ?");
        row.bind(kind).bind(std::string_view(a_.who.by)).bind(std::string_view(a_.who.reason));
        row.bind(to_millis(t.book.time())).bind(v.seq).run();
    }

  private:
    administration a_;
    completion<std::size_t> done_;
    std::size_t changed_ = 0;
};

class hold_work final : public administration_work {
    using administration_work::administration_work;

    bool act(transaction& t, held_delivery& v) override {
        if (v.held.kind != held_kind::no) return false;
        mark(t, v, order().kind);
        if (order().kind == held_kind::by_truc) note_refusal(t.db, v);
        keep_leaf(t.db, v, record(t, event_of(event_name::hold, v, t.book.id_of(v.last_leaf)), v));
        if (v.state == delivery_state::queued) t.notice.withheld.push_back(v.seq);
        return true;
    }

    /// Who refused it for good does not have it: nobody has to be asked before it ends, also after a restart.
    static void note_refusal(connection& db, const held_delivery& v) {
        auto row = db.prepare("UPDATE delivery SET offered_to = '' WHERE seq = ? AND state = 0");
        row.bind(v.seq).run();
    }
    /// A Release answers it.
    static void keep_leaf(connection& db, const held_delivery& v, std::uint64_t leaf) {
        auto row = db.prepare("UPDATE delivery SET held_leaf = ? WHERE seq = ?");
        row.bind(static_cast<std::int64_t>(leaf)).bind(v.seq).run();
    }
};

class release_work final : public administration_work {
    using administration_work::administration_work;

    bool act(transaction& t, held_delivery& v) override {
        // What was ordered to end is on its way to that: it is not held.
        if (v.held.kind == held_kind::no || v.held.kind == held_kind::to_expire) return false;
        lift_hold(t.db, v);
        record(t, event_of(event_name::release, v, t.book.id_of(v.held_leaf)), v);
        if (v.state == delivery_state::queued) offer_again(t, v);
        // One behind a first copy goes on waiting for it.
        if (v.state == delivery_state::consigned && v.copy_of == 0) t.notice.inboxes.push_back(v.recipient);
        return true;
    }
    /// Who may have it already stays on record; else whoever is asked first goes there.
    static void offer_again(transaction& t, held_delivery& v) {
        v.offered_to.empty() ? announce_again(t, v) : announce_queued(t, v);
    }
};

/// What lies in an inbox ends at once. What is queued may have been offered to a neighbour that has not answered: it is
/// taken off its lane, and ends as what is overdue does, as soon as custody is certainly here.
class expire_work final : public administration_work {
    using administration_work::administration_work;

    result<void> apply(transaction& t) override {
        auto done = administration_work::apply(t);
        if (done && changed() == 0) return fail(errc::not_in_custody, "nothing that waits here");
        return done;
    }
    bool act(transaction& t, held_delivery& v) override {
        if (v.held.kind == held_kind::to_expire) return false;
        const bool by_deadline = order().kind == held_kind::by_truc;
        if (by_deadline && (v.state != delivery_state::queued || v.held.kind == held_kind::no)) return false;
        if (v.state == delivery_state::consigned) {
            end(t, v, {delivery_state::expired, event_name::expiry, order().who.reason, channel_of(order())});
            return true;
        }
        if (by_deadline)
            keep_reason(t.db, v);
        else
            mark(t, v, held_kind::to_expire);
        auto row = t.db.prepare("UPDATE delivery SET deadline = min(deadline, ?) WHERE seq = ?");
        row.bind(to_millis(t.book.time())).bind(v.seq).run();
        t.notice.withheld.push_back(v.seq);
        return true;
    }

  private:
    /// Its deadline has passed while it was held: that is why it ends.
    static void keep_reason(connection& db, const held_delivery& v) {
        auto row = db.prepare("UPDATE delivery SET held = ?, held_by = ? WHERE seq = ?");
        row.bind(held_kind::to_expire).bind(held_by_truc_itself).bind(v.seq).run();
    }
};

class note_retry_work final : public administration_work {
    using administration_work::administration_work;

    result<void> apply(transaction& t) override {
        if (!order().rows.empty()) return administration_work::apply(t);
        ledger::event e;
        e.name = event_name::retry;
        e.channel = channel_of(order());
        e.reason = order().who.reason;
        t.record(std::move(e), std::nullopt, std::nullopt, {});
        return {};
    }
    /// It changes nothing that its sender would have to know.
    bool act(transaction& t, held_delivery& v) override {
        if (v.state != delivery_state::queued || v.held.kind != held_kind::no) return false;
        t.record(event_of(event_name::retry, v, t.book.id_of(v.last_leaf)), v.dispatch, v.seq, {});
        return true;
    }
};

class legal_hold_work final : public quiet_work {
  public:
    legal_hold_work(legal_hold_order o, completion<std::monostate> done)
        : quiet_work(std::move(done)), o_(std::move(o)) {
        o_.who.reason = clipped(std::move(o_.who.reason));
    }
    result<void> apply(transaction& t) override {
        auto q = t.db.prepare("SELECT d.seq, d.document_id, d.sender, c.sha256, d.legal_hold FROM dispatch d"
                              " JOIN content c ON c.id = d.content WHERE d.id = ?");
        q.bind(o_.dispatch);
        if (!q.step()) return fail(errc::not_found, o_.dispatch.str());
        if (q.text(4).empty() != o_.hold) return {}; // the first who asked stays on record
        const auto asked = o_.hold ? fmt::format("{}: {}", o_.who.by, o_.who.reason) : std::string();
        auto row = t.db.prepare("UPDATE dispatch SET legal_hold = ? WHERE seq = ?");
        row.bind(std::string_view(asked)).bind(q.integer(0)).run();
        ledger::event e;
        e.name = o_.hold ? event_name::legal_hold : event_name::legal_release;
        e.dispatch_id = o_.dispatch;
        e.document_id = q.text(1);
        e.from = q.text(2);
        e.sha256 = q.digest(3);
        e.channel = "admin:" + o_.who.by;
        e.reason = o_.who.reason;
        t.record(std::move(e), q.integer(0), std::nullopt, {});
        return {};
    }

  private:
    legal_hold_order o_;
};

} // namespace

void store::hold(administration a, completion<std::size_t> done) {
    parts_->writing->submit(std::make_unique<hold_work>(std::move(a), std::move(done)));
}

void store::release(administration a, completion<std::size_t> done) {
    parts_->writing->submit(std::make_unique<release_work>(std::move(a), std::move(done)));
}

void store::expire(administration a, completion<std::size_t> done) {
    parts_->writing->submit(std::make_unique<expire_work>(std::move(a), std::move(done)));
}

void store::note_retry(administration a, completion<std::size_t> done) {
    parts_->writing->submit(std::make_unique<note_retry_work>(std::move(a), std::move(done)));
}

void store::set_legal_hold(legal_hold_order o, completion<std::monostate> done) {
    parts_->writing->submit(std::make_unique<legal_hold_work>(std::move(o), std::move(done)));
}

held_mark held_in(const statement& q, int first_column) {
    held_mark m;
    m.kind = q.enumeration<held_kind>(first_column);
    if (m.kind == held_kind::no) return m;
    m.by = q.text(first_column + 1);
    m.reason = q.text(first_column + 2);
    m.since = q.moment(first_column + 3);
    return m;
}

std::string_view to_string(held_kind k) {
    switch (k) {
    case held_kind::no:
        break;
    case held_kind::by_person:
        return "person";
    case held_kind::by_truc:
        return "truc";
    case held_kind::to_expire:
        return "expiry";
    }
    return {};
}

} // namespace truc::store
