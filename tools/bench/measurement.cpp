#include "measurement.hpp"

#include "backlog.hpp"
#include "bench_run.hpp"
#include "chain.hpp"
#include "failure.hpp"
#include "large_directory.hpp"
#include "large_ledger.hpp"
#include "misbehaviour.hpp"
#include "relay.hpp"
#include "scratch.hpp"
#include "waiting.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <thread>

namespace truc::bench {

namespace {

constexpr auto time_to_fill = std::chrono::minutes(5);
constexpr std::size_t many_clients = 100;
constexpr std::size_t many_documents = 1'000'000;

/// The mean of a duration histogram between two looks, in microseconds.
double mean_us(const broker_process::usage& before, const broker_process::usage& after, const std::string& name) {
    const auto difference = [&](const std::string& sample) {
        const auto now = after.metrics.find(sample);
        if (now == after.metrics.end()) throw failure("the node does not tell " + sample);
        const auto then = before.metrics.find(sample);
        return now->second - (then == before.metrics.end() ? 0 : then->second);
    };
    const double count = difference(name + "_count");
    return count > 0 ? difference(name + "_sum") / count * 1e6 : 0;
}

double own_cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * t.tv_usec; };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::vector<figure> measure_accept(const settings& s, entrance by, std::size_t kib) {
    bench_run r(s);
    const std::size_t size = kib * 1024;
    r.prepare(by, r.warm_up(by, size), size);
    const auto before = r.broker().read_usage();
    const auto own_before = own_cpu_seconds();
    const auto seen = r.submit(by, s.time, s.connections);
    const auto own = own_cpu_seconds() - own_before;
    const auto after = r.broker().read_usage();
    r.check();

    const auto documents = static_cast<double>(seen.completed.size());
    const auto name = fmt::format("accept_{}_{}KiB", to_string(by), kib);
    const auto label = fmt::format("{}{}KiB", by == entrance::amqp ? "amqp_" : "", kib);
    const auto groups = after.metrics.at("truc_commit_seconds_count") - before.metrics.at("truc_commit_seconds_count");
    return {{name, median_rate(seen), "documents/s"},
            {name + "_p50", percentile_ms(seen.took, 0.50), "ms"},
            {name + "_p99", percentile_ms(seen.took, 0.99), "ms"},
            {"stage_examine_" + label, mean_us(before, after, "truc_examine_seconds"), "us/document"},
            {"stage_commit_" + label, mean_us(before, after, "truc_commit_seconds"), "us/group"},
            {"stage_group_" + label, groups > 0 ? documents / groups : 0, "documents/group"},
            {"stage_cpu_" + label, (after.cpu_seconds - before.cpu_seconds) / documents * 1e6, "us/document"},
            {"generator_cpu_" + label, own / documents * 1e6, "us/document"}};
}

std::vector<figure> measure_handover(const settings& s) {
    bench_run r(s);
    const std::size_t size = 4 * 1024;
    r.prepare(entrance::http, r.warm_up(entrance::http, size), size);
    r.submit(entrance::http, time_to_fill, s.connections);
    const auto before = r.broker().read_usage();
    const auto seen = r.receive(s.time);
    const auto after = r.broker().read_usage();
    r.check();
    const auto documents = static_cast<double>(seen.completed.size());
    return {{"handover_4KiB", median_rate(seen), "documents/s"},
            {"stage_handover_cpu_4KiB", (after.cpu_seconds - before.cpu_seconds) / documents * 1e6, "us/document"}};
}

std::vector<figure> measure_memory(const settings& s) {
    bench_run r(s);
    std::vector<figure> figures = {{"rss_idle", r.broker().memory_mib("VmRSS"), "MiB"}};
    const std::size_t size = std::size_t{370} * 1024;
    r.prepare(entrance::http, many_documents, size);
    r.submit(entrance::http, s.time, many_clients);
    figures.push_back({"rss_100_clients_370KiB", r.broker().memory_mib("VmHWM"), "MiB"});
    r.check();
    return figures;
}

double cpu_seconds(const chain& c) {
    double sum = 0;
    for (const auto& b : c.brokers()) sum += b->read_usage().cpu_seconds;
    return sum;
}

double most_memory_of(const chain& c) {
    double most = 0;
    for (const auto& b : c.brokers()) most = std::max(most, b->memory_mib("VmHWM"));
    return most;
}

/// Four processes, one document at a time: what one citizen's document waits for on its way through an idle network.
std::vector<figure> measure_three_hops(const settings& s) {
    const scratch place(s.directory / "chain");
    chain c(s.trucd, s.trucd.parent_path() / "truc", s.directory / "chain");
    observation seen;
    for (const auto until = std::chrono::steady_clock::now() + s.time; std::chrono::steady_clock::now() < until;)
        seen.took.push_back(c.deliver(std::size_t{4} * 1024));
    c.check();
    std::this_thread::sleep_for(std::chrono::seconds(2)); // what follows a document has ended
    const auto before = cpu_seconds(c);
    std::this_thread::sleep_for(s.time);
    const auto idle = (cpu_seconds(c) - before) / static_cast<double>(s.time.count()) * 100;
    return {{"three_hops_p50", percentile_ms(seen.took, 0.50), "ms"},
            {"three_hops_p99", percentile_ms(seen.took, 0.99), "ms"},
            {"network_idle_cpu", idle, "% of a core"}};
}

/// One large document through four nodes.
std::vector<figure> measure_large(const settings& s) {
    const scratch place(s.directory / "chain");
    chain c(s.trucd, s.trucd.parent_path() / "truc", s.directory / "chain");
    const auto took = c.deliver(std::size_t{50} << 20);
    c.check();
    return {{"three_hops_50MiB", std::chrono::duration<double>(took).count(), "s"},
            {"rss_50MiB_any_node", most_memory_of(c), "MiB"}};
}

} // namespace

std::vector<measurement> all_measurements() {
    std::vector<measurement> all;
    for (const auto by : {entrance::http, entrance::amqp})
        for (const std::size_t kib : {4, 64, 128, 370})
            all.push_back({fmt::format("accept_{}_{}KiB", to_string(by), kib), "signed documents accepted a second",
                           [by, kib](const settings& s) { return measure_accept(s, by, kib); }});
    all.push_back({"handover_4KiB", "deliveries handed over a second", measure_handover});
    all.push_back({"rss", "memory at rest and under load", measure_memory});
    all.push_back({"rss_amqp_idle", "memory of an idle AMQP session", measure_idle_amqp});
    all.push_back({"rss_long_poll", "memory of a long poll that waits", measure_idle_long_polls});
    all.push_back({"push", "from acceptance to a recipient who waits", measure_push});
    all.push_back({"bad_peers", "latency beside misbehaving connections", measure_misbehaviour});
    all.push_back({"large_directory", "a node that knows 123,000 agencies", measure_large_directory});
    all.push_back({"backlog", "a million deliveries for a dead neighbour", measure_backlog});
    all.push_back({"ledger_10M", "questions with ten million events in the ledger", measure_large_ledger});
    all.push_back({"relay_4KiB", "documents a second through one node",
                   [](const settings& s) { return measure_relay(s, std::size_t{4} * 1024); }});
    all.push_back({"three_hops", "one document at a time over four nodes", measure_three_hops});
    all.push_back({"large", "50 MiB over four nodes", measure_large});
    return all;
}

} // namespace truc::bench
