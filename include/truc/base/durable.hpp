#pragma once
/// The only place that renames, links and syncs files. What a function here calls written survives a power cut.

#include <truc/base/bytes.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace truc {

/// An open file, closed on destruction. Move only.
class file_handle {
  public:
    file_handle() = default;
    explicit file_handle(int fd) : fd_(fd) {}
    file_handle(file_handle&& o) noexcept : fd_(o.fd_) { o.fd_ = -1; }
    file_handle& operator=(file_handle&& o) noexcept;
    ~file_handle();

    int fd() const { return fd_; }
    /// Gives the descriptor up to somebody who closes it.
    int release() {
        const int fd = fd_;
        fd_ = -1;
        return fd;
    }
    explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_ = -1;
};

/// Read-only mapping of a whole file; the bytes stay valid as long as the object lives.
class mapped_file {
  public:
    mapped_file() = default;
    mapped_file(mapped_file&& o) noexcept : data_(o.data_), size_(o.size_) { o.data_ = nullptr, o.size_ = 0; }
    mapped_file& operator=(mapped_file&& o) noexcept;
    ~mapped_file();

    static result<mapped_file> map(int fd, std::size_t size);
    static result<mapped_file> open(const std::filesystem::path& path);
    std::string_view view() const { return {static_cast<const char*>(data_), size_}; }
    /// Gives the memory back that reading took; reading again fetches it anew.
    void release_pages() const;

  private:
    void* data_ = nullptr;
    std::size_t size_ = 0;
};

/// Replaces a file's content as a whole: temporary file, sync, rename, sync of the directory.
result<void> write_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode = 0644);
result<std::string> read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{64} << 20);
/// Error not_ready when it cannot even be opened: then nothing is uncertain.
result<void> sync_directory(const std::filesystem::path& dir);

/// Gives a file or directory another name (same file system) and syncs both directories. A file that has the name
/// already is replaced, or with `keep` left alone: error already_ended. Network shares that cannot rename without
/// replacing are asked first, which leaves a gap for somebody who writes that name at the same moment.
enum class existing { replace, keep };
result<void> move_file(const std::filesystem::path& from, const std::filesystem::path& to, existing what);
/// Removes a name and syncs its directory; one that is not there is removed already.
result<void> remove_file(const std::filesystem::path& path);
/// Makes a directory and syncs the one above; one that is there already will do.
result<void> ensure_directory(const std::filesystem::path& path);

/// Collects content of unknown size while it arrives: in memory up to `inline_limit`, beyond that in an unnamed file
/// (O_TMPFILE) of `dir`, hashed on the way. Nothing is left behind when it is destroyed without `link()`.
/// One thread at a time.
class spool {
  public:
    static constexpr std::size_t inline_limit = 64 * 1024;

    explicit spool(std::filesystem::path dir = {});
    spool(spool&&) noexcept = default;
    spool& operator=(spool&&) noexcept = default;

    /// Fails with no_space or internal; the spool is then unusable.
    result<void> append(std::string_view bytes);
    /// Drops what was kept; what is appended from now on is hashed only. For content that will be refused by its
    /// digest.
    void discard();
    /// Ends the writing: digest and view are available afterwards; the view is empty after discard().
    result<void> finish();

    std::size_t size() const { return size_; }
    bool is_inline() const { return !file_; }
    const sha256_digest& digest() const { return digest_; }
    std::string_view view() const;
    /// Gives the memory back that reading a file through view() took; the view stays valid.
    void release_pages() const { map_.release_pages(); }

    /// Syncs the file and gives it the name `path` (same file system). A name that exists already is replaced:
    /// content is named by its digest, and this copy is known to be good. The directory is not synced; that is for the
    /// caller, once per group.
    result<void> link(const std::filesystem::path& path);

  private:
    result<void> move_to_file();
    bool give_name(const std::filesystem::path& path);

    std::filesystem::path dir_;
    std::string memory_;
    file_handle file_;
    mapped_file map_;
    std::size_t size_ = 0;
    bool keeping_ = true;
    sha256_hasher hasher_;
    sha256_digest digest_;
};

/// What the disk is asked to do, for tests that make the n-th request fail. Null in production.
enum class disk_operation { write, sync, link, rename, sync_directory };
using disk_fault = bool (*)(disk_operation);
/// Installs a function that is asked before each operation; true makes it fail with EIO. Not thread-safe: tests only.
void set_disk_fault(disk_fault fault);

} // namespace truc
