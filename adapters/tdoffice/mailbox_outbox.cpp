#include "mailbox_outbox.hpp"

#include <truc/base/utf8.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace truc::tdoffice {

namespace {

using adapter::outgoing_report;
using stage = adapter::outgoing_report::stage;

/// The first `most` characters.
std::string shortened(std::string_view text, std::size_t most) {
    std::size_t bytes = 0;
    for (; most > 0 && bytes < text.size(); --most) bytes += std::max<std::size_t>(1, utf8_length(text.substr(bytes)));
    return std::string(text.substr(0, bytes));
}

/// One of each kind in turn, so that none of them waits behind a thousand of another.
std::vector<adapter::waiting_item> in_turn(std::vector<std::vector<adapter::waiting_item>> kinds, std::size_t max) {
    std::vector<adapter::waiting_item> all;
    for (std::size_t i = 0; all.size() < max; ++i) {
        const auto before = all.size();
        for (auto& kind : kinds)
            if (i < kind.size() && all.size() < max) all.push_back(std::move(kind[i]));
        if (all.size() == before) break;
    }
    return all;
}

bool is_bad(const outgoing_report& r) { return r.reached == stage::refused || r.reached == stage::failed; }
/// About the item as a whole, not about one recipient.
bool is_of_item(const outgoing_report& r) { return r.reached == stage::accepted || r.reached == stage::refused; }
/// The state in which a row of the item stands until this report.
std::string_view before(const outgoing_report& r) { return r.reached == stage::failed ? "sent" : "pending"; }

result<void> done(const result<std::size_t>& changed) {
    if (!changed) return fail(changed.error());
    return {};
}

std::string number_of(const mailbox_row& r) { return r["number"] + "/" + r["notation"]; }

} // namespace

result<std::vector<adapter::waiting_item>> mailbox_outbox::list(std::size_t max) {
    return mailbox_.transact([&]() -> result<items> {
        std::vector<items> kinds;
        for (const auto part : {&mailbox_outbox::documents, &mailbox_outbox::statuses, &mailbox_outbox::recalls,
                                &mailbox_outbox::answers}) {
            auto some = (this->*part)(max);
            if (!some) return some;
            kinds.push_back(std::move(*some));
        }
        return in_turn(std::move(kinds), max);
    });
}

/// The oldest, a few times as many as are wanted, so that an urgent one gets ahead of a heap of others.
result<mailbox_outbox::items> mailbox_outbox::documents(std::size_t max) {
    constexpr std::size_t looked_through = 4;
    auto rows = mailbox_.select("outbox", {"id", "number", "notation", "priority"},
                                "WHERE {outbox.status} = ? ORDER BY {outbox.id}", {mailbox_.state("pending")},
                                max * looked_through);
    if (!rows) return fail(std::move(rows.error()));
    const auto urgency = [&](const mailbox_row& r) { return options_->words.priority_to_edxml(r["priority"]); };
    std::ranges::stable_sort(*rows, std::ranges::greater(), urgency);
    items all;
    for (const auto& r : *rows)
        if (all.size() < max) all.push_back({document_key(r["id"]), number_of(r)});
    return all;
}

result<mailbox_outbox::items> mailbox_outbox::statuses(std::size_t max) {
    auto rows =
        mailbox_.select("statuses", {"id", "status_code", "incoming_id"},
                        "WHERE {statuses.send_status} = ? ORDER BY {statuses.id}", {mailbox_.state("pending")}, max);
    if (!rows) return fail(std::move(rows.error()));
    items all;
    for (const auto& r : *rows)
        all.push_back({status_key(r["id"]), fmt::format("{} → {}", r["incoming_id"], r["status_code"])});
    return all;
}

