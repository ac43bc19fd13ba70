#include "waiting.hpp"

#include "agency_client.hpp"
#include "bench_run.hpp"
#include "failure.hpp"
#include "receivers.hpp"

#include <fmt/format.h>

#include <future>
#include <map>
#include <thread>

namespace truc::bench {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t document_size = std::size_t{4} * 1024;
constexpr std::size_t documents_a_second = 120; ///< that are pushed at most, one after the other
constexpr auto settling_time = std::chrono::seconds(1);
constexpr auto time_to_wait = std::chrono::milliseconds(5); ///< until a long poll surely waits

/// Asks once and hears nothing.
class long_poll final : public conversation {
  public:
    std::string_view next() override {
        return std::exchange(asked_, true) ? "" : "GET /v1/inbox?wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }
    bool answered(unsigned status, std::string_view body) override {
        throw failure(fmt::format("a long poll ended early: {} {}", status, body));
    }

  private:
    bool asked_ = false;
};

/// What `count` times `add` makes the node's memory grow by, a piece. Some come first, for what is made once.
template <class Add, class Settle>
figure grow(bench_run& r, std::size_t count, const std::string& name, const Add& add, const Settle& settle) {
    constexpr std::size_t first = 20;
    const auto resident = [&] {
        settle();
        std::this_thread::sleep_for(settling_time);
        return r.broker().memory_mib("VmRSS") * 1024;
    };
    for (std::size_t i = 0; i < first; ++i) add(i);
    const auto before = resident();
    for (std::size_t i = 0; i < count; ++i) add(i);
    return {name, (resident() - before) / static_cast<double>(count), "kB/client"};
}

/// The first agency's documents, each to another of the others.
class single_documents {
  public:
    explicit single_documents(bench_run& r, std::size_t count)
        : run_(r),
          first_(r.maker().next_number()),
          documents_(r.maker().make_of(0, count, document_size)),
          client_(r.place(), r.place().agencies.front()) {}

    bool empty() const { return next_ == documents_.size(); }
    /// The agency that gets the next one.
    std::size_t recipient() const { return run_.maker().recipient_of(first_ + next_ * run_.place().agencies.size()); }
    /// Submits the next one.
    agency_client::told submit();

  private:
    bench_run& run_;
    const std::size_t first_; ///< number of the first document
    const std::vector<std::string> documents_;
    agency_client client_;
    std::size_t next_ = 0;
};

agency_client::told single_documents::submit() {
    auto accepted = client_.submit(documents_[next_++]);
    run_.note_accepted();
    return accepted;
}

std::vector<std::chrono::nanoseconds> push_by_amqp(bench_run& r, single_documents& documents, const settings& s) {
    receivers waiting(r.place().amqp_port);
    for (std::size_t i = 0; i < r.place().agencies.size(); ++i) waiting.add(r.place().agencies[i].client, r.tls_of(i));
    waiting.await_links();
    std::vector<std::chrono::nanoseconds> took;
    for (const auto until = steady_clock::now() + s.time; steady_clock::now() < until && !documents.empty();) {
        const auto accepted = documents.submit();
        took.push_back(waiting.await_delivery(accepted.delivery) - accepted.at);
        std::this_thread::sleep_for(time_to_wait);
    }
    return took;
}

std::vector<std::chrono::nanoseconds> push_by_long_poll(bench_run& r, single_documents& documents, const settings& s) {
    std::map<std::size_t, agency_client> clients;
    std::vector<std::chrono::nanoseconds> took;
    for (const auto until = steady_clock::now() + s.time; steady_clock::now() < until && !documents.empty();) {
        const auto recipient = documents.recipient();
        auto& client = clients.try_emplace(recipient, r.place(), r.place().agencies[recipient]).first->second;
        auto arrival = std::async(std::launch::async, [&client] { return client.await_document(); });
        std::this_thread::sleep_for(time_to_wait);
        const auto accepted = documents.submit();
        const auto [at, delivery] = arrival.get();
        took.push_back(at - accepted.at);
        client.acknowledge(delivery);
    }
    return took;
}

} // namespace

std::vector<figure> measure_idle_amqp(const settings& s) {
    bench_run r(s);
    receivers waiting(r.place().amqp_port);
    const auto add = [&](std::size_t i) {
        const auto agency = i % r.place().agencies.size();
        waiting.add(r.place().agencies[agency].client, r.tls_of(agency));
    };
    return {grow(r, s.waiting, "rss_amqp_idle_each", add, [&] { waiting.await_links(); })};
}

std::vector<figure> measure_idle_long_polls(const settings& s) {
    bench_run r(s);
    std::vector<std::unique_ptr<connection>> polls;
    const auto add = [&](std::size_t i) {
        const auto& tls = *r.tls_of(i % r.place().agencies.size());
        polls.push_back(std::make_unique<connection>(r.place().http_port, tls, std::make_unique<long_poll>()));
        polls.back()->advance([](std::chrono::nanoseconds) {});
    };
    return {grow(r, s.waiting, "rss_long_poll_each", add, [] {})};
}

std::vector<figure> measure_push(const settings& s) {
    bench_run r(s);
    const auto count = documents_a_second * static_cast<std::size_t>(s.time.count());
    single_documents documents(r, 2 * count); // half of them for each way to wait
    const auto amqp = push_by_amqp(r, documents, s);
    const auto poll = push_by_long_poll(r, documents, s);
    r.check();
    return {{"push_p50", percentile_ms(amqp, 0.50), "ms"},
            {"push_p99", percentile_ms(amqp, 0.99), "ms"},
            {"push_long_poll_p50", percentile_ms(poll, 0.50), "ms"},
            {"push_long_poll_p99", percentile_ms(poll, 0.99), "ms"}};
}

} // namespace truc::bench
