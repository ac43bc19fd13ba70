#include "inbound.hpp"

#include "arrival_status.hpp"
#include "guarded.hpp"
#include "sentences.hpp"

#include <truc/base/log.hpp>
#include <truc/base/printable.hpp>

namespace truc::adapter {

namespace {

constexpr std::size_t longest_in_log = 200;
constexpr unsigned most_faults = 3; ///< as with the outbox: then the system is away
constexpr std::chrono::milliseconds longest_wait{10'000};

counter& count_of(metrics_registry& m, std::string_view labels) {
    return m.get_counter("truc_adapter_incoming_total", "Deliveries to the legacy system, by what became of them",
                         labels);
}

} // namespace

inbound::inbound(const workshop& w, const adapter_context& context, legacy_inbox& inbox, options o)
    : w_(w),
      context_(context),
      inbox_(inbox),
      options_(std::move(o)),
      delivered_(count_of(w.metrics, "outcome=\"delivered\"")),
      quarantined_(count_of(w.metrics, "outcome=\"quarantined\"")),
      later_(count_of(w.metrics, "outcome=\"later\"")) {}

/// The legacy system is away, or this one cannot be taken now: nothing is wrong with the delivery, so that the exchange
/// counts no attempt.
void inbound::later(const client::inbox_delivery& d, const error& e) {
    const auto now = w_.clock.now();
    const auto text = explain(about_legacy(e), language::english);
    if (w_.legacy.fails(text)) spdlog::warn("the legacy system's inbox: {}", printable(text, longest_in_log));
    later_.add();
    item_pauses_.failed(d.delivery_id.str(), now);
    if (++faults_ >= most_faults) legacy_pause_.failed(now);
    w_.exchange.release(d.delivery_id);
}

void inbound::never(const client::inbox_delivery& d, const error& e) {
    const auto text = explain(e, language::vietnamese);
    spdlog::warn("delivery {} is set aside: {}", d.delivery_id.str(),
                 printable(explain(e, language::english), longest_in_log));
    item_pauses_.worked(d.delivery_id.str());
    w_.journal.quarantine(d.delivery_id, std::string(describe(e.code).name), text);
    quarantined_.add();
    w_.exchange.set_aside(d.delivery_id, text);
}

void inbound::has_it(const client::inbox_delivery& d, const std::string& reference) {
    std::optional<new_submission> status;
    if (options_.report_arrival && d.kind == dispatch_kind::edoc) {
        auto made = guarded([&] { return result<new_submission>(arrival_status(d, context_, w_.desk)); });
        // It comes again, and the legacy system is asked whether it is there.
        if (!made) return later(d, made.error());
        status = std::move(*made);
    }
    item_pauses_.worked(d.delivery_id.str());
    w_.journal.delivered(d.delivery_id, reference, status);
    delivered_.add();
    w_.exchange.accept(d.delivery_id);
    if (status && options_.on_own_status) options_.on_own_status();
}

void inbound::try_one(const client::inbox_delivery& d, bool perhaps_there) {
    const incoming_item item{d.delivery_id, d.dispatch_id, d.kind,    d.document_id, d.from,
                             d.to,          d.priority,    d.content, perhaps_there};
    const auto reference = guarded([&] { return inbox_.deliver(item); });
    if (!reference && is_retryable(reference.error())) return later(d, reference.error());
    faults_ = 0;
    legacy_pause_.worked();
    if (w_.legacy.works()) spdlog::info("the legacy system's inbox answers");
    if (reference)
        has_it(d, *reference);
    else
        never(d, reference.error());
}

void inbound::take(const client::inbox_delivery& d) {
    const auto now = w_.clock.now();
    if (stopping_ || legacy_pause_.rests(now) || item_pauses_.rests(d.delivery_id.str(), now))
        return w_.exchange.release(d.delivery_id);
    const auto known = w_.journal.begin(d);
    switch (known.state) {
    case item_state::done:
        return w_.exchange.accept(d.delivery_id);
    case item_state::quarantined:
        return w_.exchange.set_aside(d.delivery_id, known.text);
    default:
        return try_one(d, !known.first);
    }
}

bool inbound::pass(std::chrono::milliseconds wait) {
    const auto all = w_.exchange.receive(batch, wait);
    for (const auto& d : all) take(d);
    return !all.empty();
}

void inbound::run() {
    while (!stopping_) {
        const auto now = w_.clock.now();
        if (!legacy_pause_.rests(now)) {
            pass(longest_wait);
            continue;
        }
        std::unique_lock lock(mutex_);
        bell_.wait_for(lock, legacy_pause_.again() - now, [this] { return stopping_.load(); });
    }
}

void inbound::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    bell_.notify_all();
}

} // namespace truc::adapter
