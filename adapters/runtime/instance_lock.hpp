#pragma once
#include <truc/base/durable.hpp>

#include <filesystem>

namespace truc::adapter {

/// The directory is ours as long as it lives: two processes with one journal would send everything twice. Makes the
/// directory when it is missing, and writes truc-adapter.pid. Throws std::runtime_error: another process has it, or it
/// cannot be used.
class instance_lock {
  public:
    explicit instance_lock(const std::filesystem::path& data_dir);

  private:
    file_handle file_;
};

} // namespace truc::adapter
