#include <truc/base/ascii.hpp>
#include <truc/http/multipart.hpp>

#include <optional>

namespace truc::http {

namespace {

constexpr std::size_t longest_boundary = 70; // RFC 2046
constexpr std::size_t longest_header = 8 * 1024;
constexpr std::size_t longest_padding = 64; // of a delimiter line
constexpr unsigned most_parts = 64;
constexpr std::string_view header_end = "\r\n\r\n";

/// The characters of a boundary (RFC 2046, 5.1.1); it does not end with a space.
bool is_boundary(std::string_view text) {
    constexpr std::string_view others = "'()+_,-./:=? ";
    if (text.empty() || text.size() > longest_boundary || text.back() == ' ') return false;
    for (const char c : text) {
        const bool letter = (to_lower(c) >= 'a' && to_lower(c) <= 'z') || (c >= '0' && c <= '9');
        if (!letter && others.find(c) == std::string_view::npos) return false;
    }
    return true;
}

/// Takes the text in quotes at the beginning of `rest`; nullopt when its end is missing.
std::optional<std::string> take_quoted(std::string_view& rest) {
    std::string out;
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '"') {
            rest.remove_prefix(i + 1);
            return out;
        }
        if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
        out.push_back(rest[i]);
    }
    return std::nullopt;
}

/// A parameter of a field such as `form-data; name="file_doc"; filename="a.edxml"`; nullopt when it is absent, stands
/// there twice, or the field is malformed.
std::optional<std::string> parameter_of(std::string_view field, std::string_view name) {
    std::optional<std::string> found;
    auto rest = field.substr(std::min(field.find(';'), field.size()));
    while (!rest.empty()) {
        if (rest.front() != ';') return std::nullopt;
        rest = trim(rest.substr(1));
        const auto equals = rest.find_first_of("=;");
        if (rest.empty() || equals == std::string_view::npos) break;
        if (rest[equals] == ';') {
            rest.remove_prefix(equals);
            continue;
        }
        const auto key = trim(rest.substr(0, equals));
        rest = trim(rest.substr(equals + 1));
        std::optional<std::string> value;
        if (rest.starts_with('"')) {
            value = take_quoted(rest);
        } else {
            const auto end = std::min(rest.find(';'), rest.size());
            value = std::string(trim(rest.substr(0, end)));
            rest.remove_prefix(end);
        }
        rest = trim(rest);
        if (!value || (iequal(key, name) && found)) return std::nullopt;
        if (iequal(key, name)) found = std::move(value);
    }
    return found;
}

/// The name of a part by the lines of its header; nullopt when the header is malformed or says none.
std::optional<std::string> name_in(std::string_view header) {
    constexpr std::string_view disposition = "Content-Disposition:";
    std::optional<std::string> name;
    while (!header.empty()) {
        const auto end = std::min(header.find("\r\n"), header.size());
        const auto line = header.substr(0, end);
        header.remove_prefix(std::min(end + 2, header.size()));
        if (!istarts_with(line, disposition)) continue;
        const auto value = trim(line.substr(disposition.size()));
        if (name || !iequal(trim(value.substr(0, value.find(';'))), "form-data")) return std::nullopt;
        name = parameter_of(value, "name");
        if (!name) return std::nullopt;
    }
    return name;
}

tl::unexpected<error> malformed(std::string what) { return fail(errc::bad_request, "multipart: " + std::move(what)); }

} // namespace

result<multipart_reader> multipart_reader::make(std::string_view content_type, std::string part) {
    if (!iequal(trim(content_type.substr(0, content_type.find(';'))), "multipart/form-data"))
        return malformed("not multipart/form-data");
    const auto boundary = parameter_of(content_type, "boundary");
    if (!boundary || !is_boundary(*boundary)) return malformed("no boundary in Content-Type");
    return multipart_reader(*boundary, std::move(part));
}

/// The line break before the first delimiter is taken as read: it need not be there.
multipart_reader::multipart_reader(std::string_view boundary, std::string part)
    : delimiter_("\r\n--" + std::string(boundary)), part_(std::move(part)), pending_("\r\n") {}

result<void> multipart_reader::feed(std::string_view piece, const taker& take) {
    pending_.append(piece);
    for (;;) {
        const auto more = step(take);
        if (!more) return fail(more.error());
        if (!*more) return {};
    }
}

result<void> multipart_reader::finish() const {
    if (state_ != state::epilogue) return malformed("the body ends before its last delimiter");
    if (!found_) return malformed("no part " + part_);
    return {};
}

/// True: look at what is pending again. False: more is needed.
result<bool> multipart_reader::step(const taker& take) {
    switch (state_) {
    case state::content:
        return read_content(take);
    case state::delimiter_end:
        return read_delimiter_end();
    case state::header:
        return read_header();
    case state::epilogue:
        break;
    }
    pending_.clear();
    return false;
}

result<bool> multipart_reader::read_content(const taker& take) {
    const auto end = pending_.find(delimiter_);
    const bool ends = end != std::string::npos;
    // A delimiter may have begun in the last bytes.
    const auto held_back = std::min(pending_.size(), delimiter_.size() - 1);
    if (auto passed = pass(ends ? end : pending_.size() - held_back, take); !passed) return fail(passed.error());
    if (!ends) return false;
    pending_.erase(0, delimiter_.size());
    state_ = state::delimiter_end;
    return true;
}

result<void> multipart_reader::pass(std::size_t length, const taker& take) {
    result<void> taken;
    if (wanted_ && length > 0) taken = take(std::string_view(pending_).substr(0, length));
    pending_.erase(0, length);
    return taken;
}

/// Behind a delimiter: "--" when it is the last, else blanks and a line break, which also begins the part's header.
result<bool> multipart_reader::read_delimiter_end() {
    if (pending_.size() < 2) return false;
    wanted_ = false;
    if (pending_.starts_with("--")) {
        state_ = state::epilogue;
        return true;
    }
    const auto end = pending_.find_first_not_of(" \t");
    if (std::min(end, pending_.size()) > longest_padding) return malformed("delimiter");
    if (end == std::string::npos || pending_.size() < end + 2) return false;
    if (pending_.compare(end, 2, "\r\n") != 0) return malformed("delimiter");
    if (++parts_ > most_parts) return malformed("too many parts");
    pending_.erase(0, end);
    state_ = state::header;
    return true;
}

result<bool> multipart_reader::read_header() {
    const auto end = pending_.find(header_end);
    if (std::min(end, pending_.size()) > longest_header) return malformed("header of a part is too long");
    if (end == std::string::npos) return false;
    const auto name = name_in(std::string_view(pending_).substr(0, end));
    if (!name) return malformed("a part without a name");
    wanted_ = *name == part_;
    if (wanted_ && found_) return malformed("part " + part_ + " stands there twice");
    found_ |= wanted_;
    pending_.erase(0, end + header_end.size());
    state_ = state::content;
    return true;
}

} // namespace truc::http
