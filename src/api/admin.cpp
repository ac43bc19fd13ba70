#include "viewing.hpp"
#include "way_calls.hpp"

#include <truc/api/applications.hpp>
#include <truc/base/durable.hpp>
#include <truc/base/log.hpp>
#include <truc/directory/edit.hpp>
#include <truc/directory/json_lines.hpp>

namespace truc::api {

namespace {

using http::request;
using http::response;

constexpr std::uint64_t largest_import = std::uint64_t{64} << 20;

class admin_application final : public http::application {
  public:
    explicit admin_application(const services& s) : s_(s) {}

    net::awaitable<response> handle(request& r) override;
    response refuse(const error& e, const http::request_head* head) override { return problem(e, head, s_.clock); }

  private:
    net::awaitable<response> ping(const http::request_head& head);
    result<response> read(const http::request_head& head) const;
    result<response> change(const request& r, const std::string& body);
    result<response> show_books(const http::request_head& head) const;
    result<response> show_clients(const std::vector<std::string>& path) const;
    result<response> check_ledger() const;
    result<response> import_agencies(const std::string& lines);
    result<response> close_agency(const std::string& code, const std::string& body);
    std::string lines_about(const agency_code& elsewhere, const directory::directory& file) const;
    result<void> write_agencies(const std::vector<directory::agency>& agencies, const std::string& context = {});

