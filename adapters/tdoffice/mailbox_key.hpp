#pragma once
/// Names of what waits in the mailbox, the same for ever.

#include <optional>
#include <string>
#include <string_view>

namespace truc::tdoffice {

struct mailbox_key {
    enum class kind { document, status, recall, answer };
    kind of{};
    std::string id;     ///< of the row
    std::string detail; ///< of recall: the round; of answer: the delivery of the request

    static std::optional<mailbox_key> parse(std::string_view key);
};

std::string document_key(std::string_view id);
std::string status_key(std::string_view id);
/// Each round of asking the same recipient is an item of its own.
std::string recall_key(std::string_view receiver, std::string_view round);
std::string answer_key(std::string_view id, std::string_view recall_delivery);

} // namespace truc::tdoffice
