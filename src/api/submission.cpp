#include "submission.hpp"

#include "turn.hpp"

#include <truc/base/ascii.hpp>
#include <truc/model/traceparent.hpp>

namespace truc::api {

void give_turn(const services& s, const std::string& client, std::function<void()> job) {
    if (s.turns)
        s.turns->take_turn(client, std::move(job));
    else
        s.pool.post(std::move(job));
}

namespace {

/// Small pieces are looked at on the strand, larger ones where they hold up nobody.
constexpr std::size_t small_piece = 8 * 1024;

/// Takes the whole body in. An error means that it did not arrive as a whole, or is not what it should be.
net::awaitable<result<void>> receive(const services& s, http::request& r, const std::string& client,
                                     const piece_taker& take) {
    for (;;) {
        const auto piece = co_await r.read();
        if (!piece) co_return fail(piece.error());
        auto feed = [&take, &piece] { return take(*piece); };
        result<void> fed;
        if (piece->size() <= small_piece)
            fed = feed();
        else
            fed = co_await in_turn(s, client, feed);
        if (!fed || piece->empty()) co_return fed;
    }
}

piece_taker straight_into(intake::reception& message) {
    return [&message](std::string_view piece) { return piece.empty() ? result<void>() : message.feed(piece); };
}

json::object describe_repetition(const store::acceptance& known) {
    auto o = describe_acceptance(known);
    o["repeated"] = true;
    return o;
}

/// One that came twice is as good as none (W3C Trace Context, 3.2).
std::string traceparent_of(const http::request_head& head) {
    std::optional<std::string> found;
    for (const auto& f : head.fields) {
        if (!iequal(f.name, "traceparent")) continue;
        if (found) return {};
        found = read_traceparent(f.value).value_or(std::string());
    }
    return found.value_or(std::string());
}

/// The bytes that arrive are those that were signed: what is compressed on the way would have to be unpacked first.
result<void> check_type(const http::request_head& head) {
    const auto coding = head.header("Content-Encoding");
    if (!coding.empty() && coding != "identity")
        return fail(errc::content_type, "Content-Encoding " + std::string(coding));
    const auto type = head.media_type();
    if (type == "application/xml" || type == "text/xml") return {};
    if (type == "application/vnd.etsi.asic-e+zip") return fail(errc::not_supported, type);
    return fail(errc::content_type, type);
}

} // namespace

net::awaitable<result<decision>> take_in(const services& s, http::request& r, intake::reception& message,
                                         const piece_taker& take) {
    const auto& client = message.from().client->id;
    const auto received = co_await receive(s, r, client, take);
    net::pending<decision> judged;
    if (received) {
        auto work = [&s, &message, done = judged.completer()] {
            try {
                decide(s, message, done);
            } catch (...) { // one document must not end the process: memory ran out, a library threw
                done.fail(std::current_exception());
            }
        };
        give_turn(s, client, std::move(work));
    } else if (received.error().code == errc::too_large || received.error().code == errc::hash_mismatch) {
        refuse(s, message, received.error(), judged.completer());
    } else {
        co_return fail(received.error());
    }
    co_return co_await judged.wait();
}

net::awaitable<result<http::response>> submit(const services& s, http::request& r, const intake::channel& from) {
    if (auto type = check_type(r.head()); !type) co_return fail(type.error());
    intake::wishes asked;
    asked.traceparent = traceparent_of(r.head());
    auto message = s.intake.begin(from, std::move(asked));
    if (!message) co_return fail(message.error());
    r.limit_body(intake::rules_of(from.entrance).largest_message);
    const auto take = straight_into(*message);
    auto what = co_await take_in(s, r, *message, take);
    if (!what) co_return fail(what.error());
    if (!what->accepted) co_return problem(what->accepted.error(), &r.head(), s.clock, what->refusal);
    co_return answer(what->accepted->repeated ? 200 : 201, describe_acceptance(*what->accepted));
}

namespace {

/// What /v1/check answers for a message that arrived. Runs on the pool.
result<http::response> foresee(const services& s, intake::reception& message) {
    const auto arrived = message.finish();
    const auto verified = arrived ? s.intake.examine(message) : fail(arrived.error());
    if (!verified) {
        if (const auto known = s.intake.recall_answer(message)) return answer(200, describe_repetition(*known));
        return fail(verified.error());
    }
    const auto& d = verified->dispatch();
    const auto foreseen = s.store.foresee(d);
    if (!foreseen) return fail(foreseen.error());
    if (foreseen->known) return answer(200, describe_repetition(*foreseen->known));
    json::array recipients, warnings;
    for (const auto& code : d.recipients) recipients.push_back(json::object{{"code", code}, {"would", "deliver"}});
    for (const auto& w : foreseen->warnings) warnings.emplace_back(w);
    return answer(200, json::object{{"document_id", d.document_id},
                                    {"sha256", d.content.digest().hex()},
                                    {"signature", to_string(d.signature)},
                                    {"recipients", std::move(recipients)},
                                    {"warnings", std::move(warnings)},
                                    {"repeated", false}});
}

} // namespace

net::awaitable<result<http::response>> check(const services& s, http::request& r, const intake::channel& from) {
    if (auto type = check_type(r.head()); !type) co_return fail(type.error());
    auto message = s.intake.begin(from);
    if (!message) co_return fail(message.error());
    r.limit_body(intake::rules_of(from.entrance).largest_message);
    const auto take = straight_into(*message);
    if (auto received = co_await receive(s, r, from.client->id, take); !received) co_return fail(received.error());
    auto look = [&s, &message] { return foresee(s, *message); };
    co_return co_await in_turn(s, from.client->id, std::move(look));
}

} // namespace truc::api
