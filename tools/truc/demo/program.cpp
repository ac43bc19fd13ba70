#include "program.hpp"

#include <truc/base/durable.hpp>
#include <truc/client/http_client.hpp>

#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <unistd.h>

namespace truc::cli::demo {

namespace {

using std::chrono::steady_clock;

/// What ended is started again after a pause, twice as long each time while it never becomes ready.
constexpr auto longest_pause = std::chrono::milliseconds(5000);

} // namespace

bool answers_ready(const program& p) {
    if (p.where.empty()) return true;
    auto where = client::server_address::parse(p.where);
    if (!where) return false;
    client::http_options options;
    options.connect_time = options.answer_time = std::chrono::milliseconds(1000);
    const auto answer = client::http_client(std::move(*where), options).get(p.target);
    return answer && answer->status == 200;
}

result<void> process::start() {
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) return fail(errc::internal, "fork");
    if (pid == 0) become_program(parent);
    pid_ = pid;
    ready_ = false;
    return write_file(program_.pid_file, std::to_string(pid) + "\n");
}

void process::become_program(pid_t parent) const {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(1); // died before we asked to die with it
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    std::vector<char*> arguments;
    for (const auto& one : program_.command) arguments.push_back(const_cast<char*>(one.c_str())); // NOLINT: exec's type
    arguments.push_back(nullptr);
    execv(arguments.front(), arguments.data());
    _exit(127);
}

bool process::became_ready() {
    if (!runs() || ready_ || !answers_ready(program_)) return false;
    ready_ = ever_ready_ = true;
    pause_ = first_pause;
    return true;
}

std::optional<int> process::reap() {
    int status = 0;
    if (!runs() || waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = 0;
    std::error_code ignored;
    std::filesystem::remove(program_.pid_file, ignored); // the number may soon be another process's
    start_at_ = steady_clock::now() + pause_;
    if (!ready_) pause_ = std::min(pause_ * 2, longest_pause);
    ready_ = false;
    return status;
}

void process::ask_to_stop() const {
    if (runs()) kill(pid_, SIGTERM);
}

void process::end() const {
    if (runs()) kill(pid_, SIGKILL);
}

} // namespace truc::cli::demo
