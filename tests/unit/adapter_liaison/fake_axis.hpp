#pragma once
#include "../../../adapters/liaison/axis_client.hpp"

#include <truc/base/durable.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <functional>
#include <mutex>
#include <thread>

namespace truc::liaison {

/// What an axis was asked.
struct heard_call {
    std::string operation;
    std::string head;
    std::string body;

    std::string header(const std::string& name) const {
        const auto at = head.find("\r\n" + name + ": ");
        if (at == std::string::npos) return {};
        const auto begin = at + name.size() + 4;
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
};

/// An axis on a port of its own that says what the test wants. An empty answer cuts the connection.
class fake_axis {
  public:
    using answerer = std::function<std::string(const heard_call&)>;

    explicit fake_axis(answerer a) : answer_(std::move(a)), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), size);
        ::getsockname(socket_.fd(), reinterpret_cast<sockaddr*>(&address), &size);
        ::listen(socket_.fd(), 5);
        options.endpoint =
            *client::server_address::parse("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/vxp");
        options.system_id = "000.00.00.H43";
        options.secret = "s3cret";
        options.http.answer_time = std::chrono::seconds(10);
        thread_ = std::thread([this] { run(); });
    }
    ~fake_axis() {
        ::shutdown(socket_.fd(), SHUT_RDWR);
        thread_.join();
        for (auto& t : talks_) t.join();
    }

    std::vector<heard_call> heard() {
        const std::scoped_lock lock(mutex_);
        return heard_;
    }
    std::size_t count(std::string_view operation) {
        std::size_t n = 0;
        for (const auto& c : heard()) n += c.operation == operation ? 1 : 0;
        return n;
    }

    axis_options options;

  private:
    void run() {
        for (;;) {
            const int fd = ::accept4(socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) return;
            talks_.emplace_back([this, fd] { talk(file_handle(fd)); });
        }
    }
    void talk(const file_handle& peer) {
        for (;;) {
            heard_call c;
            char byte = 0;
            while (!c.head.ends_with("\r\n\r\n")) {
                if (::recv(peer.fd(), &byte, 1, 0) != 1) return;
                c.head.push_back(byte);
            }
            const auto path = c.head.substr(0, c.head.find(" HTTP"));
            c.operation = path.substr(path.rfind('/') + 1);
            c.body.resize(std::stoul(c.header("Content-Length")));
            for (std::size_t at = 0; at < c.body.size();) {
                const auto n = ::recv(peer.fd(), c.body.data() + at, c.body.size() - at, 0);
                if (n <= 0) return;
                at += static_cast<std::size_t>(n);
            }
            std::string text;
            {
                const std::scoped_lock lock(mutex_);
                heard_.push_back(c);
                text = answer_(c);
            }
            if (text.empty()) return;
            if (!text.starts_with("HTTP/"))
                text = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
            ::send(peer.fd(), text.data(), text.size(), MSG_NOSIGNAL);
        }
    }

    answerer answer_;
    file_handle socket_;
    std::thread thread_;
    std::vector<std::thread> talks_;
    std::mutex mutex_; ///< of what was heard, and of the answerer
    std::vector<heard_call> heard_;
};

/// Stands still until it is told.
class still_clock final : public clock {
  public:
    timestamp now() const override { return from_millis(now_.load()); }
    void pass(milliseconds time) { now_ += time.count(); }
    void set(timestamp t) { now_ = to_millis(t); }

  private:
    std::atomic<std::int64_t> now_ = to_millis(*from_rfc3339("2026-11-21T16:27:10.358+07:00"));
};

inline std::string good(const std::string& members = {}) {
    return R"({"status":"OK","ErrorCode":"0","ErrorDesc":"")" + (members.empty() ? "" : "," + members) + "}";
}
inline std::string bad(const std::string& code) {
    return R"({"status":"FAIL","ErrorCode":")" + code + R"(","ErrorDesc":"lỗi"})";
}

} // namespace truc::liaison
