#pragma once
#include "condition.hpp"

#include <truc/base/result.hpp>
#include <truc/model/agency_code.hpp>
#include <truc/trust/signing_key.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace truc::adapter {

enum class sign_policy : std::uint8_t {
    always,      ///< ours is the signature: a document that carries one already is refused
    if_unsigned, ///< where the legacy system signed, its signature stands
    never
};

/// How the documents of an agency are signed.
struct agency_signing {
    std::string code;
    sign_policy policy = sign_policy::if_unsigned;
    bool statuses = false; ///< statuses too
    std::filesystem::path certificate;
    std::filesystem::path key; ///< PEM, readable by its owner alone
};

/// What goes to the exchange.
struct prepared {
    std::string edxml;
    bool signed_on_behalf = false;
};

/// Looks at what a legacy system wants to send, and signs for agencies whose systems cannot. Thread-safe.
class signing_desk {
  public:
    /// Throws std::runtime_error when a key cannot be used: a start-up failure.
    signing_desk(const std::vector<agency_signing>& agencies, const clock& c);

    /// Errors: those of xml::first_pass, pack::read_in_transit and dsig::sign; secret_document; cannot_sign: the
    /// certificate is not within its validity, or the key fails, which the legacy system's people cannot change.
    result<prepared> prepare(std::string edxml) const;
    /// Whether every certificate that signs is within its validity now; the log is told when that changes.
    const condition& validity() const;

  private:
    struct agency {
        sign_policy policy;
        bool statuses;
        std::shared_ptr<const trust::signing_key> key;
    };
    const agency* signing_for(const agency_code& code) const;

    const clock& clock_;
    std::map<agency_code, agency> agencies_;
    mutable condition validity_;
};

} // namespace truc::adapter
