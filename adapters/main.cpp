/// truc-adapter: plugs one legacy system into the exchange. See conf/truc-adapter.toml for its configuration and
/// docs/adapters.md for what it promises.

#include "liaison/axis.hpp"
#include "runtime/runtime.hpp"
#include "tdoffice/database.hpp"
#include "tdoffice/folder.hpp"
#include "tdoffice/soap.hpp"

#include <truc/base/log.hpp>
#include <truc/dsig/verifier.hpp>
#include <truc/xml/document.hpp>

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <malloc.h>
#include <unistd.h>

namespace {

using namespace truc;

constexpr int failed = 1;

/// Blocked in every thread, taken by the main thread alone.
sigset_t signals_to_take() {
    sigset_t set;
    sigemptyset(&set);
    for (const int s : {SIGTERM, SIGINT}) sigaddset(&set, s);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGHUP, SIG_IGN); // what the files say now comes into force with a restart
    return set;
}

adapter::legacy_system make_legacy_system(adapter::configuration_file& file, const adapter::adapter_context& context) {
    const auto& kind = file.values.kind;
    if (kind == "tdoffice-folder") return tdoffice::make_folder(file.kind_table, context);
    if (kind == "tdoffice-database") return tdoffice::make_database(file.kind_table, context);
    if (kind == "tdoffice-soap") return tdoffice::make_soap(file.kind_table, context);
    return liaison::make_axis(file.kind_table, context);
}

/// A kind that stumbles over its part of the file is told of the mistake in the file first.
result<adapter::legacy_system> plug_in(adapter::configuration_file& file, const adapter::adapter_context& context) {
    adapter::legacy_system made;
    std::string stumbled;
    try {
        if (!adapter::table_of(file.values.kind).empty()) made = make_legacy_system(file, context);
    } catch (const std::exception& e) {
        stumbled = e.what();
    }
    if (auto good = file.root.finish(); !good) return fail(good.error());
    if (!stumbled.empty()) return fail(errc::bad_configuration, stumbled);
    return made;
}

int serve(const adapter::configuration& c, const adapter::adapter_context& context, metrics_registry& metrics,
          adapter::legacy_system legacy) {
    const auto signals = signals_to_take();
    // Raised for the process, so that the main thread takes it as if an administrator had sent it.
    const adapter::runtime running(c, context, metrics, std::move(legacy), [] { ::kill(::getpid(), SIGTERM); });
    spdlog::info("adapter {} ({}) plugs {} into the exchange at {}:{}", c.name, c.kind, c.agencies.front().code,
                 c.exchange.host, c.exchange.port);
    int signal = 0;
    sigwait(&signals, &signal);
    spdlog::info("stopping: what is under way is finished");
    return running.is_dead() ? failed : 0;
}

int run(const std::string& path, bool only_check) {
    auto file = adapter::open_configuration(path);
    if (!file) {
        std::fprintf(stderr, "truc-adapter: %s\n", explain(file.error(), language::english).c_str());
        return failed;
    }
    const auto& c = file->values;
    set_log_json(c.log_json);
    set_log_level(c.log_level);
    xml::initialise();
    dsig::initialise();
    metrics_registry metrics;
    const adapter::adapter_context context{c.name, c.agencies, c.data_dir, system_clock(), metrics, c.node};
    auto legacy = plug_in(*file, context);
    if (!legacy) {
        std::fprintf(stderr, "truc-adapter: %s\n", explain(legacy.error(), language::english).c_str());
        return failed;
    }
    if (only_check) {
        const adapter::signing_desk keys(c.signing, system_clock());
        if (!keys.validity().is_good()) return failed; // the log has said why
        std::fprintf(stderr, "truc-adapter: the configuration is good\n");
        return 0;
    }
    return serve(c, context, metrics, std::move(*legacy));
}

} // namespace

/// Buffers as large as documents go back to the system when they are freed, as in trucd.
constexpr int returned_at_once = 512 * 1024; // bytes

int main(int argc, char** argv) {
    mallopt(M_MMAP_THRESHOLD, returned_at_once);
    CLI::App app("truc-adapter: plugs one legacy system into the exchange");
    std::string file;
    bool only_check = false;
    app.add_option("--config", file, "configuration file (TOML)")->required();
    app.add_flag("--check", only_check, "check the configuration and exit");
    CLI11_PARSE(app, argc, argv);
    try {
        return run(file, only_check);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "truc-adapter: cannot start: %s\n", e.what());
        return failed;
    }
}
