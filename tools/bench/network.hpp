#pragma once
#include <truc/trust/signing_key.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace truc::bench {

/// An agency of the network under load; the certificate signs its documents and opens its connections.
struct bench_agency {
    std::string code;
    std::string client;
    std::filesystem::path certificate;
    std::filesystem::path key;
    std::shared_ptr<const trust::signing_key> signing;
};

/// One node and its agencies in a directory: authorities, certificates, directory.jsonl, trucd.toml.
struct network {
    std::filesystem::path directory;
    std::filesystem::path configuration;
    std::filesystem::path data_dir;
    std::filesystem::path admin; ///< socket
    std::filesystem::path ca;
    std::string node;
    std::uint16_t http_port = 0;
    std::uint16_t observe_port = 0;
    std::uint16_t amqp_port = 0;
    std::vector<bench_agency> agencies;

    /// Free ones of the loopback.
    void take_ports();
    /// trucd.toml; `more` are further tables of it. Throws failure.
    void write_configuration(std::string_view more = {}) const;
    /// network.json, for other programs; the names are those of the demonstration network.
    std::string describe() const;
};

/// Makes everything anew in `directory`. Ports are free ones of the loopback; the agencies' keys are RSA-2048, made on
/// all processors. Throws failure or std::runtime_error.
network make_network(const std::filesystem::path& directory, std::size_t agencies);

} // namespace truc::bench
