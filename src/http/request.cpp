#include <truc/base/ascii.hpp>
#include <truc/http/request.hpp>

namespace truc::http {

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// NUL is refused with the malformed escapes: it never belongs in a name and ends strings in other programs.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0') return std::nullopt;
        out.push_back(c);
    }
    return out;
}

/// The absolute form, which clients use towards proxies, must be understood as well (RFC 9112, 3.2.2).
std::string_view without_origin(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!istarts_with(target, scheme)) continue;
        const auto slash = target.find('/', scheme.size());
        return slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    }
    return target;
}

bool parse_path(std::string_view path, std::vector<std::string>& into) {
    path.remove_prefix(1);
    while (!path.empty()) {
        const auto slash = path.find('/');
        auto segment = percent_decode(path.substr(0, slash), false);
        if (!segment) return false;
        into.push_back(std::move(*segment));
        if (slash == std::string_view::npos) break;
        path.remove_prefix(slash + 1);
    }
    return true;
}

bool parse_query(std::string_view query, std::vector<field>& into) {
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto pair = query.substr(0, end);
        const auto equals = pair.find('=');
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value =
            percent_decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
        if (!name || !value) return false;
        if (!pair.empty()) into.push_back(field{std::move(*name), std::move(*value)});
        if (end == std::string_view::npos) break;
        query.remove_prefix(end + 1);
    }
    return true;
}

} // namespace

std::string_view request_head::header(std::string_view name) const {
    for (const auto& f : fields)
        if (iequal(f.name, name)) return f.value;
    return {};
}

std::optional<std::string_view> request_head::parameter(std::string_view name) const {
    for (const auto& p : query)
        if (p.name == name) return p.value;
    return std::nullopt;
}

std::string request_head::media_type() const {
    auto value = header("Content-Type");
    value = trim(value.substr(0, value.find(';')));
    return to_lower(value);
}

result<void> parse_target(std::string_view target, request_head& into) {
    auto rest = without_origin(target);
    if (rest.empty() || rest.front() != '/') return fail(errc::bad_request, "request target");
    rest = rest.substr(0, rest.find('#'));
    const auto mark = rest.find('?');
    const auto query = mark == std::string_view::npos ? std::string_view() : rest.substr(mark + 1);
    if (!parse_path(rest.substr(0, mark), into.path) || !parse_query(query, into.query))
        return fail(errc::bad_request, "percent-encoding in the request target");
    into.target = target;
    return {};
}

awaitable<result<std::string>> request::read_all() {
    std::string all;
    if (const auto length = head().content_length) all.reserve(std::min<std::uint64_t>(*length, 1 << 20));
    for (;;) {
        auto piece = co_await read();
        if (!piece) co_return fail(std::move(piece.error()));
        if (piece->empty()) co_return all;
        all.append(*piece);
    }
}

} // namespace truc::http
