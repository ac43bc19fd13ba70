#include "acceptor.hpp"
#include "endpoint.hpp"

#include <truc/base/log.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace truc::net {

namespace {

constexpr auto starvation_pause = std::chrono::milliseconds(100);
constexpr auto crowded_pause = std::chrono::milliseconds(10);

std::string label(const listener_options& options) { return "listener=\"" + options.name + "\""; }

} // namespace

listener::acceptor::acceptor(io_loop& loop, const endpoint& where, const tls_holder* tls, connection_handler& handler,
                             metrics_registry& metrics, listener_options options)
    : loop_(loop),
      tls_(tls),
      handler_(handler),
      options_(std::move(options)),
      strand_(asio::make_strand(loop.context())),
      socket_(strand_),
      accepted_(metrics.get_counter("truc_connections_total", "Connections accepted", label(options_))),
      refused_(metrics.get_counter("truc_connections_refused_total", "Connections over the limit", label(options_))),
      failed_handshakes_(
          metrics.get_counter("truc_handshakes_failed_total", "TLS handshakes that failed", label(options_))),
      resumed_(metrics.get_counter("truc_tls_resumed_total", "TLS sessions taken up again", label(options_))),
      metrics_(metrics) {
    if (tls_) examined_with_ = tls_->get();
    auto socket = listen_at(where);
    port_ = port_of(socket.fd());
    socket_.assign(socket.release());
}

void listener::acceptor::start() {
    asio::co_spawn(strand_, accept_loop(std::make_unique<presence>(shared_from_this())), asio::detached);
}

std::size_t listener::acceptor::connections() const {
    const std::lock_guard lock(mutex_);
    return connections_.size();
}

awaitable<void> listener::acceptor::accept_loop([[maybe_unused]] std::unique_ptr<presence> here) {
    asio::steady_timer pause(strand_);
    for (;;) {
        const auto what = accept_all();
        if (what == next::end) co_return;
        if (what == next::pause) {
            pause.expires_after(starved_ ? starvation_pause : crowded_pause);
            co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
            continue;
        }
        auto [failure] =
            co_await socket_.async_wait(asio::posix::descriptor_base::wait_read, asio::as_tuple(asio::use_awaitable));
        if (failure) co_return;
    }
}

listener::acceptor::next listener::acceptor::accept_all() {
    while (socket_.is_open()) {
        if (!has_room_for_handshake()) return next::pause;
        file_handle socket(::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (socket) {
            starved_ = false;
            admit(std::move(socket));
            continue;
        }
        switch (errno) {
        case EAGAIN:
            return next::wait;
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
            if (!std::exchange(starved_, true))
                spdlog::warn("cannot accept connections for now ({}): {}", options_.name, std::strerror(errno));
            return next::pause;
        default:
            break; // the one that was waiting is gone already
        }
    }
    return next::end;
}

void listener::acceptor::admit(file_handle socket) {
    const int on = 1;
    ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto info = peer_of(socket.fd());
    auto strand = asio::make_strand(loop_.context());
    auto peer = std::make_shared<connection>(strand, std::move(socket), std::move(info));
    if (!enlist(peer)) {
        refused_.add();
        return;
    }
    accepted_.add();
    auto here = std::make_unique<presence>(shared_from_this());
    asio::co_spawn(strand, run(std::move(here), std::move(peer)), asio::detached);
}

awaitable<void> listener::acceptor::run([[maybe_unused]] std::unique_ptr<presence> here,
                                        std::shared_ptr<connection> peer) {
    try {
        const bool ready = co_await shake_hands(peer);
        if (ready) {
            const share own(*this, *peer);
            if (own) co_await handler_.serve(peer);
        }
    } catch (const std::exception& e) {
        spdlog::error("connection from {} ended by a fault of ours: {}", peer->peer().address, e.what());
    }
    peer->close();
    delist(peer.get());
}

awaitable<bool> listener::acceptor::shake_hands(std::shared_ptr<connection> peer) {
    if (!tls_) co_return true;
    const auto context = tls_->get();
    const auto done = co_await peer->handshake(*context, std::chrono::steady_clock::now() + options_.handshake_time);
    end_handshake(peer.get());
    if (!done) complain(*peer);
    if (peer->resumed()) resumed_.add();
    // What judged the certificate may have been replaced meanwhile.
    co_return done && (tls_->get() == context || is_still_good(*peer));
}

/// Once a minute for each certificate, or each address where there is none, so that nobody can fill the log.
void listener::acceptor::complain(const connection& peer) {
    failed_handshakes_.add();
    const auto& address = peer.peer().address;
    const auto* const why = peer.fault();
    if (!why || why->reason == "broken_off") {
        spdlog::debug("a TLS handshake with {} was not finished ({})", address, options_.name);
        return;
    }
    const auto who = why->certificate.empty() ? address.substr(0, address.rfind(':')) : why->certificate;
    metrics_
        .get_counter("truc_tls_refused_total", "TLS handshakes refused, by reason",
                     label(options_) + ",reason=\"" + std::string(why->reason) + "\"")
        .add();
    if (const auto held_back = complaints_.may_say(std::string(why->reason) + who))
        spdlog::warn("no TLS connection with {} at the {} listener: {}{}", address, options_.name, why->text,
                     *held_back ? fmt::format(" ({} times more since this was said last)", *held_back) : "");
}

bool listener::acceptor::enlist(const std::shared_ptr<connection>& peer) {
    const std::lock_guard lock(mutex_);
    if (stopping_ || connections_.size() >= options_.max_connections) return false;
    connections_.emplace(peer.get(), peer);
    if (tls_) handshakes_.push_back(handshake{peer, std::chrono::steady_clock::now()});
    return true;
}

listener::acceptor::share::share(acceptor& a, const connection& peer)
    : acceptor_(a), within_(a.quotas_for(peer.peer())), taken_(a.take_share(within_, peer.peer().address)) {}

listener::acceptor::share::~share() {
    if (taken_) acceptor_.give_share_back(within_);
}

/// Neither strangers nor one client nor one host can keep everybody else out. Over TLS half of the places are for those
/// who show a certificate. Whole offices stand behind one address: a quarter is still more than they need.
std::vector<listener::acceptor::quota> listener::acceptor::quotas_for(const peer_info& peer) const {
    const auto part = [this](std::size_t of) { return std::max<std::size_t>(1, options_.max_connections / of); };
    if (peer.certificate) return {{"with the certificate of SHA-256 " + peer.certificate->hex(), part(4)}};
    std::vector<quota> within;
    if (const auto origin = origin_of(peer.address); !origin.empty())
        within.push_back({"without a certificate from " + origin, part(4)});
    if (tls_) within.push_back({"without a certificate", part(2)});
    return within;
}

bool listener::acceptor::take_share(const std::vector<quota>& within, const std::string& address) {
    const quota* full = nullptr;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& q : within)
            if (const auto at = shares_.find(q.whose); at != shares_.end() && at->second >= q.most) full = &q;
        if (!full)
            for (const auto& q : within) ++shares_[q.whose];
    }
    if (!full) return true;
    refused_.add();
    if (complaints_.may_say("share " + full->whose))
        spdlog::warn("{} connections {} at the {} listener: one more, from {}, is refused", full->most, full->whose,
                     options_.name, address);
    return false;
}

