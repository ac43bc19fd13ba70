// Accepting a dispatch: the duplicate decision, rows, events. All keys are within one sender: nobody can occupy
// another agency's numbers.
#include "recall.hpp"
#include "work.hpp"

#include <truc/model/delivery_id.hpp>
#include <truc/model/traceparent.hpp>

#include <fmt/ranges.h>

namespace truc::store {

namespace {

class accept_work final : public work {
  public:
    accept_work(new_dispatch d, completion<acceptance> done) : d_(std::move(d)), done_(std::move(done)) {}

    std::size_t size() const override { return d_.content.is_inline() ? d_.content.size() : 0; }
    const sha256_digest* content_file() const override {
        return d_.content.is_inline() ? nullptr : &d_.content.digest();
    }
    result<void> apply(transaction& t) override;
    void committed(transaction& t) override;
    void failed(error e) override { done_(fail(std::move(e))); }

  private:
    void insert_dispatch(transaction& t, std::int64_t content);
    void accept_added(transaction& t, std::uint64_t first);
    void append_acceptance(transaction& t, std::vector<std::string> answers = {});
    void deliver_to(transaction& t, const std::string& recipient);

    new_dispatch d_;
    completion<acceptance> done_;
    acceptance answer_;
    std::int64_t row_ = 0;   ///< the dispatch's
    std::uint64_t leaf_ = 0; ///< the event that accepts it for these recipients
};

bool any_recipient(connection& db, std::int64_t dispatch, const std::function<bool(const std::string&)>& wanted) {
    auto recipients = db.prepare("SELECT recipient FROM delivery WHERE dispatch = ?");
    recipients.bind(dispatch);
    while (recipients.step())
        if (wanted(std::string(recipients.text(0)))) return true;
    return false;
}

/// A status about a document seen here goes between its sender and one of its recipients; about one never seen it is
/// somebody else's business.
result<bool> was_seen(connection& db, const new_dispatch& d) {
    bool seen = false, of_another = false;
    auto documents = db.prepare("SELECT seq, sender FROM dispatch WHERE document_id = ? AND kind = 0");
    documents.bind(std::string_view(d.about->document_id));
    while (documents.step()) {
        const bool meant = d.about->is_from(std::string(documents.text(1)));
        (meant ? seen : of_another) = true;
        if (meant && any_recipient(db, documents.integer(0), d.about->is_to)) return true;
    }
    const auto what = fmt::format("{} → {}", d.sender, d.about->document_id);
    if (seen) return fail(errc::status_not_recipient, what);
    if (of_another && d.about->by_sender) return fail(errc::recall_not_yours, what);
    return false;
}

result<void> accept_work::apply(transaction& t) {
    if (const auto same = find_same(t.db, d_.content.digest(), d_.sender_codes())) {
        answer_.repeated = true;
        answer_.id = same->id;
        row_ = same->seq;
        accept_added(t, same->leaf);
    } else {
        auto warnings = judge_against(t.db, t.stands_for, d_);
        if (!warnings) return fail(warnings.error());
        d_.warnings = std::move(*warnings);
        answer_.id = uuid::make(t.book.time());
        insert_dispatch(t, keep_content(t.db, d_.content));
    }
    if (d_.recipients.empty()) return {};
    keep_action(t.db, row_, d_.action);
    for (const auto& recipient : d_.recipients) deliver_to(t, recipient);
    deliver_to_added(t, d_, leaf_);
    return {};
}

void accept_work::insert_dispatch(transaction& t, std::int64_t content) {
    const std::string warnings = join_words(d_.warnings);
    leaf_ = t.book.size();
    auto row = t.db.prepare("INSERT INTO dispatch (id, kind, sender, document_id, code, promulgated, subject, "
                            "business, status_code, priority, content,"
                            " signature, signer, client, entrance, accepted_at, accepted_leaf, warnings, submission,"
                            " essence, door, by_gateway, traceparent)"
                            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    row.bind(answer_.id).bind(d_.kind).bind(std::string_view(d_.sender)).bind(std::string_view(d_.document_id));
    row.bind(std::string_view(d_.code)).bind(std::string_view(d_.promulgated)).bind(std::string_view(d_.subject));
    row.bind(d_.business).bind(std::string_view(d_.status_code)).bind(d_.priority).bind(content).bind(d_.signature);
    d_.signer ? row.bind(*d_.signer) : row.bind_null();
    row.bind(std::string_view(d_.client)).bind(d_.entrance).bind(to_millis(t.book.time()));
    row.bind(static_cast<std::int64_t>(leaf_)).bind(std::string_view(warnings));
    row.bind(std::string_view(d_.submission));
    d_.essence ? row.bind(*d_.essence) : row.bind_null();
    row.bind(std::string_view(t.book.log().node)).bind(std::int64_t{d_.by_gateway});
    const auto trace = d_.traceparent.empty() ? make_traceparent(answer_.id) : d_.traceparent;
    row.bind(std::string_view(trace)).run();
    row_ = t.db.last_id();
    append_acceptance(t);
}

/// Of the recipients those remain that the dispatch did not have yet. The receipt that its sender has, and has again as
/// the answer, does not name them: another event does.
void accept_work::accept_added(transaction& t, std::uint64_t first) {
    std::erase_if(d_.recipients, [&](const std::string& recipient) {
        auto known = t.db.prepare("SELECT 1 FROM delivery WHERE dispatch = ? AND recipient = ?");
        known.bind(row_).bind(std::string_view(recipient));
        return known.step();
    });
    std::erase_if(d_.action.adds, [&](const std::string& recipient) {
        return std::ranges::find(d_.recipients, recipient) == d_.recipients.end();
    });
    if (d_.recipients.empty()) return;
    append_acceptance(t, {t.book.id_of(first)});
    keep_content(t.db, d_.content); // retention may have removed what the first recipients had
}

void accept_work::append_acceptance(transaction& t, std::vector<std::string> answers) {
    ledger::event e;
    e.name = event_name::submission_acceptance;
    e.dispatch_id = answer_.id;
    e.document_id = d_.document_id;
    e.from = d_.sender;
    e.to = d_.recipients;
    e.sha256 = d_.content.digest();
    e.signature = d_.signature;
    e.signed_on_behalf = d_.signed_on_behalf;
    e.channel = fmt::format("{}:{}", to_string(d_.entrance), d_.client);
    e.answers = std::move(answers);
    leaf_ = t.record(std::move(e), row_, std::nullopt, {d_.sender});
}

/// Once for each recipient: into its inbox, or on its way when its home is another node.
void accept_work::deliver_to(transaction& t, const std::string& recipient) {
    held_delivery v;
    v.id = delivery_id_of(answer_.id, recipient);
    v.dispatch = row_;
    v.dispatch_id = answer_.id;
    v.kind = d_.kind;
    v.business = d_.business;
    v.recipient = recipient;
    v.priority = d_.priority;
    v.lane_class = lane_class_of(d_.kind, d_.business, d_.priority);
    v.accepted_at = t.book.time();
    v.deadline = v.accepted_at + d_.time_to_deliver;
    v.document_id = d_.document_id;
    v.sender = d_.sender;
    v.sha256 = d_.content.digest();
    v.last_leaf = leaf_;
    const bool elsewhere = std::find(d_.elsewhere.begin(), d_.elsewhere.end(), recipient) != d_.elsewhere.end();
    if (!deliver_submitted(t, v, elsewhere, d_.action)) return;
    if (answer_.repeated) note_acceptance(t.db, v.seq, leaf_);
    if (d_.kind == dispatch_kind::status) note_status(t, row_, d_.status_code, v);
    if (!answer_.repeated) answer_.recipients.push_back({recipient, v.id});
}

void accept_work::committed(transaction& t) {
    if (answer_.repeated) {
        answer_ = load_acceptance(t.db, row_);
        answer_.repeated = true;
    } else {
        answer_.document_id = d_.document_id;
        answer_.sha256 = d_.content.digest();
        answer_.signature = d_.signature;
        answer_.warnings = d_.warnings;
        answer_.receipt = t.book.receipt(leaf_);
    }
    done_(std::move(answer_));
}

} // namespace

/// What nobody could have taken away, and takes nothing away itself, needs no second look at its row.
bool deliver_submitted(transaction& t, held_delivery& v, bool elsewhere, const business_action& action) {
    const auto accepted = v.last_leaf;
    if (elsewhere) v.offered_to = first_asked(t, v.recipient);
    const bool straight =
        !elsewhere && action.acts_on.empty() && !may_be_withdrawn(t.db, v) && !find_first_copy(t.db, v);
    v.state = straight ? delivery_state::consigned : delivery_state::queued;
    v.last_leaf = straight ? t.book.size() : accepted;
    if (!insert_delivery(t, v)) return false;
    t.count(tally::taken_in);
    keep_withdrawals(t.db, v, action);
    v.last_leaf = accepted; // what comes next answers it
    if (elsewhere)
        announce_queued(t, v);
    else if (straight)
        record_consignment(t, v);
    else
        consign(t, v);
    return true;
}

std::unique_ptr<work> make_accept(new_dispatch d, completion<acceptance> done) {
    return std::make_unique<accept_work>(std::move(d), std::move(done));
}

std::optional<same_dispatch> find_same(connection& db, const sha256_digest& digest,
                                       const std::vector<std::string>& sender) {
    for (const auto& code : sender) {
        auto q = db.prepare("SELECT d.seq, d.id, d.accepted_leaf FROM content c JOIN dispatch d ON d.content = c.id"
                            " WHERE c.sha256 = ? AND d.sender = ? AND d.receipt IS NULL");
        q.bind(digest).bind(std::string_view(code));
        if (q.step()) return same_dispatch{q.integer(0), q.id(1), static_cast<std::uint64_t>(q.integer(2))};
    }
    return std::nullopt;
}

result<std::vector<std::string>> judge_against(connection& db, const standing_in* stands_for, const new_dispatch& d) {
    auto warnings = d.warnings;
    if (d.about) {
        const auto seen = was_seen(db, d);
        if (!seen) return fail(seen.error());
        if (!*seen) warnings.emplace_back("document_not_seen");
    }
    const auto acts = may_act(db, stands_for, d);
    if (!acts) return fail(acts.error());
    // Nor is what cannot be sent to those whom it adds any more.
    if (!*acts || !has_for_added(db, stands_for, d)) warnings.emplace_back("document_not_seen");
    if (d.kind != dispatch_kind::edoc || d.business != business_type::new_document) return warnings;
    auto reused =
        db.prepare("SELECT 1 FROM dispatch WHERE document_id = ? AND sender = ? AND kind = 0 AND business = 0");
    reused.bind(std::string_view(d.document_id)).bind(std::string_view(d.sender));
    auto number = db.prepare(
        "SELECT 1 FROM dispatch WHERE code = ? AND code <> '' AND sender = ? AND promulgated = ? AND kind = 0");
    number.bind(std::string_view(d.code)).bind(std::string_view(d.sender)).bind(std::string_view(d.promulgated));
    if (reused.step())
        warnings.emplace_back("document_id_reused");
    else if (number.step())
        warnings.emplace_back("number_reused");
    return warnings;
}

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto space = text.find(' ');
        words.emplace_back(text.substr(0, space));
        text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    }
    return words;
}

