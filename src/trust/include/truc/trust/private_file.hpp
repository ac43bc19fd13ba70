#pragma once
#include <truc/base/result.hpp>

#include <filesystem>
#include <string>

namespace truc::trust {

/// The content of a file that is of use to whoever can read it. Error: bad_configuration: it cannot be read, or others
/// than its owner may open it.
result<std::string> read_private_file(const std::filesystem::path& file);

} // namespace truc::trust
