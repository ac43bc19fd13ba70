#include "base64_stream.hpp"

namespace truc::pack {
namespace {

constexpr std::size_t text_piece = std::size_t{64} << 10;

std::string_view text_of_node(const xmlNode* node) {
    const bool is_text = node && (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE);
    return is_text && node->content ? reinterpret_cast<const char*>(node->content) : std::string_view{};
}

} // namespace

base64_stream::base64_stream(const xmlNode* encoded) : node_(encoded->children), rest_(text_of_node(node_)) {}

result<std::string_view> base64_stream::next() {
    piece_.clear();
    while (piece_.empty()) {
        while (rest_.empty() && node_) {
            if (node_->type == XML_ELEMENT_NODE)
                return fail(errc::attachment_mismatch, "an element inside base64 text");
            node_ = node_->next;
            rest_ = text_of_node(node_);
        }
        if (rest_.empty()) return end();
        const auto text = rest_.substr(0, text_piece);
        rest_.remove_prefix(text.size());
        if (!decoder_.feed(text, piece_)) return fail(errc::attachment_mismatch, "the text is not base64");
    }
    decoded_ += piece_.size();
    return std::string_view(piece_);
}

result<std::string_view> base64_stream::end() {
    if (!decoder_.finish()) return fail(errc::attachment_mismatch, "the base64 text is cut off");
    return std::string_view();
}

} // namespace truc::pack
