#include <truc/client/http_client.hpp>

#include <algorithm>

namespace truc::client {

namespace {

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

} // namespace

result<server_address> server_address::parse(std::string_view url) {
    const std::string whole(url);
    server_address a;
    if (take_prefix(url, "unix:")) {
        a.socket_ = std::filesystem::path(url);
        a.host_ = "localhost";
        if (url.empty()) return fail(errc::bad_request, whole);
        return a;
    }
    a.tls_ = take_prefix(url, "https://");
    if (!a.tls_ && !take_prefix(url, "http://")) return fail(errc::bad_request, whole);
    const auto slash = url.find('/');
    auto authority = url.substr(0, slash);
    if (slash != std::string_view::npos) a.base_ = url.substr(slash);
    while (!a.base_.empty() && a.base_.back() == '/') a.base_.pop_back();

    const bool bracketed = authority.starts_with('[');
    const auto host_end = bracketed ? authority.find(']') : authority.find(':');
    if (bracketed && host_end == std::string_view::npos) return fail(errc::bad_request, whole);
    a.host_ = bracketed ? authority.substr(1, host_end - 1) : authority.substr(0, host_end);
    const auto rest = host_end == std::string_view::npos ? std::string_view() : authority.substr(host_end + bracketed);
    a.port_ = a.tls_ ? "443" : "80";
    if (rest.starts_with(':')) a.port_ = rest.substr(1);
    const bool numeric = std::all_of(a.port_.begin(), a.port_.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (a.host_.empty() || a.port_.empty() || !numeric) return fail(errc::bad_request, whole);
    return a;
}

std::string server_address::host_field() const {
    if (is_local()) return host_;
    const auto name = host_.find(':') == std::string::npos ? host_ : "[" + host_ + "]";
    return name + ":" + port_;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view plain = "-._~";
    std::string out;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || plain.find(c) != std::string_view::npos) {
            out.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out.push_back('%');
        out.push_back(digits[byte >> 4]);
        out.push_back(digits[byte & 15]);
    }
    return out;
}

} // namespace truc::client
