// A peer that has yet to say who it is, and writes anything at all. Whoever gets in must have shown a certificate and
// said EXTERNAL, or must have been found good by the check of passwords.
#include "amqp_handler.hpp"
#include "amqp_peer.hpp"

#include <boost/asio/post.hpp>

#include <cstdint>

namespace {

using namespace truc;

/// What the check of passwords was asked, and said.
struct account {
    bool certificate = false;
    bool good = false;
    std::string user;
    int asked = 0;
};

class doorkeeper final : public fuzz::answering {
  public:
    doorkeeper(amqp::session& s, const account& a) : answering(s), account_(a) {}

    void opened(const amqp::peer_open& peer) override {
        const bool external = peer.mechanism == "EXTERNAL" && account_.certificate && peer.user.empty();
        const bool plain = peer.mechanism == "PLAIN" && account_.good && peer.user == account_.user;
        if (!external && !plain) std::abort();
        answering::opened(peer);
    }

  private:
    const account& account_;
};

/// The password says what becomes of it.
amqp::password_check checking(account& a) {
    return [&a](std::string user, std::string password, const std::function<void(amqp::login)>& answer) {
        if (++a.asked > 1 || user.empty() || password.empty()) std::abort();
        a.user = std::move(user);
        a.good = password.starts_with('g');
        answer(a.good ? amqp::login::good : password.starts_with('u') ? amqp::login::unknown : amqp::login::bad);
    };
}

} // namespace

/// The first byte says what the server offers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1 || size > 100'000) return 0;
    account a;
    a.certificate = (data[0] & 1) != 0;
    amqp::session_options options;
    if ((data[0] & 2) != 0) options.plain = checking(a);
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    fuzz::serve(input, options, a.certificate, [&a](amqp::session& s) { return std::make_unique<doorkeeper>(s, a); });
    return 0;
}
