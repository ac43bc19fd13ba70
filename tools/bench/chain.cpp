#include "chain.hpp"

#include "demonstration.hpp"
#include "failure.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <future>
#include <thread>

namespace truc::bench {

namespace {

namespace json = boost::json;
using std::chrono::steady_clock;

constexpr auto sender_code = "000.00.00.G22";
constexpr auto patience = std::chrono::seconds(60);

bench_agency agency_of(const json::object& agency) {
    bench_agency a;
    a.code = agency.at("code").as_string();
    a.client = agency.at("client").as_string();
    a.certificate = std::string(agency.at("certificate").as_string());
    a.key = std::string(agency.at("key").as_string());
    a.signing = trust::signing_key::load(a.certificate, a.key);
    return a;
}

} // namespace

chain::chain(const std::filesystem::path& trucd, const std::filesystem::path& truc,
             const std::filesystem::path& directory) {
    auto made = make_demonstration(truc, directory);
    nodes_ = std::move(made.nodes);
    for (const auto& value : made.described.at("agencies").as_array()) {
        const auto& agency = value.as_object();
        if (agency.at("code").as_string() == sender_code) sender_ = agency_of(agency);
        if (agency.at("node").as_string() == nodes_.back().node) recipient_ = agency_of(agency);
    }
    signer_.emplace(*sender_.signing);
    for (const auto& n : nodes_) brokers_.push_back(std::make_unique<broker_process>(trucd, n));
    submitting_.emplace(nodes_.front(), sender_);
    receiving_.emplace(nodes_.back(), recipient_);
    // Nodes find each other and exchange their directories; a recipient that is not known yet is no failure.
    for (const auto until = steady_clock::now() + patience; steady_clock::now() < until;) {
        if (submitting_->knows_agency(recipient_.code)) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    deliver(4096);
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
    auto arrival = std::async(std::launch::async, [this] { return receiving_->await_document(); });
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const auto begin = steady_clock::now();
    submitting_->submit(document);
    const auto [end, delivery] = arrival.get();
    if (receiving_->content(delivery) != document) throw failure("what arrived is not what was sent");
    receiving_->acknowledge(delivery);
    return end - begin;
}

void chain::check() {
    for (const auto until = steady_clock::now() + patience; brokers_.front()->open_deliveries() != 0;) {
        if (steady_clock::now() > until) throw failure("the origin was not told of every end");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    for (const auto& b : brokers_) b->check_books();
}

} // namespace truc::bench
