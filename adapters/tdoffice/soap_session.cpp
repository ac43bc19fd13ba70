#include "soap_session.hpp"

#include "soap_text.hpp"

#include <truc/base/ascii.hpp>
#include <truc/base/durable.hpp>
#include <truc/base/printable.hpp>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace truc::tdoffice {

namespace {

using failure = tl::unexpected<soap_failure>;
using cause = soap_failure::cause;

constexpr std::size_t longest_message = 300;
constexpr std::size_t most_cookies = 20;
constexpr std::size_t longest_cookie = 8192;
constexpr std::size_t longest_password = 1024;

failure away(std::string what, bool answered = true) {
    return failure(soap_failure{cause::away, error(errc::legacy_away, std::move(what)), answered});
}

bool is_html(std::string_view body) {
    const auto start = trim(body.substr(0, 512), " \t\r\n");
    return istarts_with(start, "<!doctype html") || istarts_with(start, "<html");
}

/// An answer by HTTP that has not reached the service, or nothing.
std::optional<std::string> fault_of(unsigned status, std::string_view body) {
    if (status == 200 || status == 500) return std::nullopt; // SOAP tells its faults with 500
    return fmt::format("HTTP {}{}", status, is_html(body) ? " with a page" : "");
}

client::http_options options_of(const soap_settings& s) {
    auto options = s.http;
    options.answer_time = s.answer_time;
    return options;
}

} // namespace

soap_session::soap_session(std::shared_ptr<const soap_settings> settings)
    : settings_(std::move(settings)), http_(settings_->where, options_of(*settings_)) {}

soap_session::answer soap_session::call(const soap_call& c) {
    for (int round = 0;; ++round) {
        if (!logged_in_)
            if (auto in = log_in(); !in) return failure(in.error());
        ended session = ended::no;
        auto got = attempt(c, session);
        if (session == ended::no) return got;
        logged_in_ = false;
        // A page in place of an answer is how some servers say that the session is over, and how others say that they
        // failed after the work.
        const bool nothing_done = session == ended::yes || c.repeatable;
        if (!nothing_done || round == 1) return got;
    }
}

soap_session::answer soap_session::call_about_item(const soap_call& c, const soap_call& harmless) {
    auto got = call(c);
    if (got || got.error().what == cause::away) return got;
    if (const auto probe = call(harmless); !probe) return away(got.error().why.what);
    return call(c);
}

tl::expected<std::string, soap_failure> soap_session::password() const {
    auto text = read_file(settings_->password_file, longest_password);
    if (!text) return away("the file of the password cannot be read");
    return std::string(trim(*text, "\r\n"));
}

tl::expected<void, soap_failure> soap_session::log_in() {
    if (steady::now() < no_log_in_before_) return away("the log-in was refused a moment ago");
    cookies_.clear();
    token_.clear();
    const auto secret = password();
    if (!secret) return failure(secret.error());
    soap_call login;
    login.method = "Login";
    const std::vector<soap_parameter> who{{std::string(settings_->parameters.of("loginName")), settings_->user},
                                          {std::string(settings_->parameters.of("pwd")), *secret}};
    ended session = ended::no;
    const auto got = exchange(settings_->login_path, settings_->methods.of("Login"), who, login, session);
    if (got) return take_log_in(*got);
    const bool told_no = session == ended::yes || got.error().what == cause::refused;
    if (!told_no) return away(fmt::format("log-in: {}", got.error().why.what));
    no_log_in_before_ = steady::now() + settings_->login_pause;
    // Some systems repeat in their message what they were sent.
    const bool says_secret = secret->empty() || got.error().why.what.find(*secret) != std::string::npos;
    return away(says_secret ? "the log-in was refused"
                            : fmt::format("the log-in was refused: {}", got.error().why.what));
}

tl::expected<void, soap_failure> soap_session::take_log_in(const boost::json::value& data) {
    if (settings_->token_session) {
        const auto* object = data.if_object();
        const auto* token = object ? object->if_contains(settings_->members.of("Token")) : &data;
        token_ = token ? scalar_text(*token).value_or("") : "";
        if (token_.empty()) return away("the log-in gave no token");
    } else if (cookies_.empty()) {
        return away("the log-in gave no cookie");
    }
    logged_in_ = true;
    return {};
}

