#include "session.hpp"

#include <truc/http/server.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace truc::http {

server::server(application& app, metrics_registry& metrics, server_options options) : app_(app), options_(options) {
    for (unsigned i = 0; i < by_class_.size(); ++i)
        by_class_[i] = &metrics.get_counter("truc_http_responses_total", "Answers by the class of their status",
                                            fmt::format("class=\"{}xx\"", i + 1));
}

awaitable<void> server::serve(std::shared_ptr<net::connection> peer) {
    session s(*this, std::move(peer));
    co_await s.run();
}

bool server::take_long_header() const {
    if (++long_headers_ <= options_.long_headers) return true;
    --long_headers_;
    return false;
}

void server::count(unsigned status) const { by_class_[std::clamp(status / 100, 1u, 5u) - 1]->add(); }

} // namespace truc::http
