#pragma once
/// Copies of files that survive a power cut, for copies of a whole store.

#include <truc/base/bytes.hpp>

#include <filesystem>
#include <functional>

namespace truc {

/// Told while bytes go by, so that long work can show how far it is.
using bytes_done = std::function<void(std::uint64_t)>;

/// Copies the bytes, syncs them, and gives them their name last, in the place of what had it; the directory is for the
/// caller to sync. Gives the digest of what was copied. Errors: no_space, internal.
result<sha256_digest> copy_durably(const std::filesystem::path& from, const std::filesystem::path& to,
                                   const bytes_done& told = {});
/// A second name for a file whose bytes never change; where the file system has none, a copy. Errors as above.
result<void> link_or_copy(const std::filesystem::path& from, const std::filesystem::path& to);
/// Syncs what somebody else has written into this file. Error: internal.
result<void> sync_file(const std::filesystem::path& file);
/// Syncs every directory below this one, and itself. Errors: not_ready, internal.
result<void> sync_tree(const std::filesystem::path& directory);
/// Digest of the bytes of a file. Error: internal.
result<sha256_digest> digest_of_file(const std::filesystem::path& file, const bytes_done& told = {});
/// What the file system of this directory has left; 0 when it cannot be asked.
std::uint64_t free_bytes(const std::filesystem::path& directory);

} // namespace truc
