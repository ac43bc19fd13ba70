#include "evidence_limits.hpp"
#include "receipt_parts.hpp"

#include <truc/xml/elements.hpp>

#include <mutex>
#include <unordered_map>

namespace truc::ledger {

namespace {

constexpr std::string_view receipt_end = "</Receipt>";

std::string receipt_begin() { return fmt::format("<Receipt xmlns=\"{}\">", receipt_namespace); }

/// A receipt as receipt_text() writes it, cut before its head.
struct halves {
    std::string beginning; ///< with an end tag of its own
    std::string_view head;
};

/// If what is left without the head is a document, then so is the whole with it: the head, a document itself, stands
/// right before the end tag of the root.
std::optional<halves> cut(std::string_view text) {
    static const std::string begin = receipt_begin();
    const auto at = text.rfind("<SignedTreeHead ");
    if (at == std::string_view::npos || text.size() > evidence_limits.bytes) return std::nullopt;
    if (!text.starts_with(begin) || !text.ends_with(receipt_end)) return std::nullopt;
    const auto head = text.substr(at, text.size() - receipt_end.size() - at);
    std::string beginning;
    beginning.reserve(at + receipt_end.size());
    beginning.append(text, 0, at).append(receipt_end);
    return halves{std::move(beginning), head};
}

/// Nothing but what this version writes: then the document holds no second signature, id or head to be taken for the
/// one that was verified apart from it.
bool is_plain(const event& e, std::string_view receipt) {
    std::string text;
    append_text(e, text);
    return receipt.substr(receipt_begin().size()).starts_with(text);
}

result<verified_receipt> verify_beginning(std::string_view text, const verified_head& head) {
    const auto doc = xml::parse_small(text, evidence_limits);
    if (!doc) return fail(doc.error());
    const xmlNode* const event_node = xml::first_element(doc->root());
    const xmlNode* const proof_node = event_node ? xml::next_element(event_node) : nullptr;
    if (!proof_node || xml::next_element(proof_node) || !xml::has_elements_only(doc->root()) ||
        !xml::is_element(event_node, receipt_namespace, "Event") ||
        !xml::is_element(proof_node, receipt_namespace, "InclusionProof"))
        return fail(errc::receipt_invalid);
    return verify_against(event_node, proof_node, head);
}

} // namespace

/// Heads by the digest of their text: those asked for lately, and those asked for before them.
class receipt_verifier::known_heads {
  public:
    explicit known_heads(std::size_t size) : size_(size) {}

    std::optional<verified_head> find(const sha256_digest& text) {
        const std::lock_guard lock(mutex_);
        if (const auto found = recent_.find(text); found != recent_.end()) return found->second;
        const auto found = older_.find(text);
        if (found == older_.end()) return std::nullopt;
        const auto head = found->second;
        insert(text, head);
        return head;
    }

    void add(const sha256_digest& text, const verified_head& head) {
        const std::lock_guard lock(mutex_);
        insert(text, head);
    }

  private:
    void insert(const sha256_digest& text, const verified_head& head) {
        if (recent_.size() >= size_) older_ = std::exchange(recent_, {});
        recent_.insert_or_assign(text, head);
    }

    std::size_t size_;
    std::mutex mutex_;
    std::unordered_map<sha256_digest, verified_head> recent_; // guarded by mutex_
    std::unordered_map<sha256_digest, verified_head> older_;  // guarded by mutex_
};

receipt_verifier::receipt_verifier(std::shared_ptr<const trust::certificate_store> authorities, std::size_t remembered)
    : authorities_(std::move(authorities)), heads_(std::make_unique<known_heads>(remembered)) {}

receipt_verifier::~receipt_verifier() = default;

result<verified_receipt> receipt_verifier::verify(std::string_view text) const {
    const auto parts = cut(text);
    if (!parts) return verify_receipt(text, *authorities_);
    const auto digest = sha256(parts->head);
    auto head = heads_->find(digest);
    if (!head) {
        const auto verified = verify_lone_head(parts->head, *authorities_);
        // What is wrong with it is said about the receipt as a whole.
        if (!verified) return verify_receipt(text, *authorities_);
        heads_->add(digest, *verified);
        head = *verified;
    }
    // Whatever is not as this version writes it, or does not hold, is for the long way to judge.
    auto verified = verify_beginning(parts->beginning, *head);
    if (verified && is_plain(verified->event, text)) return verified;
    return verify_receipt(text, *authorities_);
}

} // namespace truc::ledger
