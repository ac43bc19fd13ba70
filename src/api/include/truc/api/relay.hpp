#pragma once
#include <truc/api/neighbours.hpp>
#include <truc/base/alarms.hpp>
#include <truc/deliver/forwarder.hpp>
#include <truc/deliver/waiting_room.hpp>
#include <truc/intake/transit.hpp>
#include <truc/net/listener.hpp>
#include <truc/store/store.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace truc::api {

/// A neighbour as configured. Without a host it is not dialled: it dials us.
struct relay_neighbour {
    std::string name;
    std::string host;
    std::uint16_t port = 0;
};

/// The directory sections that this node knows, as sessions with neighbours see them. Thread-safe.
class section_keeper {
  public:
    virtual ~section_keeper() = default;

    using versions_by_node = std::map<std::string, std::uint64_t>;
    virtual versions_by_node versions() const = 0;
    /// What somebody with these versions lacks, in the order in which it can be taken. Reads the store: on the pool.
    virtual std::vector<store::kept_section> newer_than(const versions_by_node& theirs) const = 0;

    struct taken {
        std::string node;
        std::uint64_t version = 0;
        bool fresh = false; ///< false: it was known
    };
    /// Checks a section that a neighbour sent (hostile) and keeps it; it is in force when `done` is called, once, from
    /// any thread. Takes CPU: on the pool. A refusal raises the alarm. Errors: those of directory::read_section and
    /// section_book::judge; temporary ones of the store.
    virtual void take(const std::string& neighbour, std::string text, std::function<void(result<taken>)> done) = 0;
    /// A neighbour has told which versions it knows. May wait for a commit: on the pool.
    virtual void heard(const versions_by_node&) {}
};

class relay_core;

/// The sessions with this node's neighbours: legs and evidence in both directions, announcements, directory sections.
/// Translates between AMQP and transit, forwarder and store, and decides nothing itself.
///
/// Protocol: on the one connection of a pair, which either side may have dialled, each side opens a sender to `relay`
/// (legs), a sender to `neighbour` (announcements, sections) and a receiver from `receipts` (evidence). Only nodes of
/// the exchange's authority that are configured as neighbours are served.
///
/// Memory a session: 4 MiB of legs that arrive, legs of 64 MiB under way (their larger contents are mapped files), and
/// sections. Lifecycle: made, `start`, `stop`; everything in the options outlives it. Threads: as said at each member.
class relay final : public net::connection_handler, public neighbourhood {
  public:
    struct options {
        std::string node;
        std::vector<relay_neighbour> neighbours;
        net::io_loop* loop = nullptr;
        net::work_pool* pool = nullptr;
        const net::tls_holder* tls = nullptr; ///< of connections that we dial
        store::store* store = nullptr;
        intake::transit* transit = nullptr;
        deliver::forwarder* forwarder = nullptr;
        deliver::waiting_room* waiting = nullptr;
        section_keeper* sections = nullptr;
        alarm_board* alarms = nullptr;
        metrics_registry* metrics = nullptr;
        std::shared_ptr<const trust::certificate_store> exchange; ///< vouches for nodes
        const truc::clock* clock = &system_clock();
        std::chrono::milliseconds announce_every{30'000};
    };
    explicit relay(options o);
    ~relay() override; ///< stop(0)

    /// Begins to dial. Listeners may serve before.
    void start();
    /// Dials no more, lets sessions that were dialled finish what is under way for at most `grace`, then ends them.
    /// Those that a listener accepted are ended by the listener's stop. Not on a thread of the loop. Idempotent.
    void stop(std::chrono::milliseconds grace);

    /// An accepted connection, until it is over. On its strand.
    net::awaitable<void> serve(std::shared_ptr<net::connection> peer) override;

    /// There are new directory sections: neighbours that lack them get them. Any thread.
    void sections_changed();

    std::vector<neighbour_view> neighbours() const override;
    void ping(const std::string& name, ping_completion done) override;

  private:
    std::shared_ptr<relay_core> core_;
};

} // namespace truc::api
