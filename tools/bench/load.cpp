#include "load.hpp"

#include "failure.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <fcntl.h>

namespace truc::bench {

namespace {

constexpr std::size_t piece_size = 16 * 1024;

file_handle connect_to(std::uint16_t port) {
    file_handle socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!socket || ::connect(socket.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        throw failure("the node cannot be reached");
    const int yes = 1;
    ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return socket;
}

struct answer_frame {
    unsigned status;
    std::size_t head; ///< bytes
    std::size_t body; ///< bytes
};

/// No value until the head is there. The node under load writes every length as Content-Length.
std::optional<answer_frame> frame_of(std::string_view input) {
    constexpr std::string_view end_of_head = "\r\n\r\n";
    constexpr std::string_view length_field = "\r\nContent-Length: ";
    const auto end = input.find(end_of_head);
    if (end == std::string_view::npos) return std::nullopt;
    const auto at = input.find(length_field);
    answer_frame f{0, end + end_of_head.size(), 0};
    if (!input.starts_with("HTTP/1.1 ") || at > end)
        throw failure("not an answer: " + std::string(input.substr(0, end)));
    std::from_chars(input.data() + 9, input.data() + 12, f.status);
    std::from_chars(input.data() + at + length_field.size(), input.data() + end, f.body);
    return f;
}

void watch(int events, connection& c, int operation) {
    epoll_event e{};
    e.events = c.wants_to_write() ? EPOLLIN | EPOLLOUT : EPOLLIN;
    e.data.ptr = &c;
    ::epoll_ctl(events, operation, c.fd(), &e);
}

} // namespace

connection::connection(std::uint16_t port, const trust::tls_context& tls, std::unique_ptr<conversation> talk)
    : socket_(connect_to(port)), ssl_(SSL_new(tls.get())), talk_(std::move(talk)) {
    trust::expect_server(ssl_.get(), "127.0.0.1");
    SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_set_fd(ssl_.get(), socket_.fd()) != 1 || SSL_connect(ssl_.get()) != 1)
        throw failure("the TLS handshake failed");
    ::fcntl(socket_.fd(), F_SETFL, O_NONBLOCK);
}

void connection::advance(const std::function<void(std::chrono::nanoseconds)>& on_unit) {
    do {
        if (!waiting_ && !begin()) return;
        if (!unsent_.empty()) send();
        while (receive()) {
        }
    } while (take_answer(on_unit));
}

bool connection::begin() {
    if (finishing_) return false;
    unsent_ = talk_->next();
    waiting_ = !unsent_.empty();
    begun_ = std::chrono::steady_clock::now();
    return waiting_;
}

void connection::send() {
    blocked_ = false;
    while (!unsent_.empty()) {
        ERR_clear_error();
        const int n = SSL_write(ssl_.get(), unsent_.data(), static_cast<int>(unsent_.size()));
        if (n <= 0) {
            blocked_ = SSL_get_error(ssl_.get(), n) == SSL_ERROR_WANT_WRITE;
            if (!blocked_) throw failure("the node broke a connection off");
            return;
        }
        unsent_.remove_prefix(static_cast<std::size_t>(n));
    }
}

bool connection::receive() {
    std::array<char, piece_size> piece;
    ERR_clear_error();
    const int n = SSL_read(ssl_.get(), piece.data(), static_cast<int>(piece.size()));
    if (n > 0) {
        input_.append(piece.data(), static_cast<std::size_t>(n));
        return true;
    }
    if (SSL_get_error(ssl_.get(), n) != SSL_ERROR_WANT_READ) throw failure("the node broke a connection off");
    return false;
}

bool connection::take_answer(const std::function<void(std::chrono::nanoseconds)>& on_unit) {
    const auto frame = frame_of(input_);
    if (!frame || input_.size() < frame->head + frame->body) return false;
    const auto took = std::chrono::steady_clock::now() - begun_;
    const bool unit = talk_->answered(frame->status, std::string_view(input_).substr(frame->head, frame->body));
    input_.erase(0, frame->head + frame->body);
    waiting_ = false;
    if (unit) on_unit(took);
    return true;
}

bool load::all_idle() const {
    return std::all_of(connections_.begin(), connections_.end(), [](const auto& c) { return c->idle(); });
}

bool load::one_idle() const {
    return std::any_of(connections_.begin(), connections_.end(), [](const auto& c) { return c->idle(); });
}

void load::advance_ready(int events, const std::function<void(std::chrono::nanoseconds)>& on_unit) {
    constexpr int patience_ms = 100; // so that the end of the time is noticed
    std::array<epoll_event, 64> ready;
    const int n = ::epoll_wait(events, ready.data(), static_cast<int>(ready.size()), patience_ms);
    for (int i = 0; i < n; ++i) {
        auto& c = *static_cast<connection*>(ready[static_cast<std::size_t>(i)].data.ptr);
        const bool wanted = c.wants_to_write();
        c.advance(on_unit);
        if (c.wants_to_write() != wanted) watch(events, c, EPOLL_CTL_MOD);
    }
}

observation load::run(std::chrono::nanoseconds time) {
    const file_handle events(::epoll_create1(EPOLL_CLOEXEC));
    observation seen;
    const auto start = std::chrono::steady_clock::now();
    const auto on_unit = [&](std::chrono::nanoseconds took) {
        seen.completed.push_back(std::chrono::steady_clock::now() - start);
        seen.took.push_back(took);
    };
    for (auto& c : connections_) {
        c->advance(on_unit);
        watch(events.fd(), *c, EPOLL_CTL_ADD);
    }
    for (;;) {
        advance_ready(events.fd(), on_unit);
        const auto passed = std::chrono::steady_clock::now() - start;
        check_interrupted();
        const bool finishing = seen.length.count() > 0;
        if (!finishing && (one_idle() || passed >= time)) {
            seen.length = passed;
            for (auto& c : connections_) c->finish();
        }
        if (finishing && all_idle()) return seen;
    }
}

} // namespace truc::bench
