#include <truc/api/waiting_keys.hpp>

namespace truc::api {

std::vector<std::string> waiting_keys(std::string_view kind, const std::vector<std::string>& codes) {
    std::vector<std::string> keys;
    for (const auto& code : codes) keys.push_back(std::string(kind) + code);
    return keys;
}

std::string gateway_key(std::string_view client) { return "gateway:" + std::string(client); }

std::vector<std::string> inbox_news(const directory::directory& d, const std::vector<std::string>& inboxes) {
    auto keys = waiting_keys("inbox:", inboxes);
    for (const auto& code : inboxes) {
        const auto* agency = d.find_agency(code);
        if (agency && !agency->gateway.empty()) keys.push_back(gateway_key(agency->gateway));
    }
    return keys;
}

} // namespace truc::api
