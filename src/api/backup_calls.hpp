#pragma once
#include "answers.hpp"

#include <thread>

namespace truc::api {

/// Copies of the store that administrators ask for: one at a time, on a thread of its own, since a large one takes
/// long. Thread-safe. The destructor waits until a copy that is being made is done.
class backup_desk {
  public:
    explicit backup_desk(const services& s) : s_(s) {}
    ~backup_desk();
    backup_desk(const backup_desk&) = delete;

    /// POST /admin/backup {"to": DIRECTORY}: begins, and answers as show() does. `to` is absolute and new, in a
    /// directory that the node may write to. Errors: bad_request; not_ready, while another copy is being made.
    result<http::response> begin(const std::string& body);
    /// GET /admin/backup: `state` is none, running, done or failed, and tells of the copy that was asked for last; of a
    /// failed one also the members of its problem.
    result<http::response> show(const http::request_head& head) const;

  private:
    struct job {
        std::filesystem::path to;
        timestamp begun;
        std::optional<timestamp> ended{};
        std::uint64_t done = 0, all = 0; ///< bytes
        std::optional<result<store::backup_record>> outcome{};
        std::vector<sha256_digest> missing{}; ///< contents that the copy lacks
    };

    void run(const std::filesystem::path& to);
    json::object describe(const http::request_head* head) const; ///< under mutex_

    services s_;
    mutable std::mutex mutex_;
    std::optional<job> last_; ///< under mutex_
    std::thread thread_;      ///< under mutex_
};

} // namespace truc::api
