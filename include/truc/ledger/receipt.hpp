#pragma once
/// Signed tree heads and receipts: how they are written and how anyone checks them offline.

#include <truc/ledger/event.hpp>
#include <truc/ledger/merkle.hpp>

#include <functional>
#include <memory>

namespace truc::trust {
class certificate_store;
class signing_key;
} // namespace truc::trust

namespace truc::ledger {

/// What a node states about its log at one moment.
struct tree_head {
    log_id log;
    std::uint64_t size = 0;
    timestamp time;
    sha256_digest root;
};

/// Writes `<SignedTreeHead Id="sth">` with an ECDSA P-256/SHA-256 signature: one reference "#sth", enveloped-signature
/// and xml-exc-c14n, SignedInfo in xml-exc-c14n, X509Data with the node's certificate. The text is in canonical form
/// itself. Used by the writer thread, once per group. Immutable, thread-safe. Error: not_ready when the key cannot sign
/// or its certificate names another node than the log.
class head_signer {
  public:
    explicit head_signer(std::shared_ptr<const trust::signing_key> key);
    result<std::string> sign(const tree_head& head) const;
    /// Whether the certificate is within its validity: a head signed outside of it convinces nobody.
    bool is_valid(timestamp at) const;

  private:
    std::shared_ptr<const trust::signing_key> key_;
    std::string certificate_base64_;
    std::string node_; ///< that the certificate names
};

/// `<Receipt>` = the event, its inclusion path, the head, each spliced in unchanged.
std::string receipt_text(std::string_view event_xml, std::uint64_t leaf, std::uint64_t size,
                         const std::vector<sha256_digest>& path, std::string_view signed_head_xml);

struct verified_receipt {
    ledger::event event;
    tree_head head;
    sha256_digest signer; ///< the node certificate's digest
};

/// Checks everything a receipt claims: form, the head's signature, a certificate of the exchange's authority that
/// carries the SAN URI urn:truc:node:<node> of the log and was valid at the head's time, the inclusion path, the
/// event's id. `text` is hostile. Errors: not_xml…, schema, signature_invalid, certificate_unknown,
/// certificate_expired, receipt_invalid.
result<verified_receipt> verify_receipt(std::string_view text, const trust::certificate_store& authorities);
/// As verify_receipt(), for those who read many: a head that it has seen before costs no signature check. One verifier
/// belongs to one certificate store; whoever believes other authorities or revocation lists makes a new one, so that no
/// head is good by what was believed earlier. It remembers between `remembered` and twice as many heads. Thread-safe.
class receipt_verifier {
  public:
    explicit receipt_verifier(std::shared_ptr<const trust::certificate_store> authorities,
                              std::size_t remembered = 4096);
    ~receipt_verifier();

    /// The same answer as verify_receipt() gives, and the same errors.
    result<verified_receipt> verify(std::string_view text) const;

  private:
    class known_heads;
    std::shared_ptr<const trust::certificate_store> authorities_;
    std::unique_ptr<known_heads> heads_;
};

/// The same for a lone <SignedTreeHead>.
result<tree_head> verify_head(std::string_view text, const trust::certificate_store& authorities);

} // namespace truc::ledger
