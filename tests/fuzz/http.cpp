// A client that writes anything at all, over a real connection without a network: requests one behind the other, bodies
// by length and in chunks, Expect, garbage. Whatever happens, the process lives; and how the bytes are cut on their way
// must change nothing of what the application is asked, or somebody could hide one request in another.
#include <truc/http/server.hpp>

#include <sys/socket.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace http = truc::http;
namespace net = truc::net;

constexpr std::uint64_t longest_body = 200'000;

void must(bool good) {
    if (!good) std::abort();
}

/// Notes what it was asked, whole requests only, and which failures the server saw below it.
class note_taker final : public http::application {
  public:
    explicit note_taker(std::string& notes) : notes_(notes) {}

    net::awaitable<http::response> handle(http::request& r) override {
        const auto& head = r.head();
        must(!head.target.empty());
        notes_ += std::to_string(static_cast<int>(head.verb)) + " " + head.target;
        for (const auto& s : head.path) notes_ += "/" + s;
        for (const auto& q : head.query) notes_ += "&" + q.name + "=" + q.value;
        notes_ += " " + head.media_type() + "\n";
        const bool unread = !head.path.empty() && head.path.front() == "unread";
        if (!unread) co_await read_body(r);
        if (head.parameter("wait")) {
            const auto bell = r.bell();
            bell->notify();
            co_await bell->wait_until(net::steady_time::max());
        }
        http::response answer(200, "text/plain", "told");
        co_return answer;
    }

    http::response refuse(const truc::error& e, const http::request_head*) override {
        must(e.code != truc::errc::internal);
        notes_ += std::string(truc::describe(e.code).name) + "\n";
        return http::response(truc::describe(e.code).http, "text/plain", "refused");
    }

  private:
    net::awaitable<void> read_body(http::request& r) {
        r.limit_body(longest_body);
        std::string body;
        for (;;) {
            const auto piece = co_await r.read();
            if (!piece) {
                notes_ += std::string("no body: ") + std::string(truc::describe(piece.error().code).name) + "\n";
                co_return;
            }
            must(piece->size() <= 64 * 1024);
            if (piece->empty()) break;
            body += *piece;
        }
        must(body.size() <= longest_body);
        if (const auto length = r.head().content_length) must(body.size() == *length);
        notes_ += body + "\n";
    }

    std::string& notes_;
};

/// The other end of the connection.
class client {
  public:
    explicit client(int fd) : socket_(fd) {}

    /// As much as the server takes; it may have hung up.
    void send(std::string_view bytes, asio::io_context& io) {
        while (!bytes.empty()) {
            const auto n = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
            const bool full = n < 0 && errno == EAGAIN;
            if (n < 0 && !full) return;
            io.poll();
            take_answers();
        }
    }
    void finish() { ::shutdown(socket_.fd(), SHUT_WR); }
    void take_answers() {
        char buffer[16 * 1024];
        for (;;) {
            const auto n = ::recv(socket_.fd(), buffer, sizeof buffer, MSG_DONTWAIT);
            if (n <= 0) return;
            if (answered_.size() < 9) answered_.append(buffer, static_cast<std::size_t>(n));
        }
    }
    bool answers_are_http() const { return answered_.empty() || answered_.starts_with("HTTP/1.1 "); }

  private:
    truc::file_handle socket_;
    std::string answered_;
};

/// What the application was asked when the bytes arrive in pieces of that size.
std::string serve(std::string_view input, std::size_t piece) {
    std::string notes;
    note_taker application(notes);
    truc::metrics_registry metrics;
    http::server server(application, metrics);
    asio::io_context io;
    int ends[2];
    must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    client peer(ends[1]);
    bool over = false;
    {
        net::connection::strand strand(io.get_executor());
        auto connection = std::make_shared<net::connection>(strand, truc::file_handle(ends[0]), net::peer_info());
        auto serving = server.serve(std::move(connection));
        asio::co_spawn(strand, std::move(serving), [&over](const std::exception_ptr& failure) {
            must(!failure);
            over = true;
        });
    }
    for (std::size_t at = 0; at < input.size(); at += piece) peer.send(input.substr(at, piece), io);
    peer.finish();
    for (int patience = 0; !over && patience < 2'000; ++patience) {
        io.run_one_for(std::chrono::milliseconds(5));
        peer.take_answers();
    }
    must(over);
    must(peer.answers_are_http());
    return notes;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1 || size > 100'000) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = serve(input, input.size() + 1);
    // One byte at a time is the hardest, but slow.
    const std::size_t piece = input.size() < 300 ? 1 : std::size_t{1} + data[0];
    must(serve(input, piece) == whole);
    return 0;
}
