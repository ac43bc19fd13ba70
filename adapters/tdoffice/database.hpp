#pragma once
/// TD.Office by its database: tables that both sides write and read, reached through ODBC. docs/adapters-database.md
/// says what stands in them and who writes what.

#include "runtime/adapter_context.hpp"
#include "runtime/legacy_system.hpp"

#include <truc/base/settings.hpp>

namespace truc::tdoffice {

/// `s` is [database]; its faults are remembered there. Connects to nobody: connections are made when they are needed,
/// one for each side.
adapter::legacy_system make_database(settings s, const adapter::adapter_context& context);

} // namespace truc::tdoffice
