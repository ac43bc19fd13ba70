#pragma once
#include <truc/base/result.hpp>

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace truc::cli::demo {

/// A program of the network: what it is started with, and how one sees that it is ready.
struct program {
    std::string name;
    std::vector<std::string> command; ///< absolute path, then the arguments
    std::filesystem::path pid_file;   ///< whoever kills it for the story finds it there
    std::string where; ///< server address that answers `target` with 200 when it is ready; empty: at once
    std::string target;
    std::string shown; ///< where people find it
};

bool answers_ready(const program& p);

/// One process of a program, started again when it ended. Dies with this process.
class process {
  public:
    explicit process(program p) : program_(std::move(p)) {}

    const program& what() const { return program_; }
    bool runs() const { return pid_ > 0; }
    bool is_ready() const { return ready_; }
    bool was_ever_ready() const { return ever_ready_; }

    /// Error: internal, when there is no process or its id cannot be written down.
    result<void> start();
    /// True when the program has just become ready.
    bool became_ready();
    /// When it ended: how, and when it is to be started again.
    std::optional<int> reap();
    bool is_due() const { return !runs() && std::chrono::steady_clock::now() >= start_at_; }
    void ask_to_stop() const;
    void end() const;

  private:
    static constexpr std::chrono::milliseconds first_pause{200};

    [[noreturn]] void become_program(pid_t parent) const;

    program program_;
    pid_t pid_ = 0;
    bool ready_ = false;
    bool ever_ready_ = false;
    std::chrono::milliseconds pause_{first_pause}; ///< before it is started again
    std::chrono::steady_clock::time_point start_at_;
};

} // namespace truc::cli::demo
