/// An agency's system on an exchange_link, for exchange_link_test.py: does what its standard input says, a line each,
/// and answers each with a line of JSON.
///
///     exchange_link_client HOST PORT CA CERTIFICATE KEY [AGENCY…]      the agencies whose evidence it reads
///     submit PATIENCE_MS NAME=FILE…        what became of each
///     receive MAX WAIT_MS FILE             the deliveries; FILE gets the content of the first
///     accept|release|ask_again ID          (ask_again: no id)
///     fail|set_aside|reject ID WHY
///     follow AGENCY CURSOR
///     evidence MAX WAIT_MS
///     state

#include <truc/base/log.hpp>
#include <truc/client/exchange_link.hpp>

#include <boost/json.hpp>

#include <fstream>
#include <iostream>
#include <sstream>

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using namespace truc;

constexpr const char* outcomes[] = {"accepted", "refused", "later", "unknown"};

std::string read_all(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

json::array texts(const std::vector<client::submission_answer>& answers) {
    json::array all;
    for (const auto& a : answers)
        all.push_back(
            json::object{{"outcome", outcomes[static_cast<std::size_t>(a.result)]}, {"code", a.code}, {"why", a.why}});
    return all;
}

json::value submit(client::exchange_link& link, std::istream& in) {
    int patience = 0;
    in >> patience;
    std::vector<std::string> contents;
    std::vector<client::submission> all;
    for (std::string word; in >> word;) {
        const auto equal = word.find('=');
        contents.push_back(read_all(word.substr(equal + 1)));
        all.push_back({word.substr(0, equal), {}, false});
    }
    for (std::size_t i = 0; i < all.size(); ++i) all[i].content = contents[i];
    const auto begun = std::chrono::steady_clock::now();
    auto answers = texts(link.submit(all, std::chrono::milliseconds(patience)));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    return json::object{{"answers", std::move(answers)}, {"seconds", took.count()}};
}

json::value receive(client::exchange_link& link, std::istream& in) {
    std::size_t max = 0;
    int wait = 0;
    std::string file;
    in >> max >> wait >> file;
    json::array all;
    for (const auto& d : link.receive(max, std::chrono::milliseconds(wait))) {
        if (all.empty() && !file.empty()) std::ofstream(file, std::ios::binary) << d.content;
        all.push_back(json::object{{"delivery_id", d.delivery_id.str()},
                                   {"id", d.dispatch_id.str()},
                                   {"kind", to_string(d.kind)},
                                   {"document_id", d.document_id},
                                   {"from", d.from},
                                   {"to", d.to},
                                   {"priority", to_string(d.priority)},
                                   {"size", d.content.size()}});
    }
    return all;
}

json::value read_evidence(client::exchange_link& link, std::istream& in) {
    std::size_t max = 0;
    int wait = 0;
    in >> max >> wait;
    json::array all;
    for (const auto& e : link.read_evidence(max, std::chrono::milliseconds(wait)))
        all.push_back(json::object{
            {"agency", e.agency}, {"submission", e.submission}, {"receipt", e.receipt}, {"cursor", e.cursor}});
    return all;
}

json::value settle(client::exchange_link& link, const std::string& how, std::istream& in) {
    std::string id;
    std::string why;
    in >> id >> std::ws;
    std::getline(in, why);
    const auto delivery = uuid::parse(id);
    if (!delivery) return "no such delivery";
    if (how == "accept") link.accept(*delivery);
    if (how == "release") link.release(*delivery);
    if (how == "fail") link.fail(*delivery, why);
    if (how == "set_aside") link.set_aside(*delivery, why);
    if (how == "reject") link.reject(*delivery, why);
    return nullptr;
}

json::value follow(client::exchange_link& link, std::istream& in) {
    std::string agency;
    std::string cursor;
    in >> agency >> cursor;
    link.follow_evidence(agency, cursor);
    return nullptr;
}

json::value obey(client::exchange_link& link, const std::string& line) {
    std::istringstream in(line);
    std::string command;
    in >> command;
    if (command == "submit") return submit(link, in);
    if (command == "receive") return receive(link, in);
    if (command == "evidence") return read_evidence(link, in);
    if (command == "follow") return follow(link, in);
    if (command == "state") return json::object{{"connected", link.is_connected()}, {"fault", link.last_fault()}};
    if (command == "ask_again") return link.ask_again(), nullptr;
    return settle(link, command, in);
}

} // namespace

int main(int count, char** arguments) {
    set_log_json(false); // to standard error: standard output is for answers
    client::exchange_options o;
    o.host = arguments[1];
    o.port = static_cast<std::uint16_t>(std::stoi(arguments[2]));
    o.authority = arguments[3];
    o.certificate = arguments[4];
    o.key = arguments[5];
    o.name = "exchange-link-test";
    for (int i = 6; i < count; ++i) o.evidence_of.emplace_back(arguments[i]);
    client::exchange_link link(std::move(o));
    for (std::string line; std::getline(std::cin, line);) std::cout << obey(link, line) << std::endl;
}
