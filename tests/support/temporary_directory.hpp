#pragma once
#include <filesystem>

namespace truc::test {

/// A directory of its own, removed with everything in it at the end.
class temporary_directory {
  public:
    temporary_directory();
    ~temporary_directory();
    temporary_directory(const temporary_directory&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

} // namespace truc::test
