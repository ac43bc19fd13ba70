#define OPENSSL_SUPPRESS_DEPRECATED // replacing the generator has no other form that is this short
#include "dice.hpp"

#include <openssl/rand.h>

#include <mutex>

namespace truc::simulation {

namespace {

std::mutex mutex;
dice generator{0};

int draw(unsigned char* bytes, int count) {
    const std::scoped_lock lock(mutex);
    for (int i = 0; i < count; ++i) bytes[i] = static_cast<unsigned char>(generator.next() >> 56);
    return 1;
}

int ready() { return 1; }

const RAND_METHOD method{nullptr, draw, nullptr, nullptr, draw, ready};

} // namespace

void seed_openssl(std::uint64_t seed) {
    const std::scoped_lock lock(mutex);
    generator = dice(seed);
    RAND_set_rand_method(&method);
}

} // namespace truc::simulation
