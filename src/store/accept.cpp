// Accepting a dispatch: the duplicate decision, rows, events. All keys are within one sender: nobody can occupy
// another agency's numbers.
#include "work.hpp"

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
    result<void> check_status(transaction& t);
    void find_warnings(transaction& t);
    std::int64_t insert_content(transaction& t);
    void insert_dispatch(transaction& t, std::int64_t content);
    std::uint64_t append_acceptance(transaction& t) const;
    void deliver_to(transaction& t, const std::string& recipient);

    new_dispatch d_;
    completion<acceptance> done_;
    acceptance answer_;
    std::int64_t row_ = 0; ///< the dispatch's
    std::uint64_t leaf_ = 0;
};

std::optional<std::int64_t> find_content(connection& db, const sha256_digest& digest) {
    auto q = db.prepare("SELECT id FROM content WHERE sha256 = ?");
    q.bind(digest);
    if (!q.step()) return std::nullopt;
    return q.integer(0);
}

result<void> accept_work::apply(transaction& t) {
    auto content = find_content(t.db, d_.content.digest());
    if (content) {
        auto same = t.db.prepare("SELECT seq FROM dispatch WHERE content = ? AND sender = ?");
        same.bind(*content).bind(std::string_view(d_.sender));
        if (same.step()) {
            row_ = same.integer(0);
            answer_.repeated = true;
        }
    }
    if (answer_.repeated) {
        auto first = t.db.prepare("SELECT id, accepted_leaf FROM dispatch WHERE seq = ?");
        first.bind(row_).step();
        answer_.id = first.id(0);
        leaf_ = static_cast<std::uint64_t>(first.integer(1));
    } else {
        if (auto permitted = check_status(t); !permitted) return permitted;
        find_warnings(t);
        answer_.id = uuid::make(t.book.time());
        insert_dispatch(t, content ? *content : insert_content(t));
    }
    for (const auto& recipient : d_.recipients) deliver_to(t, recipient);
    return {};
}

/// A document seen here may be reported on by its recipients only; one never seen is somebody else's business.
result<void> accept_work::check_status(transaction& t) {
    if (!d_.about) return {};
    auto document = t.db.prepare("SELECT seq FROM dispatch WHERE document_id = ? AND sender = ? AND kind = 0");
    document.bind(std::string_view(d_.about->document_id)).bind(std::string_view(d_.about->sender));
    bool seen = false;
    while (document.step()) {
        seen = true;
        auto mine = t.db.prepare("SELECT 1 FROM delivery WHERE dispatch = ? AND recipient = ?");
        mine.bind(document.integer(0)).bind(std::string_view(d_.sender));
        if (mine.step()) return {};
    }
    if (seen) return fail(errc::status_not_recipient, fmt::format("{} → {}", d_.sender, d_.about->document_id));
    d_.warnings.emplace_back("document_not_seen");
    return {};
}

void accept_work::find_warnings(transaction& t) {
    if (d_.kind != dispatch_kind::edoc || d_.business != business_type::new_document) return;
    auto reused =
        t.db.prepare("SELECT 1 FROM dispatch WHERE document_id = ? AND sender = ? AND kind = 0 AND business = 0");
    reused.bind(std::string_view(d_.document_id)).bind(std::string_view(d_.sender));
    if (reused.step()) {
        d_.warnings.emplace_back("document_id_reused");
        return;
    }
    auto number = t.db.prepare(
        "SELECT 1 FROM dispatch WHERE code = ? AND code <> '' AND sender = ? AND promulgated = ? AND kind = 0");
    number.bind(std::string_view(d_.code)).bind(std::string_view(d_.sender)).bind(std::string_view(d_.promulgated));
    if (number.step()) d_.warnings.emplace_back("number_reused");
}

