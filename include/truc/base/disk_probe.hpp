#pragma once
/// What a directory lies on, and whether it can be trusted with what must survive a power cut.

#include <truc/base/result.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace truc {

struct mounted_file_system {
    std::string type; ///< ext4, xfs, tmpfs, nfs4 …
    std::string mounted_at;
    std::string options; ///< of the mount and of the file system, by commas
};

/// As the kernel tells of this process (/proc/self/mountinfo). Nullopt when it does not.
std::optional<mounted_file_system> file_system_of(const std::filesystem::path& directory);
/// The same out of that text; `path` is absolute and without symbolic links.
std::optional<mounted_file_system> find_mount(std::string_view mountinfo, const std::filesystem::path& path);

/// How long it takes to write 4 KiB into an unnamed file there and have it synced, so many times; sorted. Leaves
/// nothing behind. Errors: no_space, internal.
result<std::vector<std::chrono::microseconds>> time_syncs(const std::filesystem::path& directory, std::size_t times);

} // namespace truc
