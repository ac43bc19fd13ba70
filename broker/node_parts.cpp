// How a node is put together: what each of its parts is given, and which asks which.
#include "node_parts.hpp"

#include <truc/api/applications.hpp>
#include <truc/intake/succession.hpp>

#include <random>

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
    return {&c, &store, &alarms, &metrics, [this] { return intake.current_directory(); }, look.empty()};
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

} // namespace truc::broker
