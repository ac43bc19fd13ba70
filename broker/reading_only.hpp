#pragma once
#include <truc/http/server.hpp>

namespace truc::broker {

/// What administrators may ask of a node that does not run: everything that only reads. Changes are answered not_ready.
class reading_only final : public http::application {
  public:
    /// `all` outlives it.
    explicit reading_only(http::application& all) : all_(all) {}

    net::awaitable<http::response> handle(http::request& r) override;
    http::response refuse(const error& e, const http::request_head* head) override { return all_.refuse(e, head); }

  private:
    http::application& all_;
};

} // namespace truc::broker
