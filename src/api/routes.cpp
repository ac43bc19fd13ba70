#include "routes.hpp"

#include <algorithm>
#include <array>

namespace truc::api {

namespace {

constexpr std::string_view reading = "GET, HEAD, OPTIONS";
constexpr std::string_view writing = "POST, OPTIONS";
constexpr std::string_view both = "GET, HEAD, POST, OPTIONS";

constexpr std::string_view replacing = "PUT, OPTIONS";

constexpr std::string_view any = "*"; ///< segment

struct place {
    std::array<std::string_view, 3> path; ///< behind the last segment nothing
    std::string_view allowed;
};

// schemas/openapi.yaml describes the same; a test compares them.
constexpr place places[] = {
    {{"documents"}, both},
    {{"documents", any}, reading},
    {{"documents", any, "content"}, reading},
    {{"documents", any, "trace"}, reading},
    {{"documents", any, "receipts"}, reading},
    {{"check"}, writing},
    {{"inbox"}, reading},
    {{"inbox", any, "content"}, reading},
    {{"inbox", any, "ack"}, writing},
    {{"receipts"}, reading},
    {{"receipts", any}, reading},
    {{"agencies"}, reading},
    {{"agencies", any}, reading},
    {{"gateway", "agencies"}, replacing},
    {{"ledger", "head"}, reading},
    {{"ledger", "proof"}, reading},
    {{"ledger", "consistency"}, reading},
};

bool is_at(const place& p, const std::vector<std::string>& path) {
    if (path.size() > p.path.size()) return false;
    for (std::size_t i = 0; i < p.path.size(); ++i) {
        const auto segment = i < path.size() ? std::string_view(path[i]) : std::string_view();
        if (p.path[i] != segment && (p.path[i] != any || segment.empty())) return false;
    }
    return true;
}

std::string_view name_of(http::method verb) {
    switch (verb) {
    case http::method::get:
        return "GET";
    case http::method::head:
        return "HEAD";
    case http::method::post:
        return "POST";
    case http::method::put:
        return "PUT";
    case http::method::options:
        return "OPTIONS";
    default:
        return {};
    }
}

} // namespace

std::string_view allowed_at(const std::vector<std::string>& path) {
    const auto* found =
        std::find_if(std::begin(places), std::end(places), [&](const place& p) { return is_at(p, path); });
    return found == std::end(places) ? std::string_view() : found->allowed;
}

bool allows(std::string_view allowed, http::method verb) {
    const auto name = name_of(verb);
    return !name.empty() && allowed.find(name) != std::string_view::npos;
}

} // namespace truc::api
