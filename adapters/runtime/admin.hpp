#pragma once
#include "condition.hpp"
#include "configuration.hpp"
#include "journal.hpp"

#include <truc/base/metrics.hpp>

#include <functional>
#include <memory>

namespace truc::adapter {

/// What people may look at and, at the socket, touch. Everything outlives the observation but the configuration, which
/// is copied.
struct observed {
    configuration config;
    adapter::journal& journal;
    adapter::exchange& exchange;
    condition& outbox;
    condition& inbox;
    const signing_desk& desk;
    const truc::clock& clock;
    metrics_registry& metrics;
    std::function<void()> retried; ///< something left quarantine
};

/// The two doors for people: the administrators' socket (GET /v1/adapter, GET /v1/items, POST /v1/items/retry), and
/// where it is configured a listener for monitoring (/healthz, /readyz, /metrics). Runs a thread of its own.
class observation {
  public:
    /// Listens. Throws std::system_error: a start-up failure.
    explicit observation(observed what);
    ~observation();

  private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace truc::adapter
