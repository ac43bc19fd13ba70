#include "claims.hpp"

#include <fmt/format.h>

namespace truc::directory {

bool claims::take(const part& content, std::string_view node) {
    bool all = true;
    for_each_key(content, [&](std::string key) {
        const auto [entry, fresh] = owners_.emplace(std::move(key), node);
        const bool got = fresh || entry->second == node;
        all = all && got;
        return got;
    });
    return all;
}

void claims::take_codes(const part& content, std::string_view node) {
    for (const auto* a : content.agencies) owners_.emplace(key(code, a->code.str()), node);
}

void claims::release(const part& content, std::string_view node) {
    for_each_key(content, [&](const std::string& key) {
        const auto found = owners_.find(key);
        if (found != owners_.end() && found->second == node) owners_.erase(found);
        return true;
    });
}

std::string_view claims::owner_of(kind k, std::string_view name) const {
    const auto found = owners_.find(key(k, name));
    return found == owners_.end() ? std::string_view() : found->second;
}

std::string claims::describe(const std::string& key) {
    const auto name = std::string_view(key).substr(1);
    switch (key.front()) {
    case code:
        return fmt::format("the code {}", name);
    case client_id:
        return fmt::format("the id {}", name);
    default:
        return fmt::format("the certificate {}", to_hex(name));
    }
}

} // namespace truc::directory
