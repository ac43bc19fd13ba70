// demo up: runs the nodes of a network, starts one that ended again, until it is told to stop.
#include "../network.hpp"
#include "../verbs.hpp"
#include "../words.hpp"

#include <truc/base/durable.hpp>
#include <truc/client/http_client.hpp>

#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <unistd.h>

namespace truc::cli {

namespace {

using std::chrono::steady_clock;

constexpr auto tick = std::chrono::milliseconds(100);
/// A node that ended waits so long before it is started again; twice as long each time while it never becomes ready.
constexpr auto first_pause = std::chrono::milliseconds(200);
constexpr auto longest_pause = std::chrono::milliseconds(5000);
constexpr auto time_to_drain = std::chrono::seconds(30);

/// Signals that this program waits for instead of being interrupted by them.
sigset_t awaited_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int s : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&set, s);
    return set;
}

/// The broker stands beside this program.
std::filesystem::path broker_program() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "trucd";
}

/// One node's process. Dies with this program.
class node_process {
  public:
    node_process(network_node node, std::filesystem::path program)
        : node_(std::move(node)), program_(std::move(program)) {}

    const network_node& node() const { return node_; }
    bool runs() const { return pid_ > 0; }
    bool is_ready() const { return ready_; }
    bool was_ever_ready() const { return ever_ready_; }

    /// Error: internal, when there is no process or its id cannot be written down.
    result<void> start();
    /// True when the node has just become ready.
    bool became_ready();
    /// When it ended: how, and when it is to be started again.
    std::optional<int> reap();
    bool is_due() const { return !runs() && steady_clock::now() >= start_at_; }
    void ask_to_stop() const {
        if (runs()) kill(pid_, SIGTERM);
    }
    void end() const {
        if (runs()) kill(pid_, SIGKILL);
    }

  private:
    [[noreturn]] void become_broker(pid_t parent) const;
    std::filesystem::path pid_file() const { return node_.data_dir / "trucd.pid"; }

    network_node node_;
    std::filesystem::path program_;
    pid_t pid_ = 0;
    bool ready_ = false;
    bool ever_ready_ = false;
    std::chrono::milliseconds pause_ = first_pause;
    steady_clock::time_point start_at_;
};

result<void> node_process::start() {
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) return fail(errc::internal, "fork");
    if (pid == 0) become_broker(parent);
    pid_ = pid;
    ready_ = false;
    // Whoever kills a node for the story finds it here.
    return write_file(pid_file(), std::to_string(pid) + "\n");
}

void node_process::become_broker(pid_t parent) const {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(1); // died before we asked to die with it
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execl(program_.c_str(), "trucd", "--config", node_.config.c_str(), static_cast<char*>(nullptr));
    _exit(127);
}

bool answers_ready(const network_node& node) {
    auto where = client::server_address::parse(node.observe);
    if (!where) return false;
    client::http_options options;
    options.connect_time = options.answer_time = std::chrono::milliseconds(1000);
    const auto answer = client::http_client(std::move(*where), options).get("/readyz");
    return answer && answer->status == 200;
}

bool node_process::became_ready() {
    if (!runs() || ready_ || !answers_ready(node_)) return false;
    ready_ = ever_ready_ = true;
    pause_ = first_pause;
    return true;
}

std::optional<int> node_process::reap() {
    int status = 0;
    if (!runs() || waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = 0;
    std::error_code ignored;
    std::filesystem::remove(pid_file(), ignored); // the number may soon be another process's
    start_at_ = steady_clock::now() + pause_;
    if (!ready_) pause_ = std::min(pause_ * 2, longest_pause);
    ready_ = false;
    return status;
}

std::string in_words(int status) {
    if (WIFSIGNALED(status)) return words("killed by signal {}", "bị tín hiệu {} kết thúc", WTERMSIG(status));
    return words("exit status {}", "mã kết thúc {}", WEXITSTATUS(status));
}

class supervisor {
  public:
    supervisor(const context& c, const network& n) : context_(c) {
        for (const auto& node : n.nodes) nodes_.emplace_back(node, broker_program());
    }

    exit_code run();

  private:
    bool look_after(node_process& n);
    bool may_start(const node_process& n) const;
    exit_code stop_all();
    bool announce_when_ready();

    const context& context_;
    std::vector<node_process> nodes_;
    bool announced_ = false;
};

/// At first one after the other, parents before children as network.json lists them: who dials finds somebody there,
/// and the directory's sections travel at once.
bool supervisor::may_start(const node_process& n) const {
    if (!n.is_due()) return false;
    return std::all_of(nodes_.data(), &n, [](const auto& earlier) { return earlier.was_ever_ready(); });
}

/// False when a node cannot be started at all: one that has never been ready ended by itself.
bool supervisor::look_after(node_process& n) {
    const auto& name = n.node().name;
    if (const auto ended = n.reap()) {
        context_.line(words("{} ended unexpectedly ({})", "{} kết thúc ngoài dự kiến ({})", name, in_words(*ended)));
        if (!n.was_ever_ready()) return false;
    }
    if (may_start(n))
        if (const auto started = n.start(); !started) {
            context_.complain(failure_of(started.error()));
            return false;
        }
    if (n.became_ready()) context_.line(words("{} is ready: {}", "{} đã sẵn sàng: {}", name, n.node().http));
    return true;
}

bool supervisor::announce_when_ready() {
    const bool all = std::all_of(nodes_.begin(), nodes_.end(), [](const auto& n) { return n.is_ready(); });
    if (all && !announced_)
        context_.line(words("The network runs; Ctrl-C stops it.", "Mạng đang chạy; Ctrl-C để dừng."));
    return announced_ || all;
}

exit_code supervisor::stop_all() {
    for (const auto& n : nodes_) n.ask_to_stop();
    const auto until = steady_clock::now() + time_to_drain;
    const auto any_runs = [this] {
        return std::any_of(nodes_.begin(), nodes_.end(), [](const auto& n) { return n.runs(); });
    };
    auto end = exit_code::done;
    while (any_runs()) {
        for (auto& n : nodes_) {
            const auto ended = n.reap();
            if (!ended) continue;
            context_.line(words("{} stopped ({})", "{} đã dừng ({})", n.node().name, in_words(*ended)));
            if (*ended != 0) end = exit_code::no;
        }
        if (steady_clock::now() > until)
            for (const auto& n : nodes_) n.end();
        usleep(20'000);
    }
    return end;
}

exit_code supervisor::run() {
    const auto signals = awaited_signals();
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    for (;;) {
        for (auto& n : nodes_)
            if (!look_after(n)) return stop_all(), exit_code::no;
        announced_ = announce_when_ready();
        const timespec pause{0, std::chrono::nanoseconds(tick).count()};
        const int signal = sigtimedwait(&signals, nullptr, &pause);
        if (signal == SIGINT || signal == SIGTERM || signal == SIGHUP) return stop_all();
    }
}

} // namespace

outcome<exit_code> demo_up(const context& c, const demo_options& o) {
    const auto n = network::load(o.dir / "network.json");
    if (!n) return stop(n.error());
    if (!std::filesystem::exists(broker_program()))
        return stop(usage_failure(
            words("{} is missing: build the broker", "thiếu {}: hãy dựng chương trình", broker_program().string())));
    for (const auto& node : n->nodes)
        if (answers_ready(node)) {
            auto twice = usage_failure(words("{} runs already", "{} đang chạy rồi", node.name));
            twice.code = exit_code::no;
            return stop(std::move(twice));
        }
    return supervisor(c, *n).run();
}

} // namespace truc::cli
