#pragma once
#include <truc/base/result.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace truc::http {

/// A body of multipart/form-data (RFC 7578; RFC 2046, section 5.1) as it arrives: the content of the one part of a
/// given name is handed out, everything else is skipped. Holds a delimiter's length of content, and of each part's
/// header at most 8 KiB; at most 64 parts. One thread at a time.
class multipart_reader {
  public:
    /// Gets the part's content in pieces that are valid during the call; its error ends the reading.
    using taker = std::function<result<void>(std::string_view)>;

    /// `content_type`: the field of the request. Error: bad_request (it is no form-data, or names no boundary).
    static result<multipart_reader> make(std::string_view content_type, std::string part);

    /// Errors: bad_request (a malformed part; the wanted one comes twice), those of `take`.
    result<void> feed(std::string_view piece, const taker& take);
    /// Error: bad_request (the body is cut off, or has no such part).
    result<void> finish() const;

  private:
    enum class state : std::uint8_t { content, delimiter_end, header, epilogue };
    multipart_reader(std::string_view boundary, std::string part);

    result<bool> step(const taker& take);
    result<bool> read_content(const taker& take);
    result<bool> read_delimiter_end();
    result<bool> read_header();
    result<void> pass(std::size_t length, const taker& take);

    std::string delimiter_; ///< CR LF -- boundary
    std::string part_;
    std::string pending_; ///< what arrived and is not decided yet
    state state_ = state::content;
    bool wanted_ = false; ///< the part that is being read; the preamble is not
    bool found_ = false;
    unsigned parts_ = 0;
};

} // namespace truc::http
