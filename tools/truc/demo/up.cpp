// demo up: runs the programs of a network, starts one that ended again, until it is told to stop.
#include "../network.hpp"
#include "../verbs.hpp"
#include "../words.hpp"
#include "program.hpp"

#include <sys/wait.h>

#include <csignal>
#include <unistd.h>

namespace truc::cli {

namespace {

using namespace demo;
using std::chrono::steady_clock;

constexpr auto tick = std::chrono::milliseconds(100);
constexpr auto time_to_drain = std::chrono::seconds(30);

/// Signals that this program waits for instead of being interrupted by them.
sigset_t awaited_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int s : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&set, s);
    return set;
}

/// Truc's programs stand beside this one.
std::filesystem::path beside(std::string_view name) {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

program program_of(const network_node& n) {
    return {n.name,
            {beside("trucd").string(), "--config", n.config.string()},
            n.data_dir / "trucd.pid",
            n.observe,
            "/readyz",
            n.http};
}

program program_of(const network_stand_in& s) {
    return {s.name, s.command, s.data_dir / "stand-in.pid", s.url, "/_books", s.url};
}

program program_of(const network_adapter& a) {
    return {a.name,
            {beside("truc-adapter").string(), "--config", a.config.string()},
            a.data_dir / "truc-adapter.pid",
            "unix:" + a.admin.string(),
            "/v1/adapter",
            a.kind};
}

/// In the order in which they are started.
std::vector<program> programs_of(const network& n, bool adapters) {
    std::vector<program> all;
    for (const auto& node : n.nodes) all.push_back(program_of(node));
    if (!adapters) return all;
    for (const auto& stand_in : n.stand_ins) all.push_back(program_of(stand_in));
    for (const auto& adapter : n.adapters) all.push_back(program_of(adapter));
    return all;
}

std::string in_words(int status) {
    if (WIFSIGNALED(status)) return words("killed by signal {}", "bị tín hiệu {} kết thúc", WTERMSIG(status));
    return words("exit status {}", "mã kết thúc {}", WEXITSTATUS(status));
}

class supervisor {
  public:
    supervisor(const context& c, const std::vector<program>& programs) : context_(c) {
        for (const auto& p : programs) processes_.emplace_back(p);
    }

    exit_code run();

  private:
    bool look_after(process& n);
    bool may_start(const process& n) const;
    exit_code stop_all();
    bool announce_when_ready();

    const context& context_;
    std::vector<process> processes_;
    bool announced_ = false;
};

/// At first one after the other, parents before children as network.json lists them, adapters last: who dials finds
/// somebody there, and the directory's sections travel at once.
bool supervisor::may_start(const process& n) const {
    if (!n.is_due()) return false;
    return std::all_of(processes_.data(), &n, [](const auto& earlier) { return earlier.was_ever_ready(); });
}

/// False when a program cannot be started at all: one that has never been ready ended by itself.
bool supervisor::look_after(process& n) {
    const auto& name = n.what().name;
    if (const auto ended = n.reap()) {
        context_.line(words("{} ended unexpectedly ({})", "{} kết thúc ngoài dự kiến ({})", name, in_words(*ended)));
        if (!n.was_ever_ready()) return false;
    }
    if (may_start(n))
        if (const auto started = n.start(); !started) {
            context_.complain(failure_of(started.error()));
            return false;
        }
    if (n.became_ready()) context_.line(words("{} is ready: {}", "{} đã sẵn sàng: {}", name, n.what().shown));
    return true;
}

bool supervisor::announce_when_ready() {
    const bool all = std::all_of(processes_.begin(), processes_.end(), [](const auto& n) { return n.is_ready(); });
    if (all && !announced_)
        context_.line(words("The network runs; Ctrl-C stops it.", "Mạng đang chạy; Ctrl-C để dừng."));
    return announced_ || all;
}

exit_code supervisor::stop_all() {
    for (const auto& n : processes_) n.ask_to_stop();
    const auto until = steady_clock::now() + time_to_drain;
    const auto any_runs = [this] {
        return std::any_of(processes_.begin(), processes_.end(), [](const auto& n) { return n.runs(); });
    };
    auto end = exit_code::done;
    while (any_runs()) {
        for (auto& n : processes_) {
            const auto ended = n.reap();
            if (!ended) continue;
            context_.line(words("{} stopped ({})", "{} đã dừng ({})", n.what().name, in_words(*ended)));
            // A stand-in is no program of ours: that it took the signal is in order.
            if (*ended != 0 && !(WIFSIGNALED(*ended) && WTERMSIG(*ended) == SIGTERM)) end = exit_code::no;
        }
        if (steady_clock::now() > until)
            for (const auto& n : processes_) n.end();
        usleep(20'000);
    }
    return end;
}

exit_code supervisor::run() {
    const auto signals = awaited_signals();
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    for (;;) {
        for (auto& n : processes_)
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
    const auto programs = programs_of(*n, o.adapters);
    for (const auto& p : programs) {
        if (!std::filesystem::exists(p.command.front()))
            return stop(usage_failure(
                words("{} is missing: build Truc", "thiếu {}: hãy dựng chương trình", p.command.front())));
        if (!p.where.empty() && answers_ready(p)) {
            auto twice = usage_failure(words("{} runs already", "{} đang chạy rồi", p.name));
            twice.code = exit_code::no;
            return stop(std::move(twice));
        }
    }
    return supervisor(c, programs).run();
}

} // namespace truc::cli
