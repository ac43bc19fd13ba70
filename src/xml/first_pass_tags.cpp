// The part of first_pass that runs through tags: names, attributes, nesting.
#include "characters.hpp"

#include <truc/xml/first_pass.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace truc::xml {
namespace {

std::string shown(char c) {
    if (c > 0x20 && c < 0x7F) return fmt::format("'{}'", c);
    return fmt::format("byte 0x{:02X}", static_cast<unsigned char>(c));
}

} // namespace

const char* first_pass::start_element(const char* at, const char* end) {
    if (depth_ == 0 && root_seen_) return refuse(errc::not_xml, "a second root element", at);
    if (depth_ == limits_.depth)
        return refuse(errc::too_deep, fmt::format("more than {} levels of elements", limits_.depth), at);
    if (!count_node(at)) return at;
    root_seen_ = true;
    ++depth_;
    attributes_ = 0;
    length_ = 0;
    state_ = state::name;
    return in_name(at, end);
}

/// Adds bytes to the length of the current name or value; false when that is too long, refused at `fault`.
bool first_pass::grow(std::size_t size, std::uint32_t limit, std::string_view what, const char* fault) {
    if (size > limit - length_) {
        refuse(errc::too_deep, fmt::format("{} of more than {} bytes", what, limit), fault);
        return false;
    }
    length_ += static_cast<std::uint32_t>(size);
    return true;
}

/// Takes [from, to), ASCII that belongs to a name or value, and a character of several bytes if one follows.
const char* first_pass::take_run(const char* from, const char* to, const char* end, std::uint32_t limit,
                                 std::string_view what) {
    const auto size = static_cast<std::size_t>(to - from);
    const char* const fault = from + std::min<std::size_t>(size, limit - length_);
    if (!grow(size, limit, what, fault)) return fault;
    if (to == end || !is_wide(*to)) return to;
    const auto lead = static_cast<unsigned char>(*to);
    const std::size_t width = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (!grow(width, limit, what, to)) return to;
    return wide_character(to, end);
}

/// Runs over a name; stops at the first character that cannot be part of it, or after one of several bytes.
const char* first_pass::name_run(const char* at, const char* end) {
    const char* to = at;
    while (to != end && is_name_character(*to)) ++to;
    return take_run(at, to, end, limits_.name, "a name");
}

/// Nothing is known yet about what follows the name: it goes on, or the piece ends here.
bool first_pass::name_goes_on(const char* at, const char* end) const {
    return error_ || missing_ != 0 || at == end || is_name_character(*at) || is_wide(*at);
}

const char* first_pass::in_name(const char* at, const char* end) {
    at = name_run(at, end);
    if (name_goes_on(at, end)) return at;
    state_ = state::after_value; // what may follow a name may also follow a value
    return at;
}

/// Inside a start tag, outside of names and values.
const char* first_pass::between_attributes(const char* at, const char* end) {
    if (state_ == state::empty_end) {
        if (*at != '>') return refuse(errc::not_xml, "'/' inside a tag", at);
        return close_element(at + 1);
    }
    while (at != end && is_space(*at)) {
        state_ = state::in_tag;
        ++at;
    }
    if (at == end) return at;
    if (*at == '>') {
        state_ = state::text;
        return at + 1;
    }
    if (*at == '/') {
        state_ = state::empty_end;
        return at + 1;
    }
    const bool may_begin = state_ == state::in_tag && (is_name_start(*at) || is_wide(*at));
    return may_begin ? start_attribute(at) : refuse(errc::not_xml, shown(*at) + " inside a tag", at);
}

const char* first_pass::start_attribute(const char* at) {
    if (attributes_ == limits_.attributes)
        return refuse(errc::too_deep, fmt::format("more than {} attributes of one element", limits_.attributes), at);
    if (!count_node(at)) return at;
    ++attributes_;
    length_ = 0;
    state_ = state::attribute;
    return at;
}

const char* first_pass::in_attribute_name(const char* at, const char* end) {
    at = name_run(at, end);
    if (name_goes_on(at, end)) return at;
    state_ = state::equals;
    return at;
}

const char* first_pass::around_equals(const char* at) {
    if (is_space(*at)) return at + 1;
    if (state_ == state::equals) {
        if (*at != '=') return refuse(errc::not_xml, "attribute without a value", at);
        state_ = state::quote;
        return at + 1;
    }
    if (*at != '"' && *at != '\'') return refuse(errc::not_xml, "attribute value without quotes", at);
    quote_ = *at;
    length_ = 0;
    state_ = state::value;
    return at + 1;
}

const char* first_pass::in_value(const char* at, const char* end) {
    const char* to = at;
    while (to != end && *to != quote_ && *to != '<' && !is_wide(*to) && !is_control(*to)) ++to;
    const bool ended = to == end || is_wide(*to);
    at = take_run(at, to, end, limits_.attribute_value, "an attribute value");
    if (error_ || ended) return at;
    if (*at != quote_)
        return *at == '<' ? refuse(errc::not_xml, "'<' inside an attribute value", at) : refuse_character(at);
    state_ = state::after_value;
    return at + 1;
}

const char* first_pass::in_end_name(const char* at, const char* end) {
    if (state_ == state::end_start) {
        if (!is_name_start(*at) && !is_wide(*at)) return refuse(errc::not_xml, "'</' without a name after it", at);
        if (depth_ == 0) return refuse(errc::not_xml, "an end tag without a start tag", at);
        length_ = 0;
        state_ = state::end_name;
    }
    if (state_ == state::end_name) {
        at = name_run(at, end);
        if (name_goes_on(at, end)) return at;
        state_ = state::end_space;
    }
    while (at != end && is_space(*at)) ++at;
    if (at == end) return at;
    return *at == '>' ? close_element(at + 1) : refuse(errc::not_xml, shown(*at) + " inside an end tag", at);
}

const char* first_pass::close_element(const char* at) {
    --depth_;
    state_ = state::text;
    return at;
}

} // namespace truc::xml
