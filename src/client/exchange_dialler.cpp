#include "exchange_dialler.hpp"

#include "exchange_session.hpp"
#include "growing_pause.hpp"

#include <truc/base/clock.hpp>
#include <truc/base/log.hpp>
#include <truc/net/dial.hpp>
#include <truc/trust/signing_key.hpp>
#include <truc/trust/tls_context.hpp>

#include <fmt/format.h>

namespace truc::client {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds dial_time{5'000};
/// A session that lasted so long was a good one.
constexpr std::chrono::milliseconds proven_session{5'000};

bool is_node(const net::peer_info& peer) {
    const auto certificate = trust::parse_certificate(peer.certificate_der);
    return certificate && !trust::node_name_of(certificate.get()).empty();
}

/// The coroutine's own; lives in its frame.
class dialler {
  public:
    dialler(std::shared_ptr<exchange_core> core, net::connection::strand strand,
            std::shared_ptr<const trust::tls_context> tls)
        : core_(std::move(core)), strand_(std::move(strand)), tls_(std::move(tls)) {}

    net::awaitable<void> run() {
        while (!core_->stopping) {
            const auto begun = steady::now();
            try {
                co_await connect_once(begun + dial_time);
            } catch (const std::exception& e) {
                note(std::string("a fault of ours: ") + e.what());
            }
            if (steady::now() - begun > proven_session && proven_) failures_ = 0;
            co_await pause();
            renew();
        }
    }

  private:
    net::awaitable<void> connect_once(steady::time_point deadline) {
        proven_ = false;
        const auto& o = core_->options;
        const auto dialled = co_await net::dial(strand_, o.host, o.port, tls_, deadline);
        if (!dialled) {
            note(explain(dialled.error(), language::english));
        } else if (!is_node((*dialled)->peer())) {
            note("its certificate is not that of a node");
            (*dialled)->close();
        } else if (core_->stopping) {
            (*dialled)->close();
        } else {
            co_await serve(*dialled);
        }
    }

    net::awaitable<void> serve(std::shared_ptr<net::connection> connection) {
        const auto session = std::make_shared<exchange_session>(core_, connection);
        const in_use here(*core_, *session);
        co_await session->run();
        proven_ = session->was_connected();
        if (!core_->stopping) note(core_->fault());
    }

    net::awaitable<void> pause() {
        const auto until = steady::now() + growing_pause(failures_++);
        while (!core_->stopping) {
            const bool rung = co_await core_->bell.wait_until(until);
            if (!rung) break;
        }
    }

    /// A certificate that was replaced is shown on the next connection. Where its files cannot be used, perhaps because
    /// only one of them is new, the last ones serve.
    void renew() {
        try {
            tls_ = make_tls(core_->options);
        } catch (const std::exception& e) {
            spdlog::warn("the files for connections to the node are not read anew: {}", e.what());
        }
    }

    /// Said once, however often it fails.
    void note(const std::string& why) {
        core_->note(false, why);
        if (why != std::exchange(said_, why))
            spdlog::warn("the node at {}:{} is not connected: {}", core_->options.host, core_->options.port, why);
    }

    /// The core knows the session while it runs, however that ends.
    class in_use {
      public:
        in_use(exchange_core& core, exchange_session& session) : core_(core) { core_.session = &session; }
        ~in_use() {
            core_.session = nullptr;
            if (core_.gone) core_.gone->set_value();
            core_.gone.reset();
        }
        in_use(const in_use&) = delete;

      private:
        exchange_core& core_;
    };

    std::shared_ptr<exchange_core> core_;
    net::connection::strand strand_;
    std::shared_ptr<const trust::tls_context> tls_;
    unsigned failures_ = 0;
    bool proven_ = false;
    std::string said_;
};

} // namespace

std::shared_ptr<const trust::tls_context> make_tls(const exchange_options& o) {
    trust::tls_files files;
    files.certificate = o.certificate;
    files.key = o.key;
    files.authorities.push_back(o.authority);
    return trust::tls_context::make_client(files, system_clock().now());
}

net::awaitable<void> keep_connected(std::shared_ptr<exchange_core> core, net::connection::strand strand,
                                    std::shared_ptr<const trust::tls_context> tls) {
    dialler d(std::move(core), std::move(strand), std::move(tls));
    co_await d.run();
}

} // namespace truc::client
