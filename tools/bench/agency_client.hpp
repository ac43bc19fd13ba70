#pragma once
#include "network.hpp"

#include <truc/client/http_client.hpp>

#include <chrono>

namespace truc::bench {

/// An agency's system over HTTP that does one thing after the other and waits for each answer. Throws failure when an
/// answer is not the expected one.
class agency_client {
  public:
    agency_client(const network& n, const bench_agency& a);

    /// What the node says, and when its answer was there.
    struct told {
        std::chrono::steady_clock::time_point at;
        std::string delivery; ///< to the only recipient
    };
    /// Returns when the document is accepted.
    told submit(std::string_view document);
    /// Waits for the next document.
    told await_document();
    std::string content(const std::string& delivery);
    void acknowledge(const std::string& delivery);
    /// Whether the node's directory has it.
    bool knows_agency(const std::string& code);

    /// The next request makes a new connection.
    void disconnect() { http_.disconnect(); }

  private:
    client::http_client http_;
};

} // namespace truc::bench
