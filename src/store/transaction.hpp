#pragma once
/// The writer's transaction as a work item sees it.

#include "feed_book.hpp"
#include "ledger_book.hpp"

#include <truc/store/store.hpp>

#include <array>

namespace truc::store {

/// What the books count while it happens.
enum class tally : std::size_t { taken_in, handed_over, rejected, refused, from_neighbours, resent, count_ };
constexpr std::array<const char*, static_cast<std::size_t>(tally::count_)> tally_names = {
    "taken_in", "handed_over", "rejected", "refused", "from_neighbours", "resent"};

/// How many events of each name, for the metrics.
constexpr std::size_t event_names = static_cast<std::size_t>(event_name::legal_release) + 1;
using event_counts = std::array<std::uint32_t, event_names>;

using standing_in = std::function<bool(const std::string& earlier, const std::string& today)>;
inline bool is_of_line(const standing_in* stands_for, const std::string& earlier, const std::string& today) {
    return earlier == today || (stands_for && *stands_for && (*stands_for)(earlier, today));
}

using tally_counts = std::array<std::int64_t, static_cast<std::size_t>(tally::count_)>;

struct transaction {
    connection& db;
    ledger_book& book;
    feed_book& feeds;
    const next_hop& way; ///< may be empty
    commit_notice notice;
    tally_counts counts{};
    bool keeps_events = false; ///< somebody takes note of them
    recorded_events events{};
    event_counts happened{};

    const standing_in* stands_for = nullptr; ///< null or empty: agencies stand for themselves only

    /// Whether what the one sent then is the other's to act on today.
    bool is_of_line(const std::string& earlier, const std::string& today) const {
        return truc::store::is_of_line(stands_for, earlier, today);
    }
    void count(tally t, std::int64_t n = 1) { counts[static_cast<std::size_t>(t)] += n; }

    /// Appends an event, and puts it into the feed of each reader. Gives its leaf.
    std::uint64_t record(ledger::event e, std::optional<std::int64_t> dispatch, std::optional<std::int64_t> delivery,
                         const std::vector<std::string>& readers);

    /// A savepoint in memory, beside the one in the database.
    struct mark {
        ledger::frontier book;
        std::int64_t feeds;
        tally_counts counts;
        std::size_t inboxes, readers, queued, withheld;
        event_counts happened;
        std::size_t events;
    };
    mark here() const;
    void back_to(const mark& m);

    /// Events of one dispatch follow each other.
    struct known_trace {
        std::int64_t dispatch = 0;
        std::string traceparent;
    };
    known_trace last_trace{};

  private:
    void take_note(ledger::event e, std::optional<std::int64_t> dispatch);
    const std::string& trace_of(std::int64_t dispatch);
};

} // namespace truc::store
