#include "large_directory.hpp"

#include "broker_process.hpp"
#include "demonstration.hpp"
#include "failure.hpp"
#include "scratch.hpp"

#include <truc/base/bytes.hpp>
#include <truc/client/http_client.hpp>
#include <truc/directory/json_lines.hpp>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <ctime>
#include <fstream>

namespace truc::bench {

namespace {

namespace json = boost::json;
using std::chrono::steady_clock;

constexpr std::size_t agencies = 123'000;
constexpr auto asking = "000.00.00.G22";
constexpr int repetitions = 9;

void add_agencies(const network& node) {
    std::ofstream file(node.directory / "directory.jsonl", std::ios::app);
    for (std::size_t i = 0; i < agencies; ++i) {
        const auto code = fmt::format("{:03}.{:02}.{:02}.A{:02}", i / 5000 + 1, i / 80 % 100, i / 8000, i % 80 + 10);
        directory::agency a(*agency_code::parse(code));
        a.name = fmt::format("Ủy ban nhân dân xã số {}", i);
        a.node = node.node;
        a.level = "commune";
        file << directory::to_json_line(a) << '\n';
    }
    if (!file.flush()) throw failure("cannot write the directory");
}

const json::object& member_of(const json::object& described, std::string_view list, std::string_view key,
                              std::string_view value) {
    for (const auto& one : described.at(list).as_array())
        if (one.as_object().at(key).as_string() == value) return one.as_object();
    throw failure("network.json lacks " + std::string(value));
}

/// Local time of Vietnam, as the SDK writes it.
std::string sdk_time() {
    const std::time_t now = std::time(nullptr) + 7 * 3600;
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%d%m%YT%H%M%S+0000", &parts);
    return text.data();
}

std::string hmac_hex(std::string_view text, std::string_view key) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned size = 0;
    ::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
           text.size(), mac.data(), &size);
    return to_hex(std::string_view(reinterpret_cast<const char*>(mac.data()), size));
}

/// One of the SDK's calls without parameters, signed as the SDK signs.
client::http_request question(const std::string& target, const std::string& secret, bool compressed) {
    const json::object names{{"XroadVnpt-systemid", asking},
                             {"XroadVnpt-timestamp", sdk_time()},
                             {"XroadVnpt-Content-Type", "application/json"}};
    const auto text = json::serialize(names);
    client::http_request r;
    r.method = "POST";
    r.target = target;
    r.fields = {{"Content-Type", "application/json"}};
    for (const auto& [name, value] : names) r.fields.push_back({std::string(name), std::string(value.as_string())});
    r.fields.push_back({"XroadVnpt-sign-header-key", "systemid;timestamp;Content-Type"});
    r.fields.push_back({"XroadVnpt-sign-header", text});
    r.fields.push_back({"XroadVnpt-hash-header", hmac_hex(text, secret)});
    if (compressed) r.fields.push_back({"Accept-Encoding", "gzip"});
    return r;
}

/// Asks for the whole list; how long it took.
std::chrono::nanoseconds ask(client::http_client& http, const std::string& secret, bool compressed) {
    const auto request = question("/getAgenciesList", secret, compressed);
    const auto begin = steady_clock::now();
    const auto answer = take(http.send(request), "getAgenciesList");
    const auto took = steady_clock::now() - begin;
    const bool packed = answer.header("Content-Encoding") == "gzip";
    if (answer.status != 200 || packed != compressed) throw failure("getAgenciesList: " + answer.body.substr(0, 400));
    if (!packed && json::parse(answer.body).at("data").as_array().size() < agencies)
        throw failure("the list of agencies is not whole");
    return took;
}

std::chrono::nanoseconds ask_again(client::http_client& http, const std::string& secret, bool compressed) {
    std::vector<std::chrono::nanoseconds> took;
    for (int i = 0; i < repetitions; ++i) took.push_back(ask(http, secret, compressed));
    std::nth_element(took.begin(), took.begin() + repetitions / 2, took.end());
    return took[repetitions / 2];
}

double in_ms(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

} // namespace

std::vector<figure> measure_large_directory(const settings& s) {
    const scratch files(s.directory / "demonstration");
    const auto made = make_demonstration(s.trucd.parent_path() / "truc", s.directory / "demonstration");
    const auto& node = made.nodes.front();
    const auto& agency = member_of(made.described, "agencies", "code", asking);
    const auto& client = member_of(made.described, "clients", "id", agency.at("client").as_string());
    const std::string secret(client.at("vxp_secret").as_string());
    const auto& entrance = member_of(made.described, "nodes", "name", node.node).at("vxp").as_string();
    add_agencies(node);
    const auto begin = steady_clock::now();
    const broker_process broker(s.trucd, node);
    const auto started = steady_clock::now() - begin;
    const auto memory = broker.memory_mib("VmRSS");
    client::http_client http(take(client::server_address::parse(std::string(entrance)), "the address"), {});
    const auto first = ask(http, secret, false);
    const auto again = ask_again(http, secret, false);
    const auto first_packed = ask(http, secret, true);
    const auto again_packed = ask_again(http, secret, true);
    return {{"large_directory_start", in_ms(started), "ms"},
            {"rss_large_directory", memory, "MiB"},
            {"agencies_list_first", in_ms(first), "ms"},
            {"agencies_list_again", in_ms(again), "ms"},
            {"agencies_list_gzip_first", in_ms(first_packed), "ms"},
            {"agencies_list_gzip_again", in_ms(again_packed), "ms"},
            {"rss_large_directory_listed", broker.memory_mib("VmHWM"), "MiB"}};
}

} // namespace truc::bench
