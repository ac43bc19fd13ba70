/// truc-bench: how fast a node accepts and hands over, measured on this machine. docs/performance.md explains the
/// method.

#include "failure.hpp"
#include "measurement.hpp"
#include "pool.hpp"

#include <truc/dsig/verifier.hpp>
#include <truc/xml/document.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace {

using namespace truc;
using bench::failure;

struct options {
    bool json = false;
    std::vector<std::string> only;
    std::filesystem::path directory;
    bench::settings settings;
    std::filesystem::path pool;
    std::size_t documents = 1000;
    unsigned seed = 1;
};

std::string list_of_measurements() {
    std::string text = "Measurements:";
    for (const auto& m : bench::all_measurements()) text += fmt::format("\n  {:<20}  {}", m.name, m.meaning);
    return text;
}

std::filesystem::path own_directory() { return std::filesystem::canonical("/proc/self/exe").parent_path(); }

void print(const options& o, const bench::figure& f) {
    if (o.json)
        fmt::print("{}\n", bench::to_json_line(f));
    else
        fmt::print("{:<28}{:>12.2f} {}\n", f.name, f.value, f.unit);
    std::fflush(stdout);
}

/// A new directory on the disk that is measured; under the build directory unless another is named.
std::filesystem::path make_directory(const options& o) {
    const auto parent = o.directory.empty() ? own_directory().parent_path() : o.directory;
    std::string name = (parent / "bench-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw failure("cannot make a directory in " + parent.string());
    return name;
}

void measure(options o) {
    if (o.settings.trucd.empty()) o.settings.trucd = own_directory() / "trucd";
    std::vector<bench::measurement> chosen;
    auto unknown = o.only;
    for (auto& m : bench::all_measurements()) {
        std::erase(unknown, m.name);
        if (o.only.empty() || std::find(o.only.begin(), o.only.end(), m.name) != o.only.end())
            chosen.push_back(std::move(m));
    }
    if (!unknown.empty()) throw failure("there is no measurement " + unknown.front());
    const auto kind = bench::file_system_of(o.settings.directory);
    fmt::print(stderr, "The store is on {} ({}); {} agencies, {} connections, {} s a run\n",
               o.settings.directory.parent_path().string(), kind, o.settings.agencies, o.settings.connections,
               o.settings.time.count());
    if (kind == "tmpfs") fmt::print(stderr, "A tmpfs survives nothing: these figures say little about a disk\n");
    print(o, bench::measure_disk(o.settings));
    for (const auto& m : chosen)
        for (const auto& f : m.run(o.settings)) print(o, f);
}

int run(options o) {
    bench::take_interrupts();
    xml::initialise();
    dsig::initialise();
    if (!o.pool.empty()) {
        bench::make_pool(o.pool, o.documents, o.seed);
        return 0;
    }
    o.settings.directory = make_directory(o);
    std::exception_ptr thrown;
    try {
        measure(o);
    } catch (...) {
        thrown = std::current_exception();
    }
    std::filesystem::remove_all(o.settings.directory);
    if (thrown) std::rethrow_exception(thrown);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("truc-bench: how fast a node accepts and hands over on this machine");
    options o;
    long seconds = o.settings.time.count();
    app.add_flag("--json", o.json, "one line a figure: {\"name\", \"value\", \"unit\"}");
    app.add_option("--seconds", seconds, "length of each measured run")->check(CLI::Range(1, 3600));
    app.add_option("--only", o.only, "these measurements, in the order of the list below")->delimiter(',');
    app.add_option("--trucd", o.settings.trucd, "the broker (default: the one beside this program)");
    app.add_option("--directory", o.directory, "where the store is put (default: the build directory)");
    app.add_option("--connections", o.settings.connections, "kept open at once")->check(CLI::Range(1, 1000));
    app.add_option("--waiting", o.settings.waiting, "clients that wait at once")->check(CLI::Range(1, 4000));
    app.add_option("--misbehaving", o.settings.misbehaving, "connections that misbehave at once")
        ->check(CLI::Range(8, 4000));
    app.add_option("--backlog", o.settings.backlog, "deliveries that wait for a dead neighbour")
        ->check(CLI::Range(1, 100'000'000));
    app.add_option("--events", o.settings.ledger_events, "of the large ledger")->check(CLI::Range(1000, 100'000'000));
    app.footer(list_of_measurements());
    auto* pool = app.add_subcommand("pool", "make a network and signed documents for other programs to send");
    pool->add_option("directory", o.pool, "where to")->required();
    pool->add_option("--documents", o.documents, "how many")->check(CLI::Range(1, 1000000));
    pool->add_option("--seed", o.seed, "what they are made from");
    CLI11_PARSE(app, argc, argv);
    o.settings.time = std::chrono::seconds(seconds);
    try {
        return run(std::move(o));
    } catch (const std::exception& e) {
        fmt::print(stderr, "truc-bench: {}\n", e.what());
        return 1;
    }
}
