#include "database.hpp"

#include "mailbox_inbox.hpp"
#include "mailbox_outbox.hpp"

namespace truc::tdoffice {

adapter::legacy_system make_database(settings s, const adapter::adapter_context& context) {
    const auto options = std::make_shared<const mailbox_options>(s);
    return {std::make_unique<mailbox_outbox>(options, context), std::make_unique<mailbox_inbox>(options, context)};
}

} // namespace truc::tdoffice
