#pragma once
/// What one node says of its part of the exchange, signed by it: how it is written, sent and checked. Pure functions.
///
/// A section's text is one header line and the body, each line ended by LF:
///
///     {"section":{"node":…,"version":…,"time":…,"previous":…,"sha256":…,"certificate":…,"signature":…}}
///     {"node":{…}}
///     {"agency":{…}}
///     …
///
/// `version` rises by one; `previous` is the SHA-256 of the whole text of the version before, "" for version 1;
/// `sha256` that of the body; `certificate` the node's, DER in base64. `signature` is ECDSA P-256 with SHA-256, r‖s in
/// base64, over the bytes of the header line before `,"signature":`, so nothing has to be written anew to be checked.
/// The signer's low s (trust::signing_key) leaves one text only that the signature fits, which is what forks are told
/// by.
///
/// The body holds records as in <truc/directory/json_lines.hpp>: the node itself and its direct children; the agencies
/// whose home it is; of agencies below it those that it closes (`valid_to` and `successors` count); the clients that
/// act for its agencies and nobody else's, with them the gateways of its agencies. Source of the rules: DESIGN
/// "Directory".

#include <truc/directory/directory.hpp>

namespace truc::trust {
class certificate_store;
class signing_key;
} // namespace truc::trust

namespace truc::directory {

/// The records of one section, by what they mean there.
struct section_records {
    std::vector<agency> agencies; ///< whose home the node is
    std::vector<agency> closings; ///< of agencies below it
    std::vector<client> clients;
    std::vector<node> nodes; ///< itself and its direct children
};

/// A section whose signature and form hold. Whether it fits the others a section_book says.
struct section {
    static constexpr std::size_t largest_text = std::size_t{64} << 20;

    std::string node;
    std::uint64_t version = 0; ///< from 1
    timestamp time;
    std::optional<sha256_digest> previous; ///< of the text of the version before; none for version 1
    sha256_digest body;
    sha256_digest digest; ///< of the whole text
    section_records records;
    std::string text; ///< as received
};

/// What `node` has to say according to its own directory, as a section's body. The same directory gives the same bytes.
std::string section_body(const directory& own, std::string_view node);

/// Signs version `version` of the section. Errors: not_ready when the key cannot sign or its certificate names another
/// node; section_invalid when the text would be too large.
result<std::string> make_section(std::string_view node, std::uint64_t version,
                                 const std::optional<sha256_digest>& previous, timestamp time, std::string_view body,
                                 const trust::signing_key& key);

/// Checks everything a section claims by itself: size, header, the certificate's chain as of the section's time and its
/// name, signature, digest of the body, each record and whether a section may hold it. `text` is hostile. `at` is the
/// moment when the text arrived, now or as the store remembers it: a certificate revoked by then counts no more, and a
/// section from more than a minute later is refused. Errors: section_invalid, section_not_yours.
result<section> read_section(std::string_view text, const trust::certificate_store& exchange, timestamp at);

} // namespace truc::directory
