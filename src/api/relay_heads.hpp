#pragma once
#include "relay_announcement.hpp"

#include <truc/base/alarms.hpp>
#include <truc/store/neighbour_logs.hpp>

namespace truc::api {

/// What a neighbour's announcement says of its log, compared with what is remembered of it.
struct head_judgement {
    enum class verdict : std::uint8_t {
        nothing,     ///< no head, or the remembered one
        extends,     ///< proven to extend the remembered one, or the first one seen
        new_log,     ///< a later epoch: the neighbour was restored from a copy
        unproven,    ///< it is larger, but the proof begins elsewhere: the neighbour did not know what we know
        contradicts, ///< no log that only grows looks like this
    };
    verdict is = verdict::nothing;
    std::string why;                           ///< of contradicts, for people
    std::optional<store::known_head> remember; ///< of extends and new_log
};

/// Checks the head's signature and the consistency proof. Takes CPU.
head_judgement judge_head(const relay_announcement& a, const std::string& neighbour,
                          const std::optional<store::known_head>& known, const trust::certificate_store& exchange);

/// An announcement, compared with all that is kept of the neighbour.
struct heard_announcement {
    relay_announcement said;
    head_judgement head;
    std::optional<store::opened_log> opened; ///< its log, where that follows another
    std::optional<store::told_size> told;    ///< more than was known of a log of ours that a copy has ended
};

/// Reads the store, and takes CPU.
heard_announcement weigh(relay_announcement said, const std::string& neighbour, const store::store& s,
                         const trust::certificate_store& exchange, timestamp now);

/// Raises the alarm `neighbour_restored` once for each log that follows another, and ends it when that was some days
/// ago. A copy is restored by people, who know of it; whoever wants to write history anew would say the same, so that
/// people are to look at it.
class restoring_watch {
  public:
    void look(const std::optional<store::opened_log>& opened, const std::string& neighbour, alarm_board& alarms,
              timestamp now);

  private:
    std::string alarmed_; ///< the log
};

} // namespace truc::api
