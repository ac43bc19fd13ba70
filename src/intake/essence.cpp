#include "essence.hpp"

#include <truc/pack/edxml.hpp>
#include <truc/pack/vietnamese.hpp>

#include <fmt/format.h>

namespace truc::intake {

namespace {

/// With its length, so that no two lists of texts run together into the same bytes.
void add(sha256_hasher& all, std::string_view text) {
    all.update(fmt::format("{}:", text.size()));
    all.update(text);
}

} // namespace

result<std::optional<sha256_digest>> essence_of(const pack::message& m, const std::string& sender,
                                                const dsig::verified_view& view) {
    std::vector<sha256_hasher> files(m.attachments.size());
    const auto take = [&files](std::size_t index, std::string_view piece) {
        if (index < files.size()) files[index].update(piece); // a status has no list of them
        return result<void>();
    };
    if (auto decoded = pack::decode_attachments(view, take); !decoded) return fail(decoded.error());
    if (m.kind == dispatch_kind::status) return std::nullopt;
    sha256_hasher all;
    for (const auto& text : {sender, m.document_id, m.code_number, m.code_notation, m.sent, m.promulgation_date})
        add(all, text);
    add(all, pack::composed(m.subject));
    add(all, std::to_string(static_cast<int>(m.business)));
    for (std::size_t i = 0; i < files.size(); ++i) {
        add(all, m.attachments[i].name);
        all.update(files[i].finish().view());
    }
    return all.finish();
}

} // namespace truc::intake
