#include "own_directory.hpp"

#include <truc/base/durable.hpp>

#include <sys/stat.h>

namespace truc::tdoffice {

result<void> refuse_in_place_of_directory(const std::filesystem::path& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0 || S_ISDIR(info.st_mode)) return {};
    return fail(errc::legacy_away, path.string() + " is not a directory");
}

result<void> ensure_own_directory(const std::filesystem::path& path) {
    if (auto good = refuse_in_place_of_directory(path); !good) return good;
    if (auto made = ensure_directory(path); !made) return fail(errc::legacy_away, made.error().what);
    return refuse_in_place_of_directory(path);
}

} // namespace truc::tdoffice
