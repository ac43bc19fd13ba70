#include "soap.hpp"

#include "soap_inbox.hpp"
#include "soap_outbox.hpp"

namespace truc::tdoffice {

adapter::legacy_system make_soap(settings soap, const adapter::adapter_context& context) {
    const auto options = std::make_shared<const soap_settings>(soap);
    return {std::make_unique<soap_outbox>(options, context), std::make_unique<soap_inbox>(options)};
}

} // namespace truc::tdoffice
