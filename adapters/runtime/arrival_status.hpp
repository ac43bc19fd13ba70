#pragma once
#include "adapter_context.hpp"
#include "journal.hpp"
#include "signing_desk.hpp"

namespace truc::adapter {

/// Status 01, that a document has arrived, as the adapter reports it by itself when the legacy system has it: from the
/// agency that the delivery is to, to the document's sender. Thread-safe.
new_submission arrival_status(const client::inbox_delivery& d, const adapter_context& context,
                              const signing_desk& desk);

} // namespace truc::adapter
