#include "relay_dialler.hpp"

#include "relay_session.hpp"

#include <truc/net/dial.hpp>
#include <truc/trust/signing_key.hpp>

#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include <random>

namespace truc::api {

namespace {

using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds dial_time{5'000};
constexpr milliseconds first_pause{200};
constexpr milliseconds longest_pause{30'000};
/// A session that lasted so long was a good one.
constexpr milliseconds proven_session{5'000};

/// The coroutine's own; lives in its frame.
class dialler {
  public:
    dialler(std::shared_ptr<relay_core> c, relay_neighbour n, net::connection::strand strand)
        : core_(std::move(c)), neighbour_(std::move(n)), strand_(std::move(strand)), here_(core_) {}

    net::awaitable<void> run() {
        if (!core_->enlist(bell_)) co_return;
        while (!core_->stopping()) {
            if (core_->registry.is_connected(neighbour_.name)) {
                co_await bell_->wait_until(net::steady_time::max());
                continue;
            }
            co_await dial_once();
            co_await pause();
        }
    }

  private:
    net::awaitable<void> dial_once() {
        const auto begun = steady::now();
        const auto dialled =
            co_await net::dial(strand_, neighbour_.host, neighbour_.port, core_->use.tls->get(), begun + dial_time);
        if (!dialled) {
            note(explain(dialled.error(), language::english));
        } else if (const auto name = node_at((*dialled)->peer()); name != neighbour_.name) {
            note(name.empty() ? "its certificate is not that of a node"
                              : fmt::format("its certificate is that of the node {}", name));
            (*dialled)->close();
        } else {
            co_await serve(*dialled);
        }
        if (steady::now() - begun > proven_session) failures_ = 0;
    }

    net::awaitable<void> serve(std::shared_ptr<net::connection> connection) {
        if (core_->enlist(connection)) {
            const auto session = relay_session::make(core_, connection, neighbour_.name, true);
            co_await session->run();
        }
        connection->close();
    }

    /// Exponential with jitter, so that the nodes of a country that lost their parent do not come back all at once.
    net::awaitable<void> pause() {
        const auto grown = std::min(longest_pause, first_pause * (1 << std::min(failures_++, 10U)));
        std::uniform_int_distribution<milliseconds::rep> jitter(grown.count() / 2, grown.count());
        const auto until = steady::now() + milliseconds(jitter(random_));
        while (!core_->stopping()) {
            const bool rung = co_await bell_->wait_until(until);
            if (!rung || core_->registry.is_connected(neighbour_.name)) break;
        }
    }

    void note(const std::string& why) {
        spdlog::debug("neighbour {} cannot be dialled: {}", neighbour_.name, why);
        core_->registry.note(neighbour_.name, [&](neighbour_view& v) {
            if (!v.connected) v.last_error = why;
        });
    }

    std::shared_ptr<relay_core> core_;
    relay_neighbour neighbour_;
    net::connection::strand strand_;
    relay_core::presence here_;
    std::shared_ptr<net::wakeup> bell_ = std::make_shared<net::wakeup>();
    unsigned failures_ = 0;
    std::minstd_rand random_{std::random_device{}()};
};

net::awaitable<void> dial_for_ever(std::shared_ptr<dialler> d) {
    try {
        co_await d->run();
    } catch (const std::exception& e) {
        spdlog::error("dialling a neighbour ended by a fault of ours: {}", e.what());
    }
}

} // namespace

std::string node_at(const net::peer_info& peer) {
    const auto certificate = trust::parse_certificate(peer.certificate_der);
    return certificate ? trust::node_name_of(certificate.get()) : std::string();
}

void start_dialling(std::shared_ptr<relay_core> core, const relay_neighbour& neighbour) {
    const auto strand = net::asio::make_strand(core->use.loop->context().get_executor());
    auto d = std::make_shared<dialler>(std::move(core), neighbour, strand);
    net::asio::co_spawn(strand, dial_for_ever(std::move(d)), net::asio::detached);
}

} // namespace truc::api