soap_session::answer soap_session::attempt(const soap_call& c, ended& session) {
    std::vector<soap_parameter> parameters;
    parameters.reserve(c.parameters.size() + 1);
    if (settings_->token_session) parameters.push_back({settings_->token_parameter, token_});
    for (const auto& [name, value] : c.parameters)
        if (const auto theirs = settings_->parameters.of(name); !theirs.empty())
            parameters.push_back({std::string(theirs), value});
    return exchange(c.incoming ? settings_->incoming_path : settings_->outgoing_path, settings_->methods.of(c.method),
                    parameters, c, session);
}

soap_session::answer soap_session::exchange(const std::string& path, std::string_view method,
                                            const std::vector<soap_parameter>& parameters, const soap_call& c,
                                            ended& session) {
    const auto envelope = write_soap(settings_->name_space, method, parameters);
    client::http_request request;
    request.method = "POST";
    request.target = path;
    request.fields = {{"Content-Type", "text/xml; charset=utf-8"},
                      {"SOAPAction", fmt::format("\"{}{}\"", settings_->soap_action, method)},
                      {"User-Agent", "truc-adapter"}};
    if (!cookies_.empty()) request.fields.push_back({"Cookie", cookies()});
    request.body = envelope;
    request.repeatable = c.repeatable;
    request.answer_time = c.with_content ? settings_->content_time : settings_->answer_time;
    const auto response = http_.send(request);
    if (!response && describe(response.error().code).retryable)
        return failure(soap_failure{cause::away, response.error(), false});
    if (!response) return failure(soap_failure{cause::unreadable, response.error(), false});
    keep_cookies(*response);
    return judge(*response, method, session);
}

soap_session::answer soap_session::judge(const client::http_response& response, std::string_view method,
                                         ended& session) {
    const auto status = response.status;
    if (status == 401 || status == 403 || status / 100 == 3) {
        session = ended::yes;
        return away(fmt::format("HTTP {}", status));
    }
    if (auto fault = fault_of(status, response.body)) return away(*std::move(fault), status / 100 == 4);
    if (is_html(response.body)) {
        session = status == 200 ? ended::perhaps : ended::no;
        return away(fmt::format("{}: a page instead of an answer", method), false);
    }
    const auto text = to_utf8(response.body, response.header("Content-Type"));
    if (!text) return failure(soap_failure{cause::unreadable, text.error(), false});
    const auto soap = read_soap(*text, settings_->name_space, method);
    if (!soap) return failure(soap_failure{cause::unreadable, soap.error(), false});
    if (soap->fault)
        return failure(
            soap_failure{cause::refused, error(errc::legacy_refused, printable(*soap->fault, longest_message))});
    auto json = read_json(soap->text, settings_->answers);
    if (!json) return failure(soap_failure{cause::unreadable, json.error(), false});
    const auto message = printable(json->message, longest_message);
    switch (json->says) {
    case json_answer::verdict::good:
        return std::move(json->data);
    case json_answer::verdict::busy:
        return away(message.empty() ? "busy" : message);
    case json_answer::verdict::expired:
        session = ended::yes;
        return away(message.empty() ? "session" : message);
    case json_answer::verdict::refused:
        break;
    }
    return failure(soap_failure{cause::refused, error(errc::legacy_refused, message)});
}

/// RFC 6265, section 5.2, as far as one server and one path go.
void soap_session::keep_cookies(const client::http_response& response) {
    for (const auto& f : response.fields) {
        if (!iequal(f.name, "Set-Cookie") || f.value.size() > longest_cookie) continue;
        const auto pair = std::string_view(f.value).substr(0, f.value.find(';'));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || equals == 0) continue;
        const std::string name(trim(pair.substr(0, equals)));
        const auto value = trim(pair.substr(equals + 1));
        if (value.empty())
            cookies_.erase(name);
        else if (cookies_.contains(name) || cookies_.size() < most_cookies)
            cookies_[name] = value;
    }
}

std::string soap_session::cookies() const {
    std::string all;
    for (const auto& [name, value] : cookies_) all += fmt::format("{}{}={}", all.empty() ? "" : "; ", name, value);
    return all;
}

error item_error(const soap_failure& f) {
    if (f.what == cause::away || f.what == cause::refused) return f.why;
    if (f.why.code == errc::encoding || f.why.code == errc::too_large) return f.why;
    return error(errc::legacy_refused, fmt::format("its answer cannot be understood: {}", f.why.what));
}

} // namespace truc::tdoffice
