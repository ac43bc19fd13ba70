#pragma once
/// What the end of a certificate stops, and when to speak of it. Pure functions.

#include <truc/api/certificate_watch.hpp>

namespace truc::api {

/// Whole days until then, rounded down; negative when it is over.
long days_left(const certificate_term& t, timestamp now);

/// The step of warning that is reached: 30, 7 or 1 days, 0 when it has ended. Nullopt: nobody has to act yet. What is
/// replaced, and what others see to, is never warned of; a list only when its successor is overdue, since lists are
/// made for days.
std::optional<int> warning_step(const certificate_term& t, timestamp now);

/// One sentence for people: from when on what stops, or that nothing does.
std::string forecast(const certificate_term& t, const std::string& node, timestamp now, language lang);

} // namespace truc::api
