#pragma once
/// Digests and text forms of bytes. Everything here is a pure function, or a value used by one thread at a time.

#include <truc/base/result.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace truc {

/// A SHA-256 value. Compares as bytes; hex() is lower case, as in receipts and in the REST interface.
struct sha256_digest {
    std::array<std::uint8_t, 32> bytes{};

    auto operator<=>(const sha256_digest&) const = default;
    std::string hex() const;
    std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
    static std::optional<sha256_digest> from_hex(std::string_view hex);
    static std::optional<sha256_digest> from_bytes(std::string_view raw);
};

/// SHA-256 over pieces. The algorithm is fetched from OpenSSL once per process (late fetches are slow in 3.0).
class sha256_hasher {
  public:
    sha256_hasher();
    ~sha256_hasher();
    sha256_hasher(sha256_hasher&&) noexcept;
    sha256_hasher& operator=(sha256_hasher&&) noexcept;

    void update(std::string_view bytes);
    /// Ends the computation; the hasher can be used anew afterwards.
    sha256_digest finish();
    /// Of what came until now; the computation goes on.
    sha256_digest so_far() const;

  private:
    struct context_free {
        void operator()(void* ctx) const;
    };
    std::unique_ptr<void, context_free> ctx_;
};

sha256_digest sha256(std::string_view bytes);

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view hex);

/// RFC 4648 base64 with padding, without line breaks.
std::string to_base64(std::string_view bytes);
/// Accepts white space between characters; refuses everything else that is not base64.
std::optional<std::string> from_base64(std::string_view text);

/// Decodes base64 piece by piece (RFC 4648, white space allowed anywhere). Used for attachments of tens of megabytes.
class base64_decoder {
  public:
    /// Appends the decoded bytes to `out`. False on a character that cannot stand there; the decoder is then dead.
    bool feed(std::string_view text, std::string& out);
    /// True when the text ended on a whole group.
    bool finish() const { return !dead_ && count_ == 0; }

  private:
    static std::size_t whole_groups(std::string_view text, std::string& out);
    bool take(char c, std::string& out);
    bool pad(std::string& out);

    std::uint32_t group_ = 0;
    int count_ = 0;
    bool padded_ = false;
    bool dead_ = false;
};

} // namespace truc

template <>
struct std::hash<truc::sha256_digest> {
    std::size_t operator()(const truc::sha256_digest& d) const noexcept {
        std::size_t h;
        static_assert(sizeof h <= sizeof d.bytes);
        __builtin_memcpy(&h, d.bytes.data(), sizeof h);
        return h;
    }
};
