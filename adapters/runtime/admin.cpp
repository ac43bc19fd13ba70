#include "admin.hpp"

#include "admin_answers.hpp"

#include <truc/base/log.hpp>
#include <truc/base/utf8.hpp>
#include <truc/http/server.hpp>
#include <truc/net/async.hpp>

namespace truc::adapter {

namespace {

using http::response;

constexpr std::chrono::milliseconds farewell{1'000};

/// As the node's own: RFC 9457.
response problem(const error& e, const http::request_head* head) {
    const bool vietnamese = head && head->header("Accept-Language").starts_with("vi");
    const auto lang = vietnamese ? language::vietnamese : language::english;
    const auto& entry = describe(e.code);
    const json::object o{{"code", entry.name},           {"title", entry.title[static_cast<unsigned>(lang)]},
                         {"status", entry.http},         {"detail", to_valid_utf8(explain(e, lang))},
                         {"retryable", entry.retryable}, {"who", to_string(entry.must_act)}};
    return response(entry.http, "application/problem+json", json::serialize(o));
}

class admin_application final : public http::application {
  public:
    explicit admin_application(const observed& o, net::work_pool& pool) : o_(o), pool_(pool) {}

    net::awaitable<response> handle(http::request& r) override {
        auto body = co_await r.read_all();
        if (!body) co_return problem(body.error(), &r.head());
        auto work = [this, &r, &body] { return administer(o_, r.head(), *body); }; // the journal waits for the disk
        const auto done = co_await net::on_pool(pool_, std::move(work));
        if (!done) co_return problem(done.error(), &r.head());
        co_return response(200, "application/json", json::serialize(*done));
    }
    response refuse(const error& e, const http::request_head* head) override { return problem(e, head); }

  private:
    const observed& o_;
    net::work_pool& pool_;
};

class observe_application final : public http::application {
  public:
    explicit observe_application(const observed& o) : o_(o) {}

    net::awaitable<response> handle(http::request& r) override { co_return answer(r.head()); }
    response refuse(const error& e, const http::request_head* head) override { return problem(e, head); }

  private:
    response answer(const http::request_head& head) const {
        const auto page = head.path.size() == 1 ? std::string_view(head.path[0]) : std::string_view();
        if (head.verb != http::method::get && head.verb != http::method::head)
            return problem(error(errc::method_not_allowed, head.target), &head).add("Allow", "GET, HEAD");
        if (page == "healthz") return response(200, "text/plain", "alive\n");
        if (page == "metrics") return response(200, "text/plain; version=0.0.4", o_.metrics.expose());
        if (page != "readyz") return problem(error(errc::not_found, head.target), &head);
        const auto away = what_is_away(o_);
        return away.empty() ? response(200, "text/plain", "ready\n") : response(503, "text/plain", away);
    }

    const observed& o_;
};

void add_gauges(const observed& o) {
    auto& m = o.metrics;
    const auto count = [&o](direction d, item_state s) {
        return [&o, d, s] {
            const auto c = o.journal.open_counts();
            return static_cast<double>(c.items[static_cast<unsigned>(d)][static_cast<unsigned>(s)]);
        };
    };
    for (const auto d : {direction::outgoing, direction::incoming}) {
        const auto label = "direction=\"" + std::string(to_string(d)) + "\"";
        m.add_gauge("truc_adapter_waiting", "Items under way", count(d, item_state::under_way), label);
        m.add_gauge("truc_adapter_quarantined", "Items in quarantine", count(d, item_state::quarantined), label);
    }
    m.add_gauge(
        "truc_adapter_connected", "Whether that side answers", [&o] { return o.exchange.is_connected() ? 1.0 : 0.0; },
        "side=\"exchange\"");
    m.add_gauge(
        "truc_adapter_connected", "Whether that side answers",
        [&o] { return o.outbox.is_good() && o.inbox.fault().empty() ? 1.0 : 0.0; }, "side=\"legacy\"");
    m.add_gauge("truc_adapter_oldest_seconds", "Age of the oldest item under way", [&o] {
        const auto oldest = o.journal.oldest();
        return oldest ? std::chrono::duration<double>(o.clock.now() - *oldest).count() : 0.0;
    });
}

} // namespace

struct observation::parts {
    explicit parts(observed what)
        : o(std::move(what)),
          admin(o, pool),
          observe(o),
          admin_server(admin, o.metrics),
          observe_server(observe, o.metrics),
          local(open("admin", net::endpoint::local(o.config.admin_socket), admin_server)) {
        if (!o.config.observe) return;
        const auto& where = *o.config.observe;
        plain = open("observe", net::endpoint::tcp(where.host, where.port), observe_server);
    }
    ~parts() {
        local->stop(farewell);
        if (plain) plain->stop(farewell);
        pool.join();
        loop.stop();
    }

    std::unique_ptr<net::listener> open(const char* name, const net::endpoint& where, http::server& server) {
        net::listener_options options;
        options.name = name;
        return std::make_unique<net::listener>(loop, where, nullptr, server, o.metrics, options);
    }

    observed o;
    net::io_loop loop;
    net::work_pool pool{1};
    admin_application admin;
    observe_application observe;
    http::server admin_server, observe_server;
    std::unique_ptr<net::listener> local, plain;
};

observation::observation(observed what) : parts_(std::make_unique<parts>(std::move(what))) { add_gauges(parts_->o); }

observation::~observation() = default;

} // namespace truc::adapter
