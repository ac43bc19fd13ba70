#pragma once
#include <truc/net/async.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace truc::api {

/// What all clients share: whose turn it is to be examined and, over AMQP, how much may be under way.
///
/// Turns go round the clients of all entrances, so that one with much to say holds up nobody by more than one piece of
/// work. Over AMQP credit keeps one link within its bounds; here are those of a client, who gets no more by having many
/// connections and links, and of all together.
/// Lifecycle: outlives the pool's work. Thread-safe.
class admission {
  public:
    static constexpr std::size_t connections_per_client = 1024;
    static constexpr std::size_t window = 64; ///< messages under way on one link for submission
    static constexpr std::size_t messages_per_client = 128;
    static constexpr std::size_t messages_in_all = 2048; ///< of up to 64 KiB in memory each; the rest lies in files
    static constexpr std::size_t bytes_in_all = std::size_t{64} << 20; ///< not written to a file yet
    // What was sent from inboxes and is not settled:
    static constexpr std::size_t lent_per_client = 1024;
    static constexpr std::size_t lent_bytes_per_client = std::size_t{64} << 20;
    static constexpr std::size_t lent_bytes_in_all = std::size_t{512} << 20;

    /// `turns`: documents that are examined at the same time.
    admission(net::work_pool& pool, std::size_t turns) : pool_(pool), turns_(turns) {}

    /// A connection of this client opens; false: it has too many. What opens has to close.
    bool open_connection(const std::string& client);
    void close_connection(const std::string& client);

    /// A link for submission opens. How many messages may be under way on each of the client's links from now on.
    std::size_t open_link(const std::string& client);
    void close_link(const std::string& client);
    std::size_t window_of(const std::string& client) const;

    /// A message begins; false: there is no room for it. What begins has to end. Nobody may have more under way than
    /// is left for all others, so that there is always something left.
    bool begin(const std::string& client);
    void end(const std::string& client);

    /// Something is to be sent from an inbox; false: not now, since too much was sent that is not settled. Each client
    /// may always have one. What is lent has to be given back.
    bool lend(const std::string& client, std::uint64_t bytes);
    void give_back(const std::string& client, std::uint64_t bytes);

    /// More or less is in memory. True: there is so much that everybody has to slow down.
    bool hold(std::size_t before, std::size_t after);

    /// Runs it on the pool when it is this client's turn. It must not throw.
    void take_turn(const std::string& client, std::function<void()> examine);

  private:
    struct account {
        std::size_t connections = 0;
        std::size_t links = 0;
        std::size_t messages = 0;
        std::size_t lent = 0;
        std::uint64_t lent_bytes = 0;

        bool operator==(const account&) const = default;
    };
    using accounts = std::map<std::string, account>;
    void next();
    accounts::iterator account_of(const std::string& client) { return accounts_.try_emplace(client).first; }
    void forget(accounts::iterator at);

    net::work_pool& pool_;
    const std::size_t turns_;
    mutable std::mutex mutex_; ///< for what follows
    accounts accounts_;        ///< of those who have anything
    std::size_t all_messages_ = 0;
    std::size_t bytes_ = 0;
    std::uint64_t all_lent_bytes_ = 0;
    std::map<std::string, std::deque<std::function<void()>>> waiting_; ///< none is empty
    std::deque<std::string> order_;                                    ///< of those who wait
    std::size_t examining_ = 0;
};

} // namespace truc::api
