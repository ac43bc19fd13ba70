#include "client_wishes.hpp"

#include <truc/trust/certificate_text.hpp>

#include <boost/json.hpp>

namespace truc::api {

namespace json = boost::json;

namespace {

constexpr std::int64_t longest_overlap = 24 * 90; // hours

result<json::object> read_object(const std::string& body) {
    boost::system::error_code ec;
    auto parsed = json::parse(body.empty() ? "{}" : body, ec);
    if (ec || !parsed.is_object()) return fail(errc::bad_request, "body");
    return std::move(parsed.get_object());
}

result<bool> read_flag(const json::object& o, std::string_view name) {
    const auto* value = o.if_contains(name);
    if (value && !value->is_bool()) return fail(errc::bad_request, std::string(name) + ": expected true or false");
    return value && value->get_bool();
}

result<std::vector<std::string>> read_texts(const json::object& o, std::string_view name) {
    std::vector<std::string> texts;
    const auto* value = o.if_contains(name);
    if (!value) return texts;
    const auto wrong = fail(errc::bad_request, std::string(name) + ": expected a list of texts");
    if (!value->is_array()) return wrong;
    for (const auto& item : value->get_array()) {
        if (!item.is_string()) return wrong;
        texts.emplace_back(std::string_view(item.get_string()));
    }
    return texts;
}

result<std::string> read_text(const json::object& o, std::string_view name) {
    const auto* value = o.if_contains(name);
    if (value && !value->is_string()) return fail(errc::bad_request, std::string(name) + ": expected a text");
    return value ? std::string(std::string_view(value->get_string())) : std::string();
}

template <class... Results>
std::optional<error> first_error(const Results&... results) {
    std::optional<error> first;
    const auto look = [&first](const auto& r) {
        if (!first && !r) first = r.error();
    };
    (look(results), ...);
    return first;
}

/// As it can stand in a URL, a log line and a header.
bool is_client_id(std::string_view id) {
    constexpr std::size_t longest = 64;
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return !id.empty() && id.size() <= longest && id.find_first_not_of(allowed) == std::string_view::npos;
}

result<sha256_digest> read_certificate(const std::string& pem) {
    const auto digest = trust::digest_of_certificate(pem);
    if (!digest) return fail(errc::bad_request, "certificate: expected a certificate in PEM form");
    return *digest;
}

std::optional<entrance> entrance_of_clients(std::string_view name) {
    for (const auto e : {entrance::http, entrance::amqp, entrance::axis, entrance::adapter})
        if (to_string(e) == name) return e;
    return std::nullopt;
}

result<void> read_entrances(const json::object& o, wanted_client& w) {
    const auto names = read_texts(o, "entrances");
    if (!names) return fail(names.error());
    for (const auto& name : *names) {
        const auto e = entrance_of_clients(name);
        if (!e) return fail(errc::bad_request, "entrances: expected http, amqp, axis, adapter");
        w.client.entrances.push_back(*e);
    }
    if (w.client.entrances.empty())
        w.client.entrances = usual_entrances(!w.client.certificates.empty(), w.password, w.secret);
    if (w.client.entrances.empty()) return fail(errc::bad_request, "expected a certificate, password or secret");
    return {};
}

result<void> read_certificates(const json::object& o, wanted_client& w) {
    const auto texts = read_texts(o, "certificates");
    if (!texts) return fail(texts.error());
    for (const auto& pem : *texts) {
        const auto digest = read_certificate(pem);
        if (!digest) return fail(digest.error());
        w.client.certificates.push_back(*digest);
    }
    return {};
}

result<std::chrono::hours> read_overlap(const json::object& o) {
    const auto* value = o.if_contains("keep_old_hours");
    if (!value) return rotation().overlap;
    const auto* hours = value->if_int64();
    if (!hours || *hours < 0 || *hours > longest_overlap)
        return fail(errc::bad_request, "keep_old_hours: expected a whole number from 0 to 2160");
    return std::chrono::hours(*hours);
}

} // namespace

std::vector<entrance> usual_entrances(bool certificate, bool password, bool secret) {
    std::vector<entrance> all;
    if (certificate) all.push_back(entrance::http);
    if (certificate || password) all.push_back(entrance::amqp);
    if (secret) all.push_back(entrance::axis);
    return all;
}

result<wanted_client> read_wanted_client(const std::string& body) {
    const auto o = read_object(body);
    if (!o) return fail(o.error());
    const auto id = read_text(*o, "id");
    const auto codes = read_texts(*o, "agencies");
    const auto password = read_flag(*o, "password"), secret = read_flag(*o, "secret");
    const auto gateway = read_flag(*o, "gateway");
    if (const auto wrong = first_error(id, codes, password, secret, gateway)) return fail(*wrong);
    wanted_client w;
    w.client.gateway = *gateway;
    w.client.id = *id;
    w.password = *password;
    w.secret = *secret;
    if (!is_client_id(*id)) return fail(errc::bad_request, "id: expected 1 to 64 letters, digits, '-', '_' and '.'");
    if (codes->empty()) return fail(errc::bad_request, "agencies: expected the code of an agency");
    for (const auto& text : *codes) {
        auto code = agency_code::parse(text);
        if (!code) return fail(errc::bad_request, "agencies: expected the code of an agency");
        w.client.agencies.push_back(std::move(*code));
    }
    if (auto read = read_certificates(*o, w); !read) return fail(read.error());
    if (auto read = read_entrances(*o, w); !read) return fail(read.error());
    return w;
}

result<rotation> read_rotation(const std::string& body) {
    const auto o = read_object(body);
    if (!o) return fail(o.error());
    const auto pem = read_text(*o, "certificate");
    const auto password = read_flag(*o, "password"), secret = read_flag(*o, "secret");
    const auto overlap = read_overlap(*o);
    if (const auto wrong = first_error(pem, password, secret, overlap)) return fail(*wrong);
    if (int{!pem->empty()} + int{*password} + int{*secret} != 1)
        return fail(errc::bad_request, "expected one of certificate, password, secret");
    rotation r;
    r.password = *password;
    r.secret = *secret;
    r.overlap = *overlap;
    if (pem->empty()) return r;
    const auto digest = read_certificate(*pem);
    if (!digest) return fail(digest.error());
    r.certificate = *digest;
    return r;
}

result<sha256_digest> read_dropped(const std::string& body) {
    const auto o = read_object(body);
    if (!o) return fail(o.error());
    const auto text = read_text(*o, "certificate");
    if (!text) return fail(text.error());
    const auto digest = sha256_digest::from_hex(*text);
    if (!digest) return fail(errc::bad_request, "certificate: expected its SHA-256 in hexadecimal digits");
    return *digest;
}

} // namespace truc::api
