#pragma once
/// The directory's file, as administrators change it through the node's socket.

#include "answers.hpp"

namespace truc::api {

/// One change at a time: who changes the file has read it as it is, and nothing is lost between two administrators.
/// Any thread; blocks on the disk and on the reload: run on the pool.
class directory_file {
  public:
    explicit directory_file(const services& s) : services_(s) {}

    /// Makes the new text out of the file's, which may be newer than what is in force. An error leaves all as it is,
    /// also where the reload failed for a reason that has nothing to do with the change.
    using edit = std::function<result<std::string>(const std::string& text)>;

    /// The file is replaced only by one that can be loaded and that takes nothing from another node; it is in force
    /// when this returns. The same text again is not written. Errors: those of the edit; bad_directory,
    /// section_conflict, those of the reload.
    result<void> change(const edit& make);

  private:
    void take_back(const std::string& before);

    const services& services_;
    std::mutex mutex_;
};

/// What the file has to say so that it can name an agency of another node's section: its home, the nodes above that,
/// and who it is. Those nodes' own sections say the rest. Empty when the file knows it, or nobody does.
std::string lines_about(const agency_code& elsewhere, const directory::directory& file,
                        const directory::directory& in_force);

} // namespace truc::api
