#include "chain.hpp"

#include "failure.hpp"
#include "free_port.hpp"

#include <truc/base/durable.hpp>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sys/wait.h>

#include <future>
#include <thread>
#include <unistd.h>

namespace truc::bench {

namespace {

namespace json = boost::json;
using std::chrono::steady_clock;

constexpr auto sender_code = "000.00.00.G22";
constexpr auto patience = std::chrono::seconds(60);

/// Ten ports a node; the first one is free, and the block is one that nobody is handed out by chance.
unsigned base_port() {
    const unsigned port = free_port();
    return 20000 + port % 400 * 50;
}

void make_demonstration(const std::filesystem::path& truc, const std::filesystem::path& directory) {
    const auto port = std::to_string(base_port());
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::dup2(STDERR_FILENO, STDOUT_FILENO); // standard output belongs to the figures
        ::execl(truc.c_str(), truc.c_str(), "demo", "init", directory.c_str(), "--base-port", port.c_str(), nullptr);
        ::_exit(127);
    }
    int status = 0;
    if (pid < 0 || ::waitpid(pid, &status, 0) != pid || status != 0) throw failure("truc demo init did not work");
}

std::uint16_t port_of(const json::value& url) {
    const std::string text(url.as_string());
    return static_cast<std::uint16_t>(std::stoul(text.substr(text.rfind(':') + 1)));
}

network node_of(const json::object& node, const std::filesystem::path& ca) {
    network n;
    n.configuration = std::string(node.at("config").as_string());
    n.directory = n.configuration.parent_path();
    n.data_dir = std::string(node.at("data_dir").as_string());
    n.admin = std::string(node.at("admin").as_string());
    n.ca = ca;
    n.node = node.at("name").as_string();
    n.http_port = port_of(node.at("http"));
    n.observe_port = port_of(node.at("observe"));
    return n;
}

bench_agency agency_of(const json::object& agency) {
    bench_agency a;
    a.code = agency.at("code").as_string();
    a.client = agency.at("client").as_string();
    a.certificate = std::string(agency.at("certificate").as_string());
    a.key = std::string(agency.at("key").as_string());
    a.signing = trust::signing_key::load(a.certificate, a.key);
    return a;
}

json::object expect(result<client::http_response> answer, unsigned status, const std::string& doing) {
    const auto r = take(std::move(answer), doing);
    if (r.status != status) throw failure(fmt::format("{}: {} {}", doing, r.status, r.body));
    return r.body.empty() ? json::object() : json::parse(r.body).as_object();
}

} // namespace

chain::chain(const std::filesystem::path& trucd, const std::filesystem::path& truc,
             const std::filesystem::path& directory) {
    make_demonstration(truc, directory);
    const auto described = json::parse(take(read_file(directory / "network.json"), "network.json")).as_object();
    const std::filesystem::path ca = std::string(described.at("ca").as_string());
    for (const auto& node : described.at("nodes").as_array()) nodes_.push_back(node_of(node.as_object(), ca));
    for (const auto& value : described.at("agencies").as_array()) {
        const auto& agency = value.as_object();
        if (agency.at("code").as_string() == sender_code) sender_ = agency_of(agency);
        if (agency.at("node").as_string() == nodes_.back().node) recipient_ = agency_of(agency);
    }
    signer_.emplace(*sender_.signing);
    for (const auto& n : nodes_) brokers_.push_back(std::make_unique<broker_process>(trucd, n));
    submitting_ = std::make_unique<client::http_client>(connect(nodes_.front(), sender_));
    receiving_ = std::make_unique<client::http_client>(connect(nodes_.back(), recipient_));
    // Nodes find each other and exchange their directories; a recipient that is not known yet is no failure.
    for (const auto until = steady_clock::now() + patience; steady_clock::now() < until;) {
        const auto seen = take(submitting_->get(std::string("/v1/agencies/") + recipient_.code), "the directory");
        if (seen.status == 200) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    deliver(4096);
}

client::http_client chain::connect(const network& n, const bench_agency& a) const {
    client::http_options options;
    options.authority = n.ca;
    options.certificate = a.certificate;
    options.key = a.key;
    options.answer_time = patience * 2;
    auto where = take(client::server_address::parse(fmt::format("https://127.0.0.1:{}", n.http_port)), "address");
    return client::http_client(std::move(where), options);
}

std::string chain::make_document(std::size_t size) {
    test::edxml_document d;
    d.from = sender_code;
    d.to = {recipient_.code};
    d.number = std::to_string(++number_);
    d.notation = "VPCP-KSTT";
    d.document_id = fmt::format("{},{},{}/{}", d.from, d.date, d.number, d.notation);
    return signer_->make(d, size, static_cast<unsigned>(number_), *sender_.signing);
}

std::chrono::nanoseconds chain::deliver(std::size_t size) {
    const auto document = make_document(size);
    // The recipient waits before the document is sent.
    auto arrival = std::async(std::launch::async, [this] {
        const auto list = expect(receiving_->get("/v1/inbox?max=1&wait=60&kind=edoc"), 200, "the inbox");
        return std::pair(steady_clock::now(), list);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    client::http_request request;
    request.method = "POST";
    request.target = "/v1/documents";
    request.fields = {{"Content-Type", "application/xml"}};
    request.body = document;
    const auto begin = steady_clock::now();
    expect(submitting_->send(request), 201, "submission");
    const auto [end, list] = arrival.get();
    const auto& items = list.at("items").as_array();
    if (items.empty()) throw failure("a document did not arrive");
    fetch_and_acknowledge(std::string(items.front().at("delivery_id").as_string()), document);
    return end - begin;
}

void chain::fetch_and_acknowledge(const std::string& delivery, std::string_view document) {
    const auto content = take(receiving_->get("/v1/inbox/" + delivery + "/content"), "the content");
    if (content.status != 200 || content.body != document) throw failure("what arrived is not what was sent");
    client::http_request request;
    request.method = "POST";
    request.target = "/v1/inbox/" + delivery + "/ack";
    request.fields = {{"Content-Type", "application/json"}};
    request.body = R"({"outcome": "accepted"})";
    expect(receiving_->send(request), 200, "the acknowledgement");
}

void chain::check() {
    for (const auto until = steady_clock::now() + patience; brokers_.front()->open_deliveries() != 0;) {
        if (steady_clock::now() > until) throw failure("the origin was not told of every end");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    for (const auto& b : brokers_) b->check_books();
}

} // namespace truc::bench
