#include "text.hpp"

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

} // namespace

response& response::stream(std::shared_ptr<content> from, std::uint64_t start, std::uint64_t count) {
    source = std::move(from);
    offset = start;
    length = count;
    return *this;
}

response make_ranged(const request_head& head, std::shared_ptr<content> source, std::string type) {
    const auto size = source->size();
    const auto range = parse_range(head.header("Range"), size);
    response r(200);
    r.add("Accept-Ranges", "bytes");
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
