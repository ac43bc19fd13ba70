#pragma once
#include "figures.hpp"
#include "measurement.hpp"

namespace truc::bench {

/// Resident memory that each of many agencies' systems costs while it waits at its inbox: over AMQP with a link and
/// credit, over HTTP with a long poll.
std::vector<figure> measure_idle_amqp(const settings& s);
std::vector<figure> measure_idle_long_polls(const settings& s);

/// One document at a time: from the submitter's answer 201 until the recipient, who was waiting at the same node, has
/// the whole delivery (AMQP) or the list that names it (long poll). Below zero: the recipient had it first.
std::vector<figure> measure_push(const settings& s);

} // namespace truc::bench
