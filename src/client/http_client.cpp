#include "conversation.hpp"

#include <truc/base/clock.hpp>
#include <truc/client/http_client.hpp>

#include <algorithm>

namespace truc::client {

namespace {

bool iequal(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::shared_ptr<const trust::tls_context> make_tls(const http_options& options) {
    trust::tls_files files;
    files.certificate = options.certificate;
    files.key = options.key;
    files.authorities.push_back(options.authority);
    return trust::tls_context::make_client(files, system_clock().now());
}

} // namespace

std::string_view http_response::header(std::string_view name) const {
    for (const auto& f : fields)
        if (iequal(f.name, name)) return f.value;
    return {};
}

/// On the heap, so that the conversation can refer to its address and options wherever the client moves.
struct http_client::state {
    state(server_address w, http_options o) : where(std::move(w)), options(std::move(o)) {
        if (where.is_tls()) tls = make_tls(options);
    }

    result<void> connect() {
        auto opened = channel::open(where, tls.get(), std::chrono::steady_clock::now() + options.connect_time);
        if (!opened) return fail(std::move(opened.error()));
        talk.emplace(std::move(*opened), where, options);
        return {};
    }

    server_address where;
    http_options options;
    std::shared_ptr<const trust::tls_context> tls;
    std::optional<conversation> talk;
};

http_client::http_client(server_address where, http_options options)
    : state_(std::make_unique<state>(std::move(where), std::move(options))) {}
http_client::~http_client() = default;
http_client::http_client(http_client&&) noexcept = default;
http_client& http_client::operator=(http_client&&) noexcept = default;

void http_client::disconnect() { state_->talk.reset(); }

result<http_response> http_client::get(std::string target) {
    http_request request;
    request.target = std::move(target);
    return send(request);
}

result<http_response> http_client::send(const http_request& request) {
    auto& s = *state_;
    const bool kept = s.talk && s.talk->is_open();
    if (!kept) {
        if (auto connected = s.connect(); !connected) return fail(std::move(connected.error()));
    }
    auto response = s.talk->exchange(request);
    const bool may_repeat = request.repeatable || request.method == "GET" || request.method == "HEAD";
    if (response || !kept || !may_repeat || s.talk->answered() || response.error().code != errc::unreachable)
        return response;
    // A server may close a kept connection at the moment at which we use it.
    if (auto connected = s.connect(); !connected) return fail(std::move(connected.error()));
    return s.talk->exchange(request);
}

} // namespace truc::client
