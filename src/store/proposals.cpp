// Changes of the directory that clients ask for: kept until an administrator decides.
#include "parts.hpp"

#include <fmt/format.h>

namespace truc::store {

namespace {

constexpr std::int64_t open_of_one_client = 100;
constexpr std::size_t longest_details = 16 << 10;

const std::string proposal_columns =
    "SELECT number, kind, client, code, details, proposed_at, state, decided_at, decided_by FROM proposal ";
const std::string proposal_by_number = proposal_columns + "WHERE number = ?";
const std::string open_page = proposal_columns + "WHERE state = 0 AND number > ? ORDER BY number LIMIT ?";
const std::string page_of_all = proposal_columns + "WHERE number > ? ORDER BY number LIMIT ?";

proposal read_proposal(const statement& q) {
    proposal p;
    p.number = q.integer(0);
    p.kind = q.enumeration<proposal_kind>(1);
    p.client = q.text(2);
    p.code = q.text(3);
    p.details = q.text(4);
    p.proposed_at = from_millis(q.integer(5));
    p.state = q.enumeration<proposal_state>(6);
    p.decided_at = q.moment(7);
    p.decided_by = q.text(8);
    return p;
}

std::optional<proposal> find(connection& db, std::int64_t number) {
    auto q = db.prepare(proposal_by_number);
    q.bind(number);
    if (!q.step()) return std::nullopt;
    return read_proposal(q);
}

class propose_work final : public work {
  public:
    propose_work(proposal p, completion<std::int64_t> done) : p_(std::move(p)), done_(std::move(done)) {}

    std::size_t size() const override { return p_.details.size(); }
    result<void> apply(transaction& t) override;
    void committed(transaction&) override { done_(p_.number); }
    void failed(error e) override { done_(fail(std::move(e))); }

  private:
    bool find_same(connection& db);
    void insert(transaction& t);

    proposal p_;
    completion<std::int64_t> done_;
};

result<void> propose_work::apply(transaction& t) {
    if (p_.details.size() > longest_details) return fail(errc::too_large, p_.code);
    if (find_same(t.db)) return {};
    auto open = t.db.prepare("SELECT count(*) FROM proposal WHERE client = ? AND state = 0");
    open.bind(std::string_view(p_.client)).step();
    if (open.integer(0) >= open_of_one_client)
        return fail(errc::rate_limited, fmt::format("{}: {} open proposals", p_.client, open.integer(0)));
    insert(t);
    return {};
}

/// Other details make another proposal: what an administrator has read must not change before it is confirmed.
bool propose_work::find_same(connection& db) {
    auto q = db.prepare("SELECT number FROM proposal WHERE client = ? AND code = ? AND state = 0 AND kind = ?"
                        " AND details = ? ORDER BY number LIMIT 1");
    q.bind(std::string_view(p_.client)).bind(std::string_view(p_.code)).bind(p_.kind);
    q.bind(std::string_view(p_.details));
    if (!q.step()) return false;
    p_.number = q.integer(0);
    return true;
}

void propose_work::insert(transaction& t) {
    auto row = t.db.prepare("INSERT INTO proposal (kind, client, code, details, proposed_at) VALUES (?, ?, ?, ?, ?)");
    row.bind(p_.kind).bind(std::string_view(p_.client)).bind(std::string_view(p_.code));
    row.bind(std::string_view(p_.details)).bind(to_millis(t.book.time())).run();
    p_.number = t.db.last_id();
}

class decide_work final : public work {
  public:
    decide_work(std::int64_t number, proposal_state decision, std::string by, completion<proposal> done)
        : number_(number), decision_(decision), by_(std::move(by)), done_(std::move(done)) {}

    result<void> apply(transaction& t) override;
    void committed(transaction&) override { done_(std::move(decided_)); }
    void failed(error e) override { done_(fail(std::move(e))); }

  private:
    std::int64_t number_;
    proposal_state decision_;
    std::string by_;
    completion<proposal> done_;
    proposal decided_;
};

result<void> decide_work::apply(transaction& t) {
    auto p = find(t.db, number_);
    if (!p) return fail(errc::not_found, std::to_string(number_));
    if (p->state != decision_) {
        if (p->state != proposal_state::open) return fail(errc::already_ended, std::to_string(number_));
        p->state = decision_;
        p->decided_at = t.book.time();
        p->decided_by = clipped(by_);
        auto row = t.db.prepare("UPDATE proposal SET state = ?, decided_at = ?, decided_by = ? WHERE number = ?");
        row.bind(p->state).bind(to_millis(*p->decided_at)).bind(std::string_view(p->decided_by)).bind(number_).run();
    }
    decided_ = std::move(*p);
    return {};
}

} // namespace

std::unique_ptr<work> make_propose(proposal p, completion<std::int64_t> done) {
    return std::make_unique<propose_work>(std::move(p), std::move(done));
}

std::unique_ptr<work> make_decide(std::int64_t number, proposal_state decision, std::string by,
                                  completion<proposal> done) {
    return std::make_unique<decide_work>(number, decision, std::move(by), std::move(done));
}

std::optional<proposal> store::find_proposal(std::int64_t number) const {
    auto db = parts_->pool.take();
    return find(*db, number);
}

std::vector<proposal> store::list_proposals(bool open_only, std::int64_t after, std::size_t max) const {
    auto db = parts_->pool.take();
    auto q = db->prepare(open_only ? open_page : page_of_all);
    q.bind(after).bind(static_cast<std::int64_t>(max));
    std::vector<proposal> page;
    while (q.step()) page.push_back(read_proposal(q));
    return page;
}

} // namespace truc::store
