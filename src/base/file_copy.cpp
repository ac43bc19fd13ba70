#include <truc/base/durable.hpp>
#include <truc/base/file_copy.hpp>

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <vector>

namespace truc {

namespace {

constexpr std::size_t piece = std::size_t{1} << 20;

tl::unexpected<error> disk_error(std::string_view doing, const std::filesystem::path& path) {
    const int reason = errno;
    const auto code = reason == ENOSPC || reason == EDQUOT ? errc::no_space : errc::internal;
    return fail(code, fmt::format("{} {}: {}", doing, path.string(), std::strerror(reason)));
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

/// Reads the file to its end. `take` says false when it cannot take a piece.
result<sha256_digest> read_through(const std::filesystem::path& from, const bytes_done& told,
                                   const std::function<bool(std::string_view)>& take) {
    const file_handle file(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return disk_error("open", from);
    sha256_hasher hasher;
    std::vector<char> buffer(piece);
    for (;;) {
        const ssize_t n = ::read(file.fd(), buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return disk_error("read", from);
        if (n == 0) return hasher.finish();
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(n));
        hasher.update(bytes);
        if (!take(bytes)) return disk_error("copy", from);
        if (told) told(bytes.size());
    }
}

} // namespace

result<sha256_digest> copy_durably(const std::filesystem::path& from, const std::filesystem::path& to,
                                   const bytes_done& told) {
    const std::filesystem::path fresh = to.string() + ".new";
    const file_handle file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
    if (!file) return disk_error("create", fresh);
    auto digest = read_through(from, told, [&](std::string_view bytes) { return write_all(file.fd(), bytes); });
    if (digest && (::fdatasync(file.fd()) != 0 || ::rename(fresh.c_str(), to.c_str()) != 0))
        digest = disk_error("write", to);
    if (!digest) ::unlink(fresh.c_str());
    return digest;
}

result<void> link_or_copy(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (::link(from.c_str(), to.c_str()) == 0) return {};
    if (errno != EXDEV && errno != EPERM && errno != EMLINK && errno != EOPNOTSUPP) return disk_error("link", from);
    const auto copied = copy_durably(from, to);
    if (!copied) return fail(copied.error());
    return {};
}

result<void> sync_file(const std::filesystem::path& path) {
    const file_handle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file || ::fsync(file.fd()) != 0) return disk_error("sync", path);
    return {};
}

result<void> sync_tree(const std::filesystem::path& directory) {
    std::error_code failed;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, failed)) {
        if (!entry.is_directory()) continue;
        if (auto synced = sync_directory(entry.path()); !synced) return synced;
    }
    if (failed) return fail(errc::internal, directory.string() + ": " + failed.message());
    return sync_directory(directory);
}

result<sha256_digest> digest_of_file(const std::filesystem::path& file, const bytes_done& told) {
    return read_through(file, told, [](std::string_view) { return true; });
}

std::uint64_t free_bytes(const std::filesystem::path& directory) {
    struct statvfs disk {};
    if (::statvfs(directory.c_str(), &disk) != 0) return 0;
    return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
}

} // namespace truc
