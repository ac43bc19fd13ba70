#pragma once
#include "soap_envelope.hpp"
#include "soap_json.hpp"
#include "soap_settings.hpp"

#include <truc/client/http_client.hpp>

#include <chrono>
#include <map>
#include <memory>

namespace truc::tdoffice {

/// One call, by our names; the session puts in those of the installation.
struct soap_call {
    std::string_view method;
    std::vector<soap_parameter> parameters;
    bool incoming = false; ///< which of the two services: that of what goes to TD.Office, or that of what comes from it
    bool repeatable = true;    ///< asking, or telling what may be told twice
    bool with_content = false; ///< carries attachments, one way or the other
};

/// Why a call did not do what it was made for.
struct soap_failure {
    enum class cause {
        away,      ///< the system is not there, or cannot at the moment: try again later
        refused,   ///< it answered, and does not do this
        unreadable ///< it answered something that is no answer
    };
    cause what{};
    error why;            ///< of `away` a code that is retryable
    bool answered = true; ///< false: whether it was done, nobody knows
};

/// A session of one user at TD.Office: logs in when it must, again when the session has ended, and speaks SOAP with
/// JSON in it. One thread at a time. Contacts nobody before the first call.
///
/// A call that is not repeatable is sent once, unless the server said clearly that it did nothing (the session had
/// ended).
class soap_session {
  public:
    using answer = tl::expected<boost::json::value, soap_failure>; ///< the member Data

    explicit soap_session(std::shared_ptr<const soap_settings> settings);

    answer call(const soap_call& c);
    /// For an item that was refused: an error that is about the item or, when `harmless` is refused too, about the
    /// system. A system that is ill says no to everything, and must not drive every item into quarantine.
    answer call_about_item(const soap_call& c, const soap_call& harmless);

    const soap_settings& settings() const { return *settings_; }

  private:
    using steady = std::chrono::steady_clock;
    enum class ended { no, yes, perhaps }; ///< whether the session is over

    tl::expected<void, soap_failure> log_in();
    tl::expected<void, soap_failure> take_log_in(const boost::json::value& data);
    tl::expected<std::string, soap_failure> password() const;
    answer attempt(const soap_call& c, ended& session);
    answer exchange(const std::string& path, std::string_view method, const std::vector<soap_parameter>& parameters,
                    const soap_call& c, ended& session);
    answer judge(const client::http_response& response, std::string_view method, ended& session);
    void keep_cookies(const client::http_response& response);
    std::string cookies() const;

    std::shared_ptr<const soap_settings> settings_;
    client::http_client http_;
    bool logged_in_ = false;
    std::map<std::string, std::string> cookies_;
    std::string token_;
    steady::time_point no_log_in_before_{};
};

/// For the runtime: a retryable code when the system is away, otherwise what is wrong with the item.
error item_error(const soap_failure& f);

} // namespace truc::tdoffice
