#pragma once
/// What the law asks about documents, read from the rows: how the deliveries that this node has to watch have gone, and
/// what became of them day by day. Readers; any thread. They cost what they look at: a page, or a day.

#include <truc/model/legal_clock.hpp>
#include <truc/store/store.hpp>

#include <array>
#include <string>
#include <vector>

namespace truc::store {

/// How far one delivery of a document has come, as far as this node knows.
struct delivery_history {
    std::int64_t seq = 0;
    std::string sender;
    std::string recipient;
    std::string document_id;
    signature_outcome signature{};
    bool sent_here = false; ///< submitted at this node, which therefore watches it to the end
    bool home_here = false; ///< it came into its recipient's inbox here
    delivery_life life;     ///< the statuses are those that came to the sender; of another node's those sent from here
};

/// Where reading goes on.
struct history_cursor {
    timestamp time = timestamp(milliseconds(INT64_MIN / 2)); ///< deadline, or end
    std::int64_t seq = 0;
};
struct history_page {
    std::vector<delivery_history> rows; ///< those that are documents' and watched here
    history_cursor next;
    bool last = true;
};

/// Deliveries in this state (queued, relayed or consigned), oldest deadline first; `max` rows are looked at.
history_page read_open_histories(const store& s, delivery_state state, const history_cursor& after, std::size_t max);
/// Deliveries that were handed over at or after `since`, oldest first; of a first page `after` says nothing.
history_page read_handed_over(const store& s, timestamp since, const history_cursor& after, std::size_t max);

/// One agency's line of a report.
struct report_line {
    std::string agency;
    std::uint64_t sent = 0;                                           ///< documents
    std::uint64_t signed_ = 0;                                        ///< of these, with a valid XML signature
    std::uint64_t recipients = 0;                                     ///< deliveries of these
    std::array<std::uint64_t, legal_clocks_all.size()> out_of_time{}; ///< of these deliveries, by clock
    std::uint64_t received = 0;   ///< deliveries to it that came into its inbox here
    std::uint64_t unanswered = 0; ///< of these: without any status by the end of the day
};

struct report_period {
    timestamp since, until; ///< of acceptance at this node: since <= t < until
    std::string agency;     ///< empty: all
};

/// By agency. What was out of time at `now` stays so, whatever came later.
std::vector<report_line> read_report(const store& s, const report_period& p, const clock_rules& rules, timestamp now);

} // namespace truc::store
