#include "bench_run.hpp"

#include "failure.hpp"
#include "figures.hpp"

#include <fmt/format.h>

#include <set>

namespace truc::bench {

namespace {

constexpr std::size_t most_memory = std::size_t{768} << 20; ///< for documents that wait to be sent

} // namespace

bench_run::bench_run(const settings& s)
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

void bench_run::prepare(entrance by, std::size_t count, std::size_t size) {
    const auto agencies = network_.agencies.size();
    auto documents = maker_.make((std::min(count, most_memory / size) + agencies - 1) / agencies, size);
    for (std::size_t i = 0; i < agencies; ++i) {
        queues_[i].clear();
        for (auto& d : documents[i]) queues_[i].push_back(by == entrance::http ? make_submission(d) : std::move(d));
    }
}

std::size_t bench_run::warm_up(entrance by, std::size_t size) {
    prepare(by, std::min(settings_.warming_documents(), most_memory / 4 / size), size);
    const auto seen = submit(by, settings_.warming_time(), settings_.connections);
    return static_cast<std::size_t>(median_rate(seen) * 1.4 * static_cast<double>(settings_.time.count())) + 100;
}

observation bench_run::submit(entrance by, std::chrono::nanoseconds time, std::size_t at_once) {
    auto seen = by == entrance::http ? submit_http(time, at_once) : submit_amqp(time, at_once);
    accepted_ += seen.completed.size();
    return seen;
}

observation bench_run::submit_http(std::chrono::nanoseconds time, std::size_t connections) {
    load l;
    for (std::size_t i = 0; i < connections; ++i) {
        const auto agency = i % network_.agencies.size();
        l.add(connection(network_.http_port, *tls_[agency], std::make_unique<submitting>(queues_[agency], ids_)));
    }
    return l.run(time);
}

observation bench_run::submit_amqp(std::chrono::nanoseconds time, std::size_t at_once) {
    amqp_load l(network_.amqp_port);
    const auto agencies = network_.agencies.size();
    const auto window = (at_once + agencies - 1) / agencies;
    for (std::size_t i = 0; i < agencies; ++i) l.add(network_.agencies[i].client, tls_[i], queues_[i], window);
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
    if (taken_in != accepted_)
        throw failure(fmt::format("{} documents were accepted, the books count {}", accepted_, taken_in));
}

} // namespace truc::bench
