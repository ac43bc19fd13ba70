#include "agency_calls.hpp"
#include "backup_calls.hpp"
#include "certificate_calls.hpp"
#include "client_calls.hpp"
#include "delivery_calls.hpp"
#include "doctor.hpp"
#include "mode_calls.hpp"
#include "proposal_calls.hpp"
#include "report_calls.hpp"
#include "viewing.hpp"
#include "way_calls.hpp"

#include <truc/api/applications.hpp>
#include <truc/base/log.hpp>

namespace truc::api {

namespace {

using http::request;
using http::response;

constexpr std::uint64_t largest_import = std::uint64_t{64} << 20;

class admin_application final : public http::application {
  public:
    admin_application(const services& s, net::work_pool& changes, const upkeep& u) : s_(s), u_(u), changes_(changes) {}

    net::awaitable<response> handle(request& r) override;
    response refuse(const error& e, const http::request_head* head) override { return problem(e, head, s_.clock); }

  private:
    net::awaitable<response> ping(const http::request_head& head);
    result<response> read(const http::request_head& head) const;
    result<response> change(const request& r, const std::string& body);
    result<response> show_books(const http::request_head& head) const;
    result<response> change_client(const std::string& id, std::string_view verb, const std::string& body);
    result<response> change_held(const std::string& verb, const std::string& body, const std::string& user);
    result<response> check_ledger() const;
    std::optional<result<response>> look_after(const http::request_head& head) const;

    services s_;
    upkeep u_;
    net::work_pool& changes_;
    directory_file directory_file_{s_};
    proposal_desk proposals_{s_, directory_file_};
    client_desk clients_{s_, directory_file_};
    backup_desk backups_{s_};
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

/// The doctor looks around for seconds, which documents need not wait for.
bool takes_long(const http::request_head& head) { return head.path.size() == 2 && head.path[1] == "doctor"; }

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
        return wrong_method(head, s_.clock, "GET, HEAD, POST");
    };
    auto& pool = reading && !takes_long(head) ? s_.pool : changes_;
    auto answered = co_await net::on_pool(pool, std::move(work));
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
    if (path[1] == "deliveries" && path.size() == 2) return show_deliveries(s_, head);
    if (path[1] == "neighbours" && path.size() == 2) return show_neighbours(s_);
    if (path[1] == "alarms") return show_alarms(s_);
    if (path[1] == "mode") return show_mode(s_);
    if (path[1] == "backup") return backups_.show(head);
    if (auto seen = look_after(head)) return std::move(*seen);
    if (path[1] == "clients" && path.size() == 2) return clients_.show();
    if (path[1] == "clients" && path.size() == 3) return clients_.show(path[2]);
    if (path[1] == "proposals" && path.size() == 2) return proposals_.show(head);
    if (path[1] == "ledger" && path.size() == 3 && path[2] == "check") return check_ledger();
    return fail(errc::not_found, head.target);
}

/// What a node without upkeep does not have.
std::optional<result<response>> admin_application::look_after(const http::request_head& head) const {
    const auto& what = head.path[1];
    if (head.path.size() != 2 || !u_.certificates || !u_.clocks) return std::nullopt;
    if (what == "report") return show_report(s_, *u_.clocks, head);
    if (what == "certs") return show_certificates(s_, *u_.certificates, head);
    if (what == "doctor") return show_doctor(s_, u_, head);
    return std::nullopt;
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
        done = import_agencies(directory_file_, body);
    else if (path.size() == 4 && path[0] == "admin" && path[1] == "agencies" && path[3] == "close")
        done = close_agency(s_, directory_file_, path[2], body);
    else if (path.size() == 3 && path[0] == "admin" && path[1] == "proposals")
        done = proposals_.decide(path[2], body, r.peer().user);
    else if (path.size() == 2 && path[0] == "admin" && path[1] == "clients")
        return clients_.add(body, r.peer().user); // says who was added, which the target does not
    else if (path.size() == 4 && path[0] == "admin" && path[1] == "clients")
        done = change_client(path[2], path[3], body);
    else if (path.size() == 2 && path[0] == "admin" && path[1] == "backup")
        done = backups_.begin(body);
    else if (path.size() == 2 && path[0] == "admin" && path[1] == "mode")
        done = set_mode(s_, body, r.peer().user);
    else if (path.size() == 2 && path[0] == "admin" && path[1] == "retry")
        done = retry_lanes(s_, body, r.peer().user);
    else if (path.size() == 2 && path[0] == "admin" && path[1] == "resend")
        done = resend_delivery(s_, body, r.peer().user);
    else if (path.size() == 2 && path[0] == "admin" && path[1] == "legal-hold")
        done = change_legal_hold(s_, body, r.peer().user);
    else if (path.size() == 3 && path[0] == "admin" && path[1] == "deliveries")
        done = change_held(path[2], body, r.peer().user);
    else if (path.size() == 2 && path[0] == "admin" && path[1] == "reload") {
        const auto reloaded = s_.reload();
        if (!reloaded) return fail(reloaded.error());
        done = answer(200, json::object{{"reloaded", true}});
    }
    if (done) spdlog::info("administrator {}: {}", r.peer().user, r.head().target);
    return done;
}

result<response> admin_application::change_held(const std::string& verb, const std::string& body,
                                                const std::string& user) {
    const auto action = delivery_action_of(verb);
    if (!action) return fail(errc::not_found, verb);
    return change_deliveries(s_, *action, body, user);
}

result<response> admin_application::change_client(const std::string& id, std::string_view verb,
                                                  const std::string& body) {
    if (verb == "rotate") return clients_.rotate(id, body);
    if (verb == "drop") return clients_.drop(id, body);
    if (verb == "disable" || verb == "enable") return clients_.set_disabled(id, verb == "disable");
    return fail(errc::not_found, std::string(verb));
}

} // namespace

std::unique_ptr<http::application> make_admin(const services& s, net::work_pool& changes, const upkeep& u) {
    return std::make_unique<admin_application>(s, changes, u);
}

} // namespace truc::api
