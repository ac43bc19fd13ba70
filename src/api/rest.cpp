#include "documentation.hpp"
#include "gateway_calls.hpp"
#include "identity.hpp"
#include "routes.hpp"
#include "strangers.hpp"
#include "submission.hpp"
#include "viewing.hpp"

#include <truc/api/applications.hpp>

namespace truc::api {

namespace {

using http::request;
using http::response;
using net::awaitable;
using net::steady_time;

constexpr std::uint64_t longest_wait = 60;    // seconds of a long poll
constexpr std::uint64_t longest_claim = 3600; // seconds

/// Who connects: the certificate's digest stands in the directory, and that client may use this entrance.
result<intake::channel> identify(const services& s, const net::peer_info& peer) {
    if (!peer.certificate) return fail(errc::credentials, "no client certificate was presented");
    intake::channel c;
    c.directory = s.intake.current_directory();
    c.client = c.directory->find_client_by_certificate(*peer.certificate);
    if (!c.client) {
        mention_stranger(peer, "HTTPS");
        return fail(errc::credentials, "client certificate " + peer.certificate->hex());
    }
    if (auto open = check_entrance(*c.client, c.entrance); !open) return fail(open.error());
    return c;
}

class rest_application final : public http::application {
  public:
    rest_application(const services& s, net::work_pool& changes) : s_(s), gateways_(s_, changes) {}

    awaitable<response> handle(request& r) override;
    response refuse(const error& e, const http::request_head* head) override { return problem(e, head, s_.clock); }

  private:
    struct call {
        intake::channel channel;
        spoken_for speaks;
        std::vector<std::string> path; ///< behind /v1
        call(intake::channel c, spoken_for a, std::vector<std::string> p)
            : channel(std::move(c)), speaks(std::move(a)), path(std::move(p)) {}
    };

    awaitable<response> answer_client(request& r, intake::channel channel);
    awaitable<result<response>> route(request& r, const call& c);
    awaitable<result<response>> get(request& r, const call& c);
    result<void> stays(const request& r, const call& c) const;
    awaitable<result<response>> read_inbox(request& r, const call& c);
    awaitable<result<response>> read_feed(request& r, const call& c);
    awaitable<result<response>> acknowledge(request& r, const call& c);
    result<response> inbox_content(const http::request_head& head, const call& c) const;

