#pragma once
/// What the sessions of agencies' systems over AMQP share.

#include "conditions.hpp"
#include "identity.hpp"
#include "password_guard.hpp"
#include "work_then.hpp"

#include <truc/api/admission.hpp>
#include <truc/base/seldom.hpp>

namespace truc::api {

/// Held by every session and by what is under way for it.
struct agency_core {
    explicit agency_core(const services& s)
        : use(s),
          guard(
              s.pool, [&intake = s.intake] { return intake.current_directory(); }, s.metrics),
          admit(*s.turns) {}

    const services use;
    password_guard guard;
    admission& admit;  ///< everybody's, at every entrance
    seldom complaints; ///< so that nobody can fill the log
};

/// How a client has proven who it is. What that is worth is asked anew at each step, since the directory changes.
struct agency_login {
    std::optional<sha256_digest> certificate; ///< else by password
    /// By their salts, the passwords that were good when it logged in by one of them. Which one is not known, so that
    /// it is out as soon as one of them is not good any more: who knows the new password comes back at once.
    std::vector<std::string> passwords;
    std::string client; ///< its id
    /// What it came in by: adapters of legacy systems are clients over AMQP that say so on record.
    truc::entrance entrance = truc::entrance::amqp;

    /// Errors: credentials (it is known no longer, or disabled), not_permitted.
    result<intake::channel> channel(const agency_core& core) const;

  private:
    bool has_good_password(const agency_core& core) const;
};

} // namespace truc::api
