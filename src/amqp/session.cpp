#include "session_impl.hpp"

#include <truc/base/log.hpp>

#include <boost/asio/detached.hpp>
#include <proton/connection.h>
#include <proton/transport.h>

#include <algorithm>

namespace truc::amqp {

namespace {

constexpr std::size_t large_read = 64 * 1024;
constexpr std::size_t most_after_close = 256 * 1024; ///< bytes of what was on its way
constexpr std::size_t farewell_bytes = 64 * 1024;    ///< that a peer may still send after our close
constexpr auto farewell_time = std::chrono::seconds(1);
constexpr auto pause_check = std::chrono::milliseconds(250);
constexpr auto shortest_tick = std::chrono::milliseconds(10);

using clock = std::chrono::steady_clock;

net::steady_time to_time(std::int64_t engine_ms) { return net::steady_time(std::chrono::milliseconds(engine_ms)); }

std::int64_t engine_now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now().time_since_epoch()).count();
}

} // namespace

std::shared_ptr<session> session::make(std::shared_ptr<net::connection> peer, session_options options) {
    return std::make_shared<engine_session>(std::move(peer), std::move(options));
}

engine_session::engine_session(std::shared_ptr<net::connection> peer, session_options options)
    : peer_(std::move(peer)), options_(std::move(options)) {}

net::awaitable<void> engine_session::run(session_handler& handler) {
    handler_ = &handler;
    start();
    auto self = shared_from_this();
    net::asio::co_spawn(executor(), write_all(self), net::asio::detached);
    co_await read_all();
    read_done_ = true;
    wake();
    co_await writer_gone_.wait_until(net::steady_time::max());
    peer_->on_drain(nullptr);
    finish();
    co_await peer_->linger(farewell_bytes, clock::now() + farewell_time);
    peer_->close();
}

void engine_session::start() {
    const bool server = options_.role == session_options::side::server;
    const auto& certificate = peer().certificate;
    engine::settings s;
    s.server = server;
    // A client offers what it has: whether TLS asked for its certificate, the server's offer of EXTERNAL tells.
    s.certificate = !server || (certificate.has_value() && options_.external);
    if (server && options_.plain)
        s.plain = [this](std::string user, std::string password) { on_password(std::move(user), std::move(password)); };
    s.user = server && certificate && options_.external ? certificate->hex() : std::string();
    s.container = options_.container;
    s.properties = &options_.properties;
    s.max_frame = max_frame;
    s.max_channel = static_cast<std::uint16_t>(options_.limits.sessions); // the highest number; one more for our own
    s.idle_ms = static_cast<std::uint32_t>(options_.limits.idle_time.count());
    engine_ = std::make_unique<engine>(s);
    if (!server) pn_connection_open(engine_->connection());
    opening_deadline_ = clock::now() + options_.limits.opening_time;
    peer_->on_drain([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->drain();
    });
}

/// The engine's buffer is read into directly. Nothing else touches it while a read waits.
net::awaitable<void> engine_session::read_all() {
    for (;;) {
        // Aborting the connection does not ring.
        while (paused_ && peer_->is_open()) co_await resume_.wait_until(clock::now() + pause_check);
        const auto buffer = read_full_ ? pn_connection_driver_read_buffer_sized(engine_->driver(), large_read)
                                       : pn_connection_driver_read_buffer(engine_->driver());
        if (buffer.size == 0) co_return;
        const std::span<char> room(buffer.start, buffer.size);
        const auto count = co_await peer_->read_some(room, net::steady_time::max());
        read_full_ = count && *count == buffer.size;
        if (!count || !take_input(std::string_view(buffer.start, *count))) {
            if (!ended_by_peer_ && !closing_)
                give_up(condition{std::string(connection_forced), "the connection was lost"});
            pn_connection_driver_read_close(engine_->driver());
            pump();
            co_return;
        }
        co_await let_others();
    }
}

/// A socket that always has bytes, or always takes some, must not keep the thread: others wait for it.
net::awaitable<void> engine_session::let_others() { co_await net::asio::post(executor(), net::asio::use_awaitable); }

/// False: the peer has ended its stream, or there is no point in going on.
bool engine_session::take_input(std::string_view bytes) {
    if (bytes.empty()) return false;
    if (!opened_) {
        read_before_open_ += bytes.size();
        if (read_before_open_ > options_.limits.opening_bytes) {
            give_up(condition{std::string(resource_limit_exceeded), "too much before the connection is open"});
            return false;
        }
    }
    // A peer that goes on after our close, instead of answering it, would fill the engine.
    if (closing_ && (read_after_close_ += bytes.size()) > most_after_close) deaf_ = true;
    if (deaf_) return true;
    if (!guard_.check(bytes)) return refuse_input();
    pn_connection_driver_read_done(engine_->driver(), bytes.size());
    if (options_.role == session_options::side::client && engine_->is_refused()) {
        give_up(condition{std::string(unauthorized_access), "the server accepts none of our identities"});
        return false;
    }
    pump();
    wake();
    return true;
}

