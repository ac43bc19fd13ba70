#pragma once
#include "../runtime/adapter_context.hpp"
#include "axis_client.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_set>

namespace truc::liaison {

struct directory_options {
    milliseconds every = std::chrono::hours(24);
    /// Agencies of the tree that the axis is to know: registered there as long as its list lacks them.
    std::vector<axis_agency> ours;
    adapter::node_access node; ///< where the axis' agencies are declared; without an address nothing is
    /// The node does not believe a list that closes many agencies; this says that it is right.
    bool close_many = false;
    milliseconds answer_time = std::chrono::minutes(5);
};

/// Collects the rows of getAgenciesList. Codes that cannot be one are left out and counted; one thread.
class agency_collector {
  public:
    void take(const axis_row& row);
    /// As the node takes it: one JSON object {code, name, parent, mail} a line, by code, each once. The same list gives
    /// the same bytes in whatever order it came. The parent, which the axis tells by its own id, is told by its code.
    std::string lines();
    bool has(const std::string& code) const { return codes_.contains(code); }
    std::size_t size() const { return agencies_.size(); }
    std::size_t left_out() const { return left_out_; }

  private:
    struct listed {
        std::string id; ///< the axis' own
        std::string parent_id;
        std::string code;
        std::string name;
        std::string mail;
    };
    std::vector<listed> agencies_;
    std::unordered_set<std::string> codes_;
    std::size_t left_out_ = 0;
};

/// Brings the directory of the axis to the node, at the start and then once in a while, also when it is the same as
/// before, for the node may have been restored from an older copy: PUT /v1/gateway/agencies, after which the gateway
/// speaks for exactly these agencies. Tells the axis of
/// those of ours that it lacks. What fails is tried again by itself.
///
/// Lifecycle: start() makes the thread, which the destructor ends. Threads: both by the owner.
class directory_sync {
  public:
    /// Throws std::runtime_error when the files for the node cannot be used.
    directory_sync(axis_options axis, directory_options o, const clock& c, metrics_registry& metrics);
    ~directory_sync();
    directory_sync(const directory_sync&) = delete;

    void start(); ///< again: nothing

    /// One round. Only while start() was not called, or by its thread. Errors: those of axis_client and of the node.
    result<void> synchronise();

  private:
    void run(const std::stop_token& stop);
    result<void> declare(const std::string& lines);
    void register_ours(const agency_collector& list);

    directory_options options_;
    axis_client axis_;
    std::optional<client::http_client> node_;
    counter& declarations_;
    counter& failures_;
    std::mutex mutex_; ///< of the pause
    std::condition_variable_any pause_;
    std::jthread thread_;
};

} // namespace truc::liaison
