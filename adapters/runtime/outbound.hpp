#pragma once
#include "back_off.hpp"
#include "condition.hpp"
#include "exchange.hpp"
#include "journal.hpp"
#include "legacy_system.hpp"
#include "signing_desk.hpp"

#include <truc/base/metrics.hpp>

#include <atomic>
#include <condition_variable>

namespace truc::adapter {

/// What the two directions work with. Everything outlives them.
struct workshop {
    std::string name; ///< of the adapter
    adapter::journal& journal;
    adapter::exchange& exchange;
    const signing_desk& desk;
    condition& legacy; ///< of the side concerned
    const truc::clock& clock;
    metrics_registry& metrics;
};

/// From the legacy system into the exchange: what waits is read once, signed once, journalled, and sent until the
/// exchange has said yes or no; and the legacy system is told, what the evidence says too.
///
/// Threads: run() or pass() by one, the only one that touches the outbox; the rest from any.
class outbound {
  public:
    static constexpr std::size_t batch = 64;                          ///< under way to the exchange at once
    static constexpr std::size_t batch_bytes = std::size_t{64} << 20; ///< of them, unless one alone is larger
    static constexpr std::size_t most_ready =
        1024; ///< journalled and not accepted; beyond that the outbox keeps the rest
    static constexpr std::chrono::seconds patience{30};

    outbound(const workshop& w, legacy_outbox& outbox);

    /// Until stop(). Throws what the journal throws.
    void run();
    /// All that can be done now; `look`: asks for the list too. Whether to come again at once.
    bool pass(bool look = true);

    void wake(); ///< there may be something in the journal
    void stop();

  private:
    bool tell();
    void set_report_aside(const due_report& d, const error& e);
    bool take_in();
    bool take_in_known(const waiting_item& item);
    bool take_in_one(const waiting_item& item);
    void pass_over(const waiting_item& item, const error& e);
    void log_refusal(const std::string& key, const std::string& label, std::string_view code, const std::string& why);
    bool send();
    bool rest();
    bool answered(const result<void>& r);
    void legacy_failed(const error& e);

    workshop w_;
    legacy_outbox& outbox_;
    back_off legacy_pause_;
    back_offs item_pauses_;
    std::unordered_map<std::string, std::string> logged_; ///< by key: the refusal that stands in the log
    timestamp looked_at_;
    /// How long the outbox waits when nothing disturbs it: so often the list is asked though something does.
    std::chrono::milliseconds own_pace_{1'000};
    bool was_away_ = true; ///< the exchange; or we began only now
    bool more_ = false;    ///< the list may hold what was not taken in yet
    unsigned faults_ = 0;  ///< of the legacy system in a row, in this pass
    counter& accepted_;
    counter& refused_;
    counter& later_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> woken_{false};
    std::mutex mutex_;
    std::condition_variable bell_;
};

/// What the exchange calls an item: the name comes back with the evidence, and has at most 255 bytes.
std::string submission_name(const std::string& adapter, const std::string& key);

} // namespace truc::adapter