void listener::acceptor::give_share_back(const std::vector<quota>& within) {
    const std::lock_guard lock(mutex_);
    for (const auto& q : within) {
        const auto at = shares_.find(q.whose);
        if (--at->second == 0) shares_.erase(at);
    }
}

void listener::acceptor::delist(const connection* peer) {
    const std::lock_guard lock(mutex_);
    connections_.erase(peer);
}

bool listener::acceptor::has_room_for_handshake() {
    const std::lock_guard lock(mutex_);
    if (handshakes_.size() < options_.max_handshakes) return true;
    const auto& oldest = handshakes_.front();
    if (std::chrono::steady_clock::now() - oldest.begun < options_.handshake_patience) return false;
    if (const auto peer = oldest.peer.lock()) peer->abort();
    handshakes_.pop_front();
    refused_.add();
    return true;
}

void listener::acceptor::end_handshake(const connection* peer) {
    const std::lock_guard lock(mutex_);
    handshakes_.remove_if([peer](const auto& other) { return other.peer.lock().get() == peer; });
}

void listener::acceptor::enter() {
    const std::lock_guard lock(mutex_);
    ++present_;
}

void listener::acceptor::leave() {
    const std::lock_guard lock(mutex_);
    if (--present_ == 0) emptied_.notify_all();
}

std::vector<std::shared_ptr<connection>> listener::acceptor::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<connection>> found;
    for (const auto& [key, weak] : connections_)
        if (auto peer = weak.lock()) found.push_back(std::move(peer));
    return found;
}

void listener::acceptor::for_each(void (connection::*what)()) {
    for (const auto& peer : all()) (peer.get()->*what)();
}

/// Those that shake hands now are looked at when they have done so. Verifying all certificates would keep the threads
/// from everybody's answers for a while, so it is done only when what judges them has changed.
void listener::acceptor::reexamine() {
    if (!tls_) return;
    const bool anew = must_judge_anew(tls_->get());
    for (const auto& peer : all())
        asio::post(peer->executor(), [self = shared_from_this(), peer, anew] {
            if ((anew || peer->is_expired()) && !self->is_still_good(*peer)) peer->close();
        });
}

bool listener::acceptor::must_judge_anew(const std::shared_ptr<const trust::tls_context>& context) {
    const std::lock_guard lock(mutex_);
    return std::exchange(examined_with_, context) != context;
}

bool listener::acceptor::is_still_good(const connection& peer) const {
    const auto context = tls_->get();
    if (peer.is_acceptable_to(*context)) return true;
    spdlog::warn(
        "the connection with {} at the {} listener ends: its certificate, SHA-256 {}, is not accepted any more",
        peer.peer().address, options_.name, peer.peer().certificate->hex());
    return false;
}

void listener::acceptor::stop(std::chrono::milliseconds grace) {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    asio::post(strand_, [self = shared_from_this()] {
        boost::system::error_code ignored;
        self->socket_.close(ignored);
    });
    for_each(&connection::drain);
    std::unique_lock lock(mutex_);
    const auto empty = [this] { return connections_.empty() && present_ == 0; };
    if (emptied_.wait_for(lock, grace, empty)) return;
    lock.unlock();
    for_each(&connection::abort);
    lock.lock();
    emptied_.wait(lock, empty);
}

listener::listener(io_loop& loop, const endpoint& where, const tls_holder* tls, connection_handler& handler,
                   metrics_registry& metrics, listener_options options)
    : acceptor_(std::make_shared<acceptor>(loop, where, tls, handler, metrics, std::move(options))) {
    acceptor_->start();
}

listener::~listener() { stop(std::chrono::milliseconds(0)); }

std::uint16_t listener::port() const { return acceptor_->port(); }

std::size_t listener::connections() const { return acceptor_->connections(); }

void listener::reexamine() { acceptor_->reexamine(); }

void listener::stop(std::chrono::milliseconds grace) { acceptor_->stop(grace); }

} // namespace truc::net
