#include "instance_lock.hpp"

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>

namespace truc::adapter {

namespace {

constexpr unsigned for_the_owner = 0700; ///< what lies there are documents

void make_directory(const std::filesystem::path& dir) {
    if (std::filesystem::exists(dir)) return;
    std::filesystem::create_directories(dir);
    ::chmod(dir.c_str(), for_the_owner);
}

} // namespace

instance_lock::instance_lock(const std::filesystem::path& data_dir) {
    make_directory(data_dir);
    const auto file = data_dir / "lock";
    file_ = file_handle(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file_) throw std::runtime_error(fmt::format("{}: {}", file.string(), std::strerror(errno)));
    if (::flock(file_.fd(), LOCK_EX | LOCK_NB) != 0)
        throw std::runtime_error(data_dir.string() + " is in use by another truc-adapter");
    if (auto written = write_file(data_dir / "truc-adapter.pid", fmt::format("{}\n", ::getpid())); !written)
        throw std::runtime_error(written.error().what);
}

} // namespace truc::adapter
