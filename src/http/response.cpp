#include <truc/base/ascii.hpp>
#include <truc/http/response.hpp>

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

#include <charconv>

namespace truc::http {

namespace {

struct stretch {
    std::uint64_t first;
    std::uint64_t length;
};

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

/// `bytes=FIRST-LAST`, `bytes=FIRST-` or `bytes=-COUNT`. No value: to be ignored. Length 0: outside of the content.
std::optional<stretch> parse_range(std::string_view text, std::uint64_t size) {
    constexpr std::string_view unit = "bytes=";
    if (!istarts_with(text, unit)) return std::nullopt;
    text = trim(text.substr(unit.size()));
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto first = number(text.substr(0, dash));
    const auto last = number(text.substr(dash + 1));
    if (dash == 0) {
        if (!last) return std::nullopt;
        const auto count = std::min(*last, size);
        return stretch{size - count, count};
    }
    const bool open = dash + 1 == text.size();
    if (!first || (!last && !open) || (last && *last < *first)) return std::nullopt;
    if (*first >= size) return stretch{0, 0};
    const auto end = open ? size - 1 : std::min(*last, size - 1);
    return stretch{*first, end - *first + 1};
}

std::string quoted(const std::string& tag) { return '"' + tag + '"'; }

/// Whether If-None-Match has it: `*`, or among a list of tags, weak ones too (RFC 9110, 13.1.2).
bool is_known(const request_head& head, const std::string& tag) {
    for (const auto& f : head.fields) {
        if (!iequal(f.name, "If-None-Match")) continue;
        for (std::string_view rest = f.value; !rest.empty();) {
            const auto comma = rest.find(','); // no tag of ours holds one
            auto one = trim(rest.substr(0, comma));
            if (one.starts_with("W/")) one.remove_prefix(2);
            if (one == "*" || one == quoted(tag)) return true;
            rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        }
    }
    return false;
}

response not_modified(const std::string& tag) {
    response r(304);
    r.add("ETag", quoted(tag));
    return r;
}

} // namespace

response& response::stream(std::shared_ptr<content> from, std::uint64_t start, std::uint64_t count) {
    source = std::move(from);
    offset = start;
    length = count;
    return *this;
}

response unless_known(const request_head& head, const std::string& tag, response whole) {
    if (is_known(head, tag)) return not_modified(tag);
    whole.add("ETag", quoted(tag));
    return whole;
}

response make_ranged(const request_head& head, std::shared_ptr<content> source, std::string type,
                     const std::string& tag) {
    if (is_known(head, tag)) return not_modified(tag);
    const auto size = source->size();
    const auto condition = head.header("If-Range");
    const bool same = condition.empty() || condition == quoted(tag);
    const auto range = same ? parse_range(head.header("Range"), size) : std::nullopt;
    response r(200);
    r.add("Accept-Ranges", "bytes");
    r.add("ETag", quoted(tag));
    if (range && range->length == 0) {
        r.status = 416;
        r.add("Content-Range", fmt::format("bytes */{}", size));
        return r;
    }
    r.add("Content-Type", std::move(type));
    if (!range) return std::move(r.stream(std::move(source), 0, size));
    r.status = 206;
    r.add("Content-Range", fmt::format("bytes {}-{}/{}", range->first, range->first + range->length - 1, size));
    return std::move(r.stream(std::move(source), range->first, range->length));
}

std::string_view reason_phrase(unsigned status) {
    if (status == 431) return "Request Header Fields Too Large";
    const auto text = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
    return {text.data(), text.size()};
}

} // namespace truc::http
