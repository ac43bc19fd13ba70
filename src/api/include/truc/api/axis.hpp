#pragma once
#include <truc/api/services.hpp>
#include <truc/directory/secret_book.hpp>
#include <truc/http/server.hpp>

#include <memory>
#include <string>

namespace truc::api {

/// The entrance of systems that use the SDK of the national axis, unchanged: `POST <prefix>/<operation>`, parameters in
/// signed headers (docs/clients.md). Everything it can say to such a system is said with status 200 and the object that
/// the SDK reads; ErrorCode is that of the catalogue, so that only what is temporary invites it to try again.
///
/// Lifecycle: made, outlives its listener and the pool's work. Thread-safe.
class axis_facade final : public http::application {
  public:
    /// `prefix`: of the path, e.g. "/vxp".
    axis_facade(const services& s, std::string prefix);
    ~axis_facade() override;

    /// The secrets that are good from now on; null: none, and nobody gets in. Any thread.
    void use_secrets(std::shared_ptr<const directory::secret_book> book);

    net::awaitable<http::response> handle(http::request& r) override;
    http::response refuse(const error& e, const http::request_head* head) override;

  private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

/// For the server in front of it. Parameters travel as headers, and twice, signed and plain: a document for a thousand
/// recipients needs 40 KiB of them. Strangers can make the node hold 64 × 256 KiB so, and twice that once it is parsed.
http::server_options axis_server_options();

} // namespace truc::api
