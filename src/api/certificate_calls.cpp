#include "certificate_calls.hpp"

#include "certificate_forecast.hpp"

namespace truc::api {

namespace {

json::object describe_term(const certificate_term& t, const services& s, language lang) {
    const auto now = s.clock.now();
    json::array owners;
    for (const auto& one : t.owners) owners.emplace_back(one);
    return {{"which", to_string(t.use)},
            {"subject", t.what.subject},
            {"sha256", t.what.sha256 ? json::value(t.what.sha256->hex()) : json::value(nullptr)},
            {"ends", to_rfc3339(t.what.ends)},
            {"days_left", days_left(t, now)},
            {"seen_at", t.seen_at ? json::value(to_rfc3339(*t.seen_at)) : json::value(nullptr)},
            {"owners", std::move(owners)},
            {"replaced", t.replaced},
            {"file", t.file.empty() ? json::value(nullptr) : json::value(t.file)},
            {"stops", forecast(t, s.node, now, lang)}};
}

} // namespace

result<http::response> show_certificates(const services& s, const certificate_watch& watch,
                                         const http::request_head& head) {
    const auto lang = language_of(&head);
    json::array items;
    for (const auto& t : watch.terms()) items.push_back(describe_term(t, s, lang));
    return answer(200, list_of(std::move(items)));
}

} // namespace truc::api
