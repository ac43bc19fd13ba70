#include "submission.hpp"

namespace truc::api {

namespace {

/// Small pieces are looked at on the strand, larger ones where they hold up nobody.
constexpr std::size_t small_piece = 8 * 1024;

/// What became of a message. (A class with a constructor: values that cross coroutines must be; see CONTRIBUTING.)
struct outcome {
    result<store::acceptance> accepted;
    refusal_context refusal;
    outcome(result<store::acceptance> a, refusal_context c) : accepted(std::move(a)), refusal(std::move(c)) {}
};

/// Takes the whole body in. An error means that it did not arrive as a whole, or was too large.
net::awaitable<result<void>> receive(const services& s, http::request& r, intake::reception& message) {
    r.limit_body(intake::rules_of(entrance::http).largest_message);
    for (;;) {
        const auto piece = co_await r.read();
        if (!piece) co_return fail(piece.error());
        if (piece->empty()) co_return result<void>();
        auto feed = [&message, &piece] { return message.feed(*piece); };
        auto fed = piece->size() <= small_piece ? feed() : co_await net::on_pool(s.pool, feed);
        if (!fed) co_return fed;
    }
}

void refuse(const services& s, const intake::reception& message, const error& e, const net::completion<outcome>& done) {
    s.intake.refuse(message, e,
                    [e, done, document = message.facts().document_id](result<store::refusal_record> record) {
                        // Without a durable refusal event the refusal itself still stands; only its receipt is missing.
                        refusal_context context = record ? refusal_context(*record) : refusal_context();
                        context.document_id = document;
                        done(outcome(fail(e), std::move(context)));
                    });
}

/// Runs on the pool; the message outlives it because its coroutine waits for the outcome.
void decide(const services& s, intake::reception& message, const net::completion<outcome>& done) {
    if (auto arrived = message.finish(); !arrived) return refuse(s, message, arrived.error(), done);
    auto dispatch = s.intake.examine(message);
    if (!dispatch) return refuse(s, message, dispatch.error(), done);
    s.intake.accept(std::move(*dispatch), [&s, &message, done](result<store::acceptance> a) {
        if (a || describe(a.error().code).retryable) return done(outcome(std::move(a), {}));
        refuse(s, message, a.error(), done); // the transaction found a reason, e.g. status_not_recipient
    });
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
    const auto received = co_await receive(s, r, message);
    net::pending<outcome> decided;
    if (received) {
        auto work = [&s, &message, done = decided.completer()] { decide(s, message, done); };
        s.pool.post(std::move(work));
    } else if (received.error().code == errc::too_large) {
        refuse(s, message, received.error(), decided.completer());
    } else {
        co_return fail(received.error());
    }
    auto what = co_await decided.wait();
    if (!what.accepted) co_return problem(what.accepted.error(), &r.head(), s.clock, what.refusal);
    co_return answer(what.accepted->repeated ? 200 : 201, describe_acceptance(*what.accepted));
}

net::awaitable<result<http::response>> check(const services& s, http::request& r, const intake::channel& from) {
    if (auto type = check_type(r.head()); !type) co_return fail(type.error());
    auto message = s.intake.begin(from);
    if (auto received = co_await receive(s, r, message); !received) co_return fail(received.error());
    auto look = [&]() -> result<http::response> {
        if (auto arrived = message.finish(); !arrived) return fail(arrived.error());
        const auto dispatch = s.intake.examine(message);
        if (!dispatch) return fail(dispatch.error());
        const auto& d = dispatch->content();
        if (const auto known = s.store.find_acceptance(d.sender, d.content.digest())) {
            auto body = describe_acceptance(*known);
            body["repeated"] = true;
            return answer(200, body);
        }
        json::array recipients;
        for (const auto& code : d.recipients) recipients.push_back(json::object{{"code", code}, {"would", "deliver"}});
        json::array warnings;
        for (const auto& w : d.warnings) warnings.emplace_back(w);
        return answer(200, json::object{{"document_id", d.document_id},
                                        {"sha256", d.content.digest().hex()},
                                        {"signature", to_string(d.signature)},
                                        {"recipients", std::move(recipients)},
                                        {"warnings", std::move(warnings)},
                                        {"repeated", false}});
    };
    co_return co_await net::on_pool(s.pool, std::move(look));
}

} // namespace truc::api
