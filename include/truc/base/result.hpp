#pragma once
/// Expected failures are values. Every one carries a code of schemas/errors.json, the one catalogue from which
/// <truc/base/error_code.hpp> and the sentences for people are generated. Exceptions are for programming errors
/// and for start-up.

#include <truc/base/error_code.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace truc {

enum class language : std::uint8_t { english, vietnamese };

/// A place in an XML document. Lines and columns count from 1; 0 means not known.
struct location {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::string path; ///< element path such as edXML/edXMLEnvelope/…, empty when not known
};

/// One refusal or failure. `what` fills the `{what}` of the catalogue's sentence: the agency, element or limit
/// concerned, never a whole sentence of its own and never a secret.
struct error {
    errc code;
    std::string what;
    std::optional<location> where;
    std::vector<error> causes; ///< when several things are wrong at once, e.g. each bad recipient

    explicit error(errc c, std::string w = {}) : code(c), what(std::move(w)) {}
    error(errc c, std::string w, location l) : code(c), what(std::move(w)), where(std::move(l)) {}
};

template <class T>
using result = tl::expected<T, error>;

/// Shorthand for returning a failure: `return fail(errc::too_large, "64 MiB");`
inline tl::unexpected<error> fail(errc code, std::string what = {}) {
    return tl::unexpected<error>(error(code, std::move(what)));
}
inline tl::unexpected<error> fail(error e) { return tl::unexpected<error>(std::move(e)); }

/// Who has to act so that it works the next time.
enum class who : std::uint8_t { sender, recipient, network, administrator };

/// What the catalogue says of a code. Texts live as long as the program.
struct catalogue_entry {
    std::string_view name; ///< the stable name, e.g. "recipient_unknown"
    unsigned http;         ///< HTTP status
    std::string_view axis; ///< error code of the axis SDK's façade; only 20 and 21 invite a retry
    bool retryable;        ///< the same bytes may succeed later without anybody changing them
    who must_act;
    std::string_view title[2];  ///< by language
    std::string_view detail[2]; ///< by language; holds `{what}`
};

/// Thread-safe, never fails: every enumerator has an entry.
const catalogue_entry& describe(errc code);
std::optional<errc> errc_from_name(std::string_view name);

/// The sentence for people: the catalogue's detail with `what` filled in; for XML faults with line and column.
std::string explain(const error& e, language lang);
std::string_view to_string(who w);

} // namespace truc
