#pragma once
/// What the operations of the axis façade share.

#include "answers.hpp"
#include "identity.hpp"

#include <truc/http/request.hpp>

#include <map>
#include <mutex>

namespace truc::api {

/// A request whose headers are signed by the client's secret. `parameters` holds what was signed and nothing else, by
/// name without "XroadVnpt-". (A class with a constructor, as values that cross coroutines must be; see CONTRIBUTING.)
class axis_call {
  public:
    using parameter_map = std::map<std::string, std::string, std::less<>>;
    axis_call(intake::channel c, spoken_for agencies, parameter_map signed_parameters)
        : channel(std::move(c)), speaks(std::move(agencies)), parameters(std::move(signed_parameters)) {}

    /// Empty when absent. Operations ignore what they do not use: one service object of the SDK keeps the headers of
    /// its earlier calls.
    std::string_view parameter(std::string_view name) const {
        const auto found = parameters.find(name);
        return found == parameters.end() ? std::string_view() : std::string_view(found->second);
    }

    intake::channel channel;
    spoken_for speaks; ///< the agencies of the client here
    parameter_map parameters;
};

/// 200 with `members` behind status "OK", ErrorCode "0", ErrorDesc "".
http::response axis_answer(json::object members = {});
/// 200 with status "FAIL", the catalogue's axis code, and as ErrorDesc "<code>: <sentence>" in Vietnamese unless
/// Accept-Language asks for English. `receipt`: the refusal's event, where there is one.
http::response axis_failure(const error& e, const http::request_head* head, std::string_view receipt = {});

using axis_outcome = net::awaitable<result<http::response>>;

// The operations, a file for those that belong together. An error becomes axis_failure(). They have not read the body.
axis_outcome axis_send_edoc(const services& s, http::request& r, const axis_call& c);

axis_outcome axis_received_list(const services& s, http::request& r, const axis_call& c);
axis_outcome axis_sent_list(const services& s, http::request& r, const axis_call& c);
axis_outcome axis_get_edoc(const services& s, http::request& r, const axis_call& c);
axis_outcome axis_update_status(const services& s, http::request& r, const axis_call& c);

axis_outcome axis_register_agency(const services& s, http::request& r, const axis_call& c);
axis_outcome axis_delete_agency(const services& s, http::request& r, const axis_call& c);

/// The two lists of agencies: each made once for each directory in force and each coding, when it is first asked for,
/// and shared by all clients; those who ask meanwhile wait for it. A list is made again when the directory changes or
/// an agency's time begins or ends. Lifecycle: outlives the pool's work. Thread-safe.
class axis_agency_lists {
  public:
    enum class which : std::uint8_t {
        agencies, ///< those that are valid now
        units     ///< closed ones as well
    };
    axis_outcome answer(const services& s, http::request& r, which list);

  private:
    struct made;
    using body = std::shared_ptr<const std::string>;
    using key = std::pair<which, bool>; ///< true: compressed

    void ask(const services& s, key k, net::completion<body> done);
    void make(key k, const std::shared_ptr<made>& m, const directory::directory& d);

    std::mutex mutex_;
    std::map<key, std::shared_ptr<made>> newest_;
};

} // namespace truc::api
