#pragma once
/// What administrators do with changes of the directory that clients propose.

#include "directory_file.hpp"

#include <truc/http/request.hpp>

namespace truc::api {

/// The desk on which proposals lie until somebody decides. One decision at a time: what was declined is never written
/// into the file. Any thread; blocks on the disk and the store: run on the pool.
class proposal_desk {
  public:
    proposal_desk(const services& s, directory_file& file) : services_(s), file_(file) {}

    /// Those that are open, oldest first, page by page; with `all` the others as well.
    result<http::response> show(const http::request_head& head) const;
    /// `{"decision": "confirm" | "decline"}`. Confirming writes the directory's file first and then the decision: a
    /// node that dies in between is asked again, finds the file as it should be, and decides; what stands in the file
    /// cannot be declined (bad_directory). What becomes an agency by it is new to everybody: a code that is known, at
    /// whatever node, is not given away. Errors: bad_request, not_found, already_ended (decided otherwise),
    /// bad_directory (a known code, an unknown parent), section_conflict.
    result<http::response> decide(const std::string& number, const std::string& body, const std::string& administrator);

  private:
    result<void> write(const store::proposal& p);
    result<void> check_not_written(const store::proposal& p) const;
    result<std::string> carried_out(const std::string& text, const store::proposal& p) const;
    result<std::string> with_new_agency(const std::string& text, const store::proposal& p) const;
    result<std::string> with_closed_agency(const std::string& text, const store::proposal& p) const;

    const services& services_;
    directory_file& file_;
    std::mutex deciding_;
};

} // namespace truc::api
