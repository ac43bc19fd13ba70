#pragma once
/// How things look outside: JSON objects and problem documents.

#include <truc/api/services.hpp>
#include <truc/http/response.hpp>

#include <boost/json.hpp>

namespace truc::api {

namespace json = boost::json;

/// What Accept-Language likes best of English and Vietnamese (RFC 9110, 12.5.4), the one named first if it likes both
/// as much; `otherwise` where it does not matter.
language language_of(const http::request_head* head, language otherwise = language::english);

http::response answer(unsigned status, const json::value& body);

/// What is known of a refused message beside its error.
struct refusal_context {
    std::string receipt;
    std::string event_id;
    std::string document_id;
    refusal_context() = default;
    explicit refusal_context(const store::refusal_record& r) : receipt(r.receipt), event_id(r.event_id) {}
};

/// When what failed for the time being may be tried again, unless something better is known.
constexpr std::chrono::seconds usual_patience(30);

/// application/problem+json (RFC 9457) in the language of Accept-Language. Where trying again makes sense, Retry-After
/// and `next_at` say when.
http::response problem(const error& e, const http::request_head* head, const truc::clock& clock,
                       const refusal_context& context = {}, std::chrono::seconds retry_after = usual_patience);

/// 405 that says what is allowed instead.
http::response wrong_method(const http::request_head& head, const truc::clock& clock, std::string_view allowed);

json::object describe_acceptance(const store::acceptance& a);
json::object describe_dispatch(const store::dispatch_row& d);
/// Adds `held` and, unless it is null, who holds it, why and since when.
void describe_hold(const store::held_mark& held, json::object& o);
json::object describe_item(const store::inbox_item& i);
json::object describe_receipt(const std::string& event_id, event_name event, const std::string& xml);
json::object describe_agency(const directory::agency& a);
json::object describe_client(const directory::client& c);
json::array digests_hex(const std::vector<sha256_digest>& nodes);
/// A list as every list is: {items, next}.
json::object list_of(json::array items, json::value next = nullptr);

/// A mapped or inline content as a body.
http::response content_answer(const http::request_head& head, store::content bytes, const sha256_digest& digest);

/// `max` of a list: at least 1, cut at 1000; `otherwise` when absent. Error: bad_request.
result<std::size_t> max_of(const http::request_head& head, std::size_t otherwise = 100);
std::optional<std::uint64_t> parse_number(std::string_view text); ///< up to 2^63 − 1
/// A number in the query. Error: bad_request.
result<std::uint64_t> number_of(const http::request_head& head, std::string_view name, std::uint64_t otherwise);
result<uuid> id_of(std::string_view text);

} // namespace truc::api
