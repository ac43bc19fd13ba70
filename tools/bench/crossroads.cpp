#include "crossroads.hpp"

#include "credentials.hpp"
#include "failure.hpp"
#include "figures.hpp"
#include "load.hpp"
#include "parallel.hpp"

#include <truc/directory/json_lines.hpp>

#include <fmt/format.h>

#include <fstream>
#include <thread>

namespace truc::bench {

namespace {

using std::chrono::steady_clock;

constexpr auto patience = std::chrono::seconds(120);
constexpr auto look_period = std::chrono::milliseconds(5);

std::string neighbour_lines(const network& n, const std::string& name, const std::vector<std::string>& agencies) {
    directory::node node;
    node.name = name;
    node.parent = n.node;
    node.level = "district";
    auto lines = directory::to_json_line(node) + "\n";
    for (const auto& code : agencies) {
        directory::agency a(*agency_code::parse(code));
        a.name = "Xã " + code;
        a.node = name;
        a.level = "commune";
        lines += directory::to_json_line(a) + "\n";
    }
    return lines;
}

} // namespace

crossroads::crossroads(const std::filesystem::path& directory, std::size_t agencies)
    : first_(make_network(directory, agencies)), second_(first_), signer_(*first_.agencies.front().signing) {
    second_.data_dir = first_.directory / "data-2";
    second_.admin = second_.data_dir / "admin.sock";
    second_.configuration = first_.directory / "trucd-2.toml";
    second_.take_ports();
    add_neighbours();
    for (const auto& a : first_.agencies)
        clients_.push_back(
            trust::tls_context::make_client({a.certificate, a.key, {first_.ca}, {}}, system_clock().now()));
}

void crossroads::add_neighbours() {
    const auto& dir = first_.directory;
    const auto exchange = trust::authority::load(dir / "ca.pem", dir / "ca-key.pem");
    std::string lines;
    std::string tables;
    for (const std::string name : {living, dead}) {
        trust::write_credentials(dir, name, exchange.issue(node_certificate_for(name, name)));
        std::vector<std::string> agencies;
        for (std::size_t i = 0; i < first_.agencies.size(); ++i)
            agencies.push_back(name == living ? living_recipient(i) : dead_recipient(i));
        lines += neighbour_lines(first_, name, agencies);
        tables += fmt::format("[[neighbours]]\nname = \"{}\"\n", name);
    }
    std::ofstream file(dir / "directory.jsonl", std::ios::app);
    if (!(file << lines).flush()) throw failure("cannot write the directory");
    first_.write_configuration(tables);
    second_.write_configuration(tables);
}

std::string crossroads::living_recipient(std::size_t number) const {
    return fmt::format("000.{:02}.36.H43", number % first_.agencies.size() + 1);
}

std::string crossroads::dead_recipient(std::size_t number) const {
    return fmt::format("000.{:02}.37.H43", number % first_.agencies.size() + 1);
}

std::shared_ptr<const trust::tls_context> crossroads::tls_of(const std::string& node) const {
    const auto& dir = first_.directory;
    return trust::tls_context::make_client({dir / (node + ".pem"), dir / (node + "-key.pem"), {first_.ca}, {}},
                                           system_clock().now());
}

std::string crossroads::make_document(std::size_t number, std::size_t size) const {
    const auto& sender = first_.agencies[number % first_.agencies.size()];
    test::edxml_document d;
    d.from = sender.code;
    d.to = {living_recipient(number / first_.agencies.size())};
    d.number = std::to_string(number);
    d.document_id = fmt::format("{},{},{}/{}", d.from, d.date, d.number, d.notation);
    return signer_->make(d, size, static_cast<unsigned>(number), *sender.signing);
}

std::vector<request_queue> crossroads::make_requests(std::size_t count, std::size_t size) {
    const auto agencies = first_.agencies.size();
    count = (count + agencies - 1) / agencies * agencies;
    std::vector<std::string> made(count);
    in_parallel(count, [&](std::size_t i) { made[i] = make_submission(make_document(number_ + i, size)); });
    number_ += count;
    std::vector<request_queue> queues(agencies);
    for (std::size_t i = 0; i < count; ++i) queues[i % agencies].push_back(std::move(made[i]));
    return queues;
}

crossing::crossing(const std::filesystem::path& trucd, const crossroads& place, const network& n)
    : place_(place), network_(n), broker_(trucd, n), queues_(n.agencies.size()) {
    living_.start(loop_, network_.amqp_port, place_.tls_of(crossroads::living));
}

void crossing::await_taken(std::size_t count) const {
    for (const auto until = steady_clock::now() + patience; living_.count() < count;) {
        demand_health(std::array{&living_});
        if (steady_clock::now() > until)
            throw failure(fmt::format("the neighbour got {} of {} documents", living_.count(), count));
        std::this_thread::sleep_for(look_period);
    }
}

std::chrono::nanoseconds crossing::await_first() const {
    await_taken(1);
    return living_.moments().front() - begin_;
}

void crossing::give(const std::vector<request_queue>& more) {
    for (std::size_t i = 0; i < queues_.size(); ++i)
        queues_[i].insert(queues_[i].end(), more[i].begin(), more[i].end());
}

double crossing::carry(std::chrono::nanoseconds time, std::size_t connections) {
    const auto before = living_.count();
    load l;
    for (std::size_t i = 0; i < connections; ++i) {
        const auto agency = i % queues_.size();
        l.add(connection(network_.http_port, *place_.clients()[agency],
                         std::make_unique<submitting>(queues_[agency], ids_)));
    }
    const auto begin = steady_clock::now();
    const auto accepted = l.run(time).completed.size();
    if (accepted == 0) throw failure("nothing was accepted");
    await_taken(before + accepted);
    const auto took = std::chrono::duration<double>(steady_clock::now() - begin).count();
    return static_cast<double>(accepted) / took;
}

double crossing::drain(const settings& s) {
    returning_.start(loop_, network_.amqp_port, place_.tls_of(crossroads::dead));
    auto begin = steady_clock::now() + s.warming_time();
    while (steady_clock::now() < begin + s.time && returning_.count() < s.backlog) {
        demand_health(std::array{&living_, &returning_});
        std::this_thread::sleep_for(look_period);
    }
    const auto moments = returning_.moments();
    if (moments.empty()) throw failure("the neighbour that is back gets nothing");
    if (moments.back() < begin) begin = moments.front(); // so few that the warm-up was all
    observation seen;
    seen.length = moments.back() - begin;
    for (const auto at : moments)
        if (at >= begin) seen.completed.push_back(at - begin);
    return median_rate(seen);
}

} // namespace truc::bench
