#pragma once
#include <truc/intake/pipeline.hpp>
#include <truc/trust/certificate_store.hpp>

namespace truc::intake {

/// Tells the intake every home that a kept version of a section ever named. Documents that an agency's old home
/// accepted, and what that home states of deliveries, may be under way for weeks, beyond the life of a process. At
/// start, once the directory is in force. Costs the reading and checking of every version kept, one at a time.
void recall_former_homes(const store::store& kept, const trust::certificate_store& exchange, timestamp now,
                         pipeline& intake);

} // namespace truc::intake
