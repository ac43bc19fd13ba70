#include <truc/api/axis_signature.hpp>
#include <truc/base/ascii.hpp>
#include <truc/base/axis_signing.hpp>
#include <truc/base/utf8.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>

namespace truc::api {

namespace json = boost::json;

namespace {

constexpr auto prefix = axis_header_prefix;
constexpr std::string_view prefix_in_lower_case = "xroadvnpt-"; // names of headers have no case
constexpr std::size_t longest_name = 128;
constexpr std::size_t most_members = 100;
constexpr std::size_t longest_value = std::size_t{1} << 20; // the limit of the whole head is smaller
constexpr auto forgiven = std::chrono::hours(24);

/// The SDK signs UTF-8. On the wire a header is ISO-8859-1 by the book and UTF-8 in practice: clients do either.
std::string as_utf8(std::string_view header) {
    if (is_utf8(header)) return std::string(header);
    std::string out;
    out.reserve(header.size() * 2);
    for (const char c : header) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            out.push_back(c);
        } else {
            out.push_back(static_cast<char>(0xC0 | (byte >> 6)));
            out.push_back(static_cast<char>(0x80 | (byte & 0x3F)));
        }
    }
    return out;
}

/// Handler of Boost.JSON's event parser: takes one flat object of texts, each member once, and nothing else. The shape
/// of the functions is the library's.
class flat_object {
  public:
    using error_code = json::error_code;
    using text = json::string_view;
    static constexpr std::size_t max_object_size = most_members;
    static constexpr std::size_t max_array_size = 0;
    static constexpr std::size_t max_key_size = longest_name;
    static constexpr std::size_t max_string_size = longest_value;

    bool on_object_begin(error_code&) { return in_object_ = true; }
    bool on_object_end(std::size_t, error_code&) { return true; }
    bool on_key_part(text part, std::size_t, error_code&) {
        key_.append(part.data(), part.size());
        return true;
    }
    bool on_key(text rest, std::size_t, error_code&) {
        key_.append(rest.data(), rest.size());
        return true;
    }
    bool on_string_part(text part, std::size_t, error_code&) {
        value_.append(part.data(), part.size());
        return true;
    }
    bool on_string(text rest, std::size_t, error_code& stop) {
        value_.append(rest.data(), rest.size());
        if (!in_object_ || !members_.emplace(std::move(key_), std::move(value_)).second) return refuse(stop);
        key_.clear();
        value_.clear();
        return true;
    }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_array_begin(error_code& stop) { return refuse(stop); }
    bool on_array_end(std::size_t, error_code&) { return true; }
    bool on_number_part(text, error_code& stop) { return refuse(stop); }
    bool on_int64(std::int64_t, text, error_code& stop) { return refuse(stop); }
    bool on_uint64(std::uint64_t, text, error_code& stop) { return refuse(stop); }
    bool on_double(double, text, error_code& stop) { return refuse(stop); }
    bool on_bool(bool, error_code& stop) { return refuse(stop); }
    bool on_null(error_code& stop) { return refuse(stop); }
    bool on_comment_part(text, error_code& stop) { return refuse(stop); }
    bool on_comment(text, error_code& stop) { return refuse(stop); }

    axis_parameters take() { return std::move(members_); }

  private:
    static bool refuse(error_code& stop) {
        stop = json::error::syntax; // any code ends the parsing
        return false;
    }

    axis_parameters members_;
    std::string key_;
    std::string value_;
    bool in_object_ = false;
};

result<axis_parameters> parse_flat(std::string_view text) {
    json::parse_options options;
    options.max_depth = 1;
    json::basic_parser<flat_object> parser{options};
    json::error_code ec;
    const auto used = parser.write_some(false, text.data(), text.size(), ec);
    if (ec || used != text.size())
        return fail(errc::credentials, "sign-header is no JSON object of texts, each member once");
    return parser.handler().take();
}

/// `list`: names joined by ';'. Each of the members must stand there once, and nothing else.
bool names_exactly(std::string_view list, const axis_parameters& members) {
    std::vector<std::string_view> names;
    for (;;) {
        const auto end = list.find(';');
        names.push_back(list.substr(0, end));
        if (end == std::string_view::npos) break;
        list.remove_prefix(end + 1);
    }
    std::sort(names.begin(), names.end());
    return std::equal(names.begin(), names.end(), members.begin(), members.end(),
                      [](std::string_view name, const auto& member) { return name == member.first; });
}

} // namespace

