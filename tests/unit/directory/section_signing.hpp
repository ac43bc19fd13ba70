#pragma once
#include "test_pki.hpp"

#include <truc/directory/section.hpp>

#include <fmt/format.h>

#include <map>

namespace truc::directory {

/// Nodes with keys, and sections in their names, honest ones and others.
class section_signing {
  public:
    const trust::signing_key& key(const std::string& node) {
        auto& kept = keys_[node];
        if (!kept) kept = pki.node(node).signing_key();
        return *kept;
    }

    std::string sign(const std::string& node, std::uint64_t version, const std::optional<sha256_digest>& previous,
                     std::string_view body) {
        auto text = make_section(node, version, previous, signed_at, body, key(node));
        if (!text) throw std::runtime_error(text.error().what);
        return std::move(*text);
    }

    section read(std::string_view text) {
        auto s = read_section(text, exchange, now);
        if (!s) throw std::runtime_error(s.error().what);
        return std::move(*s);
    }

    section make(const std::string& node, std::uint64_t version, const std::optional<sha256_digest>& previous,
                 std::string_view body) {
        return read(sign(node, version, previous, body));
    }

    /// What another program might sign: any header members, any signer.
    static std::string with_header(const std::string& members, std::string_view body, const trust::signing_key& by) {
        auto text = R"({"section":{)" + members;
        const auto signature = to_base64(by.sign_ecdsa_p256(text).value());
        return text.append(R"(,"signature":")").append(signature).append("\"}}\n").append(body);
    }

    static std::string members(std::string_view node, std::string_view version, std::string_view previous,
                               std::string_view body, const trust::signing_key& by) {
        return fmt::format(R"("node":"{}","version":{},"time":"{}","previous":"{}","sha256":"{}","certificate":"{}")",
                           node, version, to_rfc3339(signed_at), previous, sha256(body).hex(),
                           to_base64(by.certificate_der()));
    }

    static inline const timestamp signed_at = *from_rfc3339("2026-11-21T10:00:00+07:00");
    static inline const timestamp now = *from_rfc3339("2026-11-21T10:00:30+07:00");

    test::test_pki pki;
    trust::certificate_store exchange{pki.node_ca(), {}};

  private:
    std::map<std::string, std::shared_ptr<const trust::signing_key>> keys_;
};

} // namespace truc::directory
