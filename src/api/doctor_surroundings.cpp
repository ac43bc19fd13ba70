// What the doctor says of clocks, neighbours, certificates and what waits for a person.
#include "certificate_forecast.hpp"
#include "doctor_judgement.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace truc::api {

namespace {

using namespace std::chrono_literals;

/// As the relay, which lets nothing expire beyond it (custody rule 9).
constexpr milliseconds largest_offset = 60s;
/// Times of events that differ by more make traces hard to read.
constexpr milliseconds noticeable_offset = 1s;
constexpr milliseconds largest_error = 1s;

finding make(std::string_view check, health state, both found, both advice = {}) {
    return {check, state, std::move(found), std::move(advice)};
}

std::string joined(const std::vector<std::string>& parts, std::string_view between = ", ") {
    return fmt::format("{}", fmt::join(parts, between));
}

} // namespace

finding judge_clock(const kernel_clock& c) {
    const auto error = std::chrono::duration_cast<milliseconds>(c.greatest_error);
    const both far = {"Events carry this clock's time (QĐ 28/2018 Art. 14.4). Run chrony or systemd-timesyncd with a "
                      "server that is reachable from here.",
                      "Sự kiện mang giờ của máy này (QĐ 28/2018 Điều 14.4). Hãy chạy chrony hoặc systemd-timesyncd với "
                      "máy chủ giờ truy cập được từ đây."};
    if (!c.synchronised)
        return make(
            "clock", health::warn,
            {"The system does not say that its clock is synchronised.", "Hệ thống không báo đồng hồ đã đồng bộ."}, far);
    const both found = {fmt::format("The clock is synchronised to within {} ms.", error.count()),
                        fmt::format("Đồng hồ được đồng bộ, sai số tối đa {} ms.", error.count())};
    return error > largest_error ? make("clock", health::warn, found, far) : make("clock", health::ok, found);
}

finding judge_neighbour_clocks(const std::vector<neighbour_view>& neighbours) {
    milliseconds worst(0);
    std::vector<std::string> far;
    for (const auto& n : neighbours) {
        if (!n.clock_offset) continue;
        const auto offset = std::chrono::abs(*n.clock_offset);
        worst = std::max(worst, offset);
        if (offset > noticeable_offset) far.push_back(fmt::format("{} ({:+} ms)", n.name, n.clock_offset->count()));
    }
    if (far.empty())
        return make("neighbour_clocks", health::ok,
                    {fmt::format("Neighbours' clocks differ from this one by at most {} ms.", worst.count()),
                     fmt::format("Đồng hồ các nút lân cận lệch nhiều nhất {} ms.", worst.count())});
    const bool stops = worst > largest_offset;
    return make(
        "neighbour_clocks", stops ? health::bad : health::warn,
        {"Clocks that differ from this one: " + joined(far) + ".", "Đồng hồ lệch so với nút này: " + joined(far) + "."},
        {stops ? "Nothing expires while clocks differ so much. If several differ alike, this one is wrong: set it; "
                 "else tell that node's administrators."
               : "If several differ alike, this one is wrong: set it; else tell that node's administrators.",
         stops ? "Khi lệch nhiều như vậy, không lượt giao nào bị coi là quá hạn. Nếu nhiều nút cùng lệch thì chỉnh "
                 "giờ máy này, nếu không thì báo quản trị nút kia."
               : "Nếu nhiều nút cùng lệch thì chỉnh giờ máy này, nếu không thì báo quản trị nút kia."});
}

finding judge_neighbours(const std::vector<neighbour_view>& neighbours) {
    std::vector<std::string> away;
    for (const auto& n : neighbours)
        if (!n.connected) away.push_back(n.last_error.empty() ? n.name : n.name + " (" + n.last_error + ")");
    if (away.empty())
        return make("neighbours", health::ok,
                    {fmt::format("{} neighbours, all connected.", neighbours.size()),
                     fmt::format("{} nút lân cận, đều đang kết nối.", neighbours.size())});
    return make("neighbours", away.size() == neighbours.size() ? health::bad : health::warn,
                {"Not connected: " + joined(away) + ".", "Chưa kết nối: " + joined(away) + "."},
                {"What goes there waits. Try `truc node ping NODE`; look at the address, the firewall and that node.",
                 "Văn bản đi hướng đó phải chờ. Thử `truc node ping NÚT`; kiểm tra địa chỉ, tường lửa và nút đó."});
}

