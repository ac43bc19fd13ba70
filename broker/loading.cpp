#include "loading.hpp"

#include <truc/base/durable.hpp>

#include <fmt/format.h>

#include <stdexcept>

namespace truc::broker {

namespace {

/// The node's key. A verifier demands that its certificate names the node, so another one is of no use.
std::shared_ptr<const trust::signing_key> load_key(const configuration& c, const trust::certificate_store& exchange) {
    auto key = trust::signing_key::load(c.certificate, c.key);
    if (trust::node_name_of(key->certificate()) != c.node)
        throw std::runtime_error(fmt::format("{}: expected a certificate with the SAN URI urn:truc:node:{}",
                                             c.certificate.string(), c.node));
    if (auto good = exchange.check(key->certificate_der(), system_clock().now()); !good)
        throw std::runtime_error(c.certificate.string() + ": " + explain(good.error(), language::english));
    return key;
}

/// Throws when a certificate, key or list cannot be used.
void load_certificates(const configuration& c, loaded& l) {
    const auto now = system_clock().now();
    l.agencies = std::make_shared<const trust::certificate_store>(c.agency_ca, c.crl);
    l.verifier = std::make_shared<const dsig::verifier>(l.agencies);
    trust::tls_files files{c.certificate, c.key, {c.agency_ca}, {}};
    if (!c.crl.empty()) files.revocation_lists = {c.crl};
    l.tls = trust::tls_context::make_server(files, now);
    files.authorities.push_back(c.exchange_ca);
    l.amqp = trust::tls_context::make_server(files, now);
    l.to_nodes = trust::tls_context::make_client({c.certificate, c.key, {c.exchange_ca}, {}}, now);
    l.exchange = std::make_shared<trust::certificate_store>(c.exchange_ca, std::filesystem::path());
    l.key = load_key(c, *l.exchange);
}

result<void> load_directory(const configuration& c, loaded& l) {
    auto directory = directory::directory::load(c.directory);
    if (!directory) return fail(directory.error());
    if (!directory->find_node(c.node))
        return fail(errc::bad_directory, fmt::format("{}: expected a node {}", c.directory.string(), c.node));
    l.directory = std::make_shared<const directory::directory>(std::move(*directory));
    return {};
}

result<void> load_passwords(const configuration& c, loaded& l) {
    if (c.amqp_passwords.empty()) return {};
    auto book = directory::password_book::load(c.amqp_passwords);
    if (!book) return fail(book.error());
    l.passwords = std::make_shared<const directory::password_book>(std::move(*book));
    return {};
}

result<void> load_secrets(const configuration& c, loaded& l) {
    if (!c.vxp || c.vxp->secrets.empty()) return {};
    auto book = directory::secret_book::load(c.vxp->secrets, c.vxp->secrets_key);
    if (!book) return fail(book.error());
    l.secrets = std::make_shared<const directory::secret_book>(std::move(*book));
    return {};
}

result<void> load_clocks(const configuration& c, loaded& l) {
    const auto text = read_file(c.clocks.holidays, std::size_t{1} << 20);
    if (!text) return fail(errc::bad_configuration, text.error().what);
    auto calendar = working_calendar::parse(*text, c.clocks.holidays.string(), c.clocks.hours);
    if (!calendar) return fail(calendar.error());
    l.clocks = {std::move(*calendar), c.clocks.urgent};
    return {};
}

} // namespace

std::shared_ptr<const ledger::head_signer> loaded::signer() const {
    return std::make_shared<const ledger::head_signer>(key);
}

result<loaded> load(const configuration& c) {
    loaded l;
    for (auto* const part : {load_directory, load_passwords, load_secrets, load_clocks})
        if (auto done = part(c, l); !done) return fail(done.error());
    try {
        load_certificates(c, l);
    } catch (const std::exception& e) {
        return fail(errc::bad_configuration, e.what());
    }
    return l;
}

} // namespace truc::broker
