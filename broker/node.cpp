#include "node_parts.hpp"

#include <truc/api/waiting_keys.hpp>
#include <truc/base/log.hpp>
#include <truc/base/reachable.hpp>
#include <truc/intake/former_homes.hpp>

#include <fmt/format.h>

#include <stdexcept>
#include <unistd.h>

namespace truc::broker {

void node::parts::committed(const store::commit_notice& n) {
    auto* const lanes = on_commit.load();
    if (!lanes) return; // nobody waits yet
    waiting.news_for(api::inbox_news(*intake.current_directory(), n.inboxes));
    waiting.news_for(api::waiting_keys("feed:", n.feeds));
    if (!n.queued.empty()) lanes->notice(n.queued);
    if (!n.withheld.empty()) lanes->withhold(n.withheld);
}

void node::parts::put_in_force(std::shared_ptr<const directory::directory> directory) {
    {
        const std::scoped_lock lock(surrounding);
        around.directory = std::move(directory);
        intake.reload(around);
    }
    forwarder.directory_changed();
}

void node::parts::put_in_force(std::shared_ptr<const dsig::verifier> verifier) {
    const std::scoped_lock lock(surrounding);
    around.verifier = std::move(verifier);
    intake.reload(around);
}

/// What was queued before is read by the lanes themselves.
void node::parts::begin(const loaded& l) {
    if (auto published = sections.publish(l.directory, l.key); !published) {
        const auto& e = published.error();
        if (e.code != errc::section_conflict && e.code != errc::no_space)
            throw std::runtime_error(explain(e, language::english));
        // Documents go on with what this node said last; its administrators have to correct the file.
        alarms.raise("section_refused", c.node, c.directory.string() + ": " + explain(e, language::english));
    }
    amqp.use_passwords(l.passwords);
    if (axis) axis->use_secrets(l.secrets);
    intake::recall_former_homes(store, *exchange, system_clock().now(), intake);
    on_commit = &forwarder;
    driver.start(forwarder);
    retention.start();
    relay.start();
    upkeep.start();
    observation.begin(store, c);
    listen();
}

/// The directory is what the node had put in force when it ended: a file that was changed since, or does not fit any
/// more, is for its next start.
void node::parts::begin_to_look(const loaded& l) {
    static_cast<void>(sections.publish(l.directory, l.key));
    local = open("admin", net::endpoint::local(look), nullptr, admin_server);
}

std::unique_ptr<net::listener> node::parts::open(const char* name, const net::endpoint& where,
                                                 const net::tls_holder* holder, net::connection_handler& handler) {
    net::listener_options options;
    options.name = name;
    return std::make_unique<net::listener>(loop, where, holder, handler, metrics, options);
}

void node::parts::listen() {
    https = open("http", net::endpoint::tcp(c.http.host, c.http.port), &tls, upkeep.watched(rest_server));
    if (c.amqp) amqps = open("amqp", net::endpoint::tcp(c.amqp->host, c.amqp->port), &amqp_tls, upkeep.watched(amqp));
    if (c.vxp) {
        const auto where = net::endpoint::tcp(c.vxp->listen.host, c.vxp->listen.port);
        vxp = open("vxp", where, c.vxp->tls ? &tls : nullptr, *axis_server);
    }
    local = open("admin", net::endpoint::local(c.admin_socket), nullptr, admin_server);
    if (!is_private(c.observe.host))
        spdlog::warn("{}:{} tells everybody who reaches it how much this node does; [observe] belongs on loopback or "
                     "in the monitoring network",
                     c.observe.host, c.observe.port);
    plain = open("observe", net::endpoint::tcp(c.observe.host, c.observe.port), nullptr, observe_server);
}

node::node(const configuration& c, const std::filesystem::path& look_at) {
    const auto l = load(c);
    if (!l) throw std::runtime_error(explain(l.error(), language::english));
    auto silent = c;
    silent.alarms = {}; // who only looks calls nobody
    parts_ = std::make_unique<parts>(silent, *l, look_at);
    parts_->begin_to_look(*l);
}

node::node(const configuration& c) {
    const auto l = load(c);
    if (!l) throw std::runtime_error(explain(l.error(), language::english));
    parts_ = std::make_unique<parts>(c, *l, std::filesystem::path());
    parts_->on_reload = [this] { return reload(); };
    parts_->begin(*l);
    if (auto written = write_file(c.data_dir / "trucd.pid", fmt::format("{}\n", ::getpid())); !written)
        throw std::runtime_error(written.error().what);
    spdlog::info("node {} listens on https://{}:{}", c.node, c.http.host, parts_->https->port());
    if (parts_->amqps)
        spdlog::info("neighbours and clients are awaited on amqps://{}:{}", c.amqp->host, parts_->amqps->port());
    if (parts_->vxp)
        spdlog::info("systems of the axis SDK are awaited on {}://{}:{}{}", c.vxp->tls ? "https" : "http",
                     c.vxp->listen.host, parts_->vxp->port(), c.vxp->path);
}

node::~node() = default;

result<void> node::reload() {
    const std::scoped_lock lock(parts_->reloading);
    auto& p = *parts_;
    auto l = load(p.c);
    p.up_to_date = l.has_value();
    if (!l) {
        p.alarms.raise("reload_failed", p.c.node, explain(l.error(), language::english) + " What was in force stays.");
        return fail(l.error());
    }
    p.alarms.clear("reload_failed", p.c.node);
    p.tls.set(std::move(l->tls));
    p.amqp_tls.set(std::move(l->amqp));
    p.to_nodes.set(std::move(l->to_nodes));
    reexamine();
    p.amqp.use_passwords(std::move(l->passwords));
    if (p.axis) p.axis->use_secrets(std::move(l->secrets));
    p.store.replace_signer(l->signer());
    p.exchange->follow(*l->exchange);
    p.transit.reload(p.exchange); // forgets which heads it has verified
    p.upkeep.use(*l);
    p.put_in_force(std::move(l->verifier));
    if (auto published = p.sections.publish(l->directory, l->key); !published) {
        spdlog::error("reload: {} Neighbours do not hear of the change.",
                      explain(published.error(), language::english));
        return published;
    }
    p.alarms.clear("section_refused", p.c.node);
    p.relay.sections_changed();
    spdlog::info("directory and certificates were read anew");
    return {};
}

void node::adjust(const configuration& c) {
    parts_->observation.adjust(c);
    parts_->store.keep_free(c.keep_free);
    parts_->upkeep.adjust(c);
}

bool node::up_to_date() const { return parts_->up_to_date; }

void node::reexamine() {
    for (auto* const listener : {parts_->https.get(), parts_->amqps.get(), parts_->vxp.get()})
        if (listener) listener->reexamine();
}

/// In this order everything that waits for an answer still gets it: what asks ends before what answers. Idempotent.
void node::parts::stop(std::chrono::milliseconds grace) {
    const auto until = std::chrono::steady_clock::now() + grace;
    const auto left = [until] {
        const auto time = until - std::chrono::steady_clock::now();
        return std::max(std::chrono::milliseconds(0), std::chrono::duration_cast<std::chrono::milliseconds>(time));
    };
    if (https) https->stop(left());
    if (amqps) amqps->stop(left());
    if (vxp) vxp->stop(left());
    relay.stop(left());
    if (local) local->stop(std::min(grace, std::chrono::milliseconds(1'000)));
    driver.stop();
    retention.stop();
    upkeep.stop();
    observation.stop();
    changes.join();
    pool.join();
    store.drain();
    if (plain) plain->stop(std::min(grace, std::chrono::milliseconds(1'000)));
}

void node::drain() {
    parts_->draining = true;
    spdlog::info("draining: finishing what is under way, within {} s", parts_->c.drain_time.count());
    parts_->stop(parts_->c.drain_time);
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
