#include <truc/base/bytes.hpp>

#include <openssl/evp.h>

#include <new>

namespace truc {

namespace {

const EVP_MD* sha256_algorithm() {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
    return algorithm;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

constexpr std::uint8_t not_base64 = 0xff;
constexpr std::uint8_t white_space = 0xfe;
constexpr std::uint8_t padding = 0xfd;

constexpr std::array<std::uint8_t, 256> make_base64_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(not_base64);
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    for (char c : {' ', '\t', '\r', '\n'}) values[static_cast<unsigned char>(c)] = white_space;
    values['='] = padding;
    return values;
}

constexpr auto base64_values = make_base64_values();

} // namespace

std::string sha256_digest::hex() const { return to_hex(view()); }

std::optional<sha256_digest> sha256_digest::from_hex(std::string_view hex) {
    const auto raw = truc::from_hex(hex);
    if (!raw) return std::nullopt;
    return from_bytes(*raw);
}

std::optional<sha256_digest> sha256_digest::from_bytes(std::string_view raw) {
    sha256_digest d;
    if (raw.size() != d.bytes.size()) return std::nullopt;
    std::copy(raw.begin(), raw.end(), reinterpret_cast<char*>(d.bytes.data()));
    return d;
}

void sha256_hasher::context_free::operator()(void* ctx) const { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(ctx)); }

sha256_hasher::sha256_hasher() : ctx_(EVP_MD_CTX_new()) {
    if (!ctx_ || EVP_DigestInit_ex2(static_cast<EVP_MD_CTX*>(ctx_.get()), sha256_algorithm(), nullptr) != 1)
        throw std::bad_alloc();
}
sha256_hasher::~sha256_hasher() = default;
sha256_hasher::sha256_hasher(sha256_hasher&&) noexcept = default;
sha256_hasher& sha256_hasher::operator=(sha256_hasher&&) noexcept = default;

void sha256_hasher::update(std::string_view bytes) {
    EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(ctx_.get()), bytes.data(), bytes.size());
}

sha256_digest sha256_hasher::finish() {
    sha256_digest d;
    auto* ctx = static_cast<EVP_MD_CTX*>(ctx_.get());
    EVP_DigestFinal_ex(ctx, d.bytes.data(), nullptr);
    EVP_DigestInit_ex2(ctx, nullptr, nullptr);
    return d;
}

sha256_digest sha256_hasher::so_far() const {
    sha256_hasher copy;
    if (EVP_MD_CTX_copy_ex(static_cast<EVP_MD_CTX*>(copy.ctx_.get()), static_cast<EVP_MD_CTX*>(ctx_.get())) != 1)
        throw std::bad_alloc();
    return copy.finish();
}

sha256_digest sha256(std::string_view bytes) {
    thread_local sha256_hasher hasher;
    hasher.update(bytes);
    return hasher.finish();
}

std::string to_hex(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    hex.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto b = static_cast<unsigned char>(c);
        hex += digits[b >> 4];
        hex += digits[b & 15];
    }
    return hex;
}

std::optional<std::string> from_hex(std::string_view hex) {
    if (hex.size() % 2) return std::nullopt;
    std::string raw;
    raw.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = hex_value(hex[i]);
        const int low = hex_value(hex[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        raw += static_cast<char>(high << 4 | low);
    }
    return raw;
}

std::string to_base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(n));
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    base64_decoder decoder;
    std::string out;
    out.reserve(text.size() / 4 * 3);
    if (!decoder.feed(text, out) || !decoder.finish()) return std::nullopt;
    return out;
}

bool base64_decoder::feed(std::string_view text, std::string& out) {
    while (!text.empty()) {
        if (count_ == 0 && !padded_) text.remove_prefix(whole_groups(text, out));
        if (text.empty()) break;
        if (dead_ || !take(text.front(), out)) return !(dead_ = true);
        text.remove_prefix(1);
    }
    return !dead_;
}

/// The straight road: groups of four plain characters. Stops in front of anything else and gives the number of
/// characters used.
std::size_t base64_decoder::whole_groups(std::string_view text, std::string& out) {
    const auto value = [text](std::size_t at) { return base64_values[static_cast<unsigned char>(text[at])]; };
    char block[3 * 256];
    std::size_t used = 0, filled = 0;
    for (; used + 4 <= text.size(); used += 4) {
        const std::uint8_t a = value(used), b = value(used + 1), c = value(used + 2), d = value(used + 3);
        if ((a | b | c | d) > 63) break;
        block[filled++] = static_cast<char>(a << 2 | b >> 4);
        block[filled++] = static_cast<char>(b << 4 | c >> 2);
        block[filled++] = static_cast<char>(c << 6 | d);
        if (filled < sizeof block) continue;
        out.append(block, filled);
        filled = 0;
    }
    out.append(block, filled);
    return used;
}

/// One character, wherever in its group it stands.
bool base64_decoder::take(char c, std::string& out) {
    const auto value = base64_values[static_cast<unsigned char>(c)];
    if (value == white_space) return true;
    if (value == padding) return pad(out);
    if (value == not_base64 || padded_) return false; // nothing but white space may follow padding
    group_ = group_ << 6 | value;
    if (++count_ < 4) return true;
    const char bytes[] = {static_cast<char>(group_ >> 16), static_cast<char>(group_ >> 8), static_cast<char>(group_)};
    out.append(bytes, 3);
    group_ = 0, count_ = 0;
    return true;
}

bool base64_decoder::pad(std::string& out) {
    if (padded_) {
        // The second '=' of "xx==".
        if (count_ != 3) return false;
        count_ = 0;
        return true;
    }
    if (count_ == 2) {
        if (group_ & 0xf) return false; // bits that no encoder writes
        out += static_cast<char>(group_ >> 4);
        count_ = 3;
    } else if (count_ == 3) {
        if (group_ & 0x3) return false;
        out += static_cast<char>(group_ >> 10);
        out += static_cast<char>(group_ >> 2);
        count_ = 0;
    } else {
        return false;
    }
    padded_ = true;
    return true;
}

} // namespace truc
