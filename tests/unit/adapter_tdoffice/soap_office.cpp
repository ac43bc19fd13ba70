#include "soap_office.hpp"

#include <truc/base/settings.hpp>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

namespace truc::tdoffice {

namespace {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
    return out;
}

std::string http(const std::string& body) {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nSet-Cookie: S=1; path=/\r\n"
                       "Content-Length: {}\r\n\r\n{}",
                       body.size(), body);
}

/// A whole request; empty at the end of the connection.
std::string read_request(int fd) {
    std::string text;
    char c = 0;
    while (!text.ends_with("\r\n\r\n") && ::recv(fd, &c, 1, 0) == 1) text.push_back(c);
    if (!text.ends_with("\r\n\r\n")) return {};
    const auto at = text.find("Content-Length: ");
    auto left = at == std::string::npos ? 0 : std::stoul(text.substr(at + 16));
    for (; left > 0 && ::recv(fd, &c, 1, 0) == 1; --left) text.push_back(c);
    return text;
}

std::string method_of(const std::string& request) {
    const std::string before = "SOAPAction: \"http://schemas.microsoft.com/sharepoint/soap/";
    const auto at = request.find(before);
    if (at == std::string::npos) return {};
    const auto begin = at + before.size();
    return request.substr(begin, request.find('"', begin) - begin);
}

} // namespace

std::string soap_text(const std::string& method, const std::string& escaped_json) {
    return fmt::format(R"(<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
<{0}Response xmlns="http://schemas.microsoft.com/sharepoint/soap/"><{0}Result>{1}</{0}Result></{0}Response>
</soap:Body></soap:Envelope>)",
                       method, escaped_json);
}

soap_office::soap_office() : soap_office("Login", R"({"Status":"OK","Data":"t0ken"})") {}

soap_office::soap_office(const std::string& method, const std::string& json)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      context_{"test", {{"000.00.36.H43", "UBND huyện Thuận Nam"}}, directory_.path(), system_clock(), metrics_} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), size);
    ::getsockname(socket_.fd(), reinterpret_cast<sockaddr*>(&address), &size);
    ::listen(socket_.fd(), 5);
    port_ = ntohs(address.sin_port);
    answers(method, json);
    thread_ = std::thread([this] { run(); });
}

soap_office::~soap_office() {
    ::shutdown(socket_.fd(), SHUT_RDWR);
    thread_.join();
}

void soap_office::answers(const std::string& method, const std::string& json) {
    answers_raw(method, http(soap_text(method, escaped(json))));
}

void soap_office::answers_raw(const std::string& method, std::string text) {
    const std::scoped_lock lock(mutex_);
    prepared_[method].push_back(std::move(text));
}

std::vector<std::string> soap_office::asked() const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> all;
    for (const auto& [method, request] : heard_) all.push_back(method);
    return all;
}

unsigned soap_office::count(const std::string& method) const {
    return static_cast<unsigned>(std::ranges::count(asked(), method));
}

std::string soap_office::last_request(const std::string& method) const {
    const std::scoped_lock lock(mutex_);
    for (auto i = heard_.rbegin(); i != heard_.rend(); ++i)
        if (i->first == method) return i->second;
    return {};
}

std::shared_ptr<const soap_settings> soap_office::configured(const std::string& more) const {
    const auto password = directory_.path() / "password";
    const auto file = directory_.path() / "adapter.toml";
    EXPECT_TRUE(write_file(password, "b&í mật\n", 0600));
    EXPECT_TRUE(
        write_file(file, fmt::format("url = \"http://127.0.0.1:{}\"\nuser = \"truc\"\npassword_file = \"password\"\n"
                                     "settle_seconds = 0\nanswer_seconds = 1\n{}",
                                     port_, more)));
    auto table = truc::settings::load(file, "docs");
    auto made = std::make_shared<const soap_settings>(*table);
    const auto finished = table->finish();
    EXPECT_TRUE(finished) << finished.error().what;
    return made;
}

std::string soap_office::next_answer(const std::string& method) {
    const std::scoped_lock lock(mutex_);
    auto& all = prepared_[method];
    if (all.empty()) return http("unprepared: " + method);
    auto text = all.front();
    if (all.size() > 1) all.pop_front();
    return text;
}

void soap_office::serve(int fd) {
    for (;;) {
        const auto request = read_request(fd);
        if (request.empty()) return;
        const auto method = method_of(request);
        {
            const std::scoped_lock lock(mutex_);
            heard_.emplace_back(method, request);
        }
        const auto answer = next_answer(method);
        if (answer.empty()) return;
        ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
}

void soap_office::run() {
    for (;;) {
        const file_handle peer(::accept4(socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!peer) return;
        serve(peer.fd());
    }
}

} // namespace truc::tdoffice
