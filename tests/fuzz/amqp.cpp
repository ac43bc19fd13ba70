// A peer that has shown a certificate and then writes anything at all. The input follows what opens the connection and
// one session; the engine behind has its assertions on.
#include <truc/amqp/session.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string_view>

namespace {

using namespace truc;

/// Answers in every way there is, and checks that each message is told of in order.
class answering : public amqp::session_handler {
  public:
    explicit answering(amqp::session& s) : session_(s) {}

    void opened(const amqp::peer_open&) override {
        session_.attach_sender("own", "relay");
        session_.set_window(session_.attach_receiver("feed", "receipts"), 4);
    }
    void closed(const std::optional<amqp::condition>&) override {
        if (!arriving_.empty() || sent_ != 0) std::abort(); // something was not reported
    }
    void link_requested(amqp::link_handle link, const amqp::link_request& request) override {
        if (request.address == "no") return session_.refuse_link(link, amqp::condition{"amqp:not-found", {}});
        session_.accept_link(link);
        session_.set_window(link, 3);
    }
    void link_attached(amqp::link_handle) override {}
    void link_detached(amqp::link_handle, const std::optional<amqp::condition>&) override {}
    void credit_changed(amqp::link_handle link, std::size_t credit) override {
        for (std::size_t i = 0; i < credit && i < 4; ++i) {
            amqp::message m;
            m.head.message_id = "id";
            m.body.emplace_back(std::string(100, 'x'));
            if (session_.send(link, std::move(m))) ++sent_;
        }
    }
    void settled(amqp::message_handle, amqp::outcome, const std::optional<amqp::condition>&) override { --sent_; }
    void message_begun(amqp::link_handle link, amqp::message_handle m, const amqp::message_head& head) override {
        if (head.subject == "refuse") return session_.reject(m, amqp::condition{"truc:too_large", "too large"});
        arriving_[m] = 0;
        if (head.subject == "detach") session_.detach(link);
    }
    void message_data(amqp::message_handle m, std::size_t section, std::string_view) override {
        auto& sections = arriving_.at(m);
        if (section != sections && section + 1 != sections) std::abort();
        sections = section + 1;
    }
    void message_complete(amqp::message_handle m) override {
        arriving_.erase(m);
        if (++complete_ % 3 == 0) session_.accept(m);
        if (complete_ % 3 == 1) session_.release(m);
    }
    void message_lost(amqp::message_handle m) override {
        if (arriving_.erase(m) == 0) std::abort();
    }

  private:
    amqp::session& session_;
    std::map<amqp::message_handle, std::size_t> arriving_; ///< sections seen
    std::size_t complete_ = 0;
    long sent_ = 0;
};

constexpr char greeting[] = "AMQP\x03\x01\x00\x00"
                            "\x00\x00\x00\x20\x02\x01\x00\x00\x00\x53\x41\xd0\x00\x00\x00\x10\x00\x00\x00\x02"
                            "\xa3\x08"
                            "EXTERNAL\xa0\x00";

void run(std::string_view input) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) std::abort();
    const truc::file_handle peer(ends[0]);
    net::asio::io_context context(1);
    {
        auto strand = net::asio::make_strand(context);
        net::peer_info info;
        info.certificate = sha256("peer");
        auto connection = std::make_shared<net::connection>(strand, truc::file_handle(ends[1]), info);
        auto session = amqp::session::make(connection, amqp::session_options());
        answering handler(*session);
        net::asio::co_spawn(strand, session->run(handler), net::asio::detached);
        const std::string_view opening(greeting, sizeof greeting - 1);
        (void)::send(peer.fd(), opening.data(), opening.size(), MSG_NOSIGNAL);
        (void)::send(peer.fd(), input.data(), input.size(), MSG_NOSIGNAL);
        ::shutdown(peer.fd(), SHUT_WR);
        std::array<char, 65536> answer;
        while (context.run_for(std::chrono::milliseconds(20)), !context.stopped())
            while (::recv(peer.fd(), answer.data(), answer.size(), 0) > 0) {
            }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 100'000) run(std::string_view(reinterpret_cast<const char*>(data), size));
    return 0;
}
