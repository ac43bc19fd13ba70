#pragma once
#include <truc/base/uuid.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace truc {

/// By what a dispatch is found in the logs of every program that had to do with it: the field `traceparent` of W3C
/// Trace Context (Recommendation of 2021-11-23, 3.2), `00-<trace id>-<parent id>-<flags>`. Truc records no spans: it
/// passes the value of the submission on as it is.

/// What a stranger wrote, in the form of version 00; of a later version its first four fields count (3.2.4). Nullopt
/// for anything that is not exactly of that form, which is then ignored as if it had not come.
std::optional<std::string> read_traceparent(std::string_view text);
/// For a dispatch that came without one: the trace id is Truc's id without its dashes, so that everybody who knows the
/// one can look for the other.
std::string make_traceparent(const uuid& dispatch);
/// The 32 digits that log lines show; empty for an empty one.
std::string_view trace_id_of(std::string_view traceparent);

} // namespace truc
