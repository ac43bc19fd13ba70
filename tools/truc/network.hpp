#pragma once
#include "failure.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace truc::cli {

struct network_node {
    std::string name;
    std::string level;
    std::filesystem::path config;
    std::filesystem::path data_dir;
    std::string http;
    std::string vxp; ///< URL of the operations of the axis SDK
    std::string amqp;
    std::string observe;
    std::filesystem::path admin; ///< socket
};

struct network_agency {
    std::string code;
    std::string name;
    std::string node;
    std::string client;
    std::filesystem::path certificate;
    std::filesystem::path key;
};

struct network_client {
    std::string id;
    std::vector<std::string> agencies;
    std::filesystem::path certificate;
    std::filesystem::path key;
    std::string vxp_secret;
    std::string amqp_password;
};

/// One legacy system plugged in.
struct network_adapter {
    std::string name;
    std::string kind;   ///< tdoffice-folder, tdoffice-database, tdoffice-soap, axis
    std::string agency; ///< code
    std::filesystem::path config;
    std::filesystem::path data_dir;
    std::filesystem::path admin; ///< socket
    // What its people have before them, by its kind; the rest is empty.
    std::filesystem::path outbox; ///< hot folder
    std::filesystem::path inbox;
    std::filesystem::path database; ///< SQLite
    std::string url;                ///< of the legacy system
};

/// A program that plays a legacy system, or the axis, in the demonstration.
struct network_stand_in {
    std::string name;
    std::vector<std::string> command; ///< absolute program, then its arguments
    std::filesystem::path data_dir;
    std::string url; ///< where it answers as soon as it is ready; empty: it does not
};

/// What network.json says: where the nodes are and with which files one speaks to them. Paths are absolute. A value.
struct network {
    std::filesystem::path authority;        ///< of nodes: "ca"
    std::filesystem::path agency_authority; ///< of agencies: "agency_ca"
    std::filesystem::path agency_authority_key;
    std::vector<network_node> nodes;
    std::vector<network_agency> agencies;
    std::vector<network_client> clients;
    std::vector<network_adapter> adapters;
    std::vector<network_stand_in> stand_ins;

    /// Unknown members are ignored. Ends with a usage failure when the file is none of these.
    static outcome<network> load(const std::filesystem::path& file);
    std::string text() const;

    const network_node* find_node(std::string_view name) const;
    /// By its code as it stands there; dashes and lower case are understood.
    const network_agency* find_agency(std::string_view code) const;
    const network_client* find_client(std::string_view id) const;
    const network_adapter* find_adapter(std::string_view name) const;
};

} // namespace truc::cli
