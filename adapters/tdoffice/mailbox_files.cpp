#include "mailbox_files.hpp"

#include "own_directory.hpp"
#include "safe_name.hpp"

#include <truc/base/durable.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <vector>

namespace truc::tdoffice {

namespace {

constexpr std::size_t piece = std::size_t{64} << 10;

/// The steps of a path; nothing when one of them is no name.
std::vector<std::string> steps_of(std::string_view path) {
    std::string slashes(path);
    std::ranges::replace(slashes, '\\', '/');
    std::vector<std::string> steps;
    for (std::size_t at = 0; at <= slashes.size();) {
        const auto end = std::min(slashes.find('/', at), slashes.size());
        auto step = slashes.substr(at, end - at);
        if (step.empty() || step == "." || step == ".." || step.find('\0') != step.npos) return {};
        steps.push_back(std::move(step));
        at = end + 1;
    }
    return steps;
}

/// Goes down step by step, so that a link put there meanwhile is not followed either.
file_handle open_below(const std::filesystem::path& root, const std::vector<std::string>& steps) {
    file_handle at(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    for (std::size_t i = 0; at && i < steps.size(); ++i) {
        // O_NONBLOCK: a pipe in the place of a file must not hold us up.
        const bool last = i + 1 == steps.size();
        const int flags =
            last ? O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        at = file_handle(::openat(at.fd(), steps[i].c_str(), flags));
    }
    return at;
}

/// A share that is away shows its mount point, empty.
bool is_away(const std::filesystem::path& root) {
    std::error_code ec;
    return std::filesystem::is_empty(root, ec) || ec;
}

/// What the row says is wrong, unless it is the share: that comes back by itself.
tl::unexpected<error> cannot_open(const std::filesystem::path& root, std::string_view path, int reason) {
    const bool is_of_row =
        reason == ENOENT || reason == ENOTDIR || reason == ELOOP || reason == ENXIO || reason == ENAMETOOLONG;
    if (!is_of_row || is_away(root))
        return fail(errc::legacy_away, (root / path).string() + ": " + std::strerror(reason));
    return fail(errc::attachment_mismatch, fmt::format("path '{}' cannot be opened", path));
}

} // namespace

result<std::string> read_attachment_file(const std::filesystem::path& root, std::string_view path, std::size_t limit) {
    const auto steps = steps_of(path);
    if (root.empty() || steps.empty())
        return fail(errc::attachment_mismatch,
                    fmt::format("path '{}' does not stay below the directory of attachments", path));
    const auto file = open_below(root, steps);
    struct stat s = {};
    if (!file || ::fstat(file.fd(), &s) != 0) return cannot_open(root, path, errno);
    if (!S_ISREG(s.st_mode)) return fail(errc::attachment_mismatch, fmt::format("path '{}' is no file", path));
    std::string bytes;
    for (;;) {
        const auto had = bytes.size();
        if (had > limit) return fail(errc::too_large, fmt::format("more than {} bytes", limit));
        bytes.resize(had + piece);
        const auto got = ::read(file.fd(), bytes.data() + had, piece);
        bytes.resize(had + (got > 0 ? static_cast<std::size_t>(got) : 0));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return cannot_open(root, path, errno);
        if (got == 0) return bytes;
    }
}

result<std::string> write_attachment_file(const std::filesystem::path& root, const uuid& delivery, std::size_t number,
                                          std::string_view name, std::string_view bytes) {
    const auto directory = root / delivery.str();
    if (auto made = ensure_own_directory(directory); !made) return fail(std::move(made.error()));
    const auto relative = fmt::format("{}/{}-{}", delivery.str(), number, safe_file_name(name, "attachment"));
    if (auto ok = write_file(root / relative, bytes, 0640); !ok) return fail(std::move(ok.error()));
    return relative;
}

} // namespace truc::tdoffice
