#include "reading_only.hpp"

namespace truc::broker {

net::awaitable<http::response> reading_only::handle(http::request& r) {
    const auto& head = r.head();
    const bool reads = head.verb == http::method::get || head.verb == http::method::head;
    if (!reads) co_return all_.refuse(error(errc::not_ready, "the node is not running"), &head);
    co_return co_await all_.handle(r);
}

} // namespace truc::broker
