#pragma once
#include "input_buffer.hpp"
#include "request_parser.hpp"

#include <truc/http/server.hpp>

namespace truc::http {

/// One connection from its first request to its last. Lives in the coroutine that runs it, on the connection's strand.
class session : private request {
  public:
    session(const server& owner, std::shared_ptr<net::connection> peer);
    ~session() override;

    awaitable<void> run();

  private:
    enum class arrival : std::uint8_t { request, nothing, refused };
    enum class outcome : std::uint8_t {
        keep_alive,
        close,
        linger ///< the peer may still be sending
    };

    awaitable<arrival> receive_head();
    awaitable<bool> await_first_byte();
    std::optional<arrival> examine_head();
    std::optional<arrival> lengthen_head(std::size_t size);
    void shorten_head();
    void give_back_long_head();
    arrival refuse(error why);

    awaitable<outcome> answer_request();
    awaitable<outcome> answer_refused();
    awaitable<response> ask_application();
    awaitable<void> begin_body();
    awaitable<void> fill();
    error over_limit() const;

    awaitable<bool> send(const response& r, bool keep_alive);
    awaitable<bool> send_stream(const response& r, net::pace& pace);
    awaitable<bool> write_all(std::string_view bytes, net::pace& pace);

    void begin_request();
    void end_watching();
    void watch_peer();
    void abandon();

    const request_head& head() const override { return parser_->head(); }
    const net::peer_info& peer() const override { return connection_->peer(); }
    net::asio::any_io_executor executor() const override { return connection_->executor(); }
    void limit_body(std::uint64_t bytes) override { body_limit_ = bytes; }
    awaitable<result<std::string_view>> read() override;
    std::shared_ptr<net::wakeup> bell() override;
    bool abandoned() const override { return abandoned_ || connection_->draining(); }

    const server& server_;
    std::shared_ptr<net::connection> connection_;
    input_buffer input_;
    std::optional<request_parser> parser_;
    std::optional<error> refusal_; ///< of the head, below the application
    std::size_t searched_ = 0;     ///< bytes of the head that hold no end
    bool long_head_ = false;       ///< one of those that the server lends

    net::pace upload_pace_;
    std::uint64_t body_limit_ = 0;
    std::uint64_t body_size_ = 0;
    std::size_t taken_ = 0; ///< bytes of the input that the last piece occupies
    std::optional<error> body_failure_;
    bool reading_body_ = false;
    bool last_request_ = false;

    std::shared_ptr<net::wakeup> bell_;
    bool abandoned_ = false;
};

} // namespace truc::http
