#pragma once
#include "network.hpp"

#include <truc/trust/tls_context.hpp>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace truc::bench {

/// Connections that keep a node busy without saying anything of use: a quarter each connect and are silent; begin the
/// TLS handshake and do not go on; send a byte a second after it; send what is not TLS. They go to the HTTP and the
/// AMQP port in turn. What the node closes is opened again a second later. Driven by a thread of its own.
class bad_peers {
  public:
    bad_peers(const network& n, std::shared_ptr<const trust::tls_context> tls, std::size_t count);
    ~bad_peers();

    /// How many are connected.
    std::size_t connected() const { return connected_; }

  private:
    class peer;
    void run();

    std::vector<std::unique_ptr<peer>> peers_;
    std::atomic<std::size_t> connected_{0};
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

} // namespace truc::bench
