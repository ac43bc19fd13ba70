#include "relay.hpp"

#include "credentials.hpp"
#include "failure.hpp"
#include "free_port.hpp"
#include "parallel.hpp"
#include "scratch.hpp"
#include "sized_signer.hpp"
#include "stand_in.hpp"

#include <truc/directory/json_lines.hpp>
#include <truc/ledger/receipt.hpp>
#include <truc/model/delivery_id.hpp>
#include <truc/pack/envelope_text.hpp>

#include <fmt/format.h>

namespace truc::bench {

namespace {

using std::chrono::hours;
using std::chrono::steady_clock;

constexpr std::size_t agencies = 20;
constexpr std::size_t group = 16; ///< documents whose receipts share a tree head, as in a loaded origin
constexpr std::size_t most_legs = 60'000;
constexpr double legs_a_second = 3500; ///< that are made for a run, so that it does not run dry
constexpr auto warming_time = std::chrono::seconds(2);

struct member {
    std::string name;
    std::string parent;
};
const std::array<member, 3> members = {member{"vpcp", ""}, member{"ninhthuan", "vpcp"},
                                       member{"thuannam", "ninhthuan"}};

/// A node between two stand-ins, with its certificates and everybody's agencies.
class place {
  public:
    explicit place(const std::filesystem::path& directory);

    network under_load() const;
    std::uint16_t amqp_port() const { return amqp_port_; }
    std::shared_ptr<const trust::tls_context> tls_of(const std::string& node) const;
    /// Signed documents of the ministry's agencies to those of the district, accepted in the ministry's own log.
    std::deque<prepared_leg> make_legs(std::size_t count, std::size_t size) const;

  private:
    std::string directory_lines() const;
    std::string configuration() const;
    std::string make_document(std::size_t number, std::size_t size) const;
    std::string code_of(std::size_t agency) const { return fmt::format("000.00.{:02}.G22", agency + 1); }
    std::string recipient_of(std::size_t number) const {
        return fmt::format("000.{:02}.36.H43", number % agencies + 1);
    }

