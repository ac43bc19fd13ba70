#pragma once
/// How the values of an exchange_link look as AMQP messages (docs/amqp.md). Pure functions.

#include <truc/amqp/message.hpp>
#include <truc/client/exchange_link.hpp>

#include <optional>

namespace truc::client {

/// Looks into the content of `s`.
amqp::message to_message(const submission& s);
submission_answer to_answer(const amqp::settlement& how);

/// Null when it is none of a node's inbox. Without the content.
std::optional<inbox_delivery> to_delivery(const amqp::message_head& head);
/// Null when it is none of a node's feed. Without the receipt.
std::optional<evidence> to_evidence(const amqp::message_head& head, const std::string& agency);

amqp::modification to_failure(const std::string& why, bool not_here);
amqp::condition to_refusal(const std::string& reason);

/// "truc:not_permitted: …", for people.
std::string text_of(const amqp::condition& why);

} // namespace truc::client
