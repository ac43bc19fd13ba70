#pragma once
/// How the SDK of the national axis signs requests: every parameter travels as a header "XroadVnpt-<name>", all of them
/// once more as one JSON object in sign-header, whose text the client's secret signs (HMAC-SHA256 in hash-header).

#include <truc/base/bytes.hpp>
#include <truc/base/clock.hpp>
#include <truc/http/request.hpp>

#include <map>

namespace truc::api {

/// Parameters by their names without "XroadVnpt-".
using axis_parameters = std::map<std::string, std::string, std::less<>>;

/// The signed headers of one request, which nobody believes yet. Nothing in them is parsed before the HMAC holds. A
/// value.
class axis_headers {
  public:
    /// Error: credentials (one is missing or stands there twice).
    static result<axis_headers> read(const http::request_head& head);

    /// Whose secret ought to have signed.
    const std::string& system_id() const { return system_id_; }
    /// In constant time.
    bool signed_with(std::string_view secret) const;

    /// What was signed, once it is known that it was. Errors: credentials (`what` says which header differs from what
    /// was signed, or what is wrong with the list).
    result<axis_parameters> parameters() const;

  private:
    result<void> compare(const axis_parameters& members) const;

    axis_parameters plain_; ///< by lower-case name without prefix
    std::string system_id_;
    std::string text_; ///< sign-header
    sha256_digest mac_;
};

/// The SDK's timestamp, ddMMyyyy'T'HHmmss+SSSS, where SSSS are milliseconds. It is the time of the client's clock on
/// the wall, here taken for Vietnamese; nullopt on anything else.
std::optional<timestamp> parse_axis_time(std::string_view text);

/// One service object of the SDK says the same time for as long as it lives, and a wall clock knows no zone: so a day
/// either way is forgiven. What is repeated within it does no harm, every operation being idempotent or only counting.
/// Error: credentials (`what` says how far off the client's clock is).
result<void> check_axis_time(std::string_view text, timestamp now);

} // namespace truc::api
