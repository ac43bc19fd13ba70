#include "agency_client.hpp"

#include "failure.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace truc::bench {

namespace {

using std::chrono::steady_clock;

constexpr auto longest_answer = std::chrono::minutes(2);

client::http_client connect(const network& n, const bench_agency& a) {
    client::http_options options;
    options.authority = n.ca;
    options.certificate = a.certificate;
    options.key = a.key;
    options.answer_time = longest_answer;
    auto where = take(client::server_address::parse(fmt::format("https://127.0.0.1:{}", n.http_port)), "address");
    return client::http_client(std::move(where), options);
}

client::http_request post(std::string target, std::string_view type, std::string_view body) {
    client::http_request r;
    r.method = "POST";
    r.target = std::move(target);
    r.fields = {{"Content-Type", std::string(type)}};
    r.body = body;
    return r;
}

std::string expect(result<client::http_response> answer, unsigned status, const std::string& doing) {
    auto r = take(std::move(answer), doing);
    if (r.status != status) throw failure(fmt::format("{}: {} {}", doing, r.status, r.body));
    return std::move(r.body);
}

} // namespace

agency_client::agency_client(const network& n, const bench_agency& a) : http_(connect(n, a)) {}

agency_client::told agency_client::submit(std::string_view document) {
    auto answer = http_.send(post("/v1/documents", "application/xml", document));
    const auto at = steady_clock::now();
    const auto accepted = boost::json::parse(expect(std::move(answer), 201, "submission"));
    return {at, std::string(accepted.at("recipients").at(0).at("delivery_id").as_string())};
}

agency_client::told agency_client::await_document() {
    auto answer = http_.get("/v1/inbox?max=1&wait=60&kind=edoc");
    const auto at = steady_clock::now();
    const auto list = boost::json::parse(expect(std::move(answer), 200, "the inbox"));
    const auto& items = list.at("items").as_array();
    if (items.empty()) throw failure("a document did not arrive");
    return {at, std::string(items.front().at("delivery_id").as_string())};
}

std::string agency_client::content(const std::string& delivery) {
    return expect(http_.get("/v1/inbox/" + delivery + "/content"), 200, "the content");
}

void agency_client::acknowledge(const std::string& delivery) {
    auto request = post("/v1/inbox/" + delivery + "/ack", "application/json", R"({"outcome": "accepted"})");
    expect(http_.send(request), 200, "the acknowledgement");
}

bool agency_client::knows_agency(const std::string& code) {
    return take(http_.get("/v1/agencies/" + code), "the directory").status == 200;
}

} // namespace truc::bench
