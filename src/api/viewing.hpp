#pragma once
/// The reading calls that agencies and administrators share: documents, traces, receipts, the directory, the ledger.
/// What is shown depends on who looks.

#include "answers.hpp"
#include "identity.hpp"

#include <truc/http/request.hpp>

namespace truc::api {

/// Who looks: an administrator sees everything; an agency its own dispatches, a recipient its own deliveries in them.
struct viewer {
    bool administrator = false;
    spoken_for speaks; ///< nobody, for an administrator

    bool is(std::string_view code) const { return speaks.covers(code); }
    bool sees(const store::dispatch_row& d) const;
};

/// Answers a GET for `path` (without the leading v1) or gives nullopt when it is not one of these. Blocks on the store:
/// run on the pool.
std::optional<result<http::response>> view(const services& s, const viewer& who, const http::request_head& head,
                                           const std::vector<std::string>& path);

} // namespace truc::api
