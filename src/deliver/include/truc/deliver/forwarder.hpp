#pragma once
#include <truc/base/alarms.hpp>
#include <truc/deliver/link.hpp>
#include <truc/directory/directory.hpp>
#include <truc/store/store.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace truc::deliver {

/// The neighbour that a delivery for this recipient goes to by this directory; empty when it is at home here, or no way
/// is known.
std::string neighbour_towards(const directory::directory& d, std::string_view self, std::string_view recipient,
                              timestamp now);

/// Whether a neighbour is offered anything. One that can take nothing at all (no space, not ready) opens the circuit:
/// it is left in peace for a while, longer each time, then one leg probes, and what it answers closes the circuit or
/// opens it again.
enum class circuit : std::uint8_t { closed, backing_off, probing };
std::string_view to_string(circuit c); ///< closed, backing_off, probing

/// How a lane stands, for administrators.
struct lane_view {
    std::string neighbour;
    bool connected = false;
    std::size_t waiting = 0; ///< deliveries known to the lane; `more` says that others wait on disk
    /// Of these by class what could be offered; what waits for its own time is not among them.
    std::array<std::size_t, lane_classes> waiting_by_class{};
    bool more = false;
    std::size_t under_way = 0; ///< legs that are offered and not answered
    std::size_t limit = 0;     ///< of these: grows while the neighbour accepts, is halved when it cannot keep up
    circuit state = circuit::closed;
    unsigned failures = 0; ///< in a row, that opened the circuit
    std::string last_failure;
    std::optional<timestamp> next_at; ///< while the circuit is open: when one leg probes
};

/// Carries deliveries towards their recipients' home nodes: per neighbour a lane with classes (lane_class.hpp), a
/// window in memory, its own stretch of the disk, and a pace and a circuit of its own, so that a dead neighbour costs
/// the others nothing, whatever waits for it. The directory decides: a delivery that waits in another lane than the
/// directory of now leads to is moved before it is offered. Legs are offered again until the neighbour has committed
/// them (custody rules 2 to 5); what it refuses for good is held, which its sender and the alarm leg_rejected tell.
/// Deadlines end what is still in custody here, after a warning, and ask again about what was passed on. A delivery in
/// doubt (offered, and no answer came; or queued already when this process started, which may have offered it before)
/// is never expired nor moved: first its neighbour has to say that it did not take it.
///
/// Threads: notice(), withhold(), connect(), disconnect(), directory_changed() and lanes() from any thread and without
/// waiting for the disk; run() by one thread at a time. It has no clock, thread or randomness of its own, so that a
/// simulation can drive it.
class forwarder {
  public:
    struct options {
        store::store* store = nullptr;
        std::string node;
        const truc::clock* clock = &system_clock();
        alarm_board* alarms = nullptr;
        std::function<std::shared_ptr<const directory::directory>()> directory;
        /// The home node's checks, for a delivery whose recipient's home came here while it waited: consign, or
        /// undeliverable for a reason. Error: temporary, asked again later.
        std::function<result<store::home_finding>(const store::outgoing_leg&)> judge_at_home;
        /// Called from any thread when run() has something to do before the time it named. It must only post, and is
        /// not called any more once the destructor returned.
        std::function<void()> wake;
        std::uint64_t seed = 0;              ///< of the jitter
        metrics_registry* metrics = nullptr; ///< must outlive the forwarder
        /// The version of a node's directory section in force here, told to the neighbour with each leg (custody rule
        /// 8); 0 if none is known.
        std::function<std::uint64_t(std::string_view node)> section_version;
        std::size_t window = 2000; ///< deliveries a lane keeps in memory of each class; what is beyond waits on disk
    };
    explicit forwarder(options o);
    ~forwarder();

    /// What a commit brought. Called on the store's writer thread.
    void notice(const std::vector<store::queued_delivery>& queued);
    /// These were queued and are held from now on. Called on the store's writer thread.
    void withhold(const std::vector<std::int64_t>& rows);
    /// The way to a neighbour is open. Whatever was under way on an earlier link of that neighbour is lost.
    void connect(const std::string& neighbour, std::shared_ptr<link> way);
    /// Only if this link is still the neighbour's.
    void disconnect(const std::string& neighbour, const std::shared_ptr<link>& way, std::string why);
    /// The neighbour can take more legs again.
    void room(const std::string& neighbour);
    void directory_changed();
    /// Tries every lane, or one, at once.
    void retry(std::optional<std::string> neighbour);
    /// The neighbour has lost what came after its last copy: all that was passed on to it and has no end yet is asked
    /// about. What it still has changes nothing there, the rest it takes anew.
    void ask_again(const std::string& neighbour);
    /// While the clocks differ too much nothing is expired (custody rule 9).
    void hold_expiry(bool hold);

    /// Does what is due. Returns when it wants to be called again, at the latest; nullopt: when woken.
    std::optional<timestamp> run();

    std::vector<lane_view> lanes() const;

  private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace truc::deliver
