#include "signed_headers.hpp"

#include <truc/base/axis_signing.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <array>

namespace truc::liaison {

namespace {

/// Where a java.util.HashMap of up to twelve entries puts these names. A server may not care; the real one was only
/// ever seen with this order.
std::size_t place_of(std::string_view name) {
    constexpr std::array<std::string_view, 16> places = {
        "fromDate", "systemid",   "servicetype", "messagetype", "pageIndex", "hash-file", "docId",  "filePath",
        "toDate",   "AgencyCode", "pageSize",    "from",        "to",        "timestamp", "status", "Content-Type"};
    return static_cast<std::size_t>(std::find(places.begin(), places.end(), name) - places.begin());
}

std::string json_text(std::string_view text) { return boost::json::serialize(boost::json::string(text)); }

} // namespace

std::vector<client::http_field> signed_fields(axis_parameters parameters, std::string_view secret) {
    std::stable_sort(parameters.begin(), parameters.end(),
                     [](const auto& a, const auto& b) { return place_of(a.first) < place_of(b.first); });
    const std::string prefix(axis_header_prefix);
    std::vector<client::http_field> fields;
    std::string names;
    std::string text = "{";
    for (auto& [name, value] : parameters) {
        const std::string_view comma = names.empty() ? "" : ",";
        text.append(comma).append(json_text(prefix + name)).append(":").append(json_text(value));
        names += (names.empty() ? "" : ";") + name;
        fields.push_back({prefix + name, std::move(value)});
    }
    text += "}";
    fields.push_back({prefix + "sign-header-key", std::move(names)});
    auto mac = hmac_sha256(secret, text).hex();
    fields.push_back({prefix + "sign-header", std::move(text)});
    fields.push_back({prefix + "hash-header", std::move(mac)});
    return fields;
}

} // namespace truc::liaison
