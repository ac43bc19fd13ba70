#include <truc/base/durable.hpp>
#include <truc/base/uuid.hpp>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace truc {

namespace {

disk_fault fault = nullptr;

/// True when a test wants this operation to fail; errno is then EIO.
bool injected(disk_operation op) {
    if (!fault || !fault(op)) return false;
    errno = EIO;
    return true;
}

tl::unexpected<error> disk_error(std::string_view doing, const std::filesystem::path& path) {
    const int reason = errno;
    const auto code = reason == ENOSPC || reason == EDQUOT ? errc::no_space : errc::internal;
    return fail(code, fmt::format("{} {}: {}", doing, path.string(), std::strerror(reason)));
}

bool write_all(int fd, std::string_view bytes) {
    if (injected(disk_operation::write)) return false;
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

bool sync_data(int fd) { return !injected(disk_operation::sync) && ::fdatasync(fd) == 0; }

} // namespace

void set_disk_fault(disk_fault f) { fault = f; }

file_handle& file_handle::operator=(file_handle&& o) noexcept {
    std::swap(fd_, o.fd_);
    return *this;
}

file_handle::~file_handle() {
    if (fd_ >= 0) ::close(fd_);
}

mapped_file& mapped_file::operator=(mapped_file&& o) noexcept {
    std::swap(data_, o.data_);
    std::swap(size_, o.size_);
    return *this;
}

mapped_file::~mapped_file() {
    if (data_) ::munmap(data_, size_);
}

void mapped_file::release_pages() const {
    if (data_) ::madvise(data_, size_, MADV_DONTNEED);
}

result<mapped_file> mapped_file::map(int fd, std::size_t size) {
    mapped_file m;
    if (size == 0) return m;
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED) return disk_error("map", "file");
    m.data_ = data;
    m.size_ = size;
    return m;
}

result<mapped_file> mapped_file::open(const std::filesystem::path& path) {
    const file_handle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info {};
    if (!file || ::fstat(file.fd(), &info) != 0) return disk_error("open", path);
    return map(file.fd(), static_cast<std::size_t>(info.st_size));
}

result<void> sync_directory(const std::filesystem::path& dir) {
    const file_handle handle(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!handle) return fail(errc::not_ready, fmt::format("open {}: {}", dir.string(), std::strerror(errno)));
    if (injected(disk_operation::sync_directory) || ::fsync(handle.fd()) != 0) return disk_error("sync directory", dir);
    return {};
}

result<void> write_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode) {
    std::string temporary = path.string() + ".XXXXXX";
    const file_handle file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!file) return disk_error("create", path);
    const bool written = ::fchmod(file.fd(), mode) == 0 && write_all(file.fd(), bytes) && sync_data(file.fd()) &&
                         !injected(disk_operation::rename) && ::rename(temporary.c_str(), path.c_str()) == 0;
    if (!written) {
        const auto failure = disk_error("write", path);
        ::unlink(temporary.c_str());
        return failure;
    }
    return sync_directory(directory_of(path));
}

result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
    const file_handle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return disk_error("open", path);
    std::string bytes;
    char buffer[64 * 1024];
    for (;;) {
        const ssize_t n = ::read(file.fd(), buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return disk_error("read", path);
        if (n == 0) return bytes;
        bytes.append(buffer, static_cast<std::size_t>(n));
        if (bytes.size() > limit) return fail(errc::too_large, path.string());
    }
}

namespace {

bool rename_to_free_name(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
    if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) return false;
    struct stat info {};
    if (::lstat(to.c_str(), &info) == 0) {
        errno = EEXIST;
        return false;
    }
    return errno == ENOENT && ::rename(from.c_str(), to.c_str()) == 0;
}

} // namespace

result<void> move_file(const std::filesystem::path& from, const std::filesystem::path& to, existing what) {
    const bool moved =
        !injected(disk_operation::rename) &&
        (what == existing::replace ? ::rename(from.c_str(), to.c_str()) == 0 : rename_to_free_name(from, to));
    if (!moved && errno == EEXIST && what == existing::keep) return fail(errc::already_ended, to.string());
    if (!moved) return disk_error("rename to", to);
    if (auto synced = sync_directory(directory_of(to)); !synced) return synced;
    return directory_of(from) == directory_of(to) ? result<void>() : sync_directory(directory_of(from));
}

result<void> remove_file(const std::filesystem::path& path) {
    if (::unlink(path.c_str()) == 0) return sync_directory(directory_of(path));
    return errno == ENOENT ? result<void>() : disk_error("remove", path);
}

result<void> ensure_directory(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), 0777) == 0) return sync_directory(directory_of(path));
    struct stat info {};
    if (errno == EEXIST && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return {};
    return disk_error("make the directory", path);
}

spool::spool(std::filesystem::path dir) : dir_(std::move(dir)) {}

result<void> spool::append(std::string_view bytes) {
    size_ += bytes.size();
    hasher_.update(bytes);
    if (!keeping_) return {};
    if (!file_ && memory_.size() + bytes.size() <= inline_limit) {
        memory_.append(bytes);
        return {};
    }
    if (!file_)
        if (auto moved = move_to_file(); !moved) return moved;
    if (!write_all(file_.fd(), bytes)) return disk_error("write to", dir_);
    return {};
}

result<void> spool::move_to_file() {
    file_handle file(::open(dir_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0640));
    if (!file) return disk_error("create in", dir_);
    if (!write_all(file.fd(), memory_)) return disk_error("write to", dir_);
    file_ = std::move(file);
    memory_ = {};
    return {};
}

void spool::discard() {
    keeping_ = false;
    memory_ = {};
    file_ = {};
}

result<void> spool::finish() {
    digest_ = hasher_.finish();
    if (!file_) return {};
    auto mapped = mapped_file::map(file_.fd(), size_);
    if (!mapped) return fail(mapped.error());
    map_ = std::move(*mapped);
    return {};
}

std::string_view spool::view() const { return file_ ? map_.view() : std::string_view(memory_); }

/// AT_EMPTY_PATH would need a capability; the /proc link is the documented way for everybody (open(2), O_TMPFILE).
bool spool::give_name(const std::filesystem::path& path) {
    const std::string self = fmt::format("/proc/self/fd/{}", file_.fd());
    return !injected(disk_operation::link) &&
           ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

result<void> spool::link(const std::filesystem::path& path) {
    if (!sync_data(file_.fd())) return disk_error("sync", path);
    if (give_name(path)) return {};
    if (errno != EEXIST) return disk_error("link", path);
    // The name holds the same content, or what a failing disk made of it: the good copy takes its place.
    const std::filesystem::path fresh = path.string() + "." + uuid::make(system_clock().now()).str();
    if (!give_name(fresh) || injected(disk_operation::rename) || ::rename(fresh.c_str(), path.c_str()) != 0) {
        const auto failure = disk_error("link", path);
        ::unlink(fresh.c_str());
        return failure;
    }
    return {};
}

} // namespace truc
