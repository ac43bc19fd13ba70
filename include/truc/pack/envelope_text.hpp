#pragma once
#include <truc/base/result.hpp>
#include <truc/model/envelope.hpp>

#include <string>
#include <string_view>

namespace truc::pack {

inline constexpr std::string_view envelope_namespace = "urn:truc:envelope:1";
inline constexpr std::string_view trace_namespace = "urn:truc:trace:1"; ///< of `<TraceParent>`
inline constexpr std::size_t longest_envelope = std::size_t{256} << 10; ///< bytes
inline constexpr std::size_t most_deliveries = 1000;                    ///< in one leg
inline constexpr std::size_t most_sections = 256;                       ///< named in one envelope
inline constexpr std::size_t most_hops = 4 * hop_limit; ///< read at all; beyond hop_limit a delivery ends

/// `<Envelope xmlns="urn:truc:envelope:1">` as schemas/truc/envelope.xsd describes it, in canonical form. What it is
/// made of fits the limits and comes from a directory or an envelope that was read: nothing needs to be escaped.
std::string write_envelope(const envelope& e);
/// Hostile input. A `TraceParent` that is none is as if it were not there. Unknown elements go into `extra`, in
/// canonical form, and count towards the limit; what is known and does not fit, or stands twice, is refused. Errors:
/// those of xml::first_pass and xml::document, envelope_invalid.
result<envelope> read_envelope(std::string_view text);

} // namespace truc::pack
