#pragma once
#include "failure.hpp"

#include <sys/types.h>

#include <filesystem>
#include <memory>

namespace truc::cli {

/// The store of a node that does not run, shown by `trucd --look`: a child of this process behind a socket of its own,
/// which ends with it. One thread.
class stopped_node {
  public:
    /// Waits until the child answers. Ends with a failure that says why it cannot show the store.
    static outcome<std::shared_ptr<stopped_node>> show(const std::filesystem::path& configuration);
    stopped_node(const stopped_node&) = delete;
    ~stopped_node();

    const std::filesystem::path& socket() const { return socket_; }

  private:
    explicit stopped_node(std::filesystem::path directory);
    bool start(const std::filesystem::path& configuration);
    outcome<void> wait_until_it_answers();
    bool ended();
    std::string last_words() const;

    std::filesystem::path directory_; ///< for this user alone: the socket, and what the child says
    std::filesystem::path socket_;
    pid_t pid_ = 0;
};

/// What a socket of an administrator says without being asked anything.
enum class door { open, closed_to_us, nobody };
door knock(const std::filesystem::path& socket);

/// The administrators' socket as a configuration of trucd names it.
outcome<std::filesystem::path> socket_in(const std::filesystem::path& configuration);

} // namespace truc::cli
