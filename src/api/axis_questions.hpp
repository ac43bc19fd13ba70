#pragma once
/// How the axis façade reads the parameters of its lists. Pure functions, but for the first.

#include "axis_call.hpp"

namespace truc::api {

/// Reads and drops the body of a call that has none to speak of: the SDK sends nothing or `{}`. What is not read would
/// cost the connection. Errors: too_large, and those of reading.
net::awaitable<result<void>> drop_body(http::request& r);

/// `messagetype`: edoc or status; both where it is absent. Another word is none of the SDK's, and guessing what it
/// leaves out would lose documents. Error: bad_request.
result<std::optional<dispatch_kind>> kind_asked(const axis_call& c);

/// Moments from `since` to before `until`.
struct period {
    std::optional<timestamp> since, until;
};
/// `fromDate` and `toDate`, both days inclusive, in Vietnam's time; as yyyy/MM/dd, dd/MM/yyyy or with dashes. Error:
/// bad_request.
result<period> period_asked(const axis_call& c);

struct stretch {
    std::size_t skip = 0;
    std::size_t max = 1000;
};
/// `pageSize`, cut at 1000, and `pageIndex`, which counts from 1 (0 is the first page, too). Error: bad_request, also
/// for pages so deep that reading up to them would cost too much.
result<stretch> stretch_asked(const axis_call& c);

} // namespace truc::api