    std::filesystem::path dir_;
    std::uint16_t http_port_ = free_port();
    std::uint16_t observe_port_ = free_port();
    std::uint16_t amqp_port_ = free_port();
    std::vector<std::shared_ptr<const trust::signing_key>> signers_;
    std::optional<sized_signer> signer_; ///< for keys of their kind
};

place::place(const std::filesystem::path& directory) {
    std::filesystem::create_directories(directory);
    dir_ = std::filesystem::canonical(directory);
    const auto exchange = make_authority(dir_, "ca", "exchange");
    const auto by = make_authority(dir_, "agency-ca", "agencies");
    for (const auto& m : members)
        trust::write_credentials(dir_, m.name, exchange.issue(node_certificate_for(m.name, m.name)));
    const auto own = by.own();
    signers_.resize(agencies);
    in_parallel(agencies, [&](std::size_t i) {
        const auto name = fmt::format("agency-{}", i);
        trust::write_credentials(dir_, name,
                                 trust::authority::from(own).issue(certificate_for(name), trust::key_kind::rsa_2048));
        signers_[i] = trust::signing_key::load(dir_ / (name + ".pem"), dir_ / (name + "-key.pem"));
    });
    signer_.emplace(*signers_.front());
    write_text(dir_ / "directory.jsonl", directory_lines());
    write_text(dir_ / "trucd.toml", configuration());
}

std::string place::directory_lines() const {
    std::string lines;
    for (const auto& m : members) {
        directory::node node;
        node.name = m.name;
        node.parent = m.parent;
        lines += directory::to_json_line(node) + "\n";
    }
    for (std::size_t i = 0; i < agencies; ++i) {
        directory::agency sender(*agency_code::parse(code_of(i)));
        sender.name = "Bộ";
        sender.node = "vpcp";
        sender.certificates = {signers_[i]->digest()};
        directory::agency recipient(*agency_code::parse(recipient_of(i)));
        recipient.name = "Xã";
        recipient.node = "thuannam";
        lines += directory::to_json_line(sender) + "\n" + directory::to_json_line(recipient) + "\n";
    }
    return lines;
}

std::string place::configuration() const {
    return fmt::format(R"(node = "ninhthuan"
data_dir = "data"
directory = "directory.jsonl"
[certificates]
certificate = "ninhthuan.pem"
key = "ninhthuan-key.pem"
exchange_ca = "ca.pem"
agency_ca = "agency-ca.pem"
[http]
listen = "127.0.0.1:{}"
[observe]
listen = "127.0.0.1:{}"
[amqp]
listen = "127.0.0.1:{}"
[[neighbours]]
name = "vpcp"
[[neighbours]]
name = "thuannam"
)",
                       http_port_, observe_port_, amqp_port_);
}

network place::under_load() const {
    network n;
    n.directory = dir_;
    n.configuration = dir_ / "trucd.toml";
    n.data_dir = dir_ / "data";
    n.admin = n.data_dir / "admin.sock";
    n.ca = dir_ / "ca.pem";
    n.node = "ninhthuan";
    n.http_port = http_port_;
    n.observe_port = observe_port_;
    return n;
}

std::shared_ptr<const trust::tls_context> place::tls_of(const std::string& node) const {
    return trust::tls_context::make_client({dir_ / (node + ".pem"), dir_ / (node + "-key.pem"), {dir_ / "ca.pem"}, {}},
                                           system_clock().now());
}

std::string place::make_document(std::size_t number, std::size_t size) const {
    test::edxml_document d;
    d.from = code_of(number % agencies);
    d.to = {recipient_of(number)};
    d.number = std::to_string(number);
    d.document_id = fmt::format("{},{},{}/{}", d.from, d.date, d.number, d.notation);
    return signer_->make(d, size, static_cast<unsigned>(number), *signers_[number % agencies]);
}

std::deque<prepared_leg> place::make_legs(std::size_t count, std::size_t size) const {
    std::vector<std::string> documents(count);
    in_parallel(count, [&](std::size_t i) { documents[i] = make_document(i, size); });
    const ledger::head_signer signer(trust::signing_key::load(dir_ / "vpcp.pem", dir_ / "vpcp-key.pem"));
    std::map<std::pair<unsigned, std::uint64_t>, sha256_digest> subtrees;
    const auto keep = [&](unsigned level, std::uint64_t index, const sha256_digest& hash) {
        subtrees[{level, index}] = hash;
    };
    const auto read = [&](unsigned level, std::uint64_t index) { return subtrees.at({level, index}); };
    ledger::frontier tree;
    std::deque<prepared_leg> legs;
    const auto now = system_clock().now();
    for (std::size_t first = 0; first < count; first += group) {
        std::vector<std::string> events;
        for (std::size_t i = first; i < std::min(count, first + group); ++i) {
            envelope e;
            e.dispatch_id = uuid::make(now);
            e.hops = {"vpcp"};
            e.deliveries = {{delivery_id_of(e.dispatch_id, recipient_of(i)), recipient_of(i), now + hours(72)}};
            ledger::event accepted;
            accepted.log = {"vpcp", 1};
            accepted.leaf = tree.size();
            accepted.name = event_name::submission_acceptance;
            accepted.time = now;
            accepted.dispatch_id = e.dispatch_id;
            accepted.from = code_of(i % agencies);
            accepted.to = {recipient_of(i)};
            accepted.document_id = fmt::format("document {}", i);
            accepted.sha256 = sha256(documents[i]);
            accepted.signature = signature_outcome::valid;
            accepted.channel = "http:bench";
            ledger::append_text(accepted, events.emplace_back());
            tree.append(ledger::leaf_hash(events.back()), keep);
            legs.push_back({pack::write_envelope(e), {}, std::move(documents[i])});
        }
        const auto head = take(signer.sign({{"vpcp", 1}, tree.size(), now, tree.root()}), "signing a head");
        for (std::size_t i = 0; i < events.size(); ++i) {
            const auto path = ledger::inclusion_path(first + i, tree.size(), read);
            legs[first + i].receipt = ledger::receipt_text(events[i], first + i, tree.size(), path, head);
        }
    }
    return legs;
}

/// The rate at which legs reached the other side, and what it cost the node.
std::vector<figure> observe(const broker_process& broker, const stand_in& giving, const stand_in& taking,
                            const settings& s, std::size_t size) {
    const auto wait = [&](std::chrono::nanoseconds time) {
        for (const auto until = steady_clock::now() + time; steady_clock::now() < until;) {
            demand_health(std::array{&giving, &taking});
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    };
    wait(warming_time);
    const auto before = broker.read_usage();
    const auto begin = steady_clock::now();
    wait(s.time);
    const auto end = steady_clock::now();
    const auto after = broker.read_usage();
    observation seen;
    for (const auto at : taking.moments())
        if (at >= begin && at < end) seen.completed.push_back(at - begin);
    seen.length = end - begin;
    if (seen.completed.empty()) throw failure("nothing came through");
    const auto label = fmt::format("{}KiB", size / 1024);
    const auto cpu = (after.cpu_seconds - before.cpu_seconds) / static_cast<double>(seen.completed.size()) * 1e6;
    return {{"relay_" + label, median_rate(seen), "documents/s"}, {"stage_relay_cpu_" + label, cpu, "us/document"}};
}

} // namespace

std::vector<figure> measure_relay(const settings& s, std::size_t size) {
    const scratch files(s.directory / "relay");
    const place p(s.directory / "relay");
    const auto seconds = static_cast<double>((s.time + warming_time).count());
    auto legs = p.make_legs(std::min(most_legs, static_cast<std::size_t>(seconds * legs_a_second)), size);
    const auto n = p.under_load();
    const broker_process broker(s.trucd, n);
    stand_in giving("vpcp", std::move(legs));
    stand_in taking("thuannam", {});
    net::io_loop loop;
    taking.start(loop, p.amqp_port(), p.tls_of("thuannam"));
    giving.start(loop, p.amqp_port(), p.tls_of("vpcp"));
    auto figures = observe(broker, giving, taking, s, size);
    loop.stop();
    return figures;
}

} // namespace truc::bench
