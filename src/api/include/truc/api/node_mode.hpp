#pragma once
#include <truc/base/alarms.hpp>
#include <truc/base/clock.hpp>
#include <truc/base/result.hpp>

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

namespace truc::api {

/// Who has closed the node for new documents, and why.
struct read_only_order {
    std::string by;
    std::string reason;
    timestamp since;
};

/// Whether a node takes new documents. Read-only it refuses them at every entrance, while it goes on delivering and
/// taking legs: those are in others' custody already, or must leave this one's. Kept in a file, so that a restart
/// changes nothing; an alarm stands as long as it lasts. Thread-safe.
class node_mode {
  public:
    /// Reads what was kept. Throws std::runtime_error when the file is there and cannot be read: a node that was closed
    /// must not open by accident.
    node_mode(std::filesystem::path file, std::string node, const truc::clock& clock, alarm_board& alarms);

    std::optional<read_only_order> read_only() const;
    /// What senders are told: read_only.
    result<void> is_open() const;
    /// In force when it is on disk. Errors: no_space, internal.
    result<void> close(const std::string& by, const std::string& reason);
    result<void> open();

  private:
    void raise(const read_only_order& o);

    const std::filesystem::path file_;
    const std::string node_;
    const truc::clock& clock_;
    alarm_board& alarms_;
    std::mutex changing_; ///< one change at a time, the file included
    mutable std::mutex mutex_;
    std::optional<read_only_order> order_;
};

} // namespace truc::api
