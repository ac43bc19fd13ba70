#include "conditions.hpp"

namespace truc::api {

namespace {

constexpr std::string_view own_conditions = "truc:";

} // namespace

amqp::condition condition_of(const error& e) {
    return {std::string(own_conditions) + std::string(describe(e.code).name), explain(e, language::english)};
}

std::string text_of(const std::optional<amqp::condition>& why) {
    if (!why) return {};
    std::string text = why->name;
    if (text.starts_with(own_conditions)) text.erase(0, own_conditions.size());
    if (!why->description.empty()) text += ": " + why->description;
    return text;
}

} // namespace truc::api
