#pragma once
#include "../runtime/back_off.hpp"
#include "../runtime/legacy_system.hpp"
#include "axis_client.hpp"
#include "directory_sync.hpp"
#include "poll_pace.hpp"
#include "sent_notes.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

namespace truc::liaison {

/// What the axis has for us: getReceivedEdocList, getEdoc, and updateStatus when the exchange has taken or refused it.
/// The axis is asked at the pace of poll_pace; in between, what it listed last is worked off, so that its oldest entry
/// does not wait behind new ones for ever. An entry whose content cannot be had is left out for a while and holds up
/// nobody.
class axis_outbox final : public adapter::legacy_outbox {
  public:
    /// `directory` may be null; otherwise it starts with the first list().
    axis_outbox(axis_options options, poll_pace pace, const std::filesystem::path& notes, const clock& c,
                metrics_registry& metrics, std::unique_ptr<directory_sync> directory);

    result<std::vector<adapter::waiting_item>> list(std::size_t max) override;
    result<std::string> load(const std::string& key) override;
    result<void> report(const adapter::outgoing_report& r) override;
    void wait(std::chrono::milliseconds at_most) override;
    void interrupt() override;

  private:
    result<void> poll();
    std::vector<adapter::waiting_item> choose(std::size_t max);
    bool came_back(const axis_entry& entry);
    bool may_be_ours(const axis_entry& entry);
    void forget(const std::string& doc_id);

    const clock& clock_;
    std::string system_id_;
    axis_client axis_;
    poll_pace pace_;
    std::filesystem::path notes_file_;
    std::optional<sent_notes> notes_; ///< the inbox writes them; nothing until it has
    counter& returned_;
    std::unique_ptr<directory_sync> directory_;

    std::deque<axis_entry> listed_;                     ///< and not reported yet
    std::unordered_set<std::string> looked_at_;         ///< of them, those that are known not to be our own
    adapter::back_offs failing_;                        ///< by docId
    std::unordered_map<std::string, unsigned> damaged_; ///< how often its content could not be read

    std::mutex mutex_; ///< for what follows
    std::condition_variable news_;
    bool interrupted_ = false;
};

} // namespace truc::liaison
