#pragma once
/// The adapter's durable memory: what passed in each direction, what is under way, what lies in quarantine, and what
/// the legacy system still has to be told. One file of SQLite, each member one transaction that is on the disk when it
/// returns. Rows of finished items stay, for they are how a second time is known; their bytes go.

#include "exchange.hpp"
#include "legacy_system.hpp"

#include <truc/store/sqlite.hpp>

#include <functional>
#include <map>
#include <mutex>

namespace truc::adapter {

enum class direction : std::uint8_t { outgoing = 0, incoming = 1 };
enum class item_state : std::uint8_t { under_way = 0, done = 1, quarantined = 2 };

/// What is sent, byte for byte, as often as it takes.
struct new_submission {
    std::string key;
    std::string label;
    std::string name; ///< by which the exchange knows it
    std::string content;
    bool signed_on_behalf = false;
};

struct ready_item {
    std::int64_t id = 0;
    std::string key;
    std::string label;
    std::string name;
    std::string content;
    bool signed_on_behalf = false;
    unsigned attempts = 0;
    bool bound = false; ///< the exchange may have it
};

/// What became of a ready item.
struct settlement {
    enum class outcome { accepted, refused, later };
    std::int64_t id = 0;
    outcome result{};
    std::string code; ///< of refused and later
    std::string text;
    timestamp again; ///< of later
};

struct due_report {
    std::int64_t id = 0;
    outgoing_report report;
};

/// For those who look.
struct item_row {
    std::int64_t id = 0;
    adapter::direction way{};
    std::string key; ///< incoming: the delivery id
    std::string label;
    item_state state{};
    bool own = false;      ///< a status that the adapter made itself
    std::string reference; ///< outgoing: Truc's id; incoming: what the legacy system calls it
    std::string code;
    std::string text;
    unsigned attempts = 0;
    timestamp since;
    timestamp changed_at;
};

struct item_query {
    std::optional<adapter::direction> way;
    std::optional<item_state> state;
    std::int64_t after = 0;
    std::size_t max = 100;
};

struct journal_counts {
    /// By direction and item_state.
    std::uint64_t items[2][3] = {};
    std::uint64_t reports_due = 0;
    std::uint64_t reports_set_aside = 0;
};

/// Thread-safe. Throws store::sqlite_error when the disk fails: nobody can go on then, and what was not committed is
/// done again after the restart.
class journal {
  public:
    /// Called around each commit; a test throws there as if the machine had died.
    using step_hook = std::function<void(std::string_view where)>;

    /// Opens or makes the file, readable by its owner alone. Throws std::runtime_error too when a newer program wrote
    /// it.
    journal(const std::filesystem::path& file, const clock& c, step_hook hook = {});

    // --- outgoing
    enum class knowledge {
        nothing,  ///< never seen
        waits,    ///< ready to be sent, or its report is due: nothing to do
        accepted, ///< sent for good
        corrected ///< was refused, its people know, and it waits again
    };
    knowledge look_up(const std::string& key) const;
    /// Items that are not finished or about which the legacy system does not know yet: they may still be in its list.
    std::size_t unfinished() const;
    std::size_t ready_count() const; ///< whose bytes are held
    /// Quarantined ones that somebody wants to have loaded again.
    std::vector<waiting_item> to_load(std::size_t max) const;
    void add(const new_submission& s);
    /// Into quarantine, and a report is due.
    void refuse(const waiting_item& item, const std::string& code, const std::string& text);
    /// The legacy system has forgotten: its report is due once more.
    void report_again(const std::string& key);
    /// Oldest first; at most so many and, but for the first, so many bytes.
    std::vector<ready_item> ready(std::size_t max, std::size_t bytes) const;
    /// When the next one is to be sent; nothing: none waits.
    std::optional<timestamp> next_ready() const;
    /// From now on the exchange may have them: these bytes go, whatever the legacy system shows.
    void set_off(const std::vector<ready_item>& all);
    /// What waits since then and was never on its way: the legacy system says anew whether it is to go, and what.
    /// How many there were.
    std::size_t forget_waiting(timestamp journalled_before);
    void settle(const std::vector<settlement>& all);

    // --- what the legacy system is told, in order
    std::vector<due_report> due_reports(std::size_t max) const;
    void told(const std::vector<std::int64_t>& ids);
    /// The legacy system does not take it: it stays, for people to look at.
    void set_report_aside(std::int64_t id, const std::string& why);
    std::string cursor(const std::string& agency) const;
    void keep(const std::vector<fact>& facts);

    // --- incoming
    struct arrival {
        item_state state{};
        bool first = false; ///< never tried before
        std::string text;   ///< of quarantined: why
    };
    /// From now on an attempt may have got through.
    arrival begin(const client::inbox_delivery& d);
    /// `status`: what the adapter reports by itself, under way from the same moment.
    void delivered(const uuid& delivery, const std::string& reference, const std::optional<new_submission>& status);
    void quarantine(const uuid& delivery, const std::string& code, const std::string& text);

    // --- people
    std::vector<item_row> items(const item_query& q) const;
    journal_counts counts() const;
    journal_counts open_counts() const; ///< without what is done and without reports: quick, however old the journal
    std::optional<timestamp> oldest() const; ///< of what is under way
    /// Out of quarantine: by key or delivery id, or all of them. How many there were.
    std::size_t retry(const std::string& key);
    std::size_t retry_all();

  private:
    class transaction;
    std::size_t retry_where(std::string_view key);
    void insert(const new_submission& s, bool own);
    void add_report(const outgoing_report& r);
    void count_refusal(const std::string& key);
    void keep_one(const fact& f);
    void put_accepted(std::int64_t id, const ledger::event& e);
    void remember_ends(outgoing_report::stage stage, const ledger::event& e);
    void add_known_ends(std::int64_t id, const std::string& key);
    void settle_one(const settlement& s);

    const clock& clock_;
    step_hook hook_;
    mutable std::mutex mutex_; ///< for the connection
    mutable store::connection db_;
};

std::string_view to_string(direction d);
/// As the interfaces call it: an outgoing item is waiting, accepted or quarantined; an incoming one waiting, delivered
/// or quarantined.
std::string_view to_string(direction d, item_state s);

} // namespace truc::adapter
