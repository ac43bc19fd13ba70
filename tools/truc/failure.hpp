#pragma once
/// How a verb ends when it does not end well.

#include <truc/base/result.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <string>
#include <string_view>

namespace truc::cli {

namespace json = boost::json;

/// What the program answers to its caller. The numbers are part of the interface.
enum class exit_code : int { done = 0, no = 1, usage = 2, unreachable = 3 };

/// A refusal by a node or by the command line itself, in the form of the REST interface's problem documents: `code`,
/// `title`, `detail`, `who`, `retryable`, `next_at`, `line`, `column`, `path`, `id` of the receipt's event. Beside them
/// `advice`: what the person at the command line can do next.
struct failure {
    exit_code code = exit_code::no;
    json::object problem;
};

template <class T>
using outcome = tl::expected<T, failure>;

/// From the catalogue, in the person's language. A node that cannot be reached ends the program with 3, else 1.
failure failure_of(const error& e);
/// The call itself makes no sense: said in one sentence, ends the program with 2.
failure usage_failure(std::string sentence);
/// Nothing is there, or several things are: ends the program with 1.
failure no_such(const std::string& what);

/// The same with what the person can do next.
failure advised(failure f, std::string advice);

inline tl::unexpected<failure> stop(failure f) { return tl::unexpected<failure>(std::move(f)); }
inline tl::unexpected<failure> stop(const error& e) { return stop(failure_of(e)); }

/// `who` of a problem: who must act.
std::string who_in_words(std::string_view who);

/// The lines that tell a person: code and sentence, where in the document, who must act, when to try again, and the
/// event that proves the refusal. Broken at so many columns.
std::string describe_failure(const failure& f, std::size_t width = 80);

} // namespace truc::cli
