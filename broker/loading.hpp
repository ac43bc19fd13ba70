#pragma once
#include "configuration.hpp"

#include <truc/directory/password_book.hpp>
#include <truc/directory/secret_book.hpp>
#include <truc/dsig/verifier.hpp>
#include <truc/ledger/receipt.hpp>
#include <truc/model/legal_clock.hpp>
#include <truc/trust/signing_key.hpp>
#include <truc/trust/tls_context.hpp>

#include <memory>

namespace truc::broker {

/// What the files say that the configuration names. A reload replaces all of it.
struct loaded {
    std::shared_ptr<const directory::directory> directory; ///< this node's own file
    std::shared_ptr<const dsig::verifier> verifier;
    std::shared_ptr<const trust::tls_context> tls;      ///< of the HTTPS listener, and of the façade's
    std::shared_ptr<const trust::tls_context> amqp;     ///< of the AMQP listener: for agencies' systems and nodes
    std::shared_ptr<const trust::tls_context> to_nodes; ///< of connections that are dialled
    std::shared_ptr<const directory::password_book> passwords; ///< null: none
    std::shared_ptr<const directory::secret_book> secrets;     ///< null: none
    std::shared_ptr<const trust::certificate_store> agencies;  ///< the verifier's
    std::shared_ptr<trust::certificate_store> exchange;
    std::shared_ptr<const trust::signing_key> key;
    clock_rules clocks;

    std::shared_ptr<const ledger::head_signer> signer() const;
};

/// Errors: bad_directory, bad_configuration.
result<loaded> load(const configuration& c);

} // namespace truc::broker
