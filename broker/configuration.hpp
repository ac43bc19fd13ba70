#pragma once
#include <truc/api/client_limits.hpp>
#include <truc/base/settings.hpp>
#include <truc/model/working_calendar.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace truc::broker {

/// A node that this one exchanges legs with.
struct neighbour {
    std::string name;
    std::optional<truc::address> address; ///< where it is dialled; none: it dials us
};

/// The entrance of systems that use the SDK of the national axis.
struct facade {
    address listen{"127.0.0.1", 8080};
    std::string path = "/vxp";
    bool tls = false;
    bool allow_plain_http = false;     ///< plain HTTP even where strangers could listen in
    std::filesystem::path secrets;     ///< empty: nobody gets in
    std::filesystem::path secrets_key; ///< where there are secrets
};

/// How people hear of alarms, beside the log.
struct alarm_ways {
    bool syslog = false;
    std::filesystem::path syslog_socket = "/dev/log";
    std::string webhook;              ///< URL; empty: none. May be a password: never logged
    std::filesystem::path webhook_ca; ///< of an https one
    std::vector<std::string> command; ///< program and arguments; empty: none
    std::chrono::seconds timeout{5};  ///< for connecting to the webhook, for its answer, for the command
};

/// The times of the law (model/legal_clock.hpp), as far as they are not in it.
struct clock_settings {
    std::filesystem::path holidays;
    working_hours hours;
    std::chrono::minutes urgent{30};
    std::chrono::days look_back{14};
};

/// What trucd is told by its TOML file; conf/trucd.toml documents every key. Relative paths count from the file's
/// directory.
struct configuration {
    std::string node;
    std::filesystem::path data_dir;
    std::filesystem::path directory;
    std::filesystem::path schemas;

    std::filesystem::path certificate;
    std::filesystem::path key;
    std::filesystem::path exchange_ca;
    std::filesystem::path agency_ca;
    std::filesystem::path crl;            ///< empty: none
    std::chrono::seconds watch_pause{60}; ///< between looks whether these five were replaced; 0: nobody looks

    address http{"127.0.0.1", 8443};
    address observe{"127.0.0.1", 8090};
    std::optional<address> amqp;                        ///< only when there is a section [amqp]
    std::filesystem::path amqp_passwords;               ///< empty: clients need certificates
    std::optional<facade> vxp;                          ///< only when there is a section [vxp]
    api::client_limits::options limits;                 ///< for each client, of the HTTP entrances together
    std::uint64_t keep_free = std::uint64_t{256} << 20; ///< bytes of the disk that new documents leave free
    /// How long a delivery may take, by priority (normal … express_timed).
    std::array<std::chrono::milliseconds, 5> time_to_deliver = {std::chrono::hours(72), std::chrono::hours(24),
                                                                std::chrono::hours(8), std::chrono::hours(2),
                                                                std::chrono::hours(1)};
    clock_settings clocks;
    std::vector<neighbour> neighbours;
    std::filesystem::path admin_socket; ///< <data_dir>/admin.sock

    std::string log_level = "info";
    bool log_json = false;
    bool log_events = true;                 ///< one line for each event of the ledger
    std::chrono::seconds figures_pause{15}; ///< between two looks into the store for the metrics
    alarm_ways alarms;
    unsigned io_threads = 1;
    unsigned pool_threads = 2;
    std::chrono::seconds drain_time{20};
    std::chrono::hours keep_content{24 * 90};      ///< after the last delivery has ended; 0: for ever
    std::chrono::seconds retention_pause{60 * 60}; ///< between looks at what is due
};

/// Reads the file. A wrong key, type, value or path is an error: bad_configuration, `what` = "file:line: …, expected
/// …".
result<configuration> load_configuration(const std::filesystem::path& file);

} // namespace truc::broker
