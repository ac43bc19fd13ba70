// adapter list, status, retry: the legacy systems that are plugged in, each behind a socket of its own.
#include "fields.hpp"
#include "session.hpp"
#include "text.hpp"
#include "verbs.hpp"
#include "words.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace truc::cli {

namespace {

struct door {
    std::string name;
    std::filesystem::path socket;
};

outcome<std::vector<door>> doors_in(const std::filesystem::path& run_dir) {
    std::vector<door> doors;
    std::error_code ec;
    for (const auto& file : std::filesystem::directory_iterator(run_dir, ec))
        if (file.path().extension() == ".sock") doors.push_back({file.path().stem().string(), file.path()});
    if (ec)
        return stop(usage_failure(words("no adapters are known: --network FILE, or --run-dir DIR ({}: {})",
                                        "không biết bộ nối nào: --network TỆP, hoặc --run-dir THƯ_MỤC ({}: {})",
                                        run_dir.string(), ec.message())));
    std::sort(doors.begin(), doors.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return doors;
}

/// Of the network file where there is one, else of all sockets in the directory where adapters run.
outcome<std::vector<door>> doors_of(const context& c, const adapter_options& o) {
    const auto n = network_of(c);
    if (!n) return stop(n.error());
    if (!*n || !o.run_dir.empty()) return doors_in(o.run_dir.empty() ? "/run/truc-adapter" : o.run_dir);
    std::vector<door> doors;
    for (const auto& a : (*n)->adapters) doors.push_back({a.name, a.admin});
    return doors;
}

session open(const door& d) {
    return session(*client::server_address::parse("unix:" + d.socket.string()), client::http_options(), {});
}

/// What the adapter calls itself, as the list shows it: the socket may have any name.
std::string name_at(const door& d) {
    const auto a = open(d).get_object(target("/v1/adapter"));
    return a ? text_field(*a, "name") : d.name;
}

/// Nobody else than the adapter is behind that socket: the catalogue's sentence speaks of a node.
failure of_adapter(failure f, const std::string& name) {
    if (f.code != exit_code::unreachable) return f;
    f.problem["who"] = to_string(who::administrator);
    f.problem["detail"] = words("the adapter {} cannot be reached: not running, or closed to this user",
                                "không kết nối được bộ nối {}: không chạy, hoặc bạn không có quyền", name);
    return f;
}

outcome<session> open_named(const context& c, const adapter_options& o) {
    if (!c.options().socket.empty()) return open({o.name, c.options().socket});
    auto doors = doors_of(c, o);
    if (!doors) return stop(doors.error());
    for (const auto& d : *doors)
        if (d.name == o.name) return open(d);
    for (auto& d : *doors)
        if ((d.name = name_at(d)) == o.name) return open(d);
    std::string names;
    for (const auto& d : *doors) names += (names.empty() ? "" : ", ") + d.name;
    return stop(usage_failure(
        words("there is no adapter {}; there are: {}", "không có bộ nối {}; hiện có: {}", o.name, names)));
}

json::object part(const json::object& o, std::string_view name) {
    const auto* p = o.if_contains(name);
    return p && p->is_object() ? p->get_object() : json::object();
}

std::string number_text(const json::object& o, std::string_view name) { return std::to_string(number_field(o, name)); }

/// One word for the table; the fault itself stands below the row.
std::string health_of(const json::object& a) {
    if (!flag_field(part(a, "exchange"), "connected")) return words("no exchange", "mất kết nối trục");
    if (!flag_field(part(a, "outbox"), "connected") || !flag_field(part(a, "inbox"), "connected"))
        return words("no legacy system", "mất kết nối hệ thống");
    if (a.contains("signing") && !flag_field(part(a, "signing"), "valid")) return words("cannot sign", "không ký được");
    return words("works", "hoạt động");
}

std::string side_in_words(std::string_view side) {
    if (side == "exchange") return words("exchange", "trục");
    if (side == "signing") return words("signing", "ký số");
    return side == "outbox" ? words("outbox", "chiều gửi") : words("inbox", "chiều nhận");
}

/// Which sides are away, since when and why.
std::vector<std::string> faults_of(const json::object& a) {
    std::vector<std::string> all;
    for (const auto* side : {"exchange", "outbox", "inbox", "signing"}) {
        const auto p = part(a, side);
        const auto fault = text_field(p, "fault");
        if (fault.empty()) continue;
        auto line = side_in_words(side);
        if (const auto since = text_field(p, "since"); !since.empty())
            line += words(" since {}", " từ {}", brief_time(since));
        all.push_back(line + ": " + fault);
    }
    return all;
}

void add_row(table& t, const json::object& a, const std::string& note = {}) {
    const auto out = part(a, "outgoing");
    const auto in = part(a, "incoming");
    t.add({text_field(a, "name"), text_field(a, "kind"), health_of(a), number_text(out, "waiting"),
           number_text(out, "accepted"), number_text(in, "delivered"),
           std::to_string(number_field(out, "quarantined") + number_field(in, "quarantined"))},
          note);
}

table overview() {
    return table({{words("ADAPTER", "BỘ NỐI"), 0, true},
                  {words("KIND", "LOẠI"), 1},
                  {words("STATE", "TÌNH TRẠNG")},
                  {words("WAITING", "CHỜ"), 0, false, true},
                  {words("SENT", "ĐÃ GỬI"), 1, false, true},
                  {words("RECEIVED", "ĐÃ NHẬN"), 1, false, true},
                  {words("ASIDE", "CÁCH LY"), 0, false, true}});
}

std::string direction_in_words(std::string_view direction) {
    return direction == "outgoing" ? words("out", "gửi") : words("in", "nhận");
}

std::string item_state_in_words(std::string_view state) {
    if (state == "waiting") return words("waiting", "đang chờ");
    if (state == "accepted") return words("accepted", "đã nhận gửi");
    if (state == "delivered") return words("delivered", "đã giao");
    return state == "quarantined" ? words("quarantined", "cách ly") : std::string(state);
}

table table_of(const std::vector<json::object>& items) {
    table t({{words("WAY", "CHIỀU")},
             {words("STATE", "TÌNH TRẠNG"), 1},
             {words("SINCE", "TỪ"), 2},
             {words("KEY", "KHÓA"), 0, true},
             {words("WHAT", "NỘI DUNG"), 1, true}});
    for (const auto& i : items)
        t.add({direction_in_words(text_field(i, "direction")), item_state_in_words(text_field(i, "state")),
               brief_time(text_field(i, "since")), text_field(i, "key"), text_field(i, "label")},
              text_field(i, "text"));
    return t;
}

} // namespace

outcome<exit_code> adapter_list(const context& c, const adapter_options& o) {
    const auto doors = doors_of(c, o);
    if (!doors) return stop(doors.error());
    auto t = overview();
    std::vector<json::object> all;
    auto ended = exit_code::done;
    for (const auto& d : *doors) {
        auto a = open(d).get_object(target("/v1/adapter"));
        if (a) {
            const auto faults = faults_of(*a);
            add_row(t, *a, faults.empty() ? "" : faults.front());
            all.push_back(std::move(*a));
            continue;
        }
        ended = exit_code::unreachable;
        const auto why = text_field(of_adapter(a.error(), d.name).problem, "detail");
        t.add({d.name, "", words("not running", "không chạy"), "", "", "", ""}, why);
        all.push_back(json::object{{"name", d.name}, {"running", false}, {"fault", why}});
    }
    c.show(all, t);
    return ended;
}

outcome<exit_code> adapter_status(const context& c, const adapter_options& o) {
    auto s = open_named(c, o);
    if (!s) return stop(s.error());
    const auto a = s->get_object(target("/v1/adapter"));
    if (!a) return stop(of_adapter(a.error(), o.name));
    const auto items = s->get_list(target("/v1/items").with("state", o.quarantined ? "quarantined" : "waiting"));
    if (!items) return stop(items.error());
    c.object(*a);
    for (const auto& i : *items) c.object(i);
    auto t = overview();
    add_row(t, *a);
    c.show(t);
    for (const auto& fault : faults_of(*a)) c.line(printable(fault));
    if (const auto due = number_field(*a, "reports_set_aside"); due > 0)
        c.line(words("{} reports were not taken by the legacy system.", "{} báo cáo hệ thống không nhận.", due));
    if (!items->empty()) c.show(table_of(*items));
    return exit_code::done;
}

outcome<exit_code> adapter_retry(const context& c, const adapter_retry_options& o) {
    if (o.key.empty() != o.all) return stop(usage_failure(words("say KEY, or --all", "hãy nêu KHÓA, hoặc --all")));
    auto s = open_named(c, o);
    if (!s) return stop(s.error());
    const json::object asked = o.all ? json::object{{"all", true}} : json::object{{"key", o.key}};
    const auto done = s->post(target("/v1/items/retry"), "application/json", json::serialize(asked), true);
    if (!done) return stop(of_adapter(done.error(), o.name));
    c.object(*done);
    c.line(words("Tried again: {}.", "Thử lại: {}.", number_field(*done, "retried")));
    return exit_code::done;
}

} // namespace truc::cli
