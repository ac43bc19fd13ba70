#include "outbound.hpp"

#include "guarded.hpp"
#include "sentences.hpp"

#include <truc/base/bytes.hpp>
#include <truc/base/log.hpp>
#include <truc/base/printable.hpp>

#include <algorithm>
#include <utility>

namespace truc::adapter {

namespace {

constexpr std::size_t longest_name = 255;
constexpr std::size_t longest_in_log = 200;
constexpr std::size_t most_logged = 4096;
/// So many items that cannot be read one after the other: it is the system that is away, not the items.
constexpr unsigned most_faults = 3;
constexpr std::chrono::milliseconds longest_rest{60'000};
constexpr std::chrono::milliseconds least_pace{1'000};
/// So long what was read may wait for an exchange that is away, and go as it was.
constexpr std::chrono::minutes freshness{1};
/// How soon it is seen that the exchange is back.
constexpr std::chrono::milliseconds look_for_exchange{500};

counter& count_of(metrics_registry& m, std::string_view labels) {
    return m.get_counter("truc_adapter_outgoing_total", "Items of the legacy system, by what became of them", labels);
}

settlement settlement_of(const ready_item& item, const client::submission_answer& a, timestamp now) {
    using answer = client::submission_answer::outcome;
    settlement s;
    s.id = item.id;
    s.code = a.code;
    if (a.result == answer::accepted) {
        s.result = settlement::outcome::accepted;
    } else if (a.result == answer::refused) {
        s.result = settlement::outcome::refused;
        s.text = in_vietnamese(a.code, a.why);
    } else {
        // Nothing is known to be wrong with what was lost on the way: it goes as soon as there is a way again.
        s.result = settlement::outcome::later;
        s.text = a.why;
        s.again = now + (a.result == answer::unknown ? first_pause : pause_after(item.attempts + 1));
    }
    return s;
}

} // namespace

std::string submission_name(const std::string& adapter, const std::string& key) {
    auto name = adapter + ":" + key;
    return name.size() > longest_name ? sha256(name).hex() : name;
}

outbound::outbound(const workshop& w, legacy_outbox& outbox)
    : w_(w),
      outbox_(outbox),
      accepted_(count_of(w.metrics, "outcome=\"accepted\"")),
      refused_(count_of(w.metrics, "outcome=\"refused\"")),
      later_(count_of(w.metrics, "outcome=\"later\"")) {}

void outbound::legacy_failed(const error& e) {
    const auto text = explain(about_legacy(e), language::english);
    if (w_.legacy.fails(text)) spdlog::warn("the legacy system's outbox: {}", printable(text, longest_in_log));
}

/// Whether the legacy system is there; its back-off follows.
bool outbound::answered(const result<void>& r) {
    if (r || !is_retryable(r.error())) {
        faults_ = 0;
        legacy_pause_.worked();
        if (w_.legacy.works()) spdlog::info("the legacy system's outbox answers");
        return true;
    }
    legacy_failed(r.error());
    legacy_pause_.failed(w_.clock.now());
    return false;
}

/// In order, and as often as it takes: what is not noted as told is told again.
bool outbound::tell() {
    if (legacy_pause_.rests(w_.clock.now())) return false;
    std::vector<std::int64_t> done;
    const auto due = w_.journal.due_reports(batch);
    for (const auto& d : due) {
        const auto told = guarded([&] { return outbox_.report(d.report); });
        if (!answered(told)) break;
        if (told)
            done.push_back(d.id);
        else
            set_report_aside(d, told.error());
    }
    w_.journal.told(done);
    return !due.empty() && !legacy_pause_.rests(w_.clock.now());
}

void outbound::set_report_aside(const due_report& d, const error& e) {
    const auto why = explain(e, language::english);
    spdlog::error("the legacy system does not take a report about {}: {}", printable(d.report.key, longest_in_log),
                  printable(why, longest_in_log));
    w_.journal.set_report_aside(d.id, why);
}

/// What cannot be read now is passed over: others go on.
void outbound::pass_over(const waiting_item& item, const error& e) {
    item_pauses_.failed(item.key, w_.clock.now());
    later_.add();
    if (e.code != errc::cannot_sign) legacy_failed(error(e.code, item.label + ": " + e.what));
}

/// Once for each refusal, however often it is met: the journal and the metrics count.
void outbound::log_refusal(const std::string& key, const std::string& label, std::string_view code,
                           const std::string& why) {
    if (logged_.size() >= most_logged) logged_.clear();
    auto& last = logged_[key];
    if (last == why) return;
    last = why;
    spdlog::warn("{} ({}) is refused: {}: {}", printable(key, longest_in_log), printable(label, longest_in_log), code,
                 printable(why, longest_in_log));
}

/// One item into the journal: ready, or in quarantine. False: it could not be read now.
bool outbound::take_in_one(const waiting_item& item) {
    if (item_pauses_.rests(item.key, w_.clock.now())) return false;
    auto loaded = guarded([&] { return outbox_.load(item.key); });
    if (!loaded && is_retryable(loaded.error())) {
        pass_over(item, loaded.error());
        if (++faults_ >= most_faults) answered(fail(loaded.error()));
        return false;
    }
    answered({});
    auto ready = loaded ? w_.desk.prepare(std::move(*loaded)) : result<prepared>(fail(loaded.error()));
    if (ready) {
        w_.journal.add({item.key, item.label, submission_name(w_.name, item.key), std::move(ready->edxml),
                        ready->signed_on_behalf});
    } else if (is_retryable(ready.error())) {
        pass_over(item, ready.error());
        return false;
    } else {
        refused_.add();
        log_refusal(item.key, item.label, describe(ready.error().code).name, explain(ready.error(), language::english));
        w_.journal.refuse(item, std::string(describe(ready.error().code).name),
                          explain(ready.error(), language::vietnamese));
    }
    item_pauses_.worked(item.key);
    return true;
}

bool outbound::take_in_known(const waiting_item& item) {
    switch (w_.journal.look_up(item.key)) {
    case journal::knowledge::accepted:
        w_.journal.report_again(item.key);
        return false;
    case journal::knowledge::waits:
        return false;
    default:
        return take_in_one(item);
    }
}

/// Items that are finished but not reported are still in the list, as are those that cannot be read now: it is asked
/// for as many more. Those that never failed come first, so that however many of the others hold up nobody.
bool outbound::take_in() {
    const auto resting = [this] { return stopping_ || legacy_pause_.rests(w_.clock.now()); };
    if (resting() || w_.journal.ready_count() >= most_ready) return false;
    const auto unfinished = w_.journal.unfinished();
    looked_at_ = w_.clock.now();
    faults_ = 0;
    bool news = false;
    for (const auto& item : w_.journal.to_load(batch))
        if (!resting()) news |= take_in_one(item);
    if (resting()) return news;
    auto listed = guarded([&] { return outbox_.list(batch + unfinished + item_pauses_.size()); });
    if (!listed) {
        // Whatever it says, it is about the system: no item is concerned.
        answered(fail(about_legacy(listed.error())));
        return news;
    }
    answered({});
    const auto failing = std::stable_partition(listed->begin(), listed->end(),
                                               [this](const auto& item) { return !item_pauses_.knows(item.key); });
    for (auto item = listed->begin(); item != listed->end() && !resting(); ++item) {
        if (item == failing) faults_ = 0;
        news |= take_in_known(*item);
    }
    return news;
}

bool outbound::send() {
    if (!w_.exchange.is_connected()) {
        was_away_ = true;
        return false;
    }
    // Meanwhile people may have withdrawn, marked or corrected what was read before.
    if (std::exchange(was_away_, false) && w_.journal.forget_waiting(w_.clock.now() - freshness) > 0)
        return more_ = true;
    const auto items = w_.journal.ready(batch, batch_bytes);
    if (items.empty()) return false;
    w_.journal.set_off(items);
    std::vector<client::submission> all;
    for (const auto& i : items) all.push_back({i.name, i.content, i.signed_on_behalf});
    const auto answers = w_.exchange.submit(all, patience);
    std::vector<settlement> settlements;
    for (std::size_t n = 0; n < items.size() && n < answers.size(); ++n) {
        settlements.push_back(settlement_of(items[n], answers[n], w_.clock.now()));
        const auto& s = settlements.back();
        if (s.result == settlement::outcome::refused)
            log_refusal(items[n].key, items[n].label, answers[n].code, answers[n].why);
        (s.result == settlement::outcome::accepted  ? accepted_
         : s.result == settlement::outcome::refused ? refused_
                                                    : later_)
            .add();
    }
    w_.journal.settle(settlements);
    return true;
}

bool outbound::pass(bool look) {
    more_ = look && take_in();
    const bool told = tell();
    const bool sent = send();
    return more_ || told || sent;
}

/// Waits for news of the legacy system, but no longer than something of ours allows. Whether the list may have changed.
bool outbound::rest() {
    const auto now = w_.clock.now();
    auto at_most = w_.exchange.is_connected() ? longest_rest : look_for_exchange;
    const auto until = [&](timestamp t) {
        at_most = std::clamp(std::chrono::milliseconds(t - now), std::chrono::milliseconds(1), at_most);
    };
    const auto next = w_.journal.next_ready();
    if (next && w_.exchange.is_connected()) until(*next);
    if (legacy_pause_.rests(now)) {
        until(legacy_pause_.again());
        std::unique_lock lock(mutex_);
        bell_.wait_for(lock, at_most, [this] { return stopping_ || woken_; });
        return true;
    }
    const auto begun = std::chrono::steady_clock::now();
    outbox_.wait(at_most);
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
    if (!woken_ && (waited < at_most || at_most == longest_rest)) {
        own_pace_ = std::max(waited, least_pace);
        return true;
    }
    return w_.clock.now() - looked_at_ >= own_pace_;
}

void outbound::run() {
    bool look = true;
    while (!stopping_) {
        woken_ = false;
        const bool again = pass(look);
        look = more_;
        if (!again && !stopping_) look = rest();
    }
}

void outbound::wake() {
    {
        const std::scoped_lock lock(mutex_);
        woken_ = true;
    }
    bell_.notify_all();
    outbox_.interrupt();
}

void outbound::stop() {
    stopping_ = true;
    wake();
}

} // namespace truc::adapter
