#pragma once
/// Where queued deliveries wait on disk. Each lane reads what is its own, so that what waits for a dead neighbour costs
/// nobody else anything. Thread-safe, like the store that is read.

#include <truc/store/store.hpp>

namespace truc::store {

/// The names of the lanes in which something waits; that of nobody (empty) is not among them.
std::vector<std::string> lanes_in_use(const store& s);

/// Of one class of a lane, in the order of arrival, from that row on. What is held is in no lane.
std::vector<queued_delivery> read_lane(const store& s, std::string_view lane, lane_class of, std::int64_t from,
                                       std::size_t max);
/// Those of the rows that are queued and not held, or held in this way.
std::vector<queued_delivery> read_rows(const store& s, const std::vector<std::int64_t>& rows,
                                       held_kind or_held = held_kind::no);

/// Everybody for whom something is queued, by the lane in which it waits, whether it is held or not.
struct waiting_place {
    std::string recipient;
    std::string lane;
};
std::vector<waiting_place> places_after(const store& s, const waiting_place& after, std::size_t max);
/// The rows of one place in the order of arrival.
std::vector<std::int64_t> rows_at(const store& s, const waiting_place& where, std::int64_t after, std::size_t max);

/// Those of the rows that are queued and held.
std::vector<std::int64_t> held_among(const store& s, const std::vector<std::int64_t>& rows);
/// Queued deliveries whose sender is to be told by now that they will expire.
std::vector<std::int64_t> due_warnings(const store& s, timestamp now, std::size_t max);
/// How many deliveries Truc holds because that neighbour refused them, by neighbour.
std::vector<std::pair<std::string, std::uint64_t>> refused_by(const store& s);
/// The row of the youngest delivery; 0 in a store without any.
std::int64_t newest_delivery(const store& s);

} // namespace truc::store
