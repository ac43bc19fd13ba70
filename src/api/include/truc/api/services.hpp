#pragma once
#include <truc/api/admission.hpp>
#include <truc/api/client_limits.hpp>
#include <truc/api/neighbours.hpp>
#include <truc/api/node_mode.hpp>
#include <truc/base/alarms.hpp>
#include <truc/base/metrics.hpp>
#include <truc/deliver/forwarder.hpp>
#include <truc/deliver/inbox.hpp>
#include <truc/deliver/waiting_room.hpp>
#include <truc/intake/pipeline.hpp>
#include <truc/net/async.hpp>
#include <truc/store/store.hpp>

#include <functional>
#include <string>

namespace truc::api {

/// Where what clients identify themselves by stands, beside their certificates; empty: not at this node.
struct client_files {
    std::filesystem::path passwords;
    std::filesystem::path secrets;
    std::filesystem::path secrets_key;
};

/// What the entrances translate to. All of it is thread-safe and outlives them.
struct services {
    store::store& store;
    intake::pipeline& intake;
    deliver::inbox& inbox;
    deliver::waiting_room& waiting;
    net::work_pool& pool;
    metrics_registry& metrics;
    const truc::clock& clock;
    std::string node;
    /// The authorities of the exchange's nodes, for checking what the ledger holds.
    std::shared_ptr<const trust::certificate_store> exchange;
    /// Reads directory and certificates anew, as SIGHUP does.
    std::function<result<void>()> reload;
    /// The directory file; what administrators change is written there.
    std::filesystem::path directory_file;
    // Never null in a running node: what administrators ask for (alarms, lanes and why, node list and ping).
    alarm_board* alarms = nullptr;
    deliver::forwarder* forwarder = nullptr;
    neighbourhood* neighbours = nullptr;
    client_limits* limits = nullptr; ///< of the HTTP entrances
    admission* turns = nullptr;      ///< of clients on the pool, at all entrances; null: none are kept
    client_files clients;            ///< written by administrators' calls
    node_mode* mode = nullptr;       ///< what administrators have closed
};

} // namespace truc::api
