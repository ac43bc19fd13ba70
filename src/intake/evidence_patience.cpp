#include "evidence_patience.hpp"

#include <algorithm>

namespace truc::intake {

bool evidence_patience::is_over(const std::string& neighbour, const std::string& what, timestamp now) {
    const std::lock_guard lock(mutex_);
    auto& f = feeds_[neighbour];
    std::erase_if(f.in_vain, [&](const auto& one) { return one.second <= now; });
    if (f.in_vain.count(what) != 0) return true;
    if (f.awaited != what) {
        f.awaited = what;
        f.since = now;
    }
    f.since = std::min(f.since, now); // a clock that was set back costs no more than the limit
    if (now - f.since < limit) return false;
    f.in_vain.emplace(what, now + memory);
    f.awaited.clear();
    return true;
}

void evidence_patience::goes_on(const std::string& neighbour) {
    const std::lock_guard lock(mutex_);
    if (const auto f = feeds_.find(neighbour); f != feeds_.end()) f->second.awaited.clear();
}

} // namespace truc::intake
