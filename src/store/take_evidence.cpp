// What comes back from a neighbour: receipts; and directory sections.
#include "foreign_receipts.hpp"
#include "held.hpp"
#include "quiet_work.hpp"

namespace truc::store {

namespace {

class take_evidence_work final : public quiet_work {
  public:
    take_evidence_work(evidence_batch b, completion<std::monostate> done)
        : quiet_work(std::move(done)), batch_(std::move(b)) {
        for (const auto& e : batch_.items) size_ += e.xml.size();
    }
    std::size_t size() const override { return size_; }
    result<void> apply(transaction& t) override {
        for (const auto& e : batch_.items) take(t, e);
        auto row = t.db.prepare("INSERT INTO neighbour_cursor (neighbour, log, next) VALUES (?, ?, ?)"
                                " ON CONFLICT (neighbour, log) DO UPDATE SET next = max(next, excluded.next)");
        row.bind(std::string_view(batch_.neighbour)).bind(std::string_view(batch_.log));
        row.bind(static_cast<std::int64_t>(batch_.next)).run();
        return {};
    }

  private:
    void take(transaction& t, const evidence& e) const;
    bool ends(const held_delivery& v) const;
    void end_by(transaction& t, const held_delivery& v, delivery_state to, const evidence& e) const;
    void acknowledge(transaction& t, const held_delivery& v) const;

    evidence_batch batch_;
    std::size_t size_ = 0;
};

void take_evidence_work::take(transaction& t, const evidence& e) const {
    // What this node stated itself went round and came back: it is in the ledger.
    if (!e.delivery_id || e.node == t.book.log().node) return;
    const auto v = find_held(t.db, *e.delivery_id);
    if (!v || v->dispatch_id != e.dispatch_id) return;
    const auto end = end_stated_by(e.event);
    if (end) return end_by(t, *v, *end, e);
    if (const auto row = keep_receipt(t.db, e, v->dispatch, v->seq)) pass_back(t, *v, *row, batch_.neighbour);
    if (e.event == event_name::relay_acceptance && e.node == batch_.neighbour) acknowledge(t, *v);
}

/// The first end wins, and only that of the neighbour that custody went to: a copy that another one was given earlier,
/// and whose answer was lost, does not decide. Of a delivery that is queued here such an answer was lost, so that it
/// ends at once; but a neighbour that had it before this node would end what it has given away. What lies in an inbox
/// here ends here.
bool take_evidence_work::ends(const held_delivery& v) const {
    if (v.state == delivery_state::relayed) return v.passed_to == batch_.neighbour;
    return v.state == delivery_state::queued && !was_held_by(v, batch_.neighbour);
}

/// An end that does not end it here is kept, since it may count later; the hops before must not believe it either.
void take_evidence_work::end_by(transaction& t, const held_delivery& v, delivery_state to, const evidence& e) const {
    const auto row = keep_or_find_receipt(t.db, e, v.dispatch, v.seq);
    if (!ends(v)) return;
    pass_back(t, v, row, batch_.neighbour);
    end_elsewhere(t, v, batch_.neighbour, {to, e.time, e.reason, row});
}

/// The neighbour's answer was lost, its event was not. Where that neighbour had it before, the event may be the one of
/// that time, and says nothing.
void take_evidence_work::acknowledge(transaction& t, const held_delivery& v) const {
    if (v.state != delivery_state::queued || was_held_by(v, batch_.neighbour)) return;
    auto row = t.db.prepare("UPDATE delivery SET state = ?, passed_to = ?, next_at = NULL, held = 0 WHERE seq = ?");
    row.bind(delivery_state::relayed).bind(std::string_view(batch_.neighbour)).bind(v.seq).run();
}

class keep_section_work final : public quiet_work {
  public:
    keep_section_work(kept_section s, completion<std::monostate> done)
        : quiet_work(std::move(done)), section_(std::move(s)) {}
    std::size_t size() const override { return section_.text.size(); }
    result<void> apply(transaction& t) override {
        auto row = t.db.prepare("INSERT INTO section (node, version, text, counts) VALUES (?, ?, ?, ?)"
                                " ON CONFLICT (node, version) DO UPDATE SET counts = excluded.counts"
                                " WHERE text = excluded.text");
        row.bind(std::string_view(section_.node)).bind(static_cast<std::int64_t>(section_.version));
        row.bind(std::string_view(section_.text)).bind(std::int64_t{section_.counts}).run();
        return {};
    }

  private:
    kept_section section_;
};

class count_section_work final : public quiet_work {
  public:
    count_section_work(std::string node, std::uint64_t version, completion<std::monostate> done)
        : quiet_work(std::move(done)), node_(std::move(node)), version_(version) {}
    result<void> apply(transaction& t) override {
        auto row = t.db.prepare("UPDATE section SET counts = 1 WHERE node = ? AND version = ?");
        row.bind(std::string_view(node_)).bind(static_cast<std::int64_t>(version_)).run();
        return {};
    }

  private:
    std::string node_;
    std::uint64_t version_;
};

} // namespace

std::unique_ptr<work> make_take_evidence(evidence_batch b, completion<std::monostate> done) {
    return std::make_unique<take_evidence_work>(std::move(b), std::move(done));
}

std::unique_ptr<work> make_keep_section(kept_section section, completion<std::monostate> done) {
    return std::make_unique<keep_section_work>(std::move(section), std::move(done));
}

std::unique_ptr<work> make_count_section(std::string node, std::uint64_t version, completion<std::monostate> done) {
    return std::make_unique<count_section_work>(std::move(node), version, std::move(done));
}

} // namespace truc::store
