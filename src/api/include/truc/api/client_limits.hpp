#pragma once
#include <truc/base/metrics.hpp>
#include <truc/base/result.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace truc::api {

/// How much one client may ask of the HTTP entrances (REST and the axis façade): requests a second, with bursts, and
/// requests under way at once. Clients that have been quiet are forgotten, so memory is bounded by those that ask now.
/// Thread-safe; outlives its tickets.
class client_limits {
  public:
    struct options {
        double per_second = 5'000;
        double burst = 10'000;       ///< at least 1
        std::size_t at_once = 1'024; ///< long polls that wait count as well
        std::function<std::chrono::steady_clock::time_point()> now = &std::chrono::steady_clock::now;
    };
    explicit client_limits(options o, metrics_registry* metrics = nullptr);
    ~client_limits();
    client_limits(const client_limits&) = delete;

    /// Held while the request is under way.
    class ticket {
      public:
        ticket() = default;
        ticket(ticket&&) noexcept;
        ticket& operator=(ticket&&) noexcept;
        ~ticket();

      private:
        friend class client_limits;
        ticket(client_limits& of, std::string client);
        client_limits* of_ = nullptr;
        std::string client_;
    };
    struct refusal {
        error why;                        ///< rate_limited
        std::chrono::seconds retry_after; ///< at least 1
    };
    tl::expected<ticket, refusal> admit(const std::string& client);

    std::size_t clients() const; ///< that are remembered

  private:
    struct state;
    void leave(const std::string& client);
    std::unique_ptr<state> state_;
};

} // namespace truc::api
