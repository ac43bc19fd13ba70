#pragma once
/// Requests to the disk that are counted, by SQLite and by the content files, in a process of their own: the n-th
/// fails, or the process dies just before it.

#include "small_store.hpp"

#include <set>

namespace truc::test {

/// A full disk stays full; a death is just before the request.
enum class fault_kind { error, full, death };

/// What a short life does with a store: `answered` is told the number of each positive answer.
using short_life = std::function<void(store::store&, const std::function<void(int)>& answered)>;
/// What must be true of the store afterwards, whatever happened.
using judgement = std::function<void(small_store&, const std::set<int>& answered)>;

/// For every n until all requests were made: a process lives while its n-th request to the disk meets that fault, then
/// its store is opened again and judged. In the last life nothing fails, and all answers are positive. Reports failures
/// to the test.
void sweep_requests(fault_kind kind, std::size_t answers, const short_life& live, const judgement& judge);

} // namespace truc::test
