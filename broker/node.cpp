#include "node.hpp"

#include "loading.hpp"
#include "observation.hpp"
#include "reading_only.hpp"
#include "retention.hpp"
#include "sections.hpp"
#include "upkeep.hpp"

#include <truc/api/amqp_entrance.hpp>
#include <truc/api/applications.hpp>
#include <truc/api/axis.hpp>
#include <truc/api/relay.hpp>
#include <truc/api/waiting_keys.hpp>
#include <truc/base/log.hpp>
#include <truc/base/reachable.hpp>
#include <truc/deliver/driver.hpp>
#include <truc/intake/former_homes.hpp>
#include <truc/intake/succession.hpp>
#include <truc/net/listener.hpp>

#include <fmt/format.h>

#include <random>
#include <stdexcept>
#include <unistd.h>

namespace truc::broker {

namespace {

/// Where the jitter of the lanes begins, so that nodes which start together do not try together.
std::uint64_t any_seed() { return std::random_device()(); }

std::vector<api::relay_neighbour> neighbours_of(const configuration& c) {
    std::vector<api::relay_neighbour> all;
    for (const auto& n : c.neighbours)
        all.push_back(n.address ? api::relay_neighbour{n.name, n.address->host, n.address->port}
                                : api::relay_neighbour{n.name, {}, 0});
    return all;
}

} // namespace

struct node::parts {
    parts(const configuration& config, const loaded& l, std::filesystem::path look_at);
    ~parts();
    parts(const parts&) = delete;

    configuration c;
    const std::filesystem::path look; ///< socket; empty: the node runs
    metrics_registry metrics;
    alarm_board alarms;
    broker::observation observation;
    api::node_mode mode;
    /// Destroyed after all that may still hold a strand of it: answers that nobody fetched, links that hung up.
    net::io_loop loop;
    std::atomic<bool> draining{false};
    deliver::waiting_room waiting;
    const std::shared_ptr<trust::certificate_store> exchange; ///< everybody's; a reload changes what is in it
    std::atomic<deliver::forwarder*> on_commit{nullptr};      ///< commits begin before the lanes are there
    store::store store;
    std::mutex surrounding; ///< for what follows, and to put it in force
    intake::surroundings around;
    intake::pipeline intake;
    intake::transit transit;
    deliver::inbox inbox;
    deliver::driver driver;
    deliver::forwarder forwarder;
    broker::retention retention;
    broker::sections sections;
    broker::upkeep upkeep;
    net::work_pool pool;
    net::work_pool changes{1}; ///< of administrators and gateways
    api::admission turns;
    api::client_limits limits;
    net::tls_holder tls, amqp_tls, to_nodes;
    api::relay relay;
    api::amqp_entrance amqp;
    std::unique_ptr<http::application> rest, admin, observe;
    reading_only shown;
    http::server rest_server, admin_server, observe_server;
    std::unique_ptr<api::axis_facade> axis;
    std::unique_ptr<http::server> axis_server;
    std::unique_ptr<net::listener> https, amqps, vxp, local, plain;
    std::function<result<void>()> on_reload;
    std::mutex reloading; ///< SIGHUP and administrators may ask at once; the later one reads the newer files
    std::atomic<bool> up_to_date{true}; ///< what is in force with the files, when they were read last

    api::services services();
    api::client_files client_files() const;
    store::store::options store_options(const loaded& l);
    intake::transit::options transit_options();
    intake::pipeline::options intake_options();
    deliver::forwarder::options forwarder_options();
    broker::sections::options sections_options();
    broker::upkeep::options upkeep_options();
    api::relay::options relay_options();

