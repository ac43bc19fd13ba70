#pragma once
#include "context.hpp"
#include "network.hpp"

#include <truc/client/http_client.hpp>

#include <boost/json/value.hpp>

#include <optional>

namespace truc::cli {

class stopped_node;

/// A request's target; values are percent-encoded.
class target {
  public:
    explicit target(std::string path) : text_(std::move(path)) {}
    /// Nothing is added for an empty value.
    target& with(std::string_view name, std::string_view value);
    const std::string& str() const { return text_; }

  private:
    std::string text_;
    bool has_query_ = false;
};

/// Who is at this end of a connection.
struct identity {
    std::string agency; ///< code; empty when the client speaks for all it has
    std::filesystem::path certificate;
    std::filesystem::path key;
};

/// A connection to one node, as an agency's system or as an administrator. A refusal by the node is a failure that
/// carries the node's own words. One thread at a time.
class session {
  public:
    session(client::server_address where, client::http_options options, std::string agency);
    /// To the store of a node that does not run: reads, and changes nothing.
    session(std::shared_ptr<stopped_node> node, client::server_address where);

    outcome<json::value> get(const target& t);
    outcome<json::object> get_object(const target& t);
    /// All pages of a list, at most `most` objects.
    outcome<std::vector<json::object>> get_list(const target& t, std::size_t most = 10'000);
    /// Bytes of any kind.
    outcome<std::string> get_bytes(const target& t);
    /// `repeatable`: the call may be repeated when a kept connection breaks.
    outcome<json::object> post(const target& t, std::string_view content_type, std::string_view body, bool repeatable);

    /// The agency this connection speaks for; empty for administrators and for clients that named none.
    const std::string& agency() const { return agency_; }
    /// Answers may take as long as the work behind them: the whole log, the whole store.
    void wait_for_long_work() { answer_time_ = std::chrono::hours(24); }
    /// What the node refuses, and that it does not answer, is told as an administrator has to hear it.
    void speak_to_administrator() { administers_ = true; }
    bool is_of_stopped_node() const { return stopped_ != nullptr; }

  private:
    outcome<client::http_response> exchange(client::http_request request);
    failure no_answer() const;

    std::shared_ptr<stopped_node> stopped_; ///< null: the node runs
    bool administers_ = false;
    std::chrono::milliseconds usual_answer_time_;
    client::http_client client_;
    std::string agency_;
    std::chrono::milliseconds answer_time_{0}; ///< 0: the usual
};

/// Connects as an agency: --as with --network, or --node with --cert, --key and --ca. `longest_poll` is added to the
/// time an answer may take.
outcome<session> connect_as_agency(const context& c, std::chrono::seconds longest_poll = std::chrono::seconds(0));
/// Connects as the administrator of a node: --socket, or the socket that --config or --network (for --at) names. When
/// nobody answers there and the configuration is known, the store of the stopped node is shown, which standard error
/// says.
outcome<session> connect_as_administrator(const context& c);
/// As an agency when the options say which, else as an administrator.
outcome<session> connect_to_look(const context& c);

/// Certificate and key that the options name: --cert and --key, else those of --as in the network file.
outcome<identity> identity_of(const context& c);
/// The network file of the options, when they name one.
outcome<std::optional<network>> network_of(const context& c);

} // namespace truc::cli
