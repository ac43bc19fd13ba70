#pragma once
/// What a node consists of. Known to the files that put it together (node_parts.cpp) and that give it its life
/// (node.cpp) alone.

#include "node.hpp"
#include "observation.hpp"
#include "reading_only.hpp"
#include "retention.hpp"
#include "sections.hpp"
#include "upkeep.hpp"

#include <truc/api/amqp_entrance.hpp>
#include <truc/api/axis.hpp>
#include <truc/api/relay.hpp>
#include <truc/deliver/driver.hpp>

namespace truc::broker {

/// Members begin in this order and end in the reverse. What an earlier one asks of a later one it asks only while both
/// are there: from begin() to stop().
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

} // namespace truc::broker
