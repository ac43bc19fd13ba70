#include "exchange_dialler.hpp"
#include "exchange_session.hpp"

#include <truc/net/io_loop.hpp>

#include <boost/asio/detached.hpp>
#include <fmt/format.h>

namespace truc::client {

namespace {

using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

/// A node takes 16 links of a connection; two are for submitting and the inbox, and one is being replaced.
constexpr std::size_t most_feeds = 13;
constexpr milliseconds longest_wait = std::chrono::hours(24);
constexpr std::chrono::seconds farewell{4};

steady::time_point after(milliseconds wait) { return steady::now() + std::min(wait, longest_wait); }

} // namespace

struct exchange_link::state {
    explicit state(exchange_options o) : core(std::make_shared<exchange_core>(std::move(o))) {
        auto kept = keep_connected(core, strand, make_tls(core->options));
        net::asio::co_spawn(strand, std::move(kept), net::asio::detached);
    }

    /// What callers left on a desk is looked at on the strand, once for all that is left until then.
    void ring() {
        if (rung->exchange(true)) return;
        net::asio::post(strand, [core = core, rung = rung] {
            rung->store(false);
            if (core->session) core->session->pump();
        });
    }

    void stop() {
        const auto gone = std::make_shared<std::promise<void>>();
        auto ended = gone->get_future();
        net::asio::post(strand, [core = core, gone] {
            core->stopping = true;
            core->bell.notify();
            if (!core->session) return gone->set_value();
            core->gone = gone;
            core->session->close();
        });
        ended.wait_for(farewell);
        loop.stop();
    }

    const std::shared_ptr<exchange_core> core;
    const std::shared_ptr<std::atomic<bool>> rung = std::make_shared<std::atomic<bool>>(false);
    net::io_loop loop;
    net::connection::strand strand = net::asio::make_strand(loop.context().get_executor());
};

exchange_link::exchange_link(exchange_options o) {
    if (o.evidence_of.size() > most_feeds)
        throw std::runtime_error(fmt::format("evidence of {} agencies: one connection reads that of {} at most",
                                             o.evidence_of.size(), most_feeds));
    state_ = std::make_shared<state>(std::move(o));
}

exchange_link::~exchange_link() {
    interrupt();
    state_->stop();
}

bool exchange_link::is_connected() const { return state_->core->is_connected(); }

std::string exchange_link::last_fault() const { return state_->core->fault(); }

std::vector<submission_answer> exchange_link::submit(const std::vector<submission>& all, milliseconds patience) {
    auto& desk = state_->core->outgoing;
    const auto batch = desk.enter(all);
    state_->ring();
    if (!desk.wait(*batch, after(patience))) {
        desk.give_up(*batch, is_connected() ? "the node is busy" : last_fault());
        state_->ring();
        desk.wait(*batch);
    }
    return std::move(batch->answers);
}

std::vector<inbox_delivery> exchange_link::receive(std::size_t max, milliseconds wait) {
    return state_->core->inbox.receive(max, after(wait));
}

void exchange_link::accept(const uuid& delivery) {
    state_->core->inbox.settle(delivery, inbox_desk::verdict::accept);
    state_->ring();
}

void exchange_link::release(const uuid& delivery) {
    state_->core->inbox.settle(delivery, inbox_desk::verdict::release);
    state_->ring();
}

void exchange_link::fail(const uuid& delivery, std::string why) {
    state_->core->inbox.settle(delivery, inbox_desk::verdict::fail, std::move(why));
    state_->ring();
}

void exchange_link::set_aside(const uuid& delivery, std::string why) {
    state_->core->inbox.settle(delivery, inbox_desk::verdict::set_aside, std::move(why));
    state_->ring();
}

void exchange_link::reject(const uuid& delivery, std::string reason) {
    state_->core->inbox.settle(delivery, inbox_desk::verdict::reject, std::move(reason));
    state_->ring();
}

void exchange_link::ask_again() {
    state_->core->ask_again = true;
    state_->ring();
}

void exchange_link::follow_evidence(const std::string& agency, std::string after) {
    state_->core->receipts.follow(agency, after);
}

std::vector<evidence> exchange_link::read_evidence(std::size_t max, milliseconds wait) {
    if (state_->core->receipts.begin()) state_->ring();
    auto some = state_->core->receipts.read(max, after(wait));
    if (!some.empty()) state_->ring();
    return some;
}

void exchange_link::interrupt() {
    state_->core->outgoing.close();
    state_->core->inbox.interrupt();
    state_->core->receipts.interrupt();
}

} // namespace truc::client
