#pragma once
#include <truc/intake/reception.hpp>

namespace truc::api {

/// The file of a sendEdoc on its way into a reception. The SDK puts a CR LF behind the file that hash-file does not
/// cover; other systems do not. So the last two bytes are held back until the end tells which of the two is the file.
class axis_file {
  public:
    /// `hash`: SHA-256 in hex, of any case, also as the SDK writes it: without the leading zero of each byte.
    axis_file(std::string_view hash, intake::reception& into);

    /// Errors: those of reception::feed().
    result<void> feed(std::string_view piece);
    /// Error: hash_mismatch.
    result<void> finish();

  private:
    result<void> pass(std::string_view piece);
    bool is(const sha256_digest& digest) const;

    std::string hash_;
    intake::reception& into_;
    sha256_hasher hasher_; ///< of what was passed on
    std::string tail_;     ///< at most two bytes
};

} // namespace truc::api
