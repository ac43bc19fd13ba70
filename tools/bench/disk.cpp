#include "failure.hpp"
#include "measurement.hpp"

#include <truc/base/durable.hpp>

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace truc::bench {

figure measure_disk(const settings& s) {
    constexpr int times = 300;
    const auto path = s.directory / "disk";
    const file_handle file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const std::string block(4096, 'x');
    std::vector<double> took;
    for (int i = 0; i < times; ++i) {
        const auto start = std::chrono::steady_clock::now();
        if (::write(file.fd(), block.data(), block.size()) != static_cast<ssize_t>(block.size()) ||
            ::fdatasync(file.fd()) != 0)
            throw failure("cannot write " + path.string());
        took.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    }
    std::filesystem::remove(path);
    std::nth_element(took.begin(), took.begin() + times / 2, took.end());
    return {"disk_fdatasync", took[times / 2], "us"};
}

std::string file_system_of(const std::filesystem::path& directory) {
    // Fields of /proc/self/mounts: device, mount point, kind. The longest mount point above the directory is its own.
    const auto path = std::filesystem::canonical(directory).string() + "/";
    std::ifstream mounts("/proc/self/mounts");
    std::string kind = "unknown";
    std::size_t longest = 0;
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream fields(line);
        std::string device;
        std::string point;
        std::string type;
        fields >> device >> point >> type;
        if (!point.ends_with('/')) point += '/';
        if (!path.starts_with(point) || point.size() < longest) continue;
        longest = point.size();
        kind = type;
    }
    return kind;
}

} // namespace truc::bench