result<axis_headers> axis_headers::read(const http::request_head& head) {
    axis_headers found;
    for (const auto& f : head.fields) {
        auto name = to_lower(f.name);
        if (!name.starts_with(prefix_in_lower_case)) continue;
        name.erase(0, prefix.size());
        if (!found.plain_.emplace(name, as_utf8(trim(f.value))).second)
            return fail(errc::credentials, "a header stands there twice");
    }
    for (const char* needed : {"systemid", "timestamp", "sign-header-key", "sign-header", "hash-header"})
        if (!found.plain_.contains(needed))
            return fail(errc::credentials, fmt::format("header {}{} is missing", prefix, needed));
    const auto mac = sha256_digest::from_hex(found.plain_["hash-header"]);
    if (!mac) return fail(errc::credentials, "hash-header is no SHA-256 in hex");
    found.mac_ = *mac;
    found.system_id_ = found.plain_["systemid"];
    found.text_ = std::move(found.plain_["sign-header"]);
    return found;
}

bool axis_headers::signed_with(std::string_view secret) const {
    const auto ours = hmac_sha256(secret, text_);
    return CRYPTO_memcmp(ours.bytes.data(), mac_.bytes.data(), ours.bytes.size()) == 0;
}

result<axis_parameters> axis_headers::parameters() const {
    auto members = parse_flat(text_);
    if (!members) return members;
    axis_parameters named;
    for (auto& [name, value] : *members) {
        if (!name.starts_with(prefix)) return fail(errc::credentials, fmt::format("{} in sign-header", name));
        named.emplace(name.substr(prefix.size()), trim(value)); // as every header is
    }
    if (auto same = compare(named); !same) return fail(same.error());
    return named;
}

/// A proxy could have changed the plain headers; who reads only the signed ones would not notice that a client and its
/// administrator see different requests.
result<void> axis_headers::compare(const axis_parameters& members) const {
    for (const auto& [name, value] : members) {
        const auto plain = plain_.find(to_lower(name));
        if (plain == plain_.end() || plain->second != value)
            return fail(errc::credentials, fmt::format("header {}{} differs from what was signed", prefix, name));
    }
    for (const char* needed : {"systemid", "timestamp"})
        if (!members.contains(needed)) return fail(errc::credentials, fmt::format("{} is not signed", needed));
    if (!names_exactly(plain_.find("sign-header-key")->second, members))
        return fail(errc::credentials, "sign-header-key does not list what sign-header holds");
    return {};
}

std::optional<timestamp> parse_axis_time(std::string_view text) {
    using namespace std::chrono;
    constexpr std::string_view form = "ddddddddTdddddd+dddd";
    const auto fits = [](char c, char f) { return f == 'd' ? c >= '0' && c <= '9' : c == f; };
    if (!std::equal(text.begin(), text.end(), form.begin(), form.end(), fits)) return std::nullopt;
    const auto number = [text](std::size_t at, std::size_t digits) {
        int value = 0;
        for (const char c : text.substr(at, digits)) value = value * 10 + (c - '0');
        return value;
    };
    const year_month_day date(year(number(4, 4)), month(static_cast<unsigned>(number(2, 2))),
                              day(static_cast<unsigned>(number(0, 2))));
    const int hour = number(9, 2), minute = number(11, 2), second = number(13, 2), ms = number(16, 4);
    if (!date.ok() || hour > 23 || minute > 59 || second > 60 || ms > 999) return std::nullopt;
    constexpr auto vietnam = hours(7);
    return sys_days(date) + hours(hour) + minutes(minute) + seconds(second) + milliseconds(ms) - vietnam;
}

result<void> check_axis_time(std::string_view text, timestamp now) {
    const auto said = parse_axis_time(text);
    if (!said) return fail(errc::credentials, "timestamp has not the form ddMMyyyy'T'HHmmss+SSSS");
    const auto off = *said > now ? *said - now : now - *said;
    if (off <= forgiven) return {};
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(off).count();
    if (*said > now)
        return fail(errc::credentials, fmt::format("timestamp {} is {} hours ahead of this node's clock", text, hours));
    return fail(errc::credentials, fmt::format("timestamp {} is {} hours behind this node's clock", text, hours));
}

} // namespace truc::api
