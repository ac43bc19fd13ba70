#include "exchange_messages.hpp"

#include <truc/base/utf8.hpp>

namespace truc::client {

namespace {

constexpr std::string_view own_conditions = "truc:";
constexpr std::size_t longest_reason = 1024; ///< bytes

std::string text(const amqp::property_map& properties, std::string_view key) {
    const auto* value = amqp::find<std::string>(properties, key);
    return value ? *value : std::string();
}

std::string cut(const std::string& reason) {
    auto valid = to_valid_utf8(reason);
    if (valid.size() <= longest_reason) return valid;
    std::size_t end = longest_reason;
    while (end > 0 && (static_cast<unsigned char>(valid[end]) & 0xc0) == 0x80) --end;
    valid.resize(end);
    return valid;
}

submission_answer to_refused(const std::optional<amqp::condition>& why) {
    submission_answer a;
    a.result = submission_answer::outcome::refused;
    if (!why) return a;
    a.why = why->description.empty() ? why->name : why->description;
    if (why->name.starts_with(own_conditions)) a.code = why->name.substr(own_conditions.size());
    return a;
}

} // namespace

amqp::message to_message(const submission& s) {
    amqp::message m;
    m.head.message_id = s.name;
    m.head.content_type = "application/xml";
    if (s.signed_on_behalf) m.head.properties["truc-signed-on-behalf"] = true;
    m.body.emplace_back(s.content, nullptr);
    return m;
}

submission_answer to_answer(const amqp::settlement& how) {
    using outcome = submission_answer::outcome;
    switch (how.result) {
    case amqp::outcome::accepted:
        return {outcome::accepted, {}, {}};
    case amqp::outcome::rejected:
        return to_refused(how.why);
    case amqp::outcome::released:
    case amqp::outcome::modified:
        return {outcome::later, {}, "the node takes it later"};
    case amqp::outcome::lost:
        break;
    }
    return {outcome::unknown, {}, "the connection was lost before the node answered"};
}

std::optional<inbox_delivery> to_delivery(const amqp::message_head& head) {
    const auto delivery = uuid::parse(head.message_id);
    const auto dispatch = uuid::parse(text(head.properties, "truc-id"));
    const bool status = head.subject == to_string(dispatch_kind::status);
    if (!delivery || !dispatch || (!status && head.subject != to_string(dispatch_kind::edoc))) return std::nullopt;
    inbox_delivery d;
    d.delivery_id = *delivery;
    d.dispatch_id = *dispatch;
    d.kind = status ? dispatch_kind::status : dispatch_kind::edoc;
    d.document_id = head.correlation_id;
    d.from = text(head.properties, "truc-from");
    d.to = text(head.properties, "truc-to");
    d.priority = priority_from(text(head.properties, "truc-priority")).value_or(priority::normal);
    return d;
}

std::optional<evidence> to_evidence(const amqp::message_head& head, const std::string& agency) {
    const auto* cursor = amqp::find<std::int64_t>(head.properties, "truc-cursor");
    if (!cursor || *cursor < 0) return std::nullopt;
    evidence e;
    e.agency = agency;
    e.submission = text(head.properties, "truc-submission");
    e.cursor = std::to_string(*cursor);
    return e;
}

amqp::modification to_failure(const std::string& why, bool not_here) {
    amqp::modification m;
    m.failed = true;
    m.not_here = not_here;
    if (!why.empty()) m.annotations["x-opt-truc-reason"] = cut(why);
    return m;
}

amqp::condition to_refusal(const std::string& reason) {
    return {std::string(own_conditions) + std::string(describe(errc::legacy_refused).name), reason};
}

std::string text_of(const amqp::condition& why) {
    return why.description.empty() ? why.name : why.name + ": " + why.description;
}

} // namespace truc::client
