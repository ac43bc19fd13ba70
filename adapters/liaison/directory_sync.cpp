#include "directory_sync.hpp"

#include <truc/base/printable.hpp>
#include <truc/base/utf8.hpp>
#include <truc/model/agency_code.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_map>

namespace truc::liaison {

namespace {

namespace json = boost::json;

constexpr std::size_t most_agencies = 1'000'000;
constexpr std::size_t longest_text = 1000; // bytes
constexpr milliseconds first_pause = std::chrono::seconds(5);
constexpr milliseconds longest_pause = std::chrono::hours(1);

/// On one line, in UTF-8, not beyond reason.
std::string tidy(std::string_view text) {
    auto out = to_valid_utf8(text.substr(0, longest_text));
    std::replace_if(
        out.begin(), out.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
    const auto begin = out.find_first_not_of(' ');
    if (begin == std::string::npos) return {};
    return out.substr(begin, out.find_last_not_of(' ') - begin + 1);
}

client::server_address address_of(const adapter::node_access& node) {
    auto where = client::server_address::parse(node.url);
    if (!where) throw std::runtime_error("[exchange] http: " + node.url);
    return std::move(*where);
}

/// Of the node's answer; 0 when it does not say.
std::int64_t number_in(const std::string& body, std::string_view name) {
    json::error_code ec;
    const auto value = json::parse(body, ec);
    const auto* object = ec ? nullptr : value.if_object();
    const auto* member = object ? object->if_contains(name) : nullptr;
    return member && member->is_int64() ? member->get_int64() : 0;
}

/// What the node's problem document says, as an error that can be logged.
error refused_by_node(const client::http_response& response) {
    json::error_code ec;
    const auto value = json::parse(response.body, ec);
    const auto* problem = ec ? nullptr : value.if_object();
    const auto text = [&](const char* name) -> std::string {
        const auto* member = problem ? problem->if_contains(name) : nullptr;
        return member && member->is_string() ? std::string(member->get_string()) : std::string();
    };
    const auto code = errc_from_name(text("code"));
    return error(code.value_or(errc::not_ready), fmt::format("the node answers {} to the list of agencies: {}",
                                                             response.status, printable(text("detail"), 500)));
}

} // namespace

void agency_collector::take(const axis_row& row) {
    auto code = agency_code::parse(row["code"]);
    auto name = tidy(row["name"]);
    if (!code || name.empty() || agencies_.size() == most_agencies || !codes_.insert(code->str()).second) {
        ++left_out_;
        return;
    }
    agencies_.push_back({tidy(row["id"]), tidy(row["pid"]), code->str(), std::move(name), tidy(row["mail"])});
}

std::string agency_collector::lines() {
    std::sort(agencies_.begin(), agencies_.end(), [](const listed& a, const listed& b) { return a.code < b.code; });
    std::unordered_map<std::string_view, const listed*> by_id;
    for (const auto& a : agencies_)
        if (!a.id.empty()) by_id.emplace(a.id, &a);
    std::string text;
    for (const auto& a : agencies_) {
        json::object o{{"code", a.code}, {"name", a.name}};
        const auto parent = by_id.find(a.parent_id);
        if (parent != by_id.end() && parent->second != &a) o["parent"] = parent->second->code;
        if (!a.mail.empty()) o["mail"] = a.mail;
        text += json::serialize(o);
        text += '\n';
    }
    return text;
}

directory_sync::directory_sync(axis_options axis, directory_options o, const clock& c, metrics_registry& metrics)
    : options_(std::move(o)),
      axis_(std::move(axis), c, metrics),
      declarations_(metrics.get_counter("truc_axis_directory_declared_total",
                                        "Directories of the national axis that were declared to the node")),
      failures_(metrics.get_counter("truc_axis_directory_failures_total",
                                    "Rounds in which the axis' directory could not be brought to the node")) {
    if (options_.node.url.empty()) return;
    client::http_options http;
    http.authority = options_.node.authority;
    http.certificate = options_.node.certificate;
    http.key = options_.node.key;
    http.answer_time = options_.answer_time;
    node_.emplace(address_of(options_.node), std::move(http));
}

directory_sync::~directory_sync() = default; // the thread is asked to stop, and waited for

void directory_sync::start() {
    if (thread_.joinable()) return;
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void directory_sync::run(const std::stop_token& stop) {
    auto pause = first_pause;
    while (!stop.stop_requested()) {
        const auto done = synchronise();
        if (!done) {
            failures_.add();
            spdlog::warn("the axis' directory: {}", explain(done.error(), language::english));
        }
        const auto rest = done ? options_.every : pause;
        pause = done ? first_pause : std::min(longest_pause, pause * 2);
        std::unique_lock lock(mutex_);
        pause_.wait_for(lock, stop, rest, [] { return false; });
    }
}

result<void> directory_sync::synchronise() {
    agency_collector list;
    const auto take = [&list](const axis_row& row) -> result<void> {
        list.take(row);
        return {};
    };
    if (auto asked = axis_.agencies(take); !asked) return asked;
    spdlog::info("the axis knows {} agencies; {} entries cannot be used", list.size(), list.left_out());
    register_ours(list);
    if (list.size() == 0) return fail(errc::legacy_away, "the axis lists no agency at all");
    return declare(list.lines());
}

result<void> directory_sync::declare(const std::string& lines) {
    if (!node_) return {};
    client::http_request r;
    r.method = "PUT";
    r.target = options_.close_many ? "/v1/gateway/agencies?close=many" : "/v1/gateway/agencies";
    r.fields.push_back({"Content-Type", "application/x-ndjson"});
    r.body = lines;
    r.repeatable = true;
    const auto response = node_->send(r);
    if (!response) return fail(response.error());
    if (response->status / 100 != 2) return fail(refused_by_node(*response));
    declarations_.add();
    spdlog::info("the node knows the axis' agencies: {} open, {} closed, {} left out",
                 number_in(response->body, "declared"), number_in(response->body, "closed"),
                 number_in(response->body, "left_out"));
    return {};
}

/// Until somebody at the axis has confirmed one it is asked for again, once a round; a refusal holds up nothing.
void directory_sync::register_ours(const agency_collector& list) {
    for (const auto& a : options_.ours) {
        if (list.has(a.code)) continue;
        const auto done = axis_.register_agency(a);
        if (done)
            spdlog::info("asked the axis to register agency {}", a.code);
        else
            spdlog::warn("the axis does not register agency {}: {}", a.code, done.error().what);
    }
}

} // namespace truc::liaison
