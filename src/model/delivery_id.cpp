#include <truc/base/bytes.hpp>
#include <truc/model/delivery_id.hpp>

namespace truc {

uuid delivery_id_of(const uuid& dispatch, std::string_view recipient, unsigned resend) {
    constexpr std::size_t moment = 6; // bytes of a UUIDv7 that hold its time
    auto key = std::string("delivery:").append(dispatch.view()).append(recipient);
    if (resend > 0) key.append(":").append(std::to_string(resend)); // no code holds a colon
    const auto digest = sha256(key);
    uuid id = dispatch;
    std::copy_n(digest.bytes.begin(), id.bytes.size() - moment, id.bytes.begin() + moment);
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x70);
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
    return id;
}

} // namespace truc
