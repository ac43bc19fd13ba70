#pragma once
#include <truc/base/uuid.hpp>

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace truc::intake {

/// Of which documents neighbours have evidence that a node which was restored from a copy knows nothing of. Counted
/// from when the node started: feeds bring each receipt once. Thread-safe.
class lost_documents {
  public:
    /// Of each neighbour; what comes beyond is not counted any more.
    static constexpr std::size_t most = 100'000;

    /// How many that neighbour has told of by now; nullopt if of this one before.
    std::optional<std::size_t> note(const std::string& neighbour, const uuid& dispatch) {
        const std::scoped_lock lock(mutex_);
        auto& told = told_[neighbour];
        if (told.size() >= most || !told.insert(dispatch).second) return std::nullopt;
        return told.size();
    }

  private:
    std::mutex mutex_;
    std::map<std::string, std::set<uuid>> told_; ///< by neighbour
};

} // namespace truc::intake
