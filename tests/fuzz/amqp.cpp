// A peer that has shown a certificate and then writes anything at all. The input follows what opens the connection and
// one session; the engine behind has its assertions on.
#include "amqp_handler.hpp"
#include "amqp_peer.hpp"

#include <cstdint>

namespace {

constexpr char greeting[] = "AMQP\x03\x01\x00\x00"
                            "\x00\x00\x00\x20\x02\x01\x00\x00\x00\x53\x41\xd0\x00\x00\x00\x10\x00\x00\x00\x02"
                            "\xa3\x08"
                            "EXTERNAL\xa0\x00";

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 100'000) return 0;
    std::string input(greeting, sizeof greeting - 1);
    input.append(reinterpret_cast<const char*>(data), size);
    truc::fuzz::serve(input, {}, true,
                      [](truc::amqp::session& s) { return std::make_unique<truc::fuzz::answering>(s); });
    return 0;
}
