#pragma once
#include <truc/base/bytes.hpp>
#include <truc/base/clock.hpp>
#include <truc/base/uuid.hpp>
#include <truc/model/vocabulary.hpp>

#include <optional>
#include <string>
#include <vector>

namespace truc::ledger {

inline constexpr std::string_view receipt_namespace = "urn:truc:receipt:1";

/// A log's id, `<node>.<epoch>`; a restored copy opens a new epoch.
struct log_id {
    std::string node;
    std::uint32_t epoch = 1;
    std::string str() const;
    /// The node's name is [a-z0-9-]{1,63}.
    static std::optional<log_id> parse(std::string_view text);
    bool operator==(const log_id&) const = default;
};

/// A fact in the ledger. Its name everywhere is `<log id>.<leaf>`. Members that do not apply are empty and absent in
/// the text.
struct event {
    log_id log;
    std::uint64_t leaf = 0;
    event_name name{};
    std::string other_name; ///< of `other`: what the newer node calls it
    timestamp time;
    std::optional<uuid> dispatch_id;
    std::optional<uuid> delivery_id;
    std::string document_id;
    std::string from;
    std::vector<std::string> to;         ///< one <To> each
    std::optional<sha256_digest> sha256; ///< of the content
    std::optional<signature_outcome> signature;
    /// Of a submission: the adapter of the agency's legacy system signed for it.
    bool signed_on_behalf = false;
    /// Of a submission: `<entrance>:<client>`, the identity of the channel it came by.
    std::string channel;
    std::vector<std::string> answers; ///< ids of the events this one answers
    std::string reason;               ///< code of the catalogue, or text of a person

    std::string_view name_text() const; ///< as it stands in the text
    std::string id() const;
};

/// The leaf: `<Event xmlns="urn:truc:receipt:1" Id="…">…</Event>` in exclusive canonical form (xml-exc-c14n#), so that
/// canonicalising it anywhere changes nothing. Characters that XML 1.0 cannot carry are written as U+FFFD. Appends to
/// `out`.
void append_text(const event& e, std::string& out);
/// Reads an <Event> back. What comes from newer nodes is no error: an unknown name becomes `other`, unknown children
/// are ignored. Error: schema.
result<event> parse_event(std::string_view text);

} // namespace truc::ledger
