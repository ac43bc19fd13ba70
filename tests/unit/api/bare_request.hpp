#pragma once
#include <truc/http/request.hpp>

namespace truc::api {

/// A request without a body and without a connection.
class bare_request final : public http::request {
  public:
    bare_request(net::asio::any_io_executor executor, http::request_head head)
        : executor_(std::move(executor)), head_(std::move(head)) {}
    const http::request_head& head() const override { return head_; }
    const net::peer_info& peer() const override { return peer_; }
    net::asio::any_io_executor executor() const override { return executor_; }
    void limit_body(std::uint64_t) override {}
    net::awaitable<result<std::string_view>> read() override { co_return std::string_view(); }
    std::shared_ptr<net::wakeup> bell() override { return nullptr; }
    bool abandoned() const override { return false; }

  private:
    net::asio::any_io_executor executor_;
    http::request_head head_;
    net::peer_info peer_;
};

} // namespace truc::api
