#include "file_watch.hpp"

#include <sys/stat.h>

#include <utility>

namespace truc::broker {

file_watch::file_watch(std::vector<std::filesystem::path> files) : files_(std::move(files)), seen_(look()) {}

bool file_watch::changed() {
    const auto before = std::exchange(seen_, look());
    return before != seen_;
}

file_watch::state file_watch::look_at(const std::filesystem::path& file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0) return {};
    return {true, info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_size, info.st_ino};
}

std::vector<file_watch::state> file_watch::look() const {
    std::vector<state> all;
    for (const auto& file : files_) all.push_back(look_at(file));
    return all;
}

} // namespace truc::broker
