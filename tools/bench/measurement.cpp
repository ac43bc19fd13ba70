#include "measurement.hpp"

#include "chain.hpp"
#include "documents.hpp"
#include "failure.hpp"
#include "relay.hpp"
#include "scratch.hpp"

#include <fmt/format.h>

#include <set>
#include <thread>

namespace truc::bench {

namespace {

constexpr std::size_t most_memory = std::size_t{768} << 20; ///< for documents that wait to be sent
constexpr auto warming_time = std::chrono::seconds(2);
constexpr std::size_t warming_documents = 1500;
constexpr auto time_to_fill = std::chrono::minutes(5);
constexpr std::size_t many_clients = 100;

/// A network, its broker and the clients of its agencies.
class bench_run {
  public:
    explicit bench_run(const settings& s)
        : settings_(s),
          scratch_(s.directory / "network"),
          network_(make_network(s.directory / "network", s.agencies)),
          maker_(network_),
          queues_(s.agencies),
          broker_(s.trucd, network_) {
        for (const auto& a : network_.agencies)
            tls_.push_back(
                trust::tls_context::make_client({a.certificate, a.key, {network_.ca}, {}}, system_clock().now()));
    }

    const broker_process& broker() const { return broker_; }

    /// Signs up to `count` documents of that size, to be submitted next.
    void prepare(std::size_t count, std::size_t size);
    observation submit(std::chrono::nanoseconds time, std::size_t connections);
    /// Empties the inboxes.
    observation receive(std::chrono::nanoseconds time);
    /// Every document that was answered is in the books once, under an id of its own.
    void check() const;

  private:
    const settings& settings_;
    scratch scratch_;
    network network_;
    document_maker maker_;
    std::vector<std::shared_ptr<const trust::tls_context>> tls_;
    std::vector<request_queue> queues_; ///< by agency
    std::vector<std::string> ids_;
    broker_process broker_; // stops before its files are removed
};

void bench_run::prepare(std::size_t count, std::size_t size) {
    const auto agencies = network_.agencies.size();
    const auto documents = maker_.make((std::min(count, most_memory / size) + agencies - 1) / agencies, size);
    for (std::size_t i = 0; i < agencies; ++i) {
        queues_[i].clear();
        for (const auto& d : documents[i]) queues_[i].push_back(make_submission(d));
    }
}

observation bench_run::submit(std::chrono::nanoseconds time, std::size_t connections) {
    load l;
    for (std::size_t i = 0; i < connections; ++i) {
        const auto agency = i % network_.agencies.size();
        l.add(connection(network_.http_port, *tls_[agency], std::make_unique<submitting>(queues_[agency], ids_)));
    }
    return l.run(time);
}

observation bench_run::receive(std::chrono::nanoseconds time) {
    load l;
    for (std::size_t i = 0; i < settings_.connections; ++i)
        l.add(connection(network_.http_port, *tls_[i % tls_.size()], std::make_unique<receiving>()));
    return l.run(time);
}

void bench_run::check() const {
    const std::set<std::string> distinct(ids_.begin(), ids_.end());
    if (distinct.size() != ids_.size()) throw failure("two documents were given the same id");
    const auto taken_in = broker_.check_books();
    if (taken_in != ids_.size())
        throw failure(fmt::format("{} documents were accepted, the books count {}", ids_.size(), taken_in));
}

/// The certificates are checked, the caches filled; and how many documents a run of that length needs, with some to
/// spare, is known.
std::size_t warm_up(bench_run& r, const settings& s, std::size_t size) {
    r.prepare(std::min(warming_documents, most_memory / 4 / size), size);
    const auto seen = r.submit(warming_time, s.connections);
    return static_cast<std::size_t>(median_rate(seen) * 1.4 * static_cast<double>(s.time.count())) + 100;
}

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

std::vector<figure> measure_accept(const settings& s, std::size_t kib) {
    bench_run r(s);
    const std::size_t size = kib * 1024;
    r.prepare(warm_up(r, s, size), size);
    const auto before = r.broker().read_usage();
    const auto seen = r.submit(s.time, s.connections);
    const auto after = r.broker().read_usage();
    r.check();

    const auto documents = static_cast<double>(seen.completed.size());
    const auto label = fmt::format("{}KiB", kib);
    const auto groups = after.metrics.at("truc_commit_seconds_count") - before.metrics.at("truc_commit_seconds_count");
    return {{"accept_http_" + label, median_rate(seen), "documents/s"},
            {"accept_http_" + label + "_p50", percentile_ms(seen.took, 0.50), "ms"},
            {"accept_http_" + label + "_p99", percentile_ms(seen.took, 0.99), "ms"},
            {"stage_examine_" + label, mean_us(before, after, "truc_examine_seconds"), "us/document"},
            {"stage_commit_" + label, mean_us(before, after, "truc_commit_seconds"), "us/group"},
            {"stage_group_" + label, groups > 0 ? documents / groups : 0, "documents/group"},
            {"stage_cpu_" + label, (after.cpu_seconds - before.cpu_seconds) / documents * 1e6, "us/document"}};
}

std::vector<figure> measure_handover(const settings& s) {
    bench_run r(s);
    const std::size_t size = 4 * 1024;
    r.prepare(warm_up(r, s, size), size);
    r.submit(time_to_fill, s.connections);
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
    r.prepare(most_memory / size, size);
    r.submit(s.time, many_clients);
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
    for (const std::size_t kib : {4, 64, 128, 370})
        all.push_back(
            {fmt::format("accept_http_{}KiB", kib), [kib](const settings& s) { return measure_accept(s, kib); }});
    all.push_back({"handover_4KiB", measure_handover});
    all.push_back({"rss", measure_memory});
    all.push_back({"relay_4KiB", [](const settings& s) { return measure_relay(s, std::size_t{4} * 1024); }});
    all.push_back({"three_hops", measure_three_hops});
    all.push_back({"large", measure_large});
    return all;
}

} // namespace truc::bench
