#pragma once
#include <truc/amqp/message.hpp>
#include <truc/base/result.hpp>

#include <optional>

namespace truc::api {

/// The condition that carries a code of the catalogue.
amqp::condition condition_of(const error& e);
/// For people: "truc:<code>: …" without the prefix.
std::string text_of(const std::optional<amqp::condition>& why);

} // namespace truc::api