finding judge_calendar(const working_calendar& calendar, timestamp now) {
    const std::chrono::year_month_day today(working_calendar::day_of(now));
    const bool december = today.month() == std::chrono::December;
    const auto missing = !calendar.knows(today.year()) ? today.year()
                         : december && !calendar.knows(today.year() + std::chrono::years(1))
                             ? today.year() + std::chrono::years(1)
                             : std::chrono::year(0);
    const auto year = static_cast<int>(today.year());
    if (missing == std::chrono::year(0))
        return make(
            "calendar", health::ok,
            {fmt::format("The holidays of {} are known.", year), fmt::format("Đã có ngày nghỉ lễ năm {}.", year)});
    return make("calendar", health::warn,
                {fmt::format("No holidays of {} are known.", static_cast<int>(missing)),
                 fmt::format("Chưa có ngày nghỉ lễ năm {}.", static_cast<int>(missing))},
                {"Legal clocks count holidays as working days. Add them to the file of [clocks] holidays and reload.",
                 "Thời hạn pháp lý sẽ tính ngày lễ là ngày làm việc. Bổ sung tệp [clocks] holidays rồi nạp lại."});
}

finding judge_certificates(const std::vector<certificate_term>& terms, const std::string& node, timestamp now) {
    health state = health::ok;
    both found, first;
    std::size_t near = 0;
    for (const auto& t : terms) {
        const auto step = warning_step(t, now);
        if (!step) continue;
        const bool harmless = t.use == certificate_use::crl;
        state = std::max(state, *step <= 1 && !harmless ? health::bad : health::warn);
        if (near++ == 0)
            first = {forecast(t, node, now, language::english), forecast(t, node, now, language::vietnamese)};
    }
    if (near == 0)
        return make("certificates", health::ok,
                    {fmt::format("{} certificates and lists; none ends within 30 days.", terms.size()),
                     fmt::format("{} chứng thư và danh sách; không có gì hết hạn trong 30 ngày.", terms.size())});
    return make("certificates", state,
                {fmt::format("{} end soon or have ended. {}", near, first.english),
                 fmt::format("{} sắp hoặc đã hết hạn. {}", near, first.vietnamese)},
                {"`truc certs` lists them. Renew in time; files that are replaced are read by themselves.",
                 "`truc certs` liệt kê. Hãy gia hạn kịp thời; tệp được thay sẽ tự nạp."});
}

finding judge_held(std::uint64_t by_person, std::uint64_t by_truc) {
    if (by_person + by_truc == 0) return make("held", health::ok, {"Nothing is held.", "Không có lượt giao bị giữ."});
    return make(
        "held", health::warn,
        {fmt::format("Held deliveries: {} by persons, {} by Truc, because a node refused them for good.", by_person,
                     by_truc),
         fmt::format("Lượt giao bị giữ: {} do quản trị viên, {} do Truc vì nút khác từ chối hẳn.", by_person, by_truc)},
        {"They wait for a person: `truc queue --held`, then `truc why ID`, release, resend or expire.",
         "Chờ người xử lý: `truc queue --held`, rồi `truc why ID`, release, resend hoặc expire."});
}

finding judge_alarms(const std::vector<alarm>& alarms) {
    if (alarms.empty()) return make("alarms", health::ok, {"No alarm is raised.", "Không có cảnh báo."});
    std::vector<std::string> kinds;
    for (const auto& a : alarms) kinds.push_back(a.kind + " (" + a.subject + ")");
    constexpr std::size_t most_named = 10;
    if (kinds.size() > most_named) {
        kinds.resize(most_named);
        kinds.emplace_back("…");
    }
    return make("alarms", health::warn,
                {fmt::format("{} alarms: {}.", alarms.size(), joined(kinds)),
                 fmt::format("{} cảnh báo: {}.", alarms.size(), joined(kinds))},
                {"`truc node list` tells what was seen.", "`truc node list` cho biết chi tiết."});
}

} // namespace truc::api
