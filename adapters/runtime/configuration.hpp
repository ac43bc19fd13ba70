#pragma once
#include "adapter_context.hpp"
#include "signing_desk.hpp"

#include <truc/base/settings.hpp>
#include <truc/client/exchange_link.hpp>

#include <optional>

namespace truc::adapter {

/// What conf/truc-adapter.toml documents, but for the part of the kind.
struct configuration {
    std::string name;
    std::string kind;
    std::filesystem::path data_dir;
    bool report_arrival = true;
    client::exchange_options exchange;
    node_access node;
    std::vector<served_agency> agencies;
    std::vector<agency_signing> signing; ///< as many, in the same order
    std::optional<address> observe;
    std::filesystem::path admin_socket;
    std::string log_level = "info";
    bool log_json = false;
};

/// The file while it is read: the kind reads its own table, and then finish() tells the first mistake of all.
struct configuration_file {
    configuration values;
    settings root;
    settings kind_table; ///< of `values.kind`
};

/// Error: bad_configuration: it cannot be read, or is no TOML.
result<configuration_file> open_configuration(const std::filesystem::path& file);

/// [folder], [database], [soap], [axis]: the table that a kind reads; empty: there is no such kind.
std::string_view table_of(std::string_view kind);

} // namespace truc::adapter