/// Only of documents that the exchange has: one that was not sent needs no recall, it is not listed any more.
result<mailbox_outbox::items> mailbox_outbox::recalls(std::size_t max) {
    auto rows =
        mailbox_.select("receivers", {"id", "recall_round", "agency_code"},
                        "WHERE {receivers.recall_status} = ? AND {receivers.document_id} IN (SELECT {outbox.id} "
                        "FROM {outbox} WHERE {outbox.status} = ? AND {outbox.sent_at} IS NOT NULL) "
                        "ORDER BY {receivers.id}",
                        {mailbox_.state("pending"), mailbox_.state("recall")}, max);
    if (!rows) return fail(std::move(rows.error()));
    items all;
    for (const auto& r : *rows) all.push_back({recall_key(r["id"], r["recall_round"]), "13 → " + r["agency_code"]});
    return all;
}

/// Open as long as the clerk leaves the document in the state "asked back".
result<mailbox_outbox::items> mailbox_outbox::answers(std::size_t max) {
    auto rows = mailbox_.select("inbox", {"id", "recall_delivery", "number", "notation"},
                                "WHERE {inbox.recall_answer} = ? AND {inbox.state} <> ? ORDER BY {inbox.id}",
                                {mailbox_.state("pending"), mailbox_.state("recall_requested")}, max);
    if (!rows) return fail(std::move(rows.error()));
    items all;
    for (const auto& r : *rows) all.push_back({answer_key(r["id"], r["recall_delivery"]), number_of(r)});
    return all;
}

result<std::string> mailbox_outbox::load(const std::string& key) {
    const auto k = mailbox_key::parse(key);
    if (!k) return fail(errc::record_invalid, fmt::format("'{}' is no key of the mailbox", key));
    if (k->of == mailbox_key::kind::document) {
        const auto d = mailbox_.transact([&] { return letters_.document(k->id); });
        if (!d) return fail(d.error());
        loaded_[k->id] = d->document_id;
        return pack::write_edxml(*d);
    }
    const auto s = mailbox_.transact([&] {
        if (k->of == mailbox_key::kind::status) return letters_.status(k->id);
        return k->of == mailbox_key::kind::recall ? letters_.recall(k->id) : letters_.recall_answer(k->id);
    });
    if (!s) return fail(s.error());
    return pack::write_edxml(*s);
}

result<void> mailbox_outbox::report(const outgoing_report& r) {
    const auto k = mailbox_key::parse(r.key);
    if (!k) return {}; // of another installation's journal: nobody here to tell
    auto told = mailbox_.transact([&]() -> result<void> {
        if (auto ok = mailbox_.begin_to_write(); !ok) return ok;
        switch (k->of) {
        case mailbox_key::kind::document:
            return report_document(*k, r);
        case mailbox_key::kind::status:
            return report_status(*k, r);
        case mailbox_key::kind::recall:
            return report_recall(*k, r);
        case mailbox_key::kind::answer:
            break;
        }
        return report_answer(*k, r);
    });
    if (told && is_of_item(r) && k->of == mailbox_key::kind::document) loaded_.erase(k->id);
    return told;
}

std::string mailbox_outbox::error_text(const outgoing_report& r) const {
    return shortened(r.code.empty() ? r.text : fmt::format("{} [{}]", r.text, r.code), options_->longest_error);
}

assignments mailbox_outbox::outcome(std::string_view column, const outgoing_report& r) const {
    if (is_bad(r)) return {{column, mailbox_.state("error")}, {"error_text", error_text(r)}};
    return {{column, mailbox_.state("sent")}, {"error_text", {}}};
}

result<void> mailbox_outbox::report_document(const mailbox_key& k, const outgoing_report& r) {
    if (!r.dispatch_id.empty()) {
        const auto named = mailbox_.update("outbox", {{"truc_id", r.dispatch_id}},
                                           "WHERE {outbox.id} = ? AND {outbox.truc_id} IS NULL", {k.id});
        if (!named) return fail(named.error());
    }
    if (!is_of_item(r)) return report_recipient(k.id, r);
    if (r.reached == stage::accepted)
        if (auto ok = sent(k.id, r); !ok) return ok;
    return done(mailbox_.update("outbox", outcome("status", r), "WHERE {outbox.id} = ? AND {outbox.status} IN (?, ?)",
                                {k.id, mailbox_.state("pending"), mailbox_.state("error")}));
}

