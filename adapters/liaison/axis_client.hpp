#pragma once
#include "axis_answer.hpp"
#include "signed_headers.hpp"

#include <truc/base/clock.hpp>
#include <truc/base/metrics.hpp>
#include <truc/client/http_client.hpp>
#include <truc/model/vocabulary.hpp>

#include <optional>

namespace truc::liaison {

/// How a client of the axis is known there, and how far it goes.
struct axis_options {
    client::server_address endpoint; ///< with the path before the operations: …/vxp
    std::string system_id;
    std::string secret;
    client::http_options http;
    bool padded_hash = false; ///< hash-file in full hex, not as the SDK writes it
    std::size_t largest_document = std::size_t{64} << 20;
    std::size_t largest_list = std::size_t{64} << 20; ///< bytes of an answer that is a list
};

/// What waits at the axis for us.
struct axis_entry {
    std::string doc_id; ///< printable ASCII, fit for a header
    dispatch_kind kind{};
    std::string from;
    std::string to;
};

/// What the axis keeps of something that we sent.
struct axis_sent_row {
    std::string doc_id; ///< of the sender's side
    std::string from;
    std::string to;
    std::string notation;
    std::optional<timestamp> sent_at; ///< nothing: the axis writes its times in a way nobody knows
};

/// The form of registerAgency.
struct axis_agency {
    std::string code;
    std::string name;
    std::string parent;
    std::string mail;
};

/// The client's side of the axis SDK's protocol. A call that the axis answered with Retry-After makes the next ones
/// fail until then without asking it.
///
/// Errors of all calls: legacy_away (the axis does not answer or work, for now: its codes 15, 20, 21 and any that is
/// not known, HTTP errors, answers that are none) is retryable. legacy_refused (its codes 10, 18, 19, 22, 23)
/// and too_large (HTTP 413) are about the document. One thread.
class axis_client {
  public:
    axis_client(axis_options options, const clock& c, metrics_registry& metrics);

    /// Each once, in the axis' order; what is done or failed there is left out. Entries whose docId nobody could ask
    /// for are counted, and left out.
    result<std::vector<axis_entry>> received(dispatch_kind kind);
    /// The edXML. Errors: too_large, attachment_mismatch (no base64), as well.
    result<std::string> content(const std::string& doc_id);
    result<void> update_status(const std::string& doc_id, std::string_view status);

    /// DocId. Not repeatable: after a retryable error the axis may have it.
    result<std::string> send(dispatch_kind kind, const std::string& from, const std::string& to,
                             std::string_view content);
    /// Calls `take` with what was sent since that day, until it returns an error or there is no more.
    result<void> sent(dispatch_kind kind, timestamp since, const std::function<void(const axis_sent_row&)>& take);

    /// The whole directory, row by row: id, pid, code, name, mail.
    result<void> agencies(const answer_reader::row_taker& take);
    result<void> register_agency(const axis_agency& agency);

  private:
    struct call {
        std::string operation;
        axis_parameters parameters;
        std::string_view content_type = "application/json";
        std::string_view body;
        bool repeatable = true;
        std::size_t limit = std::size_t{1} << 20;
    };
    result<void> exchange(const call& c, answer_reader& into);
    result<client::http_response> ask(const call& c, answer_reader& into);
    result<void> judge(const client::http_response& response);
    result<std::size_t> sent_page(dispatch_kind kind, timestamp since, std::size_t page, std::string& first,
                                  const std::function<void(const axis_sent_row&)>& take);

    axis_options options_;
    const clock& clock_;
    counter& calls_;
    counter& failures_;
    counter& unusable_;
    client::http_client http_;
    timestamp last_call_;
    timestamp not_before_; ///< Retry-After
};

/// Times as axes write them: RFC 3339, `yyyy-MM-dd HH:mm:ss` and `dd/MM/yyyy HH:mm:ss` in Vietnam's time.
std::optional<timestamp> parse_axis_row_time(std::string_view text);

} // namespace truc::liaison
