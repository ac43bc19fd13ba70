#pragma once
#include <truc/base/result.hpp>
#include <truc/net/connection.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace truc::http {

using net::awaitable;

enum class method : std::uint8_t { get, head, post, put, del, options, other };

struct field {
    std::string name;
    std::string value;
};

/// The request line and header fields, decoded. A value.
class request_head {
  public:
    method verb = method::other;
    std::string target;            ///< as it came
    std::vector<std::string> path; ///< percent-decoded segments: /v1/inbox → {"v1", "inbox"}; "/" → {}
    std::vector<field> query;      ///< percent-decoded parameters in their order; `+` is a space
    std::vector<field> fields;
    std::optional<std::uint64_t> content_length; ///< absent for a chunked body and for none

    /// The first field of that name (any case); empty when absent.
    std::string_view header(std::string_view name) const;
    std::optional<std::string_view> parameter(std::string_view name) const;
    /// The type of `Content-Type` without parameters, in lower case.
    std::string media_type() const;
};

/// Takes a request target apart into `path` and `query`. Error: bad_request.
result<void> parse_target(std::string_view target, request_head& into);

/// One request while it is being answered. Lives as long as the handler's coroutine.
/// Threads: only on the connection's strand.
class request {
  public:
    virtual ~request() = default;

    virtual const request_head& head() const = 0;
    virtual const net::peer_info& peer() const = 0;
    virtual net::asio::any_io_executor executor() const = 0;

    /// The longest body to take; decide before the first `read`. Without it, 64 KiB.
    virtual void limit_body(std::uint64_t bytes) = 0;
    /// The next piece of the body as it arrives, at most 64 KiB, valid until the next call of a member; empty at the
    /// end. Nothing is read ahead, so a slow reader slows the sender. The first call agrees to `Expect: 100-continue`
    /// and refuses a declared length over the limit before anything was sent.
    /// Errors: too_large, timeout (the client is too slow), bad_request (bad framing), unreachable (it went away).
    virtual awaitable<result<std::string_view>> read() = 0;
    /// All pieces in one string.
    awaitable<result<std::string>> read_all();

    /// The bell for a long poll: rings when the client goes away or the process wants to stop; give it to whoever has
    /// news. From its first call on, the connection is watched, so call it after the body was read.
    virtual std::shared_ptr<net::wakeup> bell() = 0;
    /// True once waiting has become pointless. Answer at once, with what there is.
    virtual bool abandoned() const = 0;
};

} // namespace truc::http
