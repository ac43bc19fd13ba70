#include "decision.hpp"

namespace truc::api {

namespace {

/// Nothing new may come in; bytes that were accepted once are not new.
bool is_closed(errc code) { return code == errc::read_only || code == errc::no_space; }

/// A temporary fault is no judgement and leaves no evidence; bytes that were accepted once keep their answer.
void reject(const services& s, const intake::reception& message, const error& e, const decided& done) {
    const bool temporary = describe(e.code).retryable;
    if (temporary && !is_closed(e.code)) return done(decision(fail(e), {}));
    if (auto known = s.intake.recall_answer(message)) {
        known->repeated = true;
        return done(decision(std::move(*known), {}));
    }
    if (temporary) return done(decision(fail(e), {}));
    refuse(s, message, e, done);
}

} // namespace

void refuse(const services& s, const intake::reception& message, const error& e, const decided& done) {
    s.intake.refuse(message, e,
                    [e, done, document = message.facts().document_id](result<store::refusal_record> record) {
                        // Without a durable refusal event the refusal itself still stands; only its receipt is missing.
                        refusal_context context = record ? refusal_context(*record) : refusal_context();
                        context.document_id = document;
                        done(decision(fail(e), std::move(context)));
                    });
}

void decide(const services& s, intake::reception& message, const decided& done) {
    const auto arrived = message.finish();
    auto dispatch = arrived ? s.intake.examine(message) : fail(arrived.error());
    if (!dispatch) return reject(s, message, dispatch.error(), done);
    s.intake.accept(std::move(*dispatch), [&s, &message, done](result<store::acceptance> a) {
        if (a || describe(a.error().code).retryable) return done(decision(std::move(a), {}));
        refuse(s, message, a.error(), done); // the transaction found a reason, e.g. status_not_recipient
    });
}

} // namespace truc::api
