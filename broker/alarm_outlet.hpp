#pragma once
#include "configuration.hpp"

#include <truc/base/alarms.hpp>
#include <truc/base/metrics.hpp>
#include <truc/base/result.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace truc::broker {

/// One way by which people hear of alarms. One thread at a time.
class alarm_outlet {
  public:
    virtual ~alarm_outlet() = default;
    virtual std::string name() const = 0; ///< a stable word
    /// Blocks, within the limit it was made with; gives up early where it can once `stopping` is true. The error says
    /// nothing secret: the address of a webhook may be a password.
    virtual result<void> tell(const alarm_news& n, const std::atomic<bool>& stopping) = 0;
};

/// RFC 3164 into a Unix datagram socket, as syslog(3) writes it: facility daemon, err for raised, notice for cleared.
std::unique_ptr<alarm_outlet> make_syslog_outlet(const std::filesystem::path& socket);
/// POST of a JSON object; any 2xx will do, and no redirection is followed. Throws std::runtime_error when the authority
/// for https cannot be used.
std::unique_ptr<alarm_outlet> make_webhook_outlet(const alarm_ways& ways, const std::string& node);
/// Runs a program with the alarm in its environment (TRUC_ALARM_KIND, _SUBJECT, _TEXT, _STATE, TRUC_NODE), never by a
/// shell; one that takes too long is killed with all its children.
std::unique_ptr<alarm_outlet> make_command_outlet(const alarm_ways& ways, const std::string& node);

/// An outlet with its thread and the news that wait for it, so that a dead outlet holds up neither the node nor the
/// other outlets. What cannot be told is tried again, less and less often, a few times; when too much waits the oldest
/// goes. Thread-safe.
class outlet_queue {
  public:
    outlet_queue(std::unique_ptr<alarm_outlet> outlet, metrics_registry& metrics);
    ~outlet_queue(); ///< what still waits is not told

    /// Never waits.
    void post(const alarm_news& n);

  private:
    void run();
    void tell(const alarm_news& n);
    bool pause(std::chrono::seconds time);

    static constexpr std::size_t most_waiting = 1'000;
    static constexpr int most_attempts = 8;
    static constexpr std::chrono::seconds first_pause{1};
    static constexpr std::chrono::seconds longest_pause{60};

    const std::unique_ptr<alarm_outlet> outlet_;
    counter& told_;
    counter& failed_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_; ///< for what follows
    std::condition_variable news_;
    std::deque<alarm_news> waiting_;
    std::thread thread_;
};

/// Those that the configuration asks for.
std::vector<std::unique_ptr<outlet_queue>> make_outlets(const configuration& c, metrics_registry& metrics);

} // namespace truc::broker
