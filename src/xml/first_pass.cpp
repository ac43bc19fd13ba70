#include "characters.hpp"
#include "xml_declaration.hpp"

#include <truc/xml/first_pass.hpp>

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace truc::xml {
namespace {

constexpr std::size_t declaration_limit = 256;

/// Characters, not bytes: everything that is not a continuation byte.
std::uint64_t characters(const char* from, const char* to) {
    std::uint64_t continuations = 0;
    const char* at = from;
    for (; to - at >= 8; at += 8) {
        std::uint64_t word;
        std::memcpy(&word, at, 8);
        const std::uint64_t marks = (word & ~(word << 1) & detail::highs) >> 7;
        continuations += marks * detail::ones >> 56; // the sum of the eight marks
    }
    for (; at != to; ++at) continuations += is_continuation(*at) ? 1 : 0;
    return static_cast<std::uint64_t>(to - from) - continuations;
}

} // namespace

first_pass::first_pass(const limits& l) : limits_(l) {}

result<void> first_pass::feed(std::string_view piece) {
    if (error_) return fail(*error_);
    const std::size_t room = limits_.bytes - bytes_;
    const bool too_large = piece.size() > room;
    if (too_large) piece = piece.substr(0, room);

    const char* const begin = piece.data();
    const char* const end = begin + piece.size();
    const char* at = begin;
    while (at != end && !error_) at = missing_ != 0 ? continuation(at, end) : step(at, end);
    if (!error_ && too_large) refuse(errc::too_large, fmt::format("more than {} bytes", limits_.bytes), end);

    bytes_ += piece.size();
    locate(begin, error_ ? fault_ : end);
    if (!error_) return {};
    error_->where = location{static_cast<std::uint32_t>(line_), static_cast<std::uint32_t>(column_), {}};
    return fail(*error_);
}

result<void> first_pass::finish() {
    if (!error_) {
        if (missing_ != 0)
            refuse(errc::not_xml, "the document ends within a character", nullptr);
        else if (state_ != state::text && state_ != state::start && state_ != state::begin)
            refuse(errc::not_xml, "the document ends within a tag, comment or declaration", nullptr);
        else if (depth_ != 0)
            refuse(errc::not_xml, fmt::format("the document ends with {} open element(s)", depth_), nullptr);
        else if (!root_seen_)
            refuse(errc::not_xml, "no root element", nullptr);
        if (!error_) return {};
        error_->where = location{static_cast<std::uint32_t>(line_), static_cast<std::uint32_t>(column_), {}};
    }
    return fail(*error_);
}

const char* first_pass::step(const char* at, const char* end) {
    switch (state_) {
    case state::start:
    case state::begin:
        return in_start(at);
    case state::literal:
        return in_literal(at);
    case state::declaration:
        return in_declaration(at);
    case state::text:
        return in_text(at, end);
    case state::open:
        return in_open(at, end);
    case state::bang:
        return in_bang(at);
    case state::comment:
        return in_comment(at, end);
    case state::cdata:
        return in_cdata(at, end);
    case state::name:
        return in_name(at, end);
    case state::in_tag:
    case state::after_value:
    case state::empty_end:
        return between_attributes(at, end);
    case state::attribute:
        return in_attribute_name(at, end);
    case state::equals:
    case state::quote:
        return around_equals(at);
    case state::value:
        return in_value(at, end);
    case state::end_start:
    case state::end_name:
    case state::end_space:
        return in_end_name(at, end);
    case state::doctype:
        break;
    }
    return refuse(errc::doctype_forbidden, "DOCTYPE", at);
}

/// A byte order mark, or the signs of another encoding.
const char* first_pass::in_start(const char* at) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte == 0xFE || byte == 0xFF || byte == 0x00)
        return refuse(errc::encoding, "it looks like UTF-16 or UTF-32", at);
    if (byte == 0xEF && state_ == state::start) return expect("\xBB\xBF", state::begin, at + 1);
    state_ = state::text;
    first_markup_ = *at == '<';
    return at;
}

const char* first_pass::expect(std::string_view rest, state then, const char* at) {
    state_ = state::literal;
    expected_ = rest;
    after_literal_ = then;
    return at;
}

const char* first_pass::in_literal(const char* at) {
    if (*at != expected_.front()) {
        if (after_literal_ == state::declaration) return refuse(errc::not_xml, "processing instruction", at);
        if (after_literal_ == state::begin) return refuse(errc::not_xml, "text outside of the root element", at);
        return refuse(errc::not_xml, "malformed markup after '<!'", at);
    }
    expected_.remove_prefix(1);
    if (!expected_.empty()) return at + 1;
    state_ = after_literal_;
    // The word alone is enough: nothing that follows could make it acceptable.
    if (state_ == state::doctype) return refuse(errc::doctype_forbidden, "DOCTYPE", at);
    return at + 1;
}

const char* first_pass::in_declaration(const char* at) {
    if (declaration_.empty() && !is_space(*at)) return refuse(errc::not_xml, "processing instruction", at);
    if (is_wide(*at) || is_control(*at) || *at == '<' || declaration_.size() == declaration_limit)
        return refuse(errc::not_xml, "malformed XML declaration", at);
    declaration_ += *at;
    if (!declaration_.ends_with("?>")) return at + 1;
    declaration_.resize(declaration_.size() - 2);
    if (const auto checked = check_declaration(declaration_); !checked)
        return refuse(checked.error().code, checked.error().what, at);
    state_ = state::text;
    return at + 1;
}

