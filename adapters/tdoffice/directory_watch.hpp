#pragma once
#include <truc/base/durable.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace truc::tdoffice {

/// Waits until something happens in a directory, as far as the kernel tells it (inotify(7)): what others do on a
/// network share it does not see. One thread; interrupt() from any.
class directory_watch {
  public:
    /// `matters` says of a file's name whether its appearing, or its going away, is worth an end of the waiting.
    using matters = bool (*)(std::string_view name, bool appeared);

    directory_watch(std::filesystem::path dir, matters m);

    /// Begins to watch where it does not yet; to be called before the directory is looked at, so that nothing falls
    /// between the look and the waiting. Where it cannot be watched, waiting is all there is.
    void begin();
    /// Returns when something happened, after interrupt(), or when the time is over.
    void wait(std::chrono::milliseconds at_most);
    void interrupt();
    /// Names that others gave to finished files by a rename, since the last call.
    std::vector<std::string> take_renamed() { return std::exchange(renamed_, {}); }

  private:
    bool drain_events();
    bool drain_interrupts();

    std::filesystem::path dir_;
    matters matters_;
    file_handle events_;
    file_handle interrupts_;
    int watch_ = -1;
    std::vector<std::string> renamed_;
};

} // namespace truc::tdoffice
