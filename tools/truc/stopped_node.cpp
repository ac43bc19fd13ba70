#include "stopped_node.hpp"

#include "words.hpp"

#include <truc/base/durable.hpp>
#include <truc/base/settings.hpp>

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

namespace truc::cli {

namespace {

using std::chrono::steady_clock;

/// Opening a large store that was killed means reading its WAL.
constexpr auto patience = std::chrono::seconds(120);
constexpr auto between_looks = std::chrono::milliseconds(10);
constexpr auto time_to_end = std::chrono::seconds(3);

/// trucd stands beside truc; else it is looked for as the shell would.
std::filesystem::path broker_program() {
    std::error_code ec;
    const auto beside = std::filesystem::read_symlink("/proc/self/exe", ec).parent_path() / "trucd";
    return !ec && std::filesystem::exists(beside, ec) ? beside : std::filesystem::path("trucd");
}

std::filesystem::path private_directory() {
    const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
    std::string name = std::string(runtime && *runtime == '/' ? runtime : "/tmp") + "/truc-look-XXXXXX";
    return ::mkdtemp(name.data()) ? std::filesystem::path(name) : std::filesystem::path();
}

failure cannot_be_shown(const std::string& why) {
    failure f{exit_code::unreachable, {}};
    f.problem["code"] = "not_ready";
    f.problem["detail"] = words("the node is not running, and what it has stored cannot be shown: {}",
                                "nút không chạy, và không xem được dữ liệu của nút: {}", why);
    f.problem["who"] = "administrator";
    return f;
}

} // namespace

door knock(const std::filesystem::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto& name = socket.native();
    if (name.size() >= sizeof address.sun_path) return door::nobody;
    std::memcpy(address.sun_path, name.c_str(), name.size());
    const file_handle s(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(s.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return door::open;
    if (errno == EACCES || errno == EPERM) return door::closed_to_us;
    return errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR ? door::nobody : door::open;
}

outcome<std::filesystem::path> socket_in(const std::filesystem::path& configuration) {
    auto root = settings::load(configuration, "conf/trucd.toml");
    if (!root) return stop(root.error());
    std::filesystem::path data_dir;
    std::filesystem::path socket;
    root->read_path("data_dir", data_dir, true, settings::is::any);
    root->table("admin").read_path("socket", socket, false, settings::is::any);
    if (data_dir.empty())
        return stop(
            usage_failure(words("{} is no configuration of trucd: it has no data_dir",
                                "{} không phải tệp cấu hình của trucd: không có data_dir", configuration.string())));
    return socket.empty() ? data_dir / "admin.sock" : socket;
}

stopped_node::stopped_node(std::filesystem::path directory)
    : directory_(std::move(directory)), socket_(directory_ / "admin.sock") {}

stopped_node::~stopped_node() {
    if (pid_ > 0) {
        ::kill(pid_, SIGTERM);
        const auto until = steady_clock::now() + time_to_end;
        while (!ended() && steady_clock::now() < until) std::this_thread::sleep_for(between_looks);
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
    }
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

outcome<std::shared_ptr<stopped_node>> stopped_node::show(const std::filesystem::path& configuration) {
    auto directory = private_directory();
    if (directory.empty()) return stop(cannot_be_shown("/tmp"));
    const std::shared_ptr<stopped_node> node(new stopped_node(std::move(directory)));
    if (!node->start(configuration)) return stop(cannot_be_shown(std::strerror(errno)));
    if (auto answers = node->wait_until_it_answers(); !answers) return stop(answers.error());
    return node;
}

/// Between fork and exec only what a signal handler may do, too.
bool stopped_node::start(const std::filesystem::path& configuration) {
    const std::array<std::string, 5> command = {broker_program().string(), "--config", configuration.string(), "--look",
                                                socket_.string()};
    std::array<char*, 6> arguments{};
    for (std::size_t i = 0; i < command.size(); ++i)
        arguments[i] = const_cast<char*>(command[i].c_str()); // NOLINT: exec's type
    const auto said = (directory_ / "said").string();
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ != 0) return pid_ > 0;
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1); // died before we asked to die with it
    const int out = ::open(said.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::setpgid(0, 0); // Ctrl-C is for the parent, which then ends it
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
}

outcome<void> stopped_node::wait_until_it_answers() {
    const auto until = steady_clock::now() + patience;
    while (knock(socket_) != door::open) {
        if (ended()) return stop(cannot_be_shown(last_words()));
        if (steady_clock::now() > until) return stop(cannot_be_shown(words("it does not answer", "không trả lời")));
        std::this_thread::sleep_for(between_looks);
    }
    return {};
}

bool stopped_node::ended() {
    if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
    return pid_ <= 0;
}

/// `trucd: cannot start: …`: what follows the last of its own words.
std::string stopped_node::last_words() const {
    const auto said = read_file(directory_ / "said");
    if (!said || said->empty()) return "trucd";
    auto text = said->substr(0, said->find_last_not_of('\n') + 1);
    text = text.substr(text.rfind('\n') + 1); // npos + 1: from the beginning
    for (const std::string_view own : {"trucd: ", "cannot start: "})
        if (text.starts_with(own)) text.erase(0, own.size());
    return text;
}

} // namespace truc::cli
