#include "alarm_outlet.hpp"

#include <truc/client/http_client.hpp>

#include <boost/json.hpp>
#include <fmt/format.h>

#include <stdexcept>

namespace truc::broker {

namespace {

namespace json = boost::json;

constexpr std::size_t longest_answer = 64 * 1024; // bytes

/// Where it is, and what is asked for there.
struct split_url {
    std::string server;
    std::string target;
};
split_url split(const std::string& url) {
    const auto path = url.find('/', url.find("://") + 3);
    if (path == std::string::npos) return {url, "/"};
    return {url.substr(0, path), url.substr(path)};
}

client::server_address address_of(const std::string& server) {
    auto parsed = client::server_address::parse(server);
    if (!parsed) throw std::runtime_error("alarms.webhook: " + explain(parsed.error(), language::english));
    return std::move(*parsed);
}

client::http_options options_of(const alarm_ways& ways) {
    client::http_options o;
    o.authority = ways.webhook_ca;
    o.connect_time = o.answer_time = ways.timeout;
    o.body_limit = longest_answer;
    return o;
}

class webhook_outlet final : public alarm_outlet {
  public:
    webhook_outlet(const alarm_ways& ways, std::string node, const split_url& url)
        : node_(std::move(node)), target_(url.target), client_(address_of(url.server), options_of(ways)) {}
    std::string name() const override { return "webhook"; }

    result<void> tell(const alarm_news& n, const std::atomic<bool>&) override {
        const auto body = body_of(n);
        client::http_request r;
        r.method = "POST";
        r.target = target_;
        r.fields = {{"Content-Type", "application/json"}};
        r.body = body;
        r.repeatable = true; // news that come twice do no harm
        const auto answer = client_.send(r);
        client_.disconnect();
        if (!answer) return fail(answer.error());
        if (answer->status / 100 == 2) return {};
        return fail(errc::unreachable, fmt::format("it answered {}", answer->status));
    }

  private:
    std::string body_of(const alarm_news& n) const {
        const auto& a = n.what;
        return json::serialize(json::object{{"node", node_},
                                            {"kind", a.kind},
                                            {"subject", a.subject},
                                            {"text", a.text},
                                            {"state", n.raised ? "raised" : "cleared"},
                                            {"since", to_rfc3339(a.since)},
                                            {"time", to_rfc3339(a.last)},
                                            {"count", a.count}});
    }

    const std::string node_;
    const std::string target_;
    client::http_client client_;
};

} // namespace

std::unique_ptr<alarm_outlet> make_webhook_outlet(const alarm_ways& ways, const std::string& node) {
    return std::make_unique<webhook_outlet>(ways, node, split(ways.webhook));
}

} // namespace truc::broker