/// The peer sent what is no AMQP. Once it is known, it is told.
bool engine_session::refuse_input() {
    const auto& why = guard_.fault();
    if (!opened_) {
        give_up(why);
        return false;
    }
    deaf_ = true;
    close(why);
    closing_deadline_ = std::min(closing_deadline_, clock::now() + farewell_time); // its answer would not be heard
    return true;
}

net::awaitable<void> engine_session::write_all([[maybe_unused]] std::shared_ptr<session> self) {
    try {
        co_await write_until_done();
    } catch (const std::exception& e) {
        spdlog::error("AMQP connection with {} ended by a fault of ours: {}", peer().address, e.what());
        peer_->close();
    }
    writer_gone_.notify();
}

net::awaitable<void> engine_session::write_until_done() {
    for (;;) {
        pump();
        const auto deadline = tick();
        const auto bytes = pn_connection_driver_write_buffer(engine_->driver());
        if (bytes.size > 0) {
            const auto limit = std::min(closing_deadline_, clock::now() + options_.limits.idle_time);
            const auto count = co_await peer_->write_some(std::string_view(bytes.start, bytes.size), limit);
            if (!count) {
                give_up(condition{std::string(connection_forced), "the connection was lost"});
                co_return;
            }
            pn_connection_driver_write_done(engine_->driver(), *count);
            written_out_ = false;
            co_await let_others();
            continue;
        }
        if (!std::exchange(written_out_, true)) continue; // the engine can be fed again
        if (read_done_) co_return;
        const bool woken = co_await bell_.wait_until(deadline);
        if (woken || clock::now() < std::min(closing_deadline_, opening_deadline_)) continue;
        if (!opened_)
            give_up(condition{std::string(connection_forced), "the connection was not opened in time"});
        else
            peer_->close(); // the peer does not answer our close
        opening_deadline_ = closing_deadline_ = net::steady_time::max();
    }
}

/// Lets the engine note the time. When it wants to be asked again, or something else is due.
net::steady_time engine_session::tick() {
    const auto next = pn_transport_tick(engine_->transport(), engine_now());
    const auto idle = next > 0 ? std::max(to_time(next), clock::now() + shortest_tick) : net::steady_time::max();
    return std::min({idle, opening_deadline_, closing_deadline_});
}

/// Ends the connection without a word to the peer.
void engine_session::give_up(condition why) {
    if (!why_ && !ended_by_peer_) why_ = std::move(why);
    paused_ = false;
    resume_.notify();
    peer_->close();
}

void engine_session::close(std::optional<condition> why) {
    if (!engine_ || closing_) return;
    begin_closing();
    if (!why_ && !ended_by_peer_) why_ = why;
    auto* const connection = engine_->connection();
    // The engine sends no close while a message waits for the rest of itself.
    for (auto& [handle, m] : outgoing_)
        if (!m->over) abort(*m);
    if (why) set_condition(pn_connection_condition(connection), *why);
    if (pn_connection_state(connection) & PN_LOCAL_UNINIT) pn_connection_open(connection);
    pn_connection_close(connection);
    wake();
}

/// From here on the handler hears only how its messages end.
void engine_session::begin_closing() {
    closing_ = true;
    closing_deadline_ = clock::now() + options_.limits.closing_time;
    resume_reading(); // the peer's answer must be heard
}

void engine_session::drain() {
    if (!engine_ || draining_) return;
    draining_ = true;
    for (auto& [handle, m] : outgoing_)
        if (!m->begun() && !m->over) conclude(*m, outcome::released);
    wake();
}

void engine_session::resume_reading() {
    paused_ = false;
    resume_.notify();
}

/// Everything under way is over: the handler hears of each message, then of the end.
void engine_session::finish() {
    closing_ = true;
    for (auto& [handle, m] : incoming_) lose(*m);
    for (auto& [handle, m] : outgoing_)
        if (!m->over) conclude(*m, m->begun() ? outcome::lost : outcome::released);
    try {
        deliver_reports();
    } catch (const std::exception& e) {
        spdlog::error("AMQP connection with {}: its handler failed at the end: {}", peer().address, e.what());
    }
    try {
        handler_->closed(why_);
    } catch (const std::exception& e) {
        spdlog::error("AMQP connection with {}: its handler failed at the end: {}", peer().address, e.what());
    }
    handler_ = nullptr;
    incoming_.clear();
    outgoing_.clear();
    links_.clear();
    engine_.reset();
}

} // namespace truc::amqp
