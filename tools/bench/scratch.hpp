#pragma once
#include <filesystem>

namespace truc::bench {

/// Removes what was made in a directory of its own.
class scratch {
  public:
    explicit scratch(std::filesystem::path path) : path_(std::move(path)) {}
    ~scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    scratch(const scratch&) = delete;

  private:
    std::filesystem::path path_;
};

} // namespace truc::bench
