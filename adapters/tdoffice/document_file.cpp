// Reading one file of the outbox, which may be anything.
#include "folder_scan.hpp"

#include <truc/base/printable.hpp>

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace truc::tdoffice {

namespace {

constexpr std::size_t tail_size = 4096;
constexpr std::size_t longest_shown_name = 150;

std::int64_t nanoseconds(const timespec& t) { return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; }

std::string shown(const std::filesystem::path& path) { return printable(path.filename().string(), longest_shown_name); }

tl::unexpected<error> too_large(std::size_t largest) {
    return fail(errc::too_large, fmt::format("more than {} MiB", largest >> 20));
}

/// O_NONBLOCK: a pipe must not hold us up.
result<file_handle> open_document(const std::filesystem::path& path) {
    file_handle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file) return file;
    if (errno == ELOOP || errno == ENXIO) return fail(errc::record_invalid, shown(path) + " is not an ordinary file");
    if (errno == EACCES || errno == EPERM)
        return fail(errc::record_invalid, shown(path) + " may not be read by the adapter");
    if (errno == ENOENT) return fail(errc::not_found, shown(path));
    return fail(errc::internal, fmt::format("open {}: {}", path.string(), std::strerror(errno)));
}

} // namespace

file_version file_version::of(const struct stat& info) {
    return {info.st_size, nanoseconds(info.st_mtim), nanoseconds(info.st_ctim)};
}

result<read_document> read_document_file(const std::filesystem::path& path, std::size_t largest, keep_content keep) {
    const auto file = open_document(path);
    if (!file) return fail(file.error());
    struct stat info {};
    if (::fstat(file->fd(), &info) != 0)
        return fail(errc::internal, fmt::format("stat {}: {}", path.string(), std::strerror(errno)));
    if (!S_ISREG(info.st_mode)) return fail(errc::record_invalid, shown(path) + " is not an ordinary file");

    read_document d;
    sha256_hasher hasher;
    if (static_cast<std::size_t>(info.st_size) > largest) return too_large(largest);
    std::size_t size = 0; // it may grow while it is read
    std::array<char, std::size_t{64} << 10> buffer{};
    while (true) {
        const auto got = ::read(file->fd(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(errc::internal, fmt::format("read {}: {}", path.string(), std::strerror(errno)));
        if (got == 0) break;
        if ((size += static_cast<std::size_t>(got)) > largest) return too_large(largest);
        const std::string_view piece(buffer.data(), static_cast<std::size_t>(got));
        hasher.update(piece);
        if (keep == keep_content::yes) d.content += piece;
        d.tail += piece;
        if (d.tail.size() > tail_size) d.tail.erase(0, d.tail.size() - tail_size);
    }
    d.digest = hasher.finish();
    d.version = file_version::of(info);
    return d;
}

} // namespace truc::tdoffice