std::int64_t accept_work::insert_content(transaction& t) {
    auto row = t.db.prepare("INSERT INTO content (sha256, size, bytes) VALUES (?, ?, ?)");
    row.bind(d_.content.digest()).bind(static_cast<std::int64_t>(d_.content.size()));
    d_.content.is_inline() ? row.bind_blob(d_.content.view()) : row.bind_null();
    row.run();
    return t.db.last_id();
}

void accept_work::insert_dispatch(transaction& t, std::int64_t content) {
    const std::string warnings = fmt::format("{}", fmt::join(d_.warnings, " "));
    leaf_ = t.book.size();
    auto row = t.db.prepare("INSERT INTO dispatch (id, kind, sender, document_id, code, promulgated, subject, "
                            "business, status_code, priority, content,"
                            " signature, signer, client, entrance, accepted_at, accepted_leaf, warnings)"
                            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    row.bind(answer_.id).bind(d_.kind).bind(std::string_view(d_.sender)).bind(std::string_view(d_.document_id));
    row.bind(std::string_view(d_.code)).bind(std::string_view(d_.promulgated)).bind(std::string_view(d_.subject));
    row.bind(d_.business).bind(std::string_view(d_.status_code)).bind(d_.priority).bind(content).bind(d_.signature);
    d_.signer ? row.bind(*d_.signer) : row.bind_null();
    row.bind(std::string_view(d_.client)).bind(d_.entrance).bind(to_millis(t.book.time()));
    row.bind(static_cast<std::int64_t>(leaf_)).bind(std::string_view(warnings)).run();
    row_ = t.db.last_id();
    append_acceptance(t);
}

std::uint64_t accept_work::append_acceptance(transaction& t) const {
    ledger::event e;
    e.name = event_name::submission_acceptance;
    e.dispatch_id = answer_.id;
    e.document_id = d_.document_id;
    e.from = d_.sender;
    e.to = d_.recipients;
    e.sha256 = d_.content.digest();
    e.signature = d_.signature;
    e.channel = fmt::format("{}:{}", to_string(d_.entrance), d_.client);
    return t.book.append(std::move(e), {row_, std::nullopt, d_.sender});
}

/// Puts the dispatch into the recipient's inbox at this node, once.
void accept_work::deliver_to(transaction& t, const std::string& recipient) {
    const uuid id = uuid::make(t.book.time());
    auto row = t.db.prepare(
        "INSERT INTO delivery (id, dispatch, recipient, priority, state, deadline, consigned_at, last_leaf, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, '') ON CONFLICT (dispatch, recipient) DO NOTHING");
    row.bind(id).bind(row_).bind(std::string_view(recipient)).bind(d_.priority).bind(delivery_state::consigned);
    row.bind(to_millis(t.book.time() + d_.time_to_deliver)).bind(to_millis(t.book.time()));
    row.bind(static_cast<std::int64_t>(t.book.size())).run();
    if (t.db.changes() == 0) return;

    ledger::event e;
    e.name = event_name::content_consignment;
    e.dispatch_id = answer_.id;
    e.delivery_id = id;
    e.document_id = d_.document_id;
    e.from = d_.sender;
    e.to = {recipient};
    e.sha256 = d_.content.digest();
    e.answers = {t.book.id_of(leaf_)};
    t.book.append(std::move(e), {row_, t.db.last_id(), d_.sender});

    t.count(tally::taken_in);
    t.notice.inboxes.push_back(recipient);
    if (answer_.repeated) return;
    answer_.recipients.push_back({recipient, id});
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
        t.notice.feeds.push_back(d_.sender);
    }
    done_(std::move(answer_));
}

} // namespace

std::unique_ptr<work> make_accept(new_dispatch d, completion<acceptance> done) {
    return std::make_unique<accept_work>(std::move(d), std::move(done));
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
    auto deliveries = db.prepare("SELECT recipient, id FROM delivery WHERE dispatch = ? ORDER BY seq");
    deliveries.bind(dispatch);
    while (deliveries.step()) a.recipients.push_back({std::string(deliveries.text(0)), deliveries.id(1)});
    return a;
}

} // namespace truc::store
