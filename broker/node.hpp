#pragma once
#include "configuration.hpp"

#include <memory>

namespace truc::broker {

/// One running node: builds everything from its configuration, listens, and takes itself down in order.
/// Threads: the thread that made it, but for reload().
class node {
  public:
    /// Opens the store and begins to listen. Throws std::runtime_error or std::system_error: a start-up failure.
    explicit node(const configuration& c);
    /// Only shows what the store of a node that does not run holds: to administrators, at that socket. Nothing else is
    /// listened to, dialled or written, and what would change something is answered not_ready. Beside a running node it
    /// is harmless. Throws as above, and when there is no store or it is of another version.
    node(const configuration& c, const std::filesystem::path& look_at);
    ~node();

    /// Reads directory and certificates anew; any thread. What cannot be used leaves the old in force, and raises the
    /// alarm reload_failed. Errors: bad_directory, bad_configuration.
    result<void> reload();
    /// Of another configuration what can change while a node runs: lines of events, space to keep. Any thread.
    void adjust(const configuration& c);
    /// Whether the last reload() could use what the files say; its error may concern the neighbours alone. Any thread.
    bool up_to_date() const;
    /// Ends the connections of those whose certificates are not good any more: revoked, or expired meanwhile. Any
    /// thread; reload() does it too.
    void reexamine();
    /// Stops accepting, finishes what is under way, writes what is queued.
    void drain();

  private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

/// Loads what a node would load, without opening its store or a port. Error: bad_configuration, bad_directory.
result<void> check(const configuration& c);

} // namespace truc::broker
