#pragma once
#include "figures.hpp"
#include "network.hpp"

#include <truc/client/http_client.hpp>

namespace truc::bench {

/// An administrator's questions over the admin socket of a node, on one connection that is kept.
class admin_desk {
  public:
    explicit admin_desk(const network& n);

    struct answer {
        std::string body;
        std::chrono::nanoseconds took; ///< from the question to the last byte
    };
    /// Throws failure when the answer is not 200.
    answer ask(const std::string& target);

  private:
    client::http_client http_;
};

/// How long one question takes, in milliseconds.
figure time_question(admin_desk& desk, const std::string& name, const std::string& target);
/// The same of one question about each of these ids, asked one after the other: `<name>_p50` and `<name>_p99`. `before`
/// and `after` stand around the id.
std::vector<figure> time_questions(admin_desk& desk, const std::string& name, const std::vector<std::string>& ids,
                                   const std::string& before, const std::string& after);

/// 10000000 is 10M, 20000 is 20k: what figures are called by.
std::string in_short(std::size_t count);

} // namespace truc::bench