    services s_;
    gateway_desk gateways_;
};

awaitable<response> rest_application::handle(request& r) {
    if (auto page = documentation(r.head(), s_.clock)) co_return std::move(*page);
    auto channel = identify(s_, r.peer());
    if (!channel) co_return problem(channel.error(), &r.head(), s_.clock);
    const auto under_way = take_place(s_, *channel->client);
    if (!under_way) {
        const auto& refusal = under_way.error();
        co_return problem(refusal.why, &r.head(), s_.clock, refusal_context(), refusal.retry_after);
    }
    co_return co_await answer_client(r, std::move(*channel));
}

awaitable<response> rest_application::answer_client(request& r, intake::channel channel) {
    const auto& head = r.head();
    std::vector<std::string> path = head.path;
    const bool ours = !path.empty() && path.front() == "v1";
    if (ours) path.erase(path.begin());
    const auto allowed = ours ? allowed_at(path) : std::string_view();
    if (allowed.empty()) co_return problem(error(errc::not_found, head.target), &head, s_.clock);
    if (!allows(allowed, head.verb)) co_return wrong_method(head, s_.clock, allowed);
    if (head.verb == http::method::options) {
        response options(204);
        co_return options.add("Allow", std::string(allowed));
    }
    auto agencies = agencies_of(s_, channel, head.parameter("agency"));
    if (!agencies) co_return problem(agencies.error(), &head, s_.clock);
    const call c(std::move(channel), std::move(*agencies), std::move(path));
    auto answered = co_await route(r, c);
    if (!answered) co_return problem(answered.error(), &head, s_.clock);
    co_return std::move(*answered);
}

awaitable<result<response>> rest_application::route(request& r, const call& c) {
    if (r.head().verb == http::method::put) co_return co_await gateways_.declare(r, c.channel);
    if (r.head().verb != http::method::post) co_return co_await get(r, c);
    if (c.path[0] == "documents") co_return co_await submit(s_, r, c.channel);
    if (c.path[0] == "check") co_return co_await check(s_, r, c.channel);
    co_return co_await acknowledge(r, c);
}

awaitable<result<response>> rest_application::get(request& r, const call& c) {
    if (c.path[0] == "inbox" && c.path.size() == 1) co_return co_await read_inbox(r, c);
    if (c.path[0] == "receipts" && c.path.size() == 1) co_return co_await read_feed(r, c);
    const auto& head = r.head();
    auto look = [&]() -> result<response> {
        if (c.path[0] == "inbox" && c.path.size() == 3 && c.path[2] == "content") return inbox_content(head, c);
        viewer who;
        who.speaks = c.speaks;
        if (auto seen = view(s_, who, head, c.path)) return std::move(*seen);
        return fail(errc::not_found, head.target);
    };
    co_return co_await net::on_pool(s_.pool, std::move(look));
}

/// Until when a long poll may wait. Error: bad_request.
result<steady_time> poll_deadline(const http::request_head& head) {
    const auto wait = number_of(head, "wait", 0);
    if (!wait) return fail(wait.error());
    return std::chrono::steady_clock::now() + std::chrono::seconds(std::min(*wait, longest_wait));
}

result<store::inbox_cursor> inbox_cursor_of(const http::request_head& head) {
    store::inbox_cursor cursor;
    const auto text = head.parameter("after");
    if (!text || text->empty()) return cursor;
    const auto dot = text->find('.');
    const auto urgency = parse_number(text->substr(0, dot));
    const auto seq = dot == std::string_view::npos ? std::nullopt : parse_number(text->substr(dot + 1));
    if (!urgency || !seq || *urgency > 4) return fail(errc::bad_request, "after=" + std::string(*text));
    cursor.priority = static_cast<priority>(*urgency);
    cursor.seq = static_cast<std::int64_t>(*seq);
    return cursor;
}

/// For whom is still to be said.
result<deliver::inbox::query> inbox_query(const http::request_head& head) {
    deliver::inbox::query q;
    const auto max = max_of(head);
    const auto after = inbox_cursor_of(head);
    const auto claim = number_of(head, "claim", 0);
    if (!max) return fail(max.error());
    if (!after) return fail(after.error());
    if (!claim) return fail(claim.error());
    const auto kind = head.parameter("kind").value_or("");
    if (!kind.empty() && kind != "edoc" && kind != "status")
        return fail(errc::bad_request, "kind=" + std::string(kind));
    if (!kind.empty()) q.kind = kind == "edoc" ? dispatch_kind::edoc : dispatch_kind::status;
    q.max = *max;
    q.after = *after;
    if (*claim && head.verb == http::method::get) q.claim = std::chrono::seconds(std::min(*claim, longest_claim));
    return q;
}

/// A place in the waiting room that rings this request's bell.
std::unique_ptr<deliver::waiting_room::place> wait_for_news(const services& s, request& r,
                                                            std::vector<std::string> keys) {
    return s.waiting.enter(std::move(keys), [bell = r.bell()] { bell->notify(); });
}

/// Who has waited may have lost what it came with, since the directory changes.
result<void> rest_application::stays(const request& r, const call& c) const {
    const auto channel = identify(s_, r.peer());
    if (!channel) return fail(channel.error());
    const auto agencies = agencies_of(s_, *channel, r.head().parameter("agency"));
    if (!agencies) return fail(agencies.error());
    if (agencies->codes != c.speaks.codes || agencies->gateway != c.speaks.gateway)
        return fail(errc::not_permitted, "its agencies have changed meanwhile");
    return {};
}

awaitable<result<response>> rest_application::read_inbox(request& r, const call& c) {
    auto query = inbox_query(r.head());
    const auto deadline = poll_deadline(r.head());
    if (!query) co_return fail(query.error());
    if (!deadline) co_return fail(deadline.error());
    const auto place = wait_for_news(s_, r, c.speaks.inbox_keys());
    std::vector<store::inbox_item> items;
    for (;;) {
        auto look = [this, &query, &c] {
            query->recipients = c.speaks.inboxes(s_.store);
            return s_.inbox.read(*query);
        };
        items = co_await net::on_pool(s_.pool, std::move(look));
        if (!items.empty() || r.abandoned() || std::chrono::steady_clock::now() >= *deadline) break;
        const auto bell = r.bell();
        co_await bell->wait_until(*deadline);
        if (auto still = stays(r, c); !still) co_return fail(still.error());
    }
    json::array list;
    for (const auto& i : items) list.push_back(describe_item(i));
    json::value next = nullptr;
    if (items.size() == query->max)
        next = std::to_string(static_cast<int>(items.back().priority)) + "." + std::to_string(items.back().seq);
    co_return answer(200, list_of(std::move(list), std::move(next)));
}

awaitable<result<response>> rest_application::read_feed(request& r, const call& c) {
    if (c.speaks.agencies != 1) co_return fail(errc::bad_request, "name one agency by ?agency=CODE");
    const auto max = max_of(r.head());
    const auto after = number_of(r.head(), "after", 0);
    const auto deadline = poll_deadline(r.head());
    if (!max) co_return fail(max.error());
    if (!after) co_return fail(after.error());
    if (!deadline) co_return fail(deadline.error());
    const auto place = wait_for_news(s_, r, waiting_keys("feed:", c.speaks.codes));
    std::vector<store::feed_entry> rows;
    for (;;) {
        auto look = [&] { return s_.store.read_feed(c.speaks.codes, *after, *max); };
        rows = co_await net::on_pool(s_.pool, std::move(look));
        if (!rows.empty() || r.abandoned() || std::chrono::steady_clock::now() >= *deadline) break;
        const auto bell = r.bell();
        co_await bell->wait_until(*deadline);
        if (auto still = stays(r, c); !still) co_return fail(still.error());
    }
    json::array list;
    for (const auto& row : rows) list.push_back(describe_receipt(row.event_id, row.event, row.xml));
    // A cursor is the next position to look at.
    const auto next = rows.empty() ? *after : rows.back().position + 1;
    json::value cursor(std::to_string(next));
    co_return answer(200, list_of(std::move(list), std::move(cursor)));
}

result<response> rest_application::inbox_content(const http::request_head& head, const call& c) const {
    const auto id = id_of(c.path[1]);
    if (!id) return fail(id.error());
    const auto item = s_.store.find_inbox_item(*id);
    if (!item || item->held || !c.speaks.covers(item->to)) return fail(errc::not_found, c.path[1]);
    if (item->state == delivery_state::recalled) return fail(errc::already_ended, std::string(to_string(item->state)));
    auto bytes = s_.store.open_content(item->sha256);
    if (!bytes) return fail(bytes.error());
    return content_answer(head, std::move(*bytes), item->sha256);
}

result<deliver::inbox::answer> answer_in(const std::string& body) {
    deliver::inbox::answer a;
    boost::system::error_code ec;
    const auto parsed = json::parse(body, ec);
    const auto* o = ec ? nullptr : parsed.if_object();
    const auto* outcome = o ? o->if_contains("outcome") : nullptr;
    const auto* reason = o ? o->if_contains("reason") : nullptr;
    const std::string_view word =
        outcome && outcome->is_string() ? std::string_view(outcome->get_string()) : std::string_view();
    if (word == "accepted")
        a.outcome = deliver::inbox::outcome::accepted;
    else if (word == "released")
        a.outcome = deliver::inbox::outcome::released;
    else if (word == "rejected")
        a.outcome = deliver::inbox::outcome::rejected;
    else
        return fail(errc::bad_request, R"({"outcome": "accepted"|"released"|"rejected", "reason": …})");
    if (reason && reason->is_string()) a.reason = reason->get_string();
    if (a.outcome == deliver::inbox::outcome::rejected && a.reason.empty()) return fail(errc::reason_missing, "reason");
    return a;
}

awaitable<result<response>> rest_application::acknowledge(request& r, const call& c) {
    const auto id = id_of(c.path[1]);
    const auto body = co_await r.read_all();
    if (!body) co_return fail(body.error());
    if (!id) co_return fail(id.error());
    auto a = answer_in(*body);
    if (!a) co_return fail(a.error());
    a->delivery = *id;
    a->channel = c.channel.name();
    const auto outcome = a->outcome;

    net::pending<result<store::conclusion_record>> ended;
    auto work = [this, &a, &c, done = ended.completer()] {
        try {
            a->recipients = c.speaks.answering(s_.store, a->delivery);
            s_.inbox.acknowledge(*a, done);
        } catch (...) {
            done.fail(std::current_exception());
        }
    };
    s_.pool.post(std::move(work));
    const auto record = co_await ended.wait();
    if (!record) co_return fail(record.error());
    json::object o{{"delivery_id", id->str()}, {"state", to_string(record->state)}};
    if (outcome == deliver::inbox::outcome::released)
        s_.waiting.news_for(inbox_news(*c.channel.directory, a->recipients)); // others may claim it now
    else
        o["event_id"] = record->event_id;
    co_return answer(200, o);
}

} // namespace

http::server_options rest_listening() {
    http::server_options o;
    o.stranger_time = std::chrono::seconds(5);
    return o;
}

std::unique_ptr<http::application> make_rest(const services& s, net::work_pool& changes) {
    return std::make_unique<rest_application>(s, changes);
}

} // namespace truc::api
