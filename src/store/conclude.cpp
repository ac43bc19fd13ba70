// What the recipient's system says of a delivery, its end above all; and refusals at the door.
#include "held.hpp"
#include "quiet_work.hpp"
#include "recall.hpp"

#include <spdlog/spdlog.h>

namespace truc::store {

namespace {

constexpr auto refusal_window = std::chrono::hours(24);
constexpr std::int64_t refusals_with_receipt = 1000; // of one client within the window; more are counted only

class conclude_work final : public work {
  public:
    conclude_work(conclusion c, completion<conclusion_record> done) : c_(std::move(c)), done_(std::move(done)) {}

    result<void> apply(transaction& t) override;
    void committed(transaction&) override;
    void failed(error e) override { done_(fail(std::move(e))); }

  private:
    conclusion c_;
    completion<conclusion_record> done_;
    conclusion_record answer_;
    std::optional<error> refused_; ///< and what was written all the same is kept
};

result<void> conclude_work::apply(transaction& t) {
    auto v = find_delivered(t.db, c_.delivery_id, c_.recipients);
    if (!v) return fail(errc::not_found, c_.delivery_id.str());

    const auto to = c_.accepted ? delivery_state::handed_over : delivery_state::rejected;
    const bool repeated = v->state == to;
    if (!repeated && is_final(v->state)) {
        refused_ = error(errc::already_ended, std::string(to_string(v->state)));
        if (c_.accepted && record_taken_unheard(t, *v)) return {};
        return fail(*refused_);
    }
    if (!repeated) {
        const auto event = c_.accepted ? event_name::content_handover : event_name::content_handover_failure;
        end(t, *v, {to, event, clipped(c_.reason), c_.channel});
        t.count(c_.accepted ? tally::handed_over : tally::rejected);
    }
    answer_ = {to, t.book.id_of(v->last_leaf), repeated};
    return {};
}

void conclude_work::committed(transaction&) {
    if (!refused_) return done_(std::move(answer_));
    spdlog::warn("{} took the delivery {} after it was recalled: its system had it, and was not told", c_.channel,
                 c_.delivery_id.str());
    done_(fail(std::move(*refused_)));
}

class report_work final : public quiet_work {
  public:
    report_work(inbox_report r, completion<std::monostate> done) : quiet_work(std::move(done)), r_(std::move(r)) {}
    result<void> apply(transaction& t) override {
        const auto v = find_delivered(t.db, r_.delivery_id, r_.recipients);
        if (!v) return fail(errc::not_found, r_.delivery_id.str());
        if (is_final(v->state)) return fail(errc::already_ended, std::string(to_string(v->state)));
        auto said = t.db.prepare("UPDATE delivery SET said = ?, said_at = ? WHERE seq = ?");
        said.bind(r_.said).bind(to_millis(t.book.time())).bind(v->seq).run();
        if (r_.said == reported::failed) count_attempt(t, v->seq);
        return {};
    }

  private:
    void count_attempt(transaction& t, std::int64_t delivery) const {
        const auto why = clipped(r_.channel + (r_.reason.empty() ? "" : ": " + r_.reason));
        auto row = t.db.prepare("UPDATE delivery SET attempts = attempts + 1, last_attempt = ? WHERE seq = ?");
        row.bind(std::string_view(why)).bind(delivery).run();
    }

    inbox_report r_;
};

class refuse_work final : public work {
  public:
    refuse_work(refusal r, completion<refusal_record> done) : r_(std::move(r)), done_(std::move(done)) {}

    result<void> apply(transaction& t) override;
    void committed(transaction& t) override;
    void failed(error e) override { done_(fail(std::move(e))); }

  private:
    void write(transaction& t);

    const sha256_digest& key() const {
        static const sha256_digest none;
        return r_.sha256 ? *r_.sha256 : none;
    }

    refusal r_;
    completion<refusal_record> done_;
    std::optional<std::uint64_t> leaf_;
};

result<void> refuse_work::apply(transaction& t) {
    t.count(tally::refused);
    const auto code = describe(r_.code).name;
    auto known = t.db.prepare("SELECT leaf FROM refusal WHERE client = ? AND sha256 = ? AND code = ? AND first_at > ? "
                              "ORDER BY leaf DESC LIMIT 1");
    known.bind(std::string_view(r_.client)).bind(key()).bind(code).bind(to_millis(t.book.time() - refusal_window));
    if (!known.step()) {
        auto recent = t.db.prepare("SELECT count(*) FROM refusal WHERE client = ? AND first_at > ?");
        recent.bind(std::string_view(r_.client)).bind(to_millis(t.book.time() - refusal_window)).step();
        if (recent.integer(0) < refusals_with_receipt) write(t);
        return {};
    }
    leaf_ = static_cast<std::uint64_t>(known.integer(0));
    auto again =
        t.db.prepare("UPDATE refusal SET count = count + 1 WHERE client = ? AND sha256 = ? AND code = ? AND leaf = ?");
    again.bind(std::string_view(r_.client)).bind(key()).bind(code).bind(known.integer(0)).run();
    return {};
}

void refuse_work::write(transaction& t) {
    ledger::event e;
    e.name = event_name::submission_rejection;
    e.from = clipped(r_.from);
    e.document_id = clipped(r_.document_id);
    e.sha256 = r_.sha256;
    e.channel = r_.channel;
    e.reason = clipped(std::string(describe(r_.code).name) + (r_.what.empty() ? "" : ": " + r_.what));
    const auto readers = r_.reader.empty() ? std::vector<std::string>() : std::vector{r_.reader};
    leaf_ = t.record(std::move(e), std::nullopt, std::nullopt, readers);
    auto row =
        t.db.prepare("INSERT INTO refusal (client, sha256, code, leaf, first_at, count) VALUES (?, ?, ?, ?, ?, 1)");
    row.bind(std::string_view(r_.client)).bind(key()).bind(describe(r_.code).name);
    row.bind(static_cast<std::int64_t>(*leaf_)).bind(to_millis(t.book.time())).run();
}

void refuse_work::committed(transaction& t) {
    if (!leaf_) return done_(refusal_record());
    auto q = t.db.prepare("SELECT xml FROM event WHERE leaf = ?");
    q.bind(static_cast<std::int64_t>(*leaf_)).step();
    auto receipt = stored_receipt(t.db, *leaf_, q.text(0));
    done_(refusal_record{t.book.id_of(*leaf_), receipt ? std::move(*receipt) : std::string()});
}

} // namespace

std::unique_ptr<work> make_report(inbox_report r, completion<std::monostate> done) {
    return std::make_unique<report_work>(std::move(r), std::move(done));
}

std::unique_ptr<work> make_refuse(refusal r, completion<refusal_record> done) {
    return std::make_unique<refuse_work>(std::move(r), std::move(done));
}

std::unique_ptr<work> make_conclude(conclusion c, completion<conclusion_record> done) {
    return std::make_unique<conclude_work>(std::move(c), std::move(done));
}

std::string clipped(std::string text) {
    constexpr std::size_t longest = 500;
    if (text.size() <= longest) return text;
    auto end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
    return text;
}

std::string_view to_string(reported r) {
    switch (r) {
    case reported::initial:
        return "initial";
    case reported::processing:
        return "processing";
    case reported::failed:
        return "fail";
    }
    return {};
}

} // namespace truc::store
