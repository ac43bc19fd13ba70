#pragma once
#include "../runtime/adapter_context.hpp"
#include "../runtime/legacy_system.hpp"

#include <truc/base/settings.hpp>

namespace truc::liaison {

/// The national axis (and the Government Office behind it) as a legacy system: the client's side of its SDK. It is the
/// gateway to every agency that no node of the tree serves. `axis` is the table [axis] of the configuration;
/// docs/adapters-axis.md explains its keys. What is wrong there is remembered in it. Contacts nobody.
adapter::legacy_system make_axis(settings axis, const adapter::adapter_context& context);

} // namespace truc::liaison