    void begin(const loaded& l);
    void begin_to_look(const loaded& l);
    std::unique_ptr<net::listener> open(const char* name, const net::endpoint& where, const net::tls_holder* holder,
                                        net::connection_handler& handler);
    void listen();
    void stop(std::chrono::milliseconds grace);
    void committed(const store::commit_notice& n);
    void put_in_force(std::shared_ptr<const directory::directory> directory);
    void put_in_force(std::shared_ptr<const dsig::verifier> verifier);
};

node::parts::parts(const configuration& config, const loaded& l, std::filesystem::path look_at)
    : c(config),
      look(std::move(look_at)),
      alarms(system_clock(), &metrics),
      observation(config, metrics, alarms),
      mode(config.data_dir / "read_only.json", config.node, system_clock(), alarms),
      loop(c.io_threads),
      exchange(l.exchange),
      store(store_options(l)),
      around{l.directory, l.verifier},
      intake(intake_options(), around),
      transit(transit_options()),
      inbox(store, system_clock()),
      forwarder(forwarder_options()),
      retention({&store, &system_clock(), c.keep_content, c.retention_pause}),
      sections(sections_options(), l.directory),
      upkeep(upkeep_options(), l),
      pool(c.pool_threads),
      turns(pool, c.pool_threads),
      limits(c.limits, &metrics),
      tls(l.tls),
      amqp_tls(l.amqp),
      to_nodes(l.to_nodes),
      relay(relay_options()),
      amqp(services(), relay),
      rest(api::make_rest(services(), changes)),
      admin(api::make_admin(services(), changes, upkeep.shown())),
      observe(api::make_observe(services(), draining)),
      shown(*admin),
      rest_server(*rest, metrics, api::rest_listening()),
      admin_server(look.empty() ? *admin : shown, metrics),
      observe_server(*observe, metrics) {
    if (c.vxp) {
        axis = std::make_unique<api::axis_facade>(services(), c.vxp->path);
        axis_server = std::make_unique<http::server>(*axis, metrics, api::axis_server_options());
    }
}

/// The loop's threads end before anything that their handlers refer to goes.
node::parts::~parts() {
    stop(std::chrono::milliseconds(0));
    loop.stop();
}

api::client_files node::parts::client_files() const {
    if (!c.vxp) return {c.amqp_passwords, {}, {}};
    return {c.amqp_passwords, c.vxp->secrets, c.vxp->secrets_key};
}

api::services node::parts::services() {
    return {store,       intake,         inbox,      waiting,  pool,
            metrics,     system_clock(), c.node,     exchange, [this] { return on_reload(); },
            c.directory, &alarms,        &forwarder, &relay,   &limits,
            &turns,      client_files(), &mode};
}

store::store::options node::parts::store_options(const loaded& l) {
    store::store::options o;
    o.directory = c.data_dir;
    o.node = c.node;
    o.only_look = !look.empty();
    o.signer = l.signer();
    o.metrics = &metrics;
    o.on_commit = [this](const store::commit_notice& n) { committed(n); };
    o.on_events = [this](store::recorded_events events) { observation.note(std::move(events)); };
    o.keep_free = c.keep_free;
    o.way = [this](const std::string& recipient) {
        return deliver::neighbour_towards(*intake.current_directory(), c.node, recipient, system_clock().now());
    };
    o.stands_for = [this](const std::string& earlier, const std::string& today) {
        return intake::stands_for(*intake.current_directory(), earlier, today, system_clock().now());
    };
    return o;
}

intake::transit::options node::parts::transit_options() {
    intake::transit::options o;
    o.store = &store;
    o.intake = &intake;
    o.node = c.node;
    o.exchange = exchange;
    o.alarms = &alarms;
    o.metrics = &metrics;
    o.section_version = [this](std::string_view name) { return sections.version_of(name); };
    return o;
}

intake::pipeline::options node::parts::intake_options() {
    intake::pipeline::options o;
    o.store = &store;
    o.schemas = std::make_shared<const xml::schema_registry>(c.schemas / "edxml");
    o.node = c.node;
    o.metrics = &metrics;
    o.time_to_deliver = c.time_to_deliver;
    o.is_open = [this] { return mode.is_open(); };
    return o;
}

deliver::forwarder::options node::parts::forwarder_options() {
    deliver::forwarder::options o;
    o.store = &store;
    o.node = c.node;
    o.alarms = &alarms;
    o.directory = [this] { return intake.current_directory(); };
    o.judge_at_home = [this](const store::outgoing_leg& leg) { return transit.judge_at_home(leg); };
    o.wake = [this] { driver.wake(); };
    o.seed = any_seed();
    o.metrics = &metrics;
    o.section_version = [this](std::string_view name) { return sections.version_of(name); };
    return o;
}

broker::sections::options node::parts::sections_options() {
    broker::sections::options o;
    o.restored = !store.former_logs().empty();
    o.node = c.node;
    o.store = &store;
    o.pool = &pool;
    o.alarms = &alarms;
    o.exchange = exchange;
    o.in_force = [this](std::shared_ptr<const directory::directory> d) { put_in_force(std::move(d)); };
    return o;
}

broker::upkeep::options node::parts::upkeep_options() {
    return {&c, &store, &alarms, &metrics, [this] { return intake.current_directory(); }};
}

api::relay::options node::parts::relay_options() {
    api::relay::options o;
    o.node = c.node;
    o.neighbours = neighbours_of(c);
    o.loop = &loop;
    o.pool = &pool;
    o.tls = &to_nodes;
    o.store = &store;
    o.transit = &transit;
    o.forwarder = &forwarder;
    o.waiting = &waiting;
    o.sections = &sections;
    o.alarms = &alarms;
    o.metrics = &metrics;
    o.exchange = exchange;
    return o;
}

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
