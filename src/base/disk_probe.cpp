#include <truc/base/disk_probe.hpp>
#include <truc/base/durable.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sstream>
#include <unistd.h>

namespace truc {

namespace {

/// Spaces and the like stand in octal: "\040".
std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digits = text.substr(i + 1, 3);
        const bool escape =
            text[i] == '\\' && digits.size() == 3 && digits.find_first_not_of("01234567") == std::string_view::npos;
        plain += escape ? static_cast<char>(std::stoi(std::string(digits), nullptr, 8)) : text[i];
        if (escape) i += 3;
    }
    return plain;
}

bool is_below(const std::filesystem::path& path, const std::filesystem::path& root) {
    return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

/// `36 35 98:0 /root /mount options optional… - type source options` (proc(5)).
std::optional<mounted_file_system> read_line(const std::string& line) {
    std::istringstream words(line);
    std::string word, mount_options, source;
    mounted_file_system found;
    for (int i = 0; i < 4; ++i) words >> word;
    words >> found.mounted_at >> mount_options;
    while (words >> word && word != "-") continue;
    words >> found.type >> source >> found.options;
    if (!words) return std::nullopt;
    found.mounted_at = unescaped(found.mounted_at);
    found.options = mount_options + "," + found.options;
    return found;
}

tl::unexpected<error> failed(int why) {
    return fail(why == ENOSPC || why == EDQUOT ? errc::no_space : errc::internal, std::generic_category().message(why));
}

} // namespace

std::optional<mounted_file_system> find_mount(std::string_view mountinfo, const std::filesystem::path& path) {
    std::optional<mounted_file_system> best;
    std::istringstream lines{std::string(mountinfo)};
    for (std::string line; std::getline(lines, line);) {
        auto found = read_line(line);
        // The later one covers the one before it.
        if (found && is_below(path, found->mounted_at) &&
            (!best || found->mounted_at.size() >= best->mounted_at.size()))
            best = std::move(found);
    }
    return best;
}

std::optional<mounted_file_system> file_system_of(const std::filesystem::path& directory) {
    std::error_code ec;
    const auto path = std::filesystem::canonical(directory, ec);
    const auto text = read_file("/proc/self/mountinfo");
    if (ec || !text) return std::nullopt;
    return find_mount(*text, path);
}

result<std::vector<std::chrono::microseconds>> time_syncs(const std::filesystem::path& directory, std::size_t times) {
    const file_handle file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file) return failed(errno);
    std::vector<std::chrono::microseconds> took;
    std::array<char, 4096> block{};
    for (std::size_t i = 0; i < times; ++i) {
        block[0] = static_cast<char>(i); // never the same bytes
        const auto begin = std::chrono::steady_clock::now();
        if (::pwrite(file.fd(), block.data(), block.size(), 0) != static_cast<ssize_t>(block.size()) ||
            ::fdatasync(file.fd()) != 0)
            return failed(errno);
        took.push_back(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin));
    }
    std::sort(took.begin(), took.end());
    return took;
}

} // namespace truc
