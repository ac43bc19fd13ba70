#pragma once
/// What the networks of the bench are made from: authorities, certificates, files.

#include <truc/trust/pki.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace truc::bench {

/// A certificate for clients that is valid now, for a year.
trust::certificate_request certificate_for(const std::string& common_name);
/// The same for a node of that name, which serves on the loopback too.
trust::certificate_request node_certificate_for(const std::string& common_name, const std::string& node);
/// Written to `<directory>/<file>.pem` and `-key.pem`.
trust::authority make_authority(const std::filesystem::path& directory, const std::string& file, std::string_view name);

/// Throws failure.
void write_text(const std::filesystem::path& file, std::string_view text);

} // namespace truc::bench
