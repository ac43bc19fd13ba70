#include "misbehaviour.hpp"

#include "agency_client.hpp"
#include "bad_peers.hpp"
#include "bench_run.hpp"
#include "failure.hpp"

#include <thread>

namespace truc::bench {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t document_size = std::size_t{4} * 1024;
constexpr auto pause = std::chrono::milliseconds(10);
constexpr std::size_t documents_a_second = 100; ///< at most, with that pause
constexpr auto patience = std::chrono::seconds(10);
constexpr auto settling_time = std::chrono::seconds(1);
constexpr int rounds = 2; ///< of quiet and trouble

struct latencies {
    std::vector<std::chrono::nanoseconds> kept; ///< connection
    std::vector<std::chrono::nanoseconds> fresh;
};

/// A client that does one thing after the other, without hurry.
class steady_client {
  public:
    steady_client(bench_run& r, std::size_t documents)
        : run_(r),
          code_(r.place().agencies.front().code),
          documents_(r.maker().make_of(0, documents, document_size)),
          http_(r.place(), r.place().agencies.front()) {}

    void work(std::chrono::nanoseconds time, latencies& felt);

  private:
    bench_run& run_;
    const std::string code_;
    const std::vector<std::string> documents_;
    std::size_t next_ = 0;
    agency_client http_;
};

void steady_client::work(std::chrono::nanoseconds time, latencies& felt) {
    for (const auto until = steady_clock::now() + time; steady_clock::now() < until && next_ < documents_.size();) {
        check_interrupted();
        http_.disconnect();
        const auto begin = steady_clock::now();
        if (!http_.knows_agency(code_)) throw failure("the node does not know the client's agency");
        const auto asked = steady_clock::now();
        felt.fresh.push_back(asked - begin);
        felt.kept.push_back(http_.submit(documents_[next_++]).at - asked);
        run_.note_accepted();
        std::this_thread::sleep_for(pause);
    }
}

/// Most of them are there at any time; those that the node has just thrown out are on their way back.
void gather(const bad_peers& crowd, std::size_t count) {
    const auto until = steady_clock::now() + patience;
    while (crowd.connected() < count / 4 * 3) {
        check_interrupted();
        if (steady_clock::now() > until) throw failure("the misbehaving connections were not made");
        std::this_thread::sleep_for(pause);
    }
    std::this_thread::sleep_for(settling_time);
}

double ratio(const std::vector<std::chrono::nanoseconds>& with, const std::vector<std::chrono::nanoseconds>& without,
             double part) {
    const auto base = percentile_ms(without, part);
    return base > 0 ? percentile_ms(with, part) / base : 0;
}

} // namespace

std::vector<figure> measure_misbehaviour(const settings& s) {
    bench_run r(s);
    const auto length = std::chrono::nanoseconds(s.time) / rounds;
    steady_client client(r, documents_a_second * static_cast<std::size_t>(2 * s.time.count() + 1));
    latencies quiet;
    latencies trouble;
    client.work(std::chrono::seconds(1), quiet); // warms up
    quiet = {};
    for (int i = 0; i < rounds; ++i) {
        client.work(length, quiet);
        const bad_peers crowd(r.place(), r.tls_of(1), s.misbehaving);
        gather(crowd, s.misbehaving);
        client.work(length, trouble);
    }
    r.check();
    return {{"bad_peers_ratio", ratio(trouble.kept, quiet.kept, 0.50), "times"},
            {"bad_peers_ratio_p99", ratio(trouble.kept, quiet.kept, 0.99), "times"},
            {"bad_peers_new_ratio", ratio(trouble.fresh, quiet.fresh, 0.50), "times"},
            {"bad_peers_new_ratio_p99", ratio(trouble.fresh, quiet.fresh, 0.99), "times"},
            {"bad_peers_p50", percentile_ms(trouble.kept, 0.50), "ms"},
            {"bad_peers_p99", percentile_ms(trouble.kept, 0.99), "ms"},
            {"bad_peers_new_p50", percentile_ms(trouble.fresh, 0.50), "ms"},
            {"bad_peers_new_p99", percentile_ms(trouble.fresh, 0.99), "ms"}};
}

} // namespace truc::bench
