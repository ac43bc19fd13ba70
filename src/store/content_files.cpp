#include "content_files.hpp"

#include <truc/base/log.hpp>

#include <sys/stat.h>

namespace truc::store {

namespace {

constexpr std::size_t verified_kept = 1024;

} // namespace

content_files::file_state content_files::state_of(const std::filesystem::path& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return {};
    return {info.st_ino, info.st_size, info.st_ctim.tv_sec, info.st_ctim.tv_nsec};
}

content_files::content_files(std::filesystem::path root) : root_(std::move(root)) {
    std::filesystem::create_directories(root_);
}

result<void> content_files::link(spool& content) const {
    std::error_code failed;
    std::filesystem::create_directory(directory_of(content.digest()), failed);
    if (failed)
        return fail(failed == std::errc::no_space_on_device ? errc::no_space : errc::internal, failed.message());
    return content.link(path_of(content.digest()));
}

std::filesystem::path content_files::directory_of(const sha256_digest& digest) const {
    return path_of(digest).parent_path();
}

std::filesystem::path content_files::path_in(const std::filesystem::path& root, const sha256_digest& digest) {
    const auto hex = digest.hex();
    return root / hex.substr(0, 2) / hex;
}

result<mapped_file> content_files::open(const sha256_digest& digest) const {
    auto file = mapped_file::open(path_of(digest));
    if (!file) return fail(errc::corrupt, digest.hex());
    const auto now = state_of(path_of(digest));
    {
        const std::scoped_lock lock(mutex_);
        const auto seen = verified_.find(digest);
        if (seen != verified_.end() && seen->second == now) return file;
    }
    if (sha256(file->view()) != digest) return fail(errc::corrupt, digest.hex());
    const std::scoped_lock lock(mutex_);
    if (verified_.size() >= verified_kept) verified_.clear();
    verified_[digest] = now;
    return file;
}

void content_files::remove(const sha256_digest& digest) const {
    std::error_code failed;
    std::filesystem::remove(path_of(digest), failed);
    if (failed) spdlog::warn("{} cannot be removed: {}", path_of(digest).string(), failed.message());
}

std::size_t content_files::sweep(const std::function<bool(const sha256_digest&)>& known) const {
    std::size_t removed = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
        if (!entry.is_regular_file()) continue;
        const auto digest = sha256_digest::from_hex(entry.path().filename().string());
        if (digest && known(*digest)) continue; // anything else is what a crash left behind
        std::filesystem::remove(entry.path());
        ++removed;
    }
    return removed;
}

} // namespace truc::store
