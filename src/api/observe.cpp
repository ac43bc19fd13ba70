#include "answers.hpp"
#include "readiness.hpp"

#include <truc/api/applications.hpp>

namespace truc::api {

namespace {

class observe_application final : public http::application {
  public:
    observe_application(const services& s, const std::atomic<bool>& draining) : s_(s), draining_(draining) {
        s_.metrics.add_gauge("truc_ready", "1 while /readyz says so",
                             [this] { return draining_ || !not_ready_because(s_).empty() ? 0.0 : 1.0; });
        s_.metrics.add_gauge("truc_read_only", "1 while an administrator keeps new documents out",
                             [this] { return s_.mode->read_only() ? 1.0 : 0.0; });
    }

    net::awaitable<http::response> handle(http::request& r) override {
        const auto& path = r.head().path;
        const std::string_view page = path.size() == 1 ? std::string_view(path[0]) : std::string_view();
        const auto verb = r.head().verb;
        if (verb != http::method::get && verb != http::method::head)
            co_return wrong_method(r.head(), s_.clock, "GET, HEAD");
        if (page == "healthz") co_return http::response(200, "text/plain", "alive\n");
        if (page == "readyz") co_return readiness();
        if (page == "metrics") co_return http::response(200, "text/plain; version=0.0.4", s_.metrics.expose());
        co_return problem(error(errc::not_found, r.head().target), &r.head(), s_.clock);
    }
    http::response refuse(const error& e, const http::request_head* head) override {
        return problem(e, head, s_.clock);
    }

  private:
    http::response readiness() const {
        if (draining_) return http::response(503, "text/plain", "stopping\n");
        std::string lines;
        for (const auto& reason : not_ready_because(s_)) lines += reason + "\n";
        if (!lines.empty()) return http::response(503, "text/plain", std::move(lines));
        return http::response(200, "text/plain", "ready\n");
    }

    services s_;
    const std::atomic<bool>& draining_;
};

} // namespace

std::unique_ptr<http::application> make_observe(const services& s, const std::atomic<bool>& draining) {
    return std::make_unique<observe_application>(s, draining);
}

} // namespace truc::api
