#pragma once
#include "channel.hpp"
#include "response_parser.hpp"

#include <memory>
#include <optional>
#include <string>

namespace truc::client {

/// Requests and answers over one channel, one after another.
class conversation {
  public:
    conversation(channel c, const server_address& where, const http_options& options);

    /// Writes the request and reads its answer.
    result<http_response> exchange(const http_request& request);
    /// Whether another request may follow.
    bool is_open();
    /// Whether anything of the last answer arrived: then it must not be asked again.
    bool answered() const { return answered_; }

  private:
    std::string head_of(const http_request& request) const;
    result<void> write_request(const http_request& request);
    result<bool> may_send_body();
    result<http_response> read_answer(const http_request& request);
    result<std::size_t> find_head();
    result<void> read_body(response_parser& parser, const http_request& request);
    result<void> take(http_response& response, std::string_view piece, const http_request& request) const;
    result<std::size_t> fill();
    std::string_view input() const { return {buffer_.get() + begin_, end_ - begin_}; }

    channel channel_;
    const server_address& where_;
    const http_options& options_;
    deadline until_;
    std::unique_ptr<char[]> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::string out_; ///< kept for its capacity
    bool answered_ = false;
    bool open_ = true;
};

} // namespace truc::client