    services s_;
    std::mutex directory_mutex_; ///< one change of the directory file at a time
};

/// What became of the deliveries that were submitted here, by evidence of other nodes.
json::object describe(const origin_books& b) {
    return {{"accepted", b.accepted}, {"handed_over", b.handed_over}, {"rejected", b.rejected},
            {"recalled", b.recalled}, {"expired", b.expired},         {"undeliverable", b.undeliverable},
            {"open", b.open},         {"balance", b.balance()}};
}

bool asks_to_ping(const http::request_head& head) {
    const auto& path = head.path;
    return head.verb == http::method::post && path.size() == 4 && path[0] == "admin" && path[1] == "neighbours" &&
           path[3] == "ping";
}

net::awaitable<response> admin_application::handle(request& r) {
    const auto& head = r.head();
    std::string body;
    const bool reading = head.verb == http::method::get || head.verb == http::method::head;
    if (!reading) {
        r.limit_body(largest_import);
        auto read_body = co_await r.read_all();
        if (!read_body) co_return problem(read_body.error(), &head, s_.clock);
        body = std::move(*read_body);
    }
    if (asks_to_ping(head)) co_return co_await ping(head);
    auto work = [&]() -> result<response> {
        if (reading) return read(head);
        if (head.verb == http::method::post) return change(r, body);
        return fail(errc::method_not_allowed, head.target);
    };
    auto answered = co_await net::on_pool(s_.pool, std::move(work));
    if (!answered) co_return problem(answered.error(), &head, s_.clock);
    co_return std::move(*answered);
}

net::awaitable<response> admin_application::ping(const http::request_head& head) {
    net::pending<result<neighbour_view>> pending;
    s_.neighbours->ping(head.path[2], pending.completer());
    const auto answered = co_await pending.wait();
    if (!answered) co_return problem(answered.error(), &head, s_.clock);
    co_return answer(200, describe_neighbour(s_, *answered));
}

result<response> admin_application::read(const http::request_head& head) const {
    const auto& path = head.path;
    if (path.size() < 2) return fail(errc::not_found, head.target);
    const std::vector<std::string> rest(path.begin() + 1, path.end());
    if (path[0] == "v1") {
        viewer who;
        who.administrator = true;
        if (auto seen = view(s_, who, head, rest)) return std::move(*seen);
    }
    if (path[0] != "admin") return fail(errc::not_found, head.target);
    if (path[1] == "why" && path.size() == 3) return explain_waiting(s_, head, path[2]);
    if (path[1] == "books") return show_books(head);
    if (path[1] == "queue") return show_queue(s_);
    if (path[1] == "shape") return show_shape(s_);
    if (path[1] == "neighbours" && path.size() == 2) return show_neighbours(s_);
    if (path[1] == "alarms") return show_alarms(s_);
    if (path[1] == "clients") return show_clients(path);
    if (path[1] == "ledger" && path.size() == 3 && path[2] == "check") return check_ledger();
    return fail(errc::not_found, head.target);
}

result<response> admin_application::show_books(const http::request_head& head) const {
    const auto by = head.parameter("by").value_or("");
    const std::string day(head.parameter("day").value_or(""));
    const auto begins = from_rfc3339(day + "T00:00:00+07:00");
    if (!day.empty() && !begins) return fail(errc::bad_request, "day=" + day + " (yyyy-mm-dd)");
    if (!by.empty() && by != "agency") return fail(errc::bad_request, "by=" + std::string(by));
    if (!by.empty() || !day.empty()) {
        json::array items;
        for (const auto& l : s_.store.books_by_agency(day.empty() ? std::nullopt : begins))
            items.push_back(json::object{{"agency", l.agency},
                                         {"sent", l.sent},
                                         {"received", l.received},
                                         {"handed_over", l.handed_over},
                                         {"rejected", l.rejected},
                                         {"open", l.open}});
        return answer(200, list_of(std::move(items)));
    }
    const auto b = s_.store.read_books();
    const auto o = s_.store.read_origin_books();
    return answer(200, json::object{{"node", s_.node},
                                    {"from_agencies", b.from_agencies},
                                    {"from_neighbours", b.from_neighbours},
                                    {"resent", b.resent},
                                    {"taken_in", b.taken_in()},
                                    {"handed_over", b.handed_over},
                                    {"passed_on", b.passed_on},
                                    {"rejected", b.rejected},
                                    {"recalled", b.recalled},
                                    {"expired", b.expired},
                                    {"undeliverable", b.undeliverable},
                                    {"in_custody", b.in_custody},
                                    {"refused_at_door", b.refused_at_door},
                                    {"balance", b.balance()},
                                    {"end_to_end", describe(o)}});
}

result<response> admin_application::show_clients(const std::vector<std::string>& path) const {
    const auto directory = s_.intake.current_directory();
    if (path.size() == 3) {
        const auto* c = directory->find_client(path[2]);
        if (!c) return fail(errc::not_found, path[2]);
        return answer(200, describe_client(*c));
    }
    json::array items;
    for (const auto& c : directory->clients()) items.push_back(describe_client(c));
    return answer(200, list_of(std::move(items)));
}

result<response> admin_application::check_ledger() const {
    const auto size = s_.store.check_ledger(*s_.exchange);
    if (!size)
        return answer(200,
                      json::object{{"log", s_.store.log().str()}, {"consistent", false}, {"at", size.error().what}});
    return answer(200, json::object{{"log", s_.store.log().str()}, {"consistent", true}, {"size", *size}});
}

result<response> admin_application::change(const request& r, const std::string& body) {
    const auto& path = r.head().path;
    result<response> done = fail(errc::not_found, r.head().target);
    if (path.size() == 2 && path[0] == "admin" && path[1] == "agencies")
        done = import_agencies(body);
    else if (path.size() == 4 && path[0] == "admin" && path[1] == "agencies" && path[3] == "close")
        done = close_agency(path[2], body);
    else if (path.size() == 2 && path[0] == "admin" && path[1] == "retry")
        done = retry_lanes(s_, body);
    else if (path.size() == 2 && path[0] == "admin" && path[1] == "reload") {
        const auto reloaded = s_.reload();
        if (!reloaded) return fail(reloaded.error());
        done = answer(200, json::object{{"reloaded", true}});
    }
    if (done) spdlog::info("administrator {}: {}", r.peer().user, r.head().target);
    return done;
}

result<response> admin_application::import_agencies(const std::string& lines) {
    std::vector<directory::agency> agencies;
    std::size_t number = 0;
    for (std::string_view rest = lines; !rest.empty();) {
        const auto end = rest.find('\n');
        const auto line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos || line.front() == '#') continue;
        auto record = directory::from_json_line(line);
        if (!record) return fail(errc::bad_directory, "line " + std::to_string(number) + ": " + record.error().what);
        auto* agency = std::get_if<directory::agency>(&*record);
        if (!agency) return fail(errc::bad_directory, "line " + std::to_string(number) + ": expected an agency");
        agencies.push_back(std::move(*agency));
    }
    const std::scoped_lock lock(directory_mutex_);
    if (auto written = write_agencies(agencies); !written) return fail(written.error());
    return answer(200, json::object{{"imported", agencies.size()}});
}

/// What the file has to say so that it can name an agency of another node's section: its home, the nodes above that,
/// and who it is. Those nodes' own sections say the rest.
std::string admin_application::lines_about(const agency_code& elsewhere, const directory::directory& file) const {
    const auto in_force = s_.intake.current_directory();
    const auto* known = in_force->find_agency(elsewhere.str());
    if (!known || file.find_agency(elsewhere.str())) return {};
    std::string lines = "\n";
    for (const auto* n = in_force->find_node(known->node); n && !file.find_node(n->name);
         n = in_force->find_node(n->parent)) {
        auto node = *n;
        node.links.clear();
        lines += directory::to_json_line(node) + "\n";
    }
    directory::agency named(known->code);
    named.name = known->name;
    named.node = known->node;
    named.level = known->level;
    return lines + directory::to_json_line(named) + "\n";
}

result<response> admin_application::close_agency(const std::string& code, const std::string& body) {
    // From the file, which may be newer than what is in force.
    const std::scoped_lock lock(directory_mutex_);
    const auto directory = directory::directory::load(s_.directory_file);
    if (!directory) return fail(directory.error());
    const auto* found = directory->find_agency(code);
    if (!found) return fail(errc::not_found, code);
    auto closed = *found;
    std::string context;
    closed.valid_to = s_.clock.now();
    boost::system::error_code ec;
    const auto parsed = json::parse(body.empty() ? "{}" : body, ec);
    if (ec || !parsed.is_object()) return fail(errc::bad_request, "body");
    if (const auto* successor = parsed.get_object().if_contains("successor")) {
        const auto* text = successor->if_string();
        const auto next = text ? agency_code::parse(std::string_view(*text)) : std::nullopt;
        if (!next) return fail(errc::bad_request, "successor: expected an agency's code");
        closed.successors = {*next};
        context = lines_about(*next, *directory);
    }
    if (auto written = write_agencies({closed}, context); !written) return fail(written.error());
    return answer(200, json::object{{"code", closed.code.str()}, {"valid_to", to_rfc3339(*closed.valid_to)}});
}

/// Under directory_mutex_. The file is replaced only by one that can be loaded and that takes nothing from another
/// node; what is in force stays until then.
result<void> admin_application::write_agencies(const std::vector<directory::agency>& agencies,
                                               const std::string& context) {
    const auto before = read_file(s_.directory_file);
    if (!before) return fail(before.error());
    const auto text = directory::with_agencies(*before + context, agencies);
    if (!text) return fail(text.error());
    if (auto usable = directory::directory::parse(*text, s_.directory_file.string()); !usable)
        return fail(usable.error());
    if (auto written = write_file(s_.directory_file, *text); !written) return written;
    auto used = s_.reload();
    if (!used && used.error().code == errc::section_conflict)
        if (auto back = write_file(s_.directory_file, *before); !back) return back;
    return used;
}

} // namespace

std::unique_ptr<http::application> make_admin(const services& s) { return std::make_unique<admin_application>(s); }

} // namespace truc::api
