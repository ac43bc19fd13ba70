#include "documentation.hpp"

#include <fmt/format.h>

#include <documentation_pages.hpp>

namespace truc::api {

namespace {

/// Nothing is loaded from anywhere and nothing runs, whatever the text holds.
std::string policy() {
    return fmt::format(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        generated::docs_style_hash);
}

http::response page(const http::request_head& head) {
    http::response whole(200, "text/html; charset=utf-8", std::string(generated::docs_page));
    whole.add("Content-Security-Policy", policy());
    whole.add("X-Content-Type-Options", "nosniff");
    whole.add("Referrer-Policy", "no-referrer");
    return http::unless_known(head, std::string(generated::docs_tag), std::move(whole));
}

http::response description(const http::request_head& head) {
    // RFC 9512
    http::response whole(200, "application/yaml", std::string(generated::description));
    return http::unless_known(head, std::string(generated::description_tag), std::move(whole));
}

} // namespace

std::optional<http::response> documentation(const http::request_head& head, const truc::clock& clock) {
    const auto& path = head.path;
    const bool docs = path.size() == 1 && path[0] == "docs";
    const bool yaml = path.size() == 2 && path[0] == "v1" && path[1] == "openapi.yaml";
    if (!docs && !yaml) return std::nullopt;
    if (head.verb != http::method::get && head.verb != http::method::head)
        return wrong_method(head, clock, "GET, HEAD");
    return docs ? page(head) : description(head);
}

} // namespace truc::api
