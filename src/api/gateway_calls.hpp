#pragma once
/// What gateways say of the agencies behind them.

#include "directory_file.hpp"

#include <truc/http/request.hpp>

#include <atomic>

namespace truc::api {

/// Takes the list of a gateway into the directory's file. The file is read, changed and put in force on `changes`,
/// where administrators' changes run, one after the other; documents are examined meanwhile.
/// Lifecycle: outlives its calls. Thread-safe.
class gateway_desk {
  public:
    gateway_desk(const services& s, net::work_pool& changes) : services_(s), changes_(changes), file_(s) {}

    /// Exactly the agencies of the body are behind the client's gateway when this answers: new ones are added, those
    /// that are missing are closed, those that come back are open again; all or nothing. The same list again changes
    /// nothing. Errors: not_permitted (no gateway of this node), bad_request, too_large, gateway_list_shrinks,
    /// rate_limited (another list is being taken in), bad_directory (the node could not sign so much), and those of
    /// directory_file::change().
    net::awaitable<result<http::response>> declare(http::request& r, const intake::channel& from);

  private:
    result<http::response> replace(const std::string& text, const std::string& gateway, bool close_many);
    void raise_alarm(const std::string& gateway, const error& e) const;

    const services& services_;
    net::work_pool& changes_;
    directory_file file_;
    std::atomic_flag busy_; ///< one list at a time: it may take 64 MiB
};

} // namespace truc::api
