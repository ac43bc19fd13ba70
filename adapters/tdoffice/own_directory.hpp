#pragma once
/// Directories of ours on a share where others write too. A link in the place of one would lead what we move and write
/// to wherever its maker likes, with our rights: it is refused until somebody has removed it.

#include <truc/base/result.hpp>

#include <filesystem>

namespace truc::tdoffice {

/// Makes it, durably, or finds it there. Error: legacy_away.
result<void> ensure_own_directory(const std::filesystem::path& path);
/// Nothing is there, or a directory. Error: legacy_away.
result<void> refuse_in_place_of_directory(const std::filesystem::path& path);

} // namespace truc::tdoffice
