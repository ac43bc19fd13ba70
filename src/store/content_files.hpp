#pragma once
#include <truc/base/durable.hpp>

#include <functional>
#include <mutex>
#include <unordered_map>

namespace truc::store {

/// Content larger than the inline limit, one file per digest: <root>/<first two digits>/<sha256>. Spool files of the
/// same file system have no name until they are linked here. Thread-safe: holds nothing but its path.
class content_files {
  public:
    /// Makes the root if it is missing. Throws std::filesystem::filesystem_error.
    explicit content_files(std::filesystem::path root);

    const std::filesystem::path& root() const { return root_; }
    std::filesystem::path path_of(const sha256_digest& digest) const { return path_in(root_, digest); }
    static std::filesystem::path path_in(const std::filesystem::path& root, const sha256_digest& digest);
    std::filesystem::path directory_of(const sha256_digest& digest) const;
    /// Gives a finished spool its durable name; its directory and the root are for the writer to sync. Errors:
    /// no_space, internal.
    result<void> link(spool& content) const;
    /// Maps the file and compares its digest. Errors: corrupt, internal.
    result<mapped_file> open(const sha256_digest& digest) const;
    /// What retention destroys. A file that cannot be removed now is swept at the next start.
    void remove(const sha256_digest& digest) const;
    /// Removes the files that no row knows. Only at start, before anything is spooled. Gives the number removed.
    std::size_t sweep(const std::function<bool(const sha256_digest&)>& known) const;

  private:
    /// Changes whenever the file does, as far as the file system is told of it.
    struct file_state {
        std::uint64_t inode = 0;
        std::int64_t size = 0, seconds = 0, nanoseconds = 0;
        bool operator==(const file_state&) const = default;
    };
    static file_state state_of(const std::filesystem::path& path);

    std::filesystem::path root_;
    /// Files whose digest was found right, so that a content read in many ranges is not hashed for each.
    mutable std::mutex mutex_;
    mutable std::unordered_map<sha256_digest, file_state> verified_;
};

} // namespace truc::store
