#include "submission.hpp"

#include "decision.hpp"

namespace truc::api {

namespace {

/// Small pieces are looked at on the strand, larger ones where they hold up nobody.
constexpr std::size_t small_piece = 8 * 1024;

/// Takes the whole body in. An error means that it did not arrive as a whole, or was too large.
net::awaitable<result<void>> receive(const services& s, http::request& r, intake::reception& message) {
    r.limit_body(intake::rules_of(entrance::http).largest_message);
    for (;;) {
        const auto piece = co_await r.read();
        if (!piece) co_return fail(piece.error());
        if (piece->empty()) co_return result<void>();
        auto feed = [&message, &piece] { return message.feed(*piece); };
        result<void> fed;
        if (piece->size() <= small_piece)
            fed = feed();
        else
            fed = co_await net::on_pool(s.pool, feed);
        if (!fed) co_return fed;
    }
}

json::object describe_repetition(const store::acceptance& known) {
    auto o = describe_acceptance(known);
    o["repeated"] = true;
    return o;
}

result<void> check_type(const http::request_head& head) {
    const auto type = head.media_type();
    if (type == "application/xml" || type == "text/xml") return {};
    if (type == "application/vnd.etsi.asic-e+zip") return fail(errc::not_supported, type);
    return fail(errc::content_type, type);
}

} // namespace

net::awaitable<result<http::response>> submit(const services& s, http::request& r, const intake::channel& from) {
    if (auto type = check_type(r.head()); !type) co_return fail(type.error());
    auto message = s.intake.begin(from);
    if (!message) co_return fail(message.error());
    const auto received = co_await receive(s, r, *message);
    net::pending<decision> judged;
    if (received) {
        auto work = [&s, &arrived = *message, done = judged.completer()] {
            try {
                decide(s, arrived, done);
            } catch (...) { // one document must not end the process: memory ran out, a library threw
                done.fail(std::current_exception());
            }
        };
        s.pool.post(std::move(work));
    } else if (received.error().code == errc::too_large) {
        refuse(s, *message, received.error(), judged.completer());
    } else {
        co_return fail(received.error());
    }
    auto what = co_await judged.wait();
    if (!what.accepted) co_return problem(what.accepted.error(), &r.head(), s.clock, what.refusal);
    co_return answer(what.accepted->repeated ? 200 : 201, describe_acceptance(*what.accepted));
}

namespace {

/// What /v1/check answers for a message that arrived. Runs on the pool.
result<http::response> foresee(const services& s, intake::reception& message) {
    if (auto arrived = message.finish(); !arrived) return fail(arrived.error());
    const auto verified = s.intake.examine(message);
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
    if (auto received = co_await receive(s, r, *message); !received) co_return fail(received.error());
    auto look = [&s, &message] { return foresee(s, *message); };
    co_return co_await net::on_pool(s.pool, std::move(look));
}

} // namespace truc::api
