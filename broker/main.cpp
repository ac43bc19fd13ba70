/// trucd: the broker. See conf/trucd.toml for its configuration and README.md for what it does.

#include "file_watch.hpp"
#include "node.hpp"

#include <truc/base/log.hpp>
#include <truc/dsig/verifier.hpp>
#include <truc/xml/document.hpp>

#include <CLI/CLI.hpp>

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

void reload(broker::node& node, const std::string& file) {
    const auto c = broker::load_configuration(file);
    if (!c) {
        spdlog::error("reload: {}", explain(c.error(), language::english));
        return;
    }
    set_log_level(c->log_level);
    static_cast<void>(node.reload()); // says itself what is wrong
}

/// The next signal; 0: none came in that time. No time: waits for ever.
int next_signal(const sigset_t& signals, std::chrono::seconds patience) {
    int signal = 0;
    if (patience.count() == 0) return sigwait(&signals, &signal) == 0 ? signal : 0;
    const timespec limit{static_cast<time_t>(patience.count()), 0};
    signal = sigtimedwait(&signals, nullptr, &limit);
    return signal > 0 ? signal : 0;
}

/// Certificates and revocation lists are mostly replaced by other programs, which know no signal.
void serve(const broker::configuration& c, const std::string& file, const sigset_t& signals) {
    broker::file_watch certificates({c.certificate, c.key, c.exchange_ca, c.agency_ca, c.crl});
    broker::node node(c);
    for (;;) {
        const int signal = next_signal(signals, c.watch_pause);
        if (signal != 0 && signal != SIGHUP) break;
        const bool replaced = certificates.changed();
        if (replaced) spdlog::info("certificates, keys or revocation lists were replaced");
        if (signal == SIGHUP || (replaced && c.watch_pause.count() > 0))
            reload(node, file);
        else
            node.reexamine();
    }
    node.drain();
}

int run(const std::string& file, bool only_check) {
    const auto c = broker::load_configuration(file);
    if (!c) {
        std::fprintf(stderr, "trucd: %s\n", explain(c.error(), language::english).c_str());
        return start_failed;
    }
    set_log_json(c->log_json);
    set_log_level(c->log_level);
    const auto signals = signals_to_take();
    xml::initialise();
    dsig::initialise();
    if (only_check) {
        const auto good = broker::check(*c);
        std::fprintf(stderr, "trucd: %s\n",
                     good ? "the configuration is good" : explain(good.error(), language::english).c_str());
        return good ? 0 : start_failed;
    }
    serve(*c, file, signals);
    spdlog::info("stopped");
    return 0;
}

} // namespace

/// Buffers as large as documents go back to the system when they are freed. By default glibc raises this limit to what
/// was freed last, and keeps such memory for ever.
constexpr int returned_at_once = 512 * 1024; // bytes

int main(int argc, char** argv) {
    mallopt(M_MMAP_THRESHOLD, returned_at_once);
    CLI::App app("trucd: store-and-forward broker for signed official documents");
    std::string file;
    bool only_check = false;
    app.add_option("--config", file, "configuration file (TOML)")->required();
    app.add_flag("--check", only_check, "check the configuration and exit");
    CLI11_PARSE(app, argc, argv);
    try {
        return run(file, only_check);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "trucd: cannot start: %s\n", e.what());
        return start_failed;
    }
}
