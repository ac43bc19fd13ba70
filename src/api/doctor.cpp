#include "doctor.hpp"

#include "doctor_store.hpp"

#include <truc/base/log.hpp>

#include <sys/timex.h>

#include <algorithm>
#include <array>

namespace truc::api {

namespace {

constexpr std::size_t timed_syncs = 32;

finding failed(std::string_view check, const std::string& why) {
    return {check,
            health::bad,
            {"This could not be examined: " + why, "Không kiểm tra được: " + why},
            {"See to what stands in the way, then ask again.", "Hãy xử lý nguyên nhân rồi chạy lại."}};
}

/// What only a running node knows is neither good nor bad in one that does not run.
finding not_examined(std::string_view check) {
    return {check, health::ok, {"Not examined: the node is not running.", "Không kiểm tra: nút không chạy."}, {}};
}

finding examine_sync(const examined& e) {
    const auto took = time_syncs(e.u.data_dir, timed_syncs);
    return took ? judge_syncs(*took) : failed("sync", took.error().what);
}

finding examine_file_system(const examined& e) { return judge_file_system(file_system_of(e.u.data_dir)); }

finding examine_space(const examined& e) {
    const auto disk = std::filesystem::space(e.u.data_dir);
    return judge_space({disk.available, disk.capacity, e.u.keep_free(), e.s.store.has_space()});
}

finding examine_clock(const examined&) {
    timex t{};
    const bool good = ::adjtimex(&t) != TIME_ERROR && !(t.status & STA_UNSYNC);
    return judge_clock({good, std::chrono::microseconds(t.maxerror)});
}

finding examine_neighbour_clocks(const examined& e) { return judge_neighbour_clocks(e.s.neighbours->neighbours()); }
finding examine_neighbours(const examined& e) { return judge_neighbours(e.s.neighbours->neighbours()); }
finding examine_calendar(const examined& e) { return judge_calendar(e.u.clocks->rules().calendar, e.s.clock.now()); }
finding examine_certificates(const examined& e) {
    return judge_certificates(e.u.certificates->terms(), e.s.node, e.s.clock.now());
}
finding examine_alarms(const examined& e) { return judge_alarms(e.s.alarms->list()); }

struct check {
    std::string_view name;
    finding (*look)(const examined&);
    bool needs_running = false;
};
constexpr std::array checks = {
    check{"sync", examine_sync},
    check{"file_system", examine_file_system},
    check{"space", examine_space},
    check{"clock", examine_clock},
    check{"neighbour_clocks", examine_neighbour_clocks, true},
    check{"calendar", examine_calendar},
    check{"certificates", examine_certificates},
    check{"neighbours", examine_neighbours, true},
    check{"database", examine_database},
    check{"ledger", examine_ledger},
    check{"contents", examine_contents},
    check{"held", examine_held},
    check{"restored", examine_restored},
    check{"alarms", examine_alarms, true},
};

json::object describe_finding(const finding& f, language lang) {
    return {
        {"check", f.check}, {"state", to_string(f.state)}, {"found", f.found.in(lang)}, {"advice", f.advice.in(lang)}};
}

} // namespace

std::string_view to_string(health h) {
    constexpr std::array<std::string_view, 3> names = {"ok", "warn", "bad"};
    return names[static_cast<std::size_t>(h)];
}

std::vector<finding> examine(const examined& e) {
    std::vector<finding> all;
    for (const auto& c : checks) {
        try {
            all.push_back(c.needs_running && !e.u.runs ? not_examined(c.name) : c.look(e));
        } catch (const std::exception& why) {
            all.push_back(failed(c.name, why.what()));
        }
    }
    return all;
}

result<http::response> show_doctor(const services& s, const upkeep& u, const http::request_head& head) {
    const auto deep = head.parameter("deep").value_or("");
    if (!deep.empty() && deep != "0" && deep != "1") return fail(errc::bad_request, "deep=" + std::string(deep));
    const auto begin = std::chrono::steady_clock::now();
    auto worst = health::ok;
    json::array items;
    for (const auto& f : examine({s, u, deep == "1"})) {
        worst = std::max(worst, f.state);
        items.push_back(describe_finding(f, language_of(&head)));
    }
    const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
    return answer(200, json::object{{"node", s.node},
                                    {"state", to_string(worst)},
                                    {"took_ms", took.count()},
                                    {"checks", std::move(items)}});
}

} // namespace truc::api
