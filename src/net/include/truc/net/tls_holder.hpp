#pragma once
#include <truc/trust/tls_context.hpp>

#include <atomic>
#include <memory>

namespace truc::net {

/// The TLS settings in force. A reload replaces them for the handshakes to come; connections keep what they began with.
/// Thread-safe.
class tls_holder {
  public:
    explicit tls_holder(std::shared_ptr<const trust::tls_context> first) : current_(std::move(first)) {}

    std::shared_ptr<const trust::tls_context> get() const { return current_.load(); }
    void set(std::shared_ptr<const trust::tls_context> next) { current_.store(std::move(next)); }

  private:
    std::atomic<std::shared_ptr<const trust::tls_context>> current_;
};

} // namespace truc::net
