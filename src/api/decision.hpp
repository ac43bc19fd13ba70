#pragma once
#include "answers.hpp"

namespace truc::api {

/// What became of a message. (A class with a constructor: values that cross coroutines must be; see CONTRIBUTING.)
struct decision {
    result<store::acceptance> accepted;
    refusal_context refusal;
    decision(result<store::acceptance> a, refusal_context c) : accepted(std::move(a)), refusal(std::move(c)) {}
};
using decided = std::function<void(decision)>;

/// Judges a message that arrived: accepted, refused with evidence, or, where the fault is temporary, neither. Takes
/// CPU: on the pool. `done` is called once, on this thread or the store's writer; the message lives until then.
void decide(const services& s, intake::reception& message, const decided& done);

/// Refuses a message for a reason that was found while it arrived.
void refuse(const services& s, const intake::reception& message, const error& e, const decided& done);

} // namespace truc::api