const char* first_pass::in_text(const char* at, const char* end) {
    if (depth_ == 0) {
        while (at != end && is_space(*at)) ++at;
        if (at == end) return at;
        if (*at != '<')
            return is_control(*at) ? refuse_character(at)
                                   : refuse(errc::not_xml, "text outside of the root element", at);
    }
    while (true) {
        at = plain_run(at, end, '<');
        if (at == end) return at;
        if (*at == '<') {
            state_ = state::open;
            return at + 1;
        }
        if (is_wide(*at)) {
            at = wide_run(at, end);
            if (at != end && is_wide(*at)) return wide_character(at, end);
        } else if (is_control(*at)) {
            return refuse_character(at);
        } else {
            ++at;
        }
    }
}

const char* first_pass::in_open(const char* at, const char* end) {
    const bool first = std::exchange(first_markup_, false);
    switch (*at) {
    case '/':
        state_ = state::end_start;
        return at + 1;
    case '!':
        state_ = state::bang;
        return at + 1;
    case '?':
        if (first) return expect("xml", state::declaration, at + 1);
        return refuse(errc::not_xml, "processing instruction", at);
    case '\0':
        if (first) return refuse(errc::encoding, "it looks like UTF-16 or UTF-32", at);
        return refuse_character(at);
    default:
        break;
    }
    if (!is_name_start(*at) && !is_wide(*at)) return refuse(errc::not_xml, "'<' without a name after it", at);
    return start_element(at, end);
}

const char* first_pass::in_bang(const char* at) {
    switch (*at) {
    case '-':
        if (!count_node(at)) return at;
        closing_ = 0;
        return expect("-", state::comment, at + 1);
    case '[':
        if (depth_ == 0) return refuse(errc::not_xml, "CDATA section outside of the root element", at);
        if (!count_node(at)) return at;
        closing_ = 0;
        return expect("CDATA[", state::cdata, at + 1);
    case 'D':
        return expect("OCTYPE", state::doctype, at + 1);
    default:
        return refuse(errc::not_xml, "malformed markup after '<!'", at);
    }
}

const char* first_pass::in_comment(const char* at, const char* end) {
    while (at != end) {
        if (closing_ == 2) {
            if (*at != '>') return refuse(errc::not_xml, "'--' inside a comment", at);
            state_ = state::text;
            return at + 1;
        }
        if (*at == '-') {
            ++closing_;
            ++at;
            continue;
        }
        closing_ = 0;
        if (is_wide(*at)) return wide_character(at, end);
        if (is_control(*at)) return refuse_character(at);
        at = plain_run(at + 1, end, '-');
    }
    return at;
}

const char* first_pass::in_cdata(const char* at, const char* end) {
    while (at != end) {
        if (*at == ']') {
            closing_ = closing_ < 2 ? closing_ + 1 : 2;
            ++at;
            continue;
        }
        if (*at == '>' && closing_ == 2) {
            state_ = state::text;
            return at + 1;
        }
        closing_ = 0;
        if (is_wide(*at)) return wide_character(at, end);
        if (is_control(*at)) return refuse_character(at);
        at = plain_run(at + 1, end, ']');
    }
    return at;
}

bool first_pass::count_node(const char* at) {
    if (nodes_ == limits_.nodes) {
        refuse(errc::too_deep, fmt::format("more than {} elements, attributes and comments", limits_.nodes), at);
        return false;
    }
    ++nodes_;
    return true;
}

/// The first byte of a character of two to four bytes (RFC 3629, section 4: no overlong forms, no surrogates).
const char* first_pass::wide_character(const char* at, const char* end) {
    const auto lead = static_cast<unsigned char>(*at);
    low_ = 0x80;
    high_ = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        missing_ = 1;
        point_ = lead & 0x1Fu;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        missing_ = 2;
        point_ = lead & 0x0Fu;
        if (lead == 0xE0) low_ = 0xA0;
        if (lead == 0xED) high_ = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        missing_ = 3;
        point_ = lead & 0x07u;
        if (lead == 0xF0) low_ = 0x90;
        if (lead == 0xF4) high_ = 0x8F;
    } else {
        return refuse(errc::not_xml, fmt::format("invalid UTF-8: byte 0x{:02X}", lead), at);
    }
    return continuation(at + 1, end);
}

const char* first_pass::continuation(const char* at, const char* end) {
    for (; missing_ != 0 && at != end; ++at, --missing_) {
        const auto byte = static_cast<unsigned char>(*at);
        if (byte < low_ || byte > high_)
            return refuse(errc::not_xml, fmt::format("invalid UTF-8: byte 0x{:02X}", byte), at);
        low_ = 0x80;
        high_ = 0xBF;
        point_ = point_ << 6 | (byte & 0x3Fu);
    }
    if (missing_ == 0 && (point_ == 0xFFFE || point_ == 0xFFFF))
        return refuse(errc::not_xml, fmt::format("U+{:04X} is no XML character", point_), at - 1);
    return at;
}

const char* first_pass::refuse_character(const char* at) {
    const auto byte = static_cast<unsigned char>(*at);
    return refuse(errc::not_xml, byte == 0 ? "a NUL byte" : fmt::format("control character 0x{:02X}", byte), at);
}

const char* first_pass::refuse(errc code, std::string what, const char* at) {
    error_.emplace(code, std::move(what));
    fault_ = at;
    return at;
}

/// Moves line and column over [from, to): once a piece, because nobody asks before a fault.
void first_pass::locate(const char* from, const char* to) {
    while (from != to) {
        const auto* newline = static_cast<const char*>(std::memchr(from, '\n', static_cast<std::size_t>(to - from)));
        if (!newline) break;
        ++line_;
        column_ = 1;
        from = newline + 1;
    }
    column_ += characters(from, to);
}

} // namespace truc::xml