std::string join_words(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " ")); }

namespace {

/// Retention had removed the bytes; now somebody needs them again.
void keep_anew(connection& db, std::int64_t row, const spool& content) {
    auto again = db.prepare("UPDATE content SET bytes = ?, purged_at = NULL WHERE id = ?");
    content.is_inline() ? again.bind_blob(content.view()) : again.bind_null();
    again.bind(row).run();
}

} // namespace

std::int64_t keep_content(connection& db, const spool& content) {
    auto known = db.prepare("SELECT id, purged_at FROM content WHERE sha256 = ?");
    known.bind(content.digest());
    if (known.step()) {
        if (!known.is_null(1)) keep_anew(db, known.integer(0), content);
        return known.integer(0);
    }
    auto row = db.prepare("INSERT INTO content (sha256, size, bytes) VALUES (?, ?, ?)");
    row.bind(content.digest()).bind(static_cast<std::int64_t>(content.size()));
    content.is_inline() ? row.bind_blob(content.view()) : row.bind_null();
    row.run();
    return db.last_id();
}

acceptance load_acceptance(connection& db, std::int64_t dispatch) {
    auto d = db.prepare(
        "SELECT d.id, d.document_id, c.sha256, d.signature, d.warnings, d.accepted_leaf, e.xml FROM dispatch d"
        " JOIN content c ON c.id = d.content JOIN event e ON e.leaf = d.accepted_leaf WHERE d.seq = ?");
    d.bind(dispatch);
    if (!d.step()) throw sqlite_error(SQLITE_CORRUPT, "a dispatch lost its content or its event");
    acceptance a;
    a.id = d.id(0);
    a.document_id = d.text(1);
    a.sha256 = d.digest(2);
    a.signature = d.enumeration<signature_outcome>(3);
    a.warnings = split_words(d.text(4));
    auto receipt = stored_receipt(db, static_cast<std::uint64_t>(d.integer(5)), d.text(6));
    if (!receipt) throw sqlite_error(SQLITE_CORRUPT, "an event has no tree head");
    a.receipt = std::move(*receipt);
    auto deliveries = db.prepare("SELECT recipient, id FROM delivery WHERE dispatch = ? AND resend = 0 ORDER BY seq");
    deliveries.bind(dispatch);
    while (deliveries.step()) a.recipients.push_back({std::string(deliveries.text(0)), deliveries.id(1)});
    return a;
}

} // namespace truc::store
