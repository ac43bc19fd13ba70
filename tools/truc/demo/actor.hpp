#pragma once
#include "../fields.hpp"
#include "../network.hpp"
#include "../session.hpp"

#include <truc/pack/edxml_record.hpp>
#include <truc/trust/signing_key.hpp>

#include <stdexcept>

namespace truc::cli::demo {

/// The story took another turn than it has to: what was expected, and what was seen instead.
class broken_expectation : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Ends the story unless the outcome is a good one.
template <class T>
T must(outcome<T> what) {
    if (!what)
        throw broken_expectation(text_field(what.error().problem, "code") + ": " +
                                 text_field(what.error().problem, "detail"));
    if constexpr (!std::is_void_v<T>) return std::move(*what);
}

template <class T>
T must(result<T> what) {
    if (!what) throw broken_expectation(explain(what.error(), language::english));
    if constexpr (!std::is_void_v<T>) return std::move(*what);
}

/// An agency's document system: its connection and its key. Throws broken_expectation where a node refuses what the
/// story needs. One thread at a time.
class actor {
  public:
    /// At its home node, or at another one if `at` names it.
    actor(const network& n, std::string_view code, std::string_view at = {});

    const pack::edxml_party& party() const { return party_; }
    const std::string& code() const { return party_.code; }
    const std::string& name() const { return party_.name; }

    std::string sign(std::string_view edxml) const;
    /// What the node says; both answers are of interest to the story.
    outcome<json::object> submit(std::string_view edxml);
    /// Everything that waits, of one kind: "edoc" or "status".
    std::vector<json::object> inbox(std::string_view kind);
    /// The item of the inbox with this delivery id; waits for it for some seconds.
    json::object wait_for(const std::string& delivery_id, std::string_view kind);

    /// The state of one of the dispatches it sent, or of a delivery to it, as its node knows it.
    json::object look_at(const std::string& id);

    session& connection() { return session_; }

  private:
    pack::edxml_party party_;
    std::shared_ptr<const trust::signing_key> key_;
    session session_;
};

} // namespace truc::cli::demo
