#pragma once
#include "conversation.hpp"

#include <truc/base/durable.hpp>
#include <truc/trust/tls_context.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace truc::bench {

using steady_time = std::chrono::steady_clock::time_point;

/// A keep-alive TLS connection to the node that carries a conversation. Used by load alone.
class connection {
  public:
    /// Connects and shakes hands, blocking; afterwards the socket does not block. Throws failure.
    connection(std::uint16_t port, const trust::tls_context& tls, std::unique_ptr<conversation> talk);

    int fd() const { return socket_.fd(); }
    /// Sends and receives what it can without waiting. `on_unit` is told how long each completed unit's last exchange
    /// took.
    void advance(const std::function<void(std::chrono::nanoseconds)>& on_unit);
    /// Says nothing new from now on.
    void finish() { finishing_ = true; }
    bool idle() const { return !waiting_; }
    bool wants_to_write() const { return blocked_; }

  private:
    struct ssl_free {
        void operator()(SSL* s) const { SSL_free(s); }
    };
    bool begin();
    void send();
    bool receive();
    bool take_answer(const std::function<void(std::chrono::nanoseconds)>& on_unit);

    file_handle socket_;
    std::unique_ptr<SSL, ssl_free> ssl_; // freed before the socket is closed
    std::unique_ptr<conversation> talk_;
    std::string_view unsent_;
    std::string input_;
    steady_time begun_;
    bool waiting_ = false; ///< for an answer
    bool blocked_ = false; ///< the kernel takes no more bytes just now
    bool finishing_ = false;
};

/// What was seen in a run.
struct observation {
    std::vector<std::chrono::nanoseconds> completed; ///< of each unit, since the start, in order
    std::vector<std::chrono::nanoseconds> took;      ///< of each unit
    std::chrono::nanoseconds length{};               ///< until the first connection had nothing more to say
};

/// One thread that drives all connections.
class load {
  public:
    void add(connection c) { connections_.push_back(std::make_unique<connection>(std::move(c))); }
    /// Until the time is over or a connection has nothing more to say; then what is under way is finished. Once.
    /// Throws failure.
    observation run(std::chrono::nanoseconds time);

  private:
    bool all_idle() const;
    bool one_idle() const;
    void advance_ready(int events, const std::function<void(std::chrono::nanoseconds)>& on_unit);

    std::vector<std::unique_ptr<connection>> connections_;
};

} // namespace truc::bench
