#pragma once
#include "../network.hpp"

namespace truc::cli::demo {

/// Where the programs that play legacy systems listen.
struct legacy_ports {
    unsigned axis;
    unsigned soap;
    unsigned database; ///< of the clerk who works in it
};

/// Writes what plugs the legacy systems of the demonstration in, below `dir`: adapters and what stands in for the
/// systems, their directories, secrets and configurations; and notes them in the network, whose nodes, agencies and
/// clients are complete. Throws std::runtime_error when something cannot be written.
void plug_in_legacy_systems(network& n, const std::filesystem::path& dir, legacy_ports ports, bool one_node);

/// A text written durably. Throws std::runtime_error.
void write_or_throw(const std::filesystem::path& file, std::string_view text, unsigned mode = 0644);
/// A TOML basic string (TOML 1.0, "String").
std::string toml_text(std::string_view text);

} // namespace truc::cli::demo
