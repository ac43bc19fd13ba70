#include "strangers.hpp"

#include <truc/base/log.hpp>
#include <truc/base/seldom.hpp>
#include <truc/trust/certificate_store.hpp>
#include <truc/trust/mention.hpp>

namespace truc::api {

void mention_stranger(const net::peer_info& peer, std::string_view door) {
    static seldom said;
    const auto held_back = peer.certificate ? said.may_say(peer.certificate->hex()) : std::nullopt;
    const auto certificate = held_back ? trust::parse_certificate(peer.certificate_der) : nullptr;
    if (!certificate) return;
    spdlog::warn("{} is good, but no client in the directory has it: {} is refused at {}; register it by \"truc client "
                 "add\" or \"truc client rotate\"{}",
                 trust::mention(certificate.get()), peer.address, door,
                 *held_back ? fmt::format(" ({} times more since this was said last)", *held_back) : "");
}

} // namespace truc::api
