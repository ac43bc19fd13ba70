#include "node.hpp"

#include <truc/api/applications.hpp>
#include <truc/base/log.hpp>
#include <truc/net/listener.hpp>
#include <truc/trust/signing_key.hpp>

#include <fmt/format.h>

#include <stdexcept>
#include <unistd.h>

namespace truc::broker {

namespace {

/// The key that signs tree heads. A verifier demands that its certificate names the node, so another one is of no use.
std::shared_ptr<const ledger::head_signer> load_head_signer(const configuration& c) {
    auto key = trust::signing_key::load(c.certificate, c.key);
    if (trust::node_name_of(key->certificate()) != c.node)
        throw std::runtime_error(fmt::format("{}: expected a certificate with the SAN URI urn:truc:node:{}",
                                             c.certificate.string(), c.node));
    const trust::certificate_store exchange(c.exchange_ca, {});
    if (auto good = exchange.check(key->certificate_der(), system_clock().now()); !good)
        throw std::runtime_error(c.certificate.string() + ": " + explain(good.error(), language::english));
    return std::make_shared<const ledger::head_signer>(key);
}

/// What a reload replaces.
struct loaded {
    intake::surroundings around;
    std::shared_ptr<const trust::tls_context> tls;
    std::shared_ptr<const ledger::head_signer> signer;
};

/// Throws when a certificate, key or list cannot be used.
loaded load_certificates(const configuration& c) {
    loaded l;
    l.around.verifier =
        std::make_shared<const dsig::verifier>(std::make_shared<const trust::certificate_store>(c.agency_ca, c.crl));
    trust::tls_files files{c.certificate, c.key, {c.agency_ca}, {}};
    if (!c.crl.empty()) files.revocation_lists = {c.crl};
    l.tls = trust::tls_context::make_server(files, system_clock().now());
    l.signer = load_head_signer(c);
    return l;
}

/// Errors: bad_directory, bad_configuration.
result<loaded> load(const configuration& c) {
    auto directory = directory::directory::load(c.directory);
    if (!directory) return fail(directory.error());
    if (!directory->find_node(c.node))
        return fail(errc::bad_directory, fmt::format("{}: expected a node {}", c.directory.string(), c.node));
    try {
        auto l = load_certificates(c);
        l.around.directory = std::make_shared<const directory::directory>(std::move(*directory));
        return l;
    } catch (const std::exception& e) {
        return fail(errc::bad_configuration, e.what());
    }
}

std::vector<std::string> keys_of(const store::commit_notice& n) {
    std::vector<std::string> keys;
    for (const auto& code : n.inboxes) keys.push_back("inbox:" + code);
    for (const auto& code : n.feeds) keys.push_back("feed:" + code);
    return keys;
}

} // namespace

/// Destroyed in reverse: listeners first, then the loop, the pool, the store.
struct node::parts {
    parts(const configuration& config, loaded l);

    configuration c;
    metrics_registry metrics;
    std::atomic<bool> draining{false};
    deliver::waiting_room waiting;
    store::store store;
    intake::pipeline intake;
    deliver::inbox inbox;
    net::work_pool pool;
    net::tls_holder tls;
    std::unique_ptr<http::application> rest, admin, observe;
    http::server rest_server, admin_server, observe_server;
    net::io_loop loop;
    std::unique_ptr<net::listener> https, local, plain;
    std::function<result<void>()> on_reload;
    std::mutex reloading; ///< SIGHUP and administrators may ask at once; the later one reads the newer files

    api::services services();
    void listen();
};

api::services node::parts::services() {
    return {store,
            intake,
            inbox,
            waiting,
            pool,
            metrics,
            system_clock(),
            c.node,
            std::make_shared<const trust::certificate_store>(c.exchange_ca, std::filesystem::path()),
            [this] { return on_reload(); },
            c.directory};
}

node::parts::parts(const configuration& config, loaded l)
    : c(config),
      store(store::store::options{c.data_dir, c.node, l.signer, &system_clock(), &metrics,
                                  [this](const store::commit_notice& n) { waiting.news_for(keys_of(n)); }}),
      intake(intake::pipeline::options{&store, std::make_shared<const xml::schema_registry>(c.schemas / "edxml"),
                                       c.node, &system_clock(), &metrics},
             std::move(l.around)),
      inbox(store, system_clock()),
      pool(c.pool_threads),
      tls(std::move(l.tls)),
      rest(api::make_rest(services())),
      admin(api::make_admin(services())),
      observe(api::make_observe(services(), draining)),
      rest_server(*rest, metrics),
      admin_server(*admin, metrics),
      observe_server(*observe, metrics),
      loop(c.io_threads) {
    metrics.add_gauge("truc_writer_waiting", "Items that wait for the store's writer",
                      [this] { return static_cast<double>(store.queued()); });
}

void node::parts::listen() {
    https =
        std::make_unique<net::listener>(loop, net::endpoint::tcp(c.http.host, c.http.port), &tls, rest_server, metrics);
    net::listener_options local_options;
    local_options.name = "admin";
    local = std::make_unique<net::listener>(loop, net::endpoint::local(c.admin_socket), nullptr, admin_server, metrics,
                                            local_options);
    net::listener_options plain_options;
    plain_options.name = "observe";
    plain = std::make_unique<net::listener>(loop, net::endpoint::tcp(c.observe.host, c.observe.port), nullptr,
                                            observe_server, metrics, plain_options);
}

node::node(const configuration& c) {
    auto l = load(c);
    if (!l) throw std::runtime_error(explain(l.error(), language::english));
    parts_ = std::make_unique<parts>(c, std::move(*l));
    parts_->on_reload = [this] { return reload(); };
    parts_->listen();
    if (auto written = write_file(c.data_dir / "trucd.pid", fmt::format("{}\n", ::getpid())); !written)
        throw std::runtime_error(written.error().what);
    spdlog::info("node {} listens on https://{}:{}", c.node, c.http.host, parts_->https->port());
}

node::~node() = default;

result<void> node::reload() {
    const std::scoped_lock lock(parts_->reloading);
    auto l = load(parts_->c);
    if (!l) {
        spdlog::error("reload: {} What was in force stays.", explain(l.error(), language::english));
        return fail(l.error());
    }
    parts_->tls.set(std::move(l->tls));
    parts_->store.replace_signer(std::move(l->signer));
    parts_->intake.reload(std::move(l->around));
    spdlog::info("directory and certificates were read anew");
    return {};
}

void node::drain() {
    auto& p = *parts_;
    p.draining = true;
    spdlog::info("draining: finishing what is under way, within {} s", p.c.drain_time.count());
    p.https->stop(p.c.drain_time);
    p.local->stop(std::chrono::seconds(1));
    p.pool.join();
    p.store.drain();
    p.plain->stop(std::chrono::seconds(1));
}

result<void> check(const configuration& c) {
    if (auto l = load(c); !l) return fail(l.error());
    try {
        const xml::schema_registry schemas(c.schemas / "edxml");
    } catch (const std::exception& e) {
        return fail(errc::bad_configuration, e.what());
    }
    return {};
}

} // namespace truc::broker
