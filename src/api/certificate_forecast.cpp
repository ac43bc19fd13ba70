#include "certificate_forecast.hpp"

#include <fmt/format.h>

#include <array>

namespace truc::api {

namespace {

constexpr std::size_t most_named = 5;

std::string moment(timestamp t) { return to_rfc3339(t).substr(0, 10) + " " + to_rfc3339(t).substr(11, 5); }

/// The first few, and how many more.
std::string named(const std::vector<std::string>& owners, language lang) {
    std::string text;
    for (std::size_t i = 0; i < owners.size() && i < most_named; ++i) text += (i ? ", " : "") + owners[i];
    if (owners.size() > most_named)
        text += fmt::format(fmt::runtime(lang == language::vietnamese ? " và {} nơi khác" : " and {} more"),
                            owners.size() - most_named);
    return text.empty() ? "–" : text;
}

/// {0}: "From … on", {1}: owners, {2}: this node.
struct sentence {
    std::string_view english, vietnamese;
};
sentence what_stops(certificate_use u) {
    switch (u) {
    case certificate_use::node:
        return {"{0} {2} can sign nothing: it accepts no document from {1}, its neighbours refuse its connections, and "
                "clients refuse its listeners.",
                "{0} {2} không ký được gì: không nhận văn bản của {1}, các nút lân cận từ chối kết nối của nó và máy "
                "khách không tin các cổng của nó."};
    case certificate_use::exchange_ca:
        return {
            "{0} what nodes sign with certificates of this authority is believed nowhere: {2} does not start again, "
            "and it and its neighbours ({1}) refuse each other.",
            "{0} không nơi nào tin chữ ký của các nút dùng chứng thư do tổ chức này cấp: {2} không khởi động lại "
            "được, và nút này cùng các nút lân cận ({1}) từ chối nhau."};
    case certificate_use::agency_ca:
        return {"{0} no certificate that this authority issued is good here: agencies ({1}) can neither sign documents "
                "nor connect with it.",
                "{0} chứng thư do tổ chức này cấp không còn dùng được tại đây: các cơ quan ({1}) không ký văn bản và "
                "không kết nối được."};
    case certificate_use::crl:
        return {
            "Nothing stops: the list goes on counting. {0} certificates that were revoked since are still good here.",
            "Không có gì dừng: danh sách vẫn có hiệu lực. {0} chứng thư bị thu hồi sau danh sách này vẫn được chấp "
            "nhận tại đây."};
    case certificate_use::neighbour:
        return {"{0} {1} can sign nothing and is refused here: deliveries to it and through it wait.",
                "{0} {1} không ký được gì và bị từ chối tại đây: các lượt giao tới và qua nút đó phải chờ."};
    case certificate_use::agency:
        return {"{0} what {1} signs with it is refused: it cannot send signed documents.",
                "{0} văn bản do {1} ký bằng chứng thư này bị từ chối: không gửi được văn bản đã ký."};
    case certificate_use::client:
        return {"{0} {1} cannot connect with it: it neither sends nor fetches documents.",
                "{0} {1} không kết nối được bằng chứng thư này: không gửi, không lấy được văn bản."};
    }
    return {};
}

} // namespace

std::string_view to_string(certificate_use u) {
    constexpr std::array<std::string_view, all_certificate_uses.size()> names = {
        "node", "exchange_ca", "agency_ca", "crl", "neighbour", "agency", "client"};
    return names[static_cast<std::size_t>(u)];
}

long days_left(const certificate_term& t, timestamp now) {
    return std::chrono::floor<std::chrono::days>(t.what.ends - now).count();
}

std::optional<int> warning_step(const certificate_term& t, timestamp now) {
    if (t.replaced || !t.ours) return std::nullopt;
    if (t.what.ends <= now) return 0;
    if (t.use == certificate_use::crl) return std::nullopt;
    for (const int step : {1, 7, 30})
        if (t.what.ends - now <= std::chrono::days(step)) return step;
    return std::nullopt;
}

std::string forecast(const certificate_term& t, const std::string& node, timestamp now, language lang) {
    const bool vietnamese = lang == language::vietnamese;
    const auto who = named(t.owners, lang);
    if (t.replaced)
        return fmt::format(fmt::runtime(vietnamese ? "Không có gì dừng: {} đã dùng chứng thư mới hơn."
                                                   : "Nothing stops: {} has a newer certificate in use."),
                           who);
    const std::string_view since = t.what.ends <= now ? "Since {}" : "From {} on";
    const auto when = fmt::format(fmt::runtime(vietnamese ? "Từ {}," : since), moment(t.what.ends));
    const auto s = what_stops(t.use);
    return fmt::format(fmt::runtime(vietnamese ? s.vietnamese : s.english), when, who, node);
}

} // namespace truc::api
