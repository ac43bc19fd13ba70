#include "alarm_outlet.hpp"

#include <truc/base/durable.hpp>

#include <fmt/format.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
extern "C" { // glibc 2.36 forgets it
#include <sys/pidfd.h>
}

namespace truc::broker {

namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 100ms; // whether the node stops

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& t : texts) all.push_back(t.data());
    all.push_back(nullptr);
    return all;
}

/// An environment variable ends at the first zero byte.
std::string variable(std::string_view name, std::string_view value) {
    return fmt::format("{}={}", name, value.substr(0, value.find('\0')));
}

/// What the program starts with: nothing of ours open, no signal blocked, a process group of its own.
class surroundings {
  public:
    surroundings() {
        posix_spawn_file_actions_init(&files_);
        for (const int fd : {0, 1, 2})
            posix_spawn_file_actions_addopen(&files_, fd, "/dev/null", fd == 0 ? O_RDONLY : O_WRONLY, 0);
        posix_spawn_file_actions_addclosefrom_np(&files_, 3);
        posix_spawnattr_init(&attributes_);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }
    ~surroundings() {
        posix_spawn_file_actions_destroy(&files_);
        posix_spawnattr_destroy(&attributes_);
    }
    surroundings(const surroundings&) = delete;

    const posix_spawn_file_actions_t* files() const { return &files_; }
    const posix_spawnattr_t* attributes() const { return &attributes_; }

  private:
    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t attributes_{};
};

class command_outlet final : public alarm_outlet {
  public:
    command_outlet(std::vector<std::string> command, std::chrono::seconds limit, std::string node)
        : command_(std::move(command)), limit_(limit), node_(std::move(node)) {}
    std::string name() const override { return "command"; }

    result<void> tell(const alarm_news& n, const std::atomic<bool>& stopping) override {
        auto arguments = command_;
        auto environment = environment_of(n);
        const surroundings around;
        pid_t child = 0;
        const int failed = ::posix_spawn(&child, command_.front().c_str(), around.files(), around.attributes(),
                                         pointers_to(arguments).data(), pointers_to(environment).data());
        if (failed != 0) return fail(errc::unreachable, fmt::format("{}: {}", command_.front(), std::strerror(failed)));
        return outcome_of(child, stopping);
    }

  private:
    std::vector<std::string> environment_of(const alarm_news& n) const {
        return {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                variable("TRUC_NODE", node_),
                variable("TRUC_ALARM_KIND", n.what.kind),
                variable("TRUC_ALARM_SUBJECT", n.what.subject),
                variable("TRUC_ALARM_TEXT", n.what.text),
                variable("TRUC_ALARM_STATE", n.raised ? "raised" : "cleared")};
    }

    result<void> outcome_of(pid_t child, const std::atomic<bool>& stopping) const {
        const bool ended = wait_for(child, stopping);
        if (!ended) ::kill(-child, SIGKILL);
        int status = 0;
        while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        if (!ended) return fail(errc::timeout, fmt::format("{} took more than {} s", command_.front(), limit_.count()));
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
        return fail(errc::unreachable, fmt::format("{} ended with status {}", command_.front(), status));
    }

    /// Whether it has ended within the limit.
    bool wait_for(pid_t child, const std::atomic<bool>& stopping) const {
        const file_handle watched(::pidfd_open(child, 0));
        const auto until = std::chrono::steady_clock::now() + limit_;
        while (!stopping && std::chrono::steady_clock::now() < until) {
            pollfd p{watched.fd(), POLLIN, 0};
            if (::poll(&p, 1, static_cast<int>(look_every.count())) > 0) return true;
        }
        return false;
    }

    const std::vector<std::string> command_;
    const std::chrono::seconds limit_;
    const std::string node_;
};

} // namespace

std::unique_ptr<alarm_outlet> make_command_outlet(const alarm_ways& ways, const std::string& node) {
    return std::make_unique<command_outlet>(ways.command, ways.timeout, node);
}

} // namespace truc::broker
