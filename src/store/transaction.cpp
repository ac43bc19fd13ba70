#include "transaction.hpp"

namespace truc::store {

std::uint64_t transaction::record(ledger::event e, std::optional<std::int64_t> dispatch,
                                  std::optional<std::int64_t> delivery, const std::vector<std::string>& readers) {
    const auto reader = readers.empty() ? std::string_view() : std::string_view(readers.front());
    const auto leaf = book.append(std::move(e), {dispatch, delivery, reader});
    for (const auto& r : readers) {
        feeds.append_leaf(r, leaf);
        notice.feeds.push_back(r);
    }
    return leaf;
}

transaction::mark transaction::here() const {
    return {book.here(),          feeds.here(),          counts, notice.inboxes.size(), notice.feeds.size(),
            notice.queued.size(), notice.withheld.size()};
}

void transaction::back_to(const mark& m) {
    book.back_to(m.book);
    feeds.back_to(m.feeds);
    counts = m.counts;
    notice.inboxes.resize(m.inboxes);
    notice.feeds.resize(m.readers);
    notice.queued.resize(m.queued);
    notice.withheld.resize(m.withheld);
}

} // namespace truc::store
