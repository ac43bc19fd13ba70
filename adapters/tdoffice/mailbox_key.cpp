#include "mailbox_key.hpp"

#include <fmt/format.h>

namespace truc::tdoffice {

namespace {

constexpr std::string_view of_document = "document:", of_status = "status:", of_recall = "recall:",
                           of_answer = "answer:";

} // namespace

std::string document_key(std::string_view id) { return fmt::format("{}{}", of_document, id); }
std::string status_key(std::string_view id) { return fmt::format("{}{}", of_status, id); }
std::string recall_key(std::string_view receiver, std::string_view round) {
    return fmt::format("{}{}:{}", of_recall, receiver, round);
}
std::string answer_key(std::string_view id, std::string_view recall_delivery) {
    return fmt::format("{}{}:{}", of_answer, id, recall_delivery);
}

std::optional<mailbox_key> mailbox_key::parse(std::string_view key) {
    for (const auto& [start, of] : {std::pair{of_document, kind::document}, std::pair{of_status, kind::status}}) {
        if (!key.starts_with(start) || key.size() == start.size()) continue;
        return mailbox_key{of, std::string(key.substr(start.size())), {}};
    }
    for (const auto& [start, of] : {std::pair{of_recall, kind::recall}, std::pair{of_answer, kind::answer}}) {
        const auto colon = key.rfind(':');
        if (!key.starts_with(start) || colon <= start.size()) continue;
        return mailbox_key{of, std::string(key.substr(start.size(), colon - start.size())),
                           std::string(key.substr(colon + 1))};
    }
    return std::nullopt;
}

} // namespace truc::tdoffice
