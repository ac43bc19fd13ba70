#pragma once
#include "../runtime/adapter_context.hpp"
#include "../runtime/legacy_system.hpp"

#include <truc/base/settings.hpp>

namespace truc::tdoffice {

/// TD.Office by its SOAP services. `soap` is the table [soap] of the configuration; docs/adapters-soap.md explains its
/// keys. What is wrong there is remembered in it; then the result is not to be used. Contacts nobody.
adapter::legacy_system make_soap(settings soap, const adapter::adapter_context& context);

} // namespace truc::tdoffice
