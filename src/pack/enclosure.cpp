#include "enclosure.hpp"

#include "elements.hpp"

#include <fmt/format.h>

#include <unordered_map>

namespace truc::pack {
namespace {

tl::unexpected<error> mismatch(const xmlNode* node, std::string what) {
    return fail(error(errc::attachment_mismatch, std::move(what), xml::location_of(node)));
}

struct half {
    attachment_info info;
    const xmlNode* node;
};

result<half> read_half(const xmlNode* node) {
    half h{{}, node};
    auto id = required_text(node, "ContentId");
    if (!id) return fail(id.error());
    constexpr std::string_view scheme = "cid:";
    h.info.content_id = id->starts_with(scheme) ? id->substr(scheme.size()) : *std::move(id);
    for (const auto& [name, field] : {std::pair{"AttachmentName", &h.info.name},
                                      {"ContentType", &h.info.content_type},
                                      {"Description", &h.info.description}}) {
        auto text = optional_text(node, name);
        if (!text) return fail(text.error());
        *field = *std::move(text);
    }
    return h;
}

/// Reads all halves of one side; two with one ContentId could be swapped by a reader.
result<std::vector<half>> read_halves(const xmlNode* parent, std::string_view name) {
    std::vector<half> halves;
    std::unordered_map<std::string, const xmlNode*> seen;
    const auto done = for_each(parent, name, [&](const xmlNode* node) -> result<void> {
        auto h = read_half(node);
        if (!h) return fail(h.error());
        if (!seen.emplace(h->info.content_id, node).second)
            return mismatch(node, fmt::format("two {} elements with ContentId {}", name, h->info.content_id));
        halves.push_back(*std::move(h));
        return {};
    });
    if (!done) return fail(done.error());
    return halves;
}

result<std::vector<half>> manifest_of(const xmlNode* root) {
    const xmlNode* node = root;
    for (const auto* name : {"edXMLEnvelope", "edXMLBody", "edXMLManifest"}) {
        const auto child = at_most_one(node, name);
        if (!child) return fail(child.error());
        node = *child;
    }
    return read_halves(node, "Reference");
}

result<std::vector<half>> attachments_of(const xmlNode* root) {
    const auto encoded = at_most_one(root, "AttachmentEncoded");
    if (!encoded) return fail(encoded.error());
    return read_halves(*encoded, "Attachment");
}

attachment_info merged(attachment_info attachment, const attachment_info& reference) {
    const auto fill = [](std::string& mine, const std::string& other) {
        if (mine.empty()) mine = other;
    };
    fill(attachment.name, reference.name);
    fill(attachment.content_type, reference.content_type);
    fill(attachment.description, reference.description);
    return attachment;
}

} // namespace

result<std::vector<enclosure>> enclosures(const xmlNode* root) {
    const auto manifest = manifest_of(root);
    if (!manifest) return fail(manifest.error());
    auto attachments = attachments_of(root);
    if (!attachments) return fail(attachments.error());

    std::unordered_map<std::string, half> by_id;
    for (auto& a : *attachments) by_id.emplace(a.info.content_id, std::move(a));
    std::vector<enclosure> found;
    for (const auto& reference : *manifest) {
        auto attachment = by_id.extract(reference.info.content_id);
        if (!attachment)
            return mismatch(reference.node, fmt::format("no attachment for Reference {}", reference.info.content_id));
        half& h = attachment.mapped();
        const auto encoded = exactly_one(h.node, "ContentTransferEncoded");
        if (!encoded) return fail(encoded.error());
        found.push_back({merged(std::move(h.info), reference.info), *encoded});
    }
    if (!by_id.empty()) {
        const half& left = by_id.begin()->second;
        return mismatch(left.node, fmt::format("no Reference for attachment {}", left.info.content_id));
    }
    return found;
}

} // namespace truc::pack