/// In columns of ours: said also of a row that was changed meanwhile, for a recall needs it.
result<void> mailbox_outbox::sent(const std::string& id, const outgoing_report& r) {
    const auto known = loaded_.find(id);
    auto name = known != loaded_.end() ? result<std::string>(known->second) : letters_.document_id(id);
    if (!name) return fail(std::move(name.error()));
    return done(mailbox_.update("outbox", {{"sent_at", options_->moment(r.at)}, {"sent_document_id", *name}},
                                "WHERE {outbox.id} = ? AND {outbox.sent_at} IS NULL", {id}));
}

result<void> mailbox_outbox::report_recipient(const std::string& id, const outgoing_report& r) {
    const auto rows = mailbox_.select("receivers", {"id", "agency_code"}, "WHERE {receivers.document_id} = ?", {id});
    if (!rows) return fail(rows.error());
    const auto wanted = agency_code::parse(r.recipient);
    auto values = outcome("send_status", r);
    if (r.reached == stage::handed_over) values.push_back({"handed_over_at", options_->moment(r.at)});
    for (const auto& row : *rows) {
        if (!wanted || agency_code::parse(row["agency_code"]) != wanted) continue;
        const auto changed = mailbox_.update("receivers", values, "WHERE {receivers.id} = ?", {row["id"]});
        if (!changed) return fail(changed.error());
    }
    return {};
}

result<void> mailbox_outbox::report_status(const mailbox_key& k, const outgoing_report& r) {
    if (r.reached == stage::handed_over) return {}; // it went out: what the clerk set needs no more
    return done(mailbox_.update("statuses", outcome("send_status", r),
                                "WHERE {statuses.id} = ? AND {statuses.send_status} IN (?, ?)",
                                {k.id, mailbox_.state(before(r)), mailbox_.state("error")}));
}

result<void> mailbox_outbox::report_recall(const mailbox_key& k, const outgoing_report& r) {
    if (r.reached == stage::handed_over) return {};
    const auto changed = mailbox_.update(
        "receivers", outcome("recall_status", r),
        "WHERE {receivers.id} = ? AND {receivers.recall_round} = ? AND {receivers.recall_status} IN (?, ?)",
        {k.id, k.detail, mailbox_.state(before(r)), mailbox_.state("error")});
    if (!changed) return fail(changed.error());
    if (*changed == 0) return {};
    if (!is_bad(r)) {
        const auto asked =
            mailbox_.update("receivers", {{"state", mailbox_.state("recall_requested")}},
                            "WHERE {receivers.id} = ? AND {receivers.state} <> ?", {k.id, mailbox_.state("recalled")});
        if (!asked) return fail(asked.error());
    }
    return all_recalled(k.id);
}

/// The document is taken off the list of recalls when each recipient was asked, or could not be.
result<void> mailbox_outbox::all_recalled(const std::string& receiver) {
    return done(mailbox_.update(
        "outbox", {{"status", mailbox_.state("recalling")}},
        "WHERE {outbox.status} = ? AND {outbox.id} IN (SELECT {receivers.document_id} FROM {receivers} WHERE "
        "{receivers.id} = ?) AND {outbox.id} NOT IN (SELECT {receivers.document_id} FROM {receivers} WHERE "
        "{receivers.recall_status} = ? AND {receivers.document_id} IN (SELECT {receivers.document_id} FROM {receivers} "
        "WHERE {receivers.id} = ?))",
        {mailbox_.state("recall"), receiver, mailbox_.state("pending"), receiver}));
}

result<void> mailbox_outbox::report_answer(const mailbox_key& k, const outgoing_report& r) {
    if (r.reached == stage::handed_over) return {};
    return done(
        mailbox_.update("inbox", outcome("recall_answer", r),
                        "WHERE {inbox.id} = ? AND {inbox.recall_delivery} = ? AND {inbox.recall_answer} IN (?, ?)",
                        {k.id, k.detail, mailbox_.state(before(r)), mailbox_.state("error")}));
}

void mailbox_outbox::wait(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::min(at_most, options_->poll), [&] { return interrupted_; });
    interrupted_ = false;
}

void mailbox_outbox::interrupt() {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
    changed_.notify_all();
}

} // namespace truc::tdoffice
