#include "transaction.hpp"

namespace truc::store {

std::uint64_t transaction::record(ledger::event e, std::optional<std::int64_t> dispatch,
                                  std::optional<std::int64_t> delivery, const std::vector<std::string>& readers) {
    const auto reader = readers.empty() ? std::string_view() : std::string_view(readers.front());
    const auto leaf = book.append(e, {dispatch, delivery, reader});
    for (const auto& r : readers) {
        feeds.append_leaf(r, leaf);
        notice.feeds.push_back(r);
    }
    take_note(std::move(e), dispatch);
    return leaf;
}

void transaction::take_note(ledger::event e, std::optional<std::int64_t> dispatch) {
    ++happened.at(static_cast<std::size_t>(e.name));
    if (keeps_events) events.push_back({std::move(e), dispatch ? trace_of(*dispatch) : std::string()});
}

const std::string& transaction::trace_of(std::int64_t dispatch) {
    if (last_trace.dispatch == dispatch) return last_trace.traceparent;
    auto q = db.prepare("SELECT traceparent FROM dispatch WHERE seq = ?");
    q.bind(dispatch);
    last_trace = {dispatch, q.step() ? std::string(q.text(0)) : std::string()};
    return last_trace.traceparent;
}

transaction::mark transaction::here() const {
    return {book.here(),          feeds.here(),           counts,   notice.inboxes.size(), notice.feeds.size(),
            notice.queued.size(), notice.withheld.size(), happened, events.size()};
}

void transaction::back_to(const mark& m) {
    book.back_to(m.book);
    feeds.back_to(m.feeds);
    counts = m.counts;
    notice.inboxes.resize(m.inboxes);
    notice.feeds.resize(m.readers);
    notice.queued.resize(m.queued);
    notice.withheld.resize(m.withheld);
    happened = m.happened;
    events.resize(m.events);
    last_trace = {}; // of a row that may be gone, and whose number the next one gets
}

} // namespace truc::store
