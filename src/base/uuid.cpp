#include <truc/base/bytes.hpp>
#include <truc/base/uuid.hpp>

#include <openssl/rand.h>

#include <stdexcept>

namespace truc {

std::string uuid::str() const {
    std::string text = to_hex(view());
    for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
    return text;
}

std::optional<uuid> uuid::parse(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    std::string hex;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text[i] == '-')) return std::nullopt;
        if (!dash) hex += text[i];
    }
    const auto raw = from_hex(hex);
    if (!raw) return std::nullopt;
    return from_bytes(*raw);
}

std::optional<uuid> uuid::from_bytes(std::string_view raw) {
    uuid u;
    if (raw.size() != u.bytes.size()) return std::nullopt;
    std::copy(raw.begin(), raw.end(), reinterpret_cast<char*>(u.bytes.data()));
    return u;
}

uuid uuid::make(timestamp now) {
    uuid u;
    if (RAND_bytes(u.bytes.data() + 6, 10) != 1) throw std::runtime_error("the system gives no random bytes");
    const auto ms = static_cast<std::uint64_t>(to_millis(now));
    for (std::size_t i = 0; i < 6; ++i) u.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    u.bytes[6] = static_cast<std::uint8_t>((u.bytes[6] & 0x0f) | 0x70);
    u.bytes[8] = static_cast<std::uint8_t>((u.bytes[8] & 0x3f) | 0x80);
    return u;
}

} // namespace truc
