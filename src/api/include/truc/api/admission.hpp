#pragma once
#include <truc/net/async.hpp>

#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace truc::api {

/// What all who submit share: whose turn it is to be examined and, over AMQP, how much may be under way.
///
/// Turns go round the clients of all entrances, so that one with much to say holds up nobody by more than one piece of
/// work. Credit keeps one AMQP link within its bounds; here are the bounds of a client with many links, and of all.
/// Lifecycle: outlives the pool's work. Thread-safe.
class admission {
  public:
    static constexpr std::size_t window = 64; ///< messages under way on one link
    static constexpr std::size_t messages_per_client = 128;
    static constexpr std::size_t messages_in_all = 2048; ///< of up to 64 KiB in memory each; the rest lies in files
    static constexpr std::size_t bytes_in_all = std::size_t{64} << 20; ///< not written to a file yet

    /// `turns`: documents that are examined at the same time.
    admission(net::work_pool& pool, std::size_t turns) : pool_(pool), turns_(turns) {}

    /// A message begins; false: there is no room for it. What begins has to end.
    bool begin(const std::string& client);
    void end(const std::string& client);

    /// More or less is in memory. True: there is so much that everybody has to slow down.
    bool hold(std::size_t before, std::size_t after);

    /// Runs it on the pool when it is this client's turn. It must not throw.
    void take_turn(const std::string& client, std::function<void()> examine);

  private:
    void next();

    net::work_pool& pool_;
    const std::size_t turns_;
    std::mutex mutex_; ///< for what follows
    std::map<std::string, std::size_t> under_way_;
    std::size_t all_under_way_ = 0;
    std::size_t bytes_ = 0;
    std::map<std::string, std::deque<std::function<void()>>> waiting_; ///< none is empty
    std::deque<std::string> order_;                                    ///< of those who wait
    std::size_t examining_ = 0;
};

} // namespace truc::api
