#pragma once
#include <filesystem>
#include <vector>

namespace truc::broker {

/// Notices that files were replaced or written to: by time, size and inode, so that nothing is read for it.
/// One thread at a time.
class file_watch {
  public:
    /// What the files are now is the beginning. A file may be missing, and come later.
    explicit file_watch(std::vector<std::filesystem::path> files);

    /// Whether one of them has become another one since this was asked last.
    bool changed();

  private:
    struct state {
        bool exists = false;
        long long seconds = 0;
        long nanoseconds = 0;
        long long size = 0;
        unsigned long long inode = 0;
        bool operator==(const state&) const = default;
    };
    static state look_at(const std::filesystem::path& file);
    std::vector<state> look() const;

    std::vector<std::filesystem::path> files_;
    std::vector<state> seen_;
};

} // namespace truc::broker
