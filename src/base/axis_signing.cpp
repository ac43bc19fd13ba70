#include <truc/base/axis_signing.hpp>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <iterator>
#include <new>

namespace truc {

sha256_digest hmac_sha256(std::string_view key, std::string_view text) {
    sha256_digest mac;
    unsigned size = 0;
    if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
              reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.bytes.data(), &size))
        throw std::bad_alloc();
    return mac;
}

std::string hex_of_sdk(const sha256_digest& digest) {
    std::string out;
    for (const auto byte : digest.bytes) fmt::format_to(std::back_inserter(out), "{:x}", byte);
    return out;
}

std::string to_axis_time(timestamp t) {
    constexpr milliseconds vietnam_offset = std::chrono::hours(7);
    const auto local = t + vietnam_offset;
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(local - day);
    return fmt::format("{:02}{:02}{:04}T{:02}{:02}{:02}+{:04}", static_cast<unsigned>(date.day()),
                       static_cast<unsigned>(date.month()), static_cast<int>(date.year()), time.hours().count(),
                       time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

} // namespace truc
