#include "member_reader.hpp"
#include "node_name.hpp"
#include "record_sorter.hpp"
#include "repeated_member.hpp"

#include <truc/directory/section.hpp>
#include <truc/trust/signing_key.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace truc::directory {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_header = 16 * 1024;
constexpr std::size_t signature_bytes = 64;
constexpr std::string_view before_signature = R"(,"signature":")";
constexpr std::string_view after_signature = R"("}})";
constexpr std::chrono::seconds most_clock_difference{60};

tl::unexpected<error> invalid(std::string what) { return fail(errc::section_invalid, std::move(what)); }

/// The header line, taken apart.
struct header {
    std::string_view signed_bytes;
    std::string signature;
    std::string certificate;
    section says;
};

/// Everything but the signature has to be covered by it, so the signature stands at the end, in one form only.
result<void> split_off_signature(std::string_view line, header& h) {
    const std::size_t text_size = to_base64(std::string(signature_bytes, '\0')).size();
    const std::size_t tail = before_signature.size() + text_size + after_signature.size();
    if (line.size() <= tail) return invalid("no header");
    h.signed_bytes = line.substr(0, line.size() - tail);
    const auto end = line.substr(h.signed_bytes.size());
    const auto text = end.substr(before_signature.size(), text_size);
    const auto bytes = from_base64(text);
    if (!end.starts_with(before_signature) || !end.ends_with(after_signature) || !bytes ||
        bytes->size() != signature_bytes || to_base64(*bytes) != text)
        return invalid("the header does not end in a signature");
    h.signature = *bytes;
    return {};
}

std::optional<std::optional<sha256_digest>> digest_or_none(std::string_view text) {
    if (text.empty()) return std::optional<sha256_digest>();
    const auto digest = sha256_digest::from_hex(text);
    if (!digest) return std::nullopt;
    return digest;
}

result<void> read_members(const json::object& members, header& h) {
    constexpr std::string_view a_digest = "a SHA-256, 64 hexadecimal digits";
    member_reader read("section", members);
    read.one("node", need::mandatory, a_node, node_name, h.says.node);
    read.number("version", h.says.version);
    read.one("time", need::mandatory, "a time such as 2025-07-01T00:00:00.000+07:00", from_rfc3339, h.says.time);
    read.one("previous", need::mandatory, a_digest, digest_or_none, h.says.previous);
    read.one("sha256", need::mandatory, a_digest, sha256_digest::from_hex, h.says.body);
    read.one("certificate", need::mandatory, "base64", from_base64, h.certificate);
    if (const auto all = read.finish(); !all) return invalid(all.error().what);
    if (h.says.previous.has_value() != (h.says.version > 1))
        return invalid("section/previous: expected a value in every version but the first");
    return {};
}

result<header> read_header(std::string_view line) {
    header h;
    if (const auto split = split_off_signature(line, h); !split) return fail(split.error());
    json::error_code failure;
    const auto value = json::parse(line, failure);
    if (failure) return invalid(fmt::format("expected JSON: {}", failure.message()));
    if (const auto twice = repeated_member(line))
        return invalid(fmt::format("expected each member once: {} is repeated", *twice));
    const auto* members = value.is_object() ? value.get_object().if_contains("section") : nullptr;
    if (!members || !members->is_object()) return invalid("section: expected an object");
    if (const auto read = read_members(members->get_object(), h); !read) return fail(read.error());
    return h;
}

/// Chain and name as of the section's own time, so that it lasts longer than the certificate; a revocation that is
/// known by now counts all the same, because a stolen key can write any time it likes.
result<void> check_signature(const header& h, const trust::certificate_store& exchange, timestamp at) {
    const auto about = [&](std::string_view what) {
        return invalid(fmt::format("version {} of the section of {}: {}", h.says.version, h.says.node, what));
    };
    if (h.says.time > at + most_clock_difference) return about("its time has not come yet");
    const auto signer = exchange.check(h.certificate, h.says.time);
    if (!signer) return about(signer.error().what);
    const auto now = exchange.check(h.certificate, std::max(at, h.says.time));
    if (!now && now.error().code == errc::certificate_revoked) return about(now.error().what);
    if (trust::node_name_of((*signer)->certificate.get()) != h.says.node)
        return about("its certificate does not name the node");
    if (!trust::verify_ecdsa_p256((*signer)->key.get(), h.signed_bytes, h.signature))
        return about("its signature does not hold");
    return {};
}

} // namespace

result<std::string> make_section(std::string_view node, std::uint64_t version,
                                 const std::optional<sha256_digest>& previous, timestamp time, std::string_view body,
                                 const trust::signing_key& key) {
    if (trust::node_name_of(key.certificate()) != node)
        return fail(errc::not_ready, fmt::format("the node's certificate does not name {}", node));
    std::string text = fmt::format(
        R"({{"section":{{"node":"{}","version":{},"time":"{}","previous":"{}","sha256":"{}","certificate":"{}")", node,
        version, to_rfc3339(time), previous ? previous->hex() : std::string(), sha256(body).hex(),
        to_base64(key.certificate_der()));
    const auto signature = key.sign_ecdsa_p256(text);
    if (!signature) return fail(signature.error());
    text.append(before_signature).append(to_base64(*signature)).append(after_signature).append("\n");
    if (text.size() > longest_header || text.size() + body.size() > section::largest_text)
        return invalid(fmt::format("more than {} MiB", section::largest_text >> 20));
    return text.append(body);
}

result<section> read_section(std::string_view text, const trust::certificate_store& exchange, timestamp at) {
    if (text.size() > section::largest_text)
        return invalid(fmt::format("more than {} MiB", section::largest_text >> 20));
    const auto end = text.substr(0, longest_header).find('\n');
    if (end == std::string_view::npos) return invalid("no header");
    auto h = read_header(text.substr(0, end));
    if (!h) return fail(h.error());
    if (const auto held = check_signature(*h, exchange, at); !held) return fail(held.error());
    section& made = h->says;
    const auto body = text.substr(end + 1);
    const auto about = [&](const error& e) {
        return fail(e.code, fmt::format("version {} of the section of {}: {}", made.version, made.node, e.what));
    };
    if (sha256(body) != made.body)
        return about(error(errc::section_invalid, "its body is not the one that was signed"));
    auto records = record_sorter(made.node).sort(body);
    if (!records) return about(records.error());
    made.records = std::move(*records);
    made.digest = sha256(text);
    made.text = text;
    return std::move(made);
}

} // namespace truc::directory
