/// trucd: the broker. See conf/trucd.toml for its configuration and README.md for what it does.

#include "file_watch.hpp"
#include "node.hpp"

#include <truc/base/log.hpp>
#include <truc/dsig/verifier.hpp>
#include <truc/xml/document.hpp>

#include <CLI/CLI.hpp>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <malloc.h>

namespace {

using namespace truc;

constexpr int start_failed = 1;

/// Blocked in every thread, taken by the main thread alone: no handler, no race.
sigset_t signals_to_take() {
    sigset_t set;
    sigemptyset(&set);
    for (const int s : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, s);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return set;
}

/// Whether what the files say now is in force. Administrators are told each time why not; an alarm says it once.
bool reload(broker::node& node, const std::string& file) {
    const auto c = broker::load_configuration(file);
    if (!c) {
        spdlog::error("reload: {}", explain(c.error(), language::english));
        return false;
    }
    set_log_level(c->log_level);
    node.adjust(*c);
    const auto done = node.reload();
    if (done || node.up_to_date()) return true;
    spdlog::error("reload: {} What was in force stays.", explain(done.error(), language::english));
    return false;
}

/// The same for files that were replaced without a word.
bool follow_files(broker::node& node) {
    static_cast<void>(node.reload());
    return node.up_to_date();
}

/// The next signal; 0: none came in that time. No time: waits for ever.
int next_signal(const sigset_t& signals, std::chrono::seconds patience) {
    int signal = 0;
    if (patience.count() == 0) return sigwait(&signals, &signal) == 0 ? signal : 0;
    const timespec limit{static_cast<time_t>(patience.count()), 0};
    signal = sigtimedwait(&signals, nullptr, &limit);
    return signal > 0 ? signal : 0;
}

/// Certificates and revocation lists are mostly replaced by other programs, which know no signal. Until what they wrote
/// is in force it is tried again at each pause: what stands in its way may be another file, which is mended meanwhile.
void serve(const broker::configuration& c, const std::string& file, const sigset_t& signals) {
    broker::file_watch certificates({c.certificate, c.key, c.exchange_ca, c.agency_ca, c.crl});
    broker::node node(c);
    bool due = false;
    for (;;) {
        const int signal = next_signal(signals, c.watch_pause);
        if (signal != 0 && signal != SIGHUP) break;
        if (certificates.changed()) {
            spdlog::info("certificates, keys or revocation lists were replaced");
            due = true;
        }
        const bool followed = signal == SIGHUP ? reload(node, file) : due && follow_files(node);
        if (followed)
            due = false;
        else
            node.reexamine(); // time goes on for what is in force
    }
    node.drain();
}

/// For as long as whoever wants to look, which ends this by a signal.
void show_store(const broker::configuration& c, const std::string& socket, const sigset_t& signals) {
    broker::node node(c, socket);
    next_signal(signals, std::chrono::seconds(0));
    node.drain();
}

struct wishes {
    std::string file;
    bool only_check = false;
    std::string look_at; ///< socket
};

int run(const wishes& w) {
    const auto& [file, only_check, look_at] = w;
    const auto c = broker::load_configuration(file);
    if (!c) {
        std::fprintf(stderr, "trucd: %s\n", explain(c.error(), language::english).c_str());
        return start_failed;
    }
    set_log_json(c->log_json);
    set_log_level(look_at.empty() ? c->log_level : "error");
    const auto signals = signals_to_take();
    xml::initialise();
    dsig::initialise();
    if (only_check) {
        const auto good = broker::check(*c);
        std::fprintf(stderr, "trucd: %s\n",
                     good ? "the configuration is good" : explain(good.error(), language::english).c_str());
        return good ? 0 : start_failed;
    }
    if (!look_at.empty()) {
        show_store(*c, look_at, signals);
        return 0;
    }
    serve(*c, file, signals);
    spdlog::info("stopped");
    return 0;
}

} // namespace

/// Buffers as large as documents go back to the system when they are freed. By default glibc raises this limit to what
/// was freed last, and keeps such memory for ever.
constexpr int returned_at_once = 512 * 1024; // bytes

/// Documents and the database are for the node's user and group.
constexpr mode_t not_for_others = 027;

int main(int argc, char** argv) {
    ::umask(not_for_others);
    mallopt(M_MMAP_THRESHOLD, returned_at_once);
    CLI::App app("trucd: store-and-forward broker for signed official documents");
    wishes w;
    app.add_option("--config", w.file, "configuration file (TOML)")->required();
    app.add_flag("--check", w.only_check, "check the configuration and exit");
    app.add_option("--look", w.look_at, "show the store of a node that does not run to administrators, at this socket");
    CLI11_PARSE(app, argc, argv);
    try {
        return run(w);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "trucd: cannot start: %s\n", e.what());
        return start_failed;
    }
}
