#include "wire.hpp"

#include <truc/base/utf8.hpp>
#include <truc/base/uuid.hpp>

#include <algorithm>
#include <limits>

namespace truc::amqp::wire {

namespace {

constexpr int max_depth = 8;

bool read_value(std::uint8_t code, std::string_view& in, item& out, int depth);

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
}

bool take(std::string_view& in, std::size_t count, std::string_view& out) {
    if (in.size() < count) return false;
    out = in.substr(0, count);
    in.remove_prefix(count);
    return true;
}

bool take_size(std::string_view& in, std::size_t width, std::uint32_t& size) {
    std::string_view bytes;
    if (!take(in, width, bytes)) return false;
    size = static_cast<std::uint32_t>(big_endian(bytes));
    return true;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<std::uint8_t>(c) < 0x80; });
}

void set_unsigned(item& out, std::uint8_t width, std::uint64_t value) {
    out.type = type::integer;
    out.width = width;
    out.fits = value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    out.integer = static_cast<std::int64_t>(value);
}

void set_signed(item& out, std::uint8_t width, std::string_view bytes) {
    const auto unused = 64 - 8 * static_cast<unsigned>(bytes.size());
    out.type = type::integer;
    out.width = width;
    out.integer = static_cast<std::int64_t>(big_endian(bytes) << unused) >> unused;
}

void set_boolean(item& out, bool value) {
    out.type = type::boolean;
    out.integer = value;
}

bool read_empty(std::uint8_t code, item& out) {
    switch (code) {
    case 0x40:
        out.type = type::null;
        return true;
    case 0x41:
    case 0x42:
        set_boolean(out, code == 0x41);
        return true;
    case 0x43:
    case 0x44:
        set_unsigned(out, code == 0x43 ? 4 : 8, 0);
        return true;
    case 0x45:
        out.type = type::list;
        return true;
    default:
        return false;
    }
}

bool is_unicode(std::uint64_t c) { return c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF); }

/// Types of one fixed width, `bytes` being the value.
bool read_fixed(std::uint8_t code, std::string_view bytes, item& out) {
    out.bytes = bytes;
    switch (code) {
    case 0x50: // ubyte, ushort, uint, ulong
    case 0x60:
    case 0x70:
    case 0x80:
        set_unsigned(out, static_cast<std::uint8_t>(bytes.size()), big_endian(bytes));
        return true;
    case 0x51: // byte, short, int, long
    case 0x61:
    case 0x71:
    case 0x81:
        set_signed(out, static_cast<std::uint8_t>(bytes.size()), bytes);
        return true;
    case 0x52: // smalluint, smallulong
    case 0x53:
        set_unsigned(out, code == 0x52 ? 4 : 8, big_endian(bytes));
        return true;
    case 0x54: // smallint, smalllong
    case 0x55:
        set_signed(out, code == 0x54 ? 4 : 8, bytes);
        return true;
    case 0x56:
        set_boolean(out, bytes[0] == 1);
        return bytes[0] == 0 || bytes[0] == 1;
    case 0x72: // float, decimal32, double, decimal64, decimal128
    case 0x74:
    case 0x82:
    case 0x84:
    case 0x94:
        out.type = type::number;
        return true;
    case 0x73:
        out.type = type::character;
        return is_unicode(big_endian(bytes));
    case 0x83:
        set_signed(out, 8, bytes);
        out.type = type::timestamp;
        return true;
    case 0x98:
        out.type = type::uuid;
        return true;
    default:
        return false;
    }
}

bool read_variable(std::uint8_t code, std::string_view& in, item& out) {
    std::uint32_t size = 0;
    if (!take_size(in, code >= 0xb0 ? 4 : 1, size) || !take(in, size, out.bytes)) return false;
    switch (code & 0x0f) {
    case 0:
        out.type = type::binary;
        return true;
    case 1:
        out.type = type::string;
        return is_utf8(out.bytes);
    case 3:
        out.type = type::symbol;
        return is_ascii(out.bytes);
    default:
        return false;
    }
}

bool holds_values(std::string_view body, std::uint32_t count, int depth) {
    for (std::uint32_t i = 0; i < count; ++i) {
        if (body.empty()) return false;
        const auto code = static_cast<std::uint8_t>(body.front());
        body.remove_prefix(1);
        item inner;
        if (!read_value(code, body, inner, depth)) return false;
    }
    return body.empty();
}

bool read_compound(std::uint8_t code, std::string_view& in, item& out, int depth) {
    const std::size_t width = code >= 0xd0 ? 4 : 1;
    const int kind = code & 0x0f;
    std::uint32_t size = 0;
    if (kind > 1 || !take_size(in, width, size) || size < width || !take(in, size, out.bytes)) return false;
    out.type = kind == 0 ? type::list : type::map;
    if (!take_size(out.bytes, width, out.count)) return false;
    return (kind == 0 || out.count % 2 == 0) && holds_values(out.bytes, out.count, depth);
}

bool read_array(std::uint8_t code, std::string_view& in, item& out, int depth) {
    const std::size_t width = code >= 0xf0 ? 4 : 1;
    std::uint32_t size = 0;
    if ((code & 0x0f) != 0 || !take_size(in, width, size) || size <= width || !take(in, size, out.bytes)) return false;
    out.type = type::array;
    if (!take_size(out.bytes, width, out.count) || out.bytes.empty()) return false;
    out.element = static_cast<std::uint8_t>(out.bytes.front());
    out.bytes.remove_prefix(1);
    auto rest = out.bytes;
    item inner;
    // Elements without bytes may be as many as the count says, and are all the same.
    if (out.element >> 4 == 4) return rest.empty() && read_empty(out.element, inner);
    for (std::uint32_t i = 0; i < out.count; ++i)
        if (!read_value(out.element, rest, inner, depth)) return false;
    return rest.empty();
}

bool read_described(std::string_view& in, item& out, int depth) {
    item descriptor;
    if (in.empty()) return false;
    auto code = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    if (!read_value(code, in, descriptor, depth) || in.empty()) return false;
    code = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    item inner;
    if (!read_value(code, in, inner, depth)) return false;
    out.type = type::described;
    return true;
}

bool read_value(std::uint8_t code, std::string_view& in, item& out, int depth) {
    constexpr std::size_t fixed_widths[] = {0, 1, 2, 4, 8, 16}; // of the classes 4 to 9
    const unsigned form = code >> 4;
    if (form >= 4 && form <= 9) {
        std::string_view bytes;
        if (!take(in, fixed_widths[form - 4], bytes)) return false;
        return form == 4 ? read_empty(code, out) : read_fixed(code, bytes, out);
    }
    if (form == 0xa || form == 0xb) return read_variable(code, in, out);
    if (depth >= max_depth) return false;
    if (form == 0xc || form == 0xd) return read_compound(code, in, out, depth + 1);
    if (form == 0xe || form == 0xf) return read_array(code, in, out, depth + 1);
    return code == 0 && read_described(in, out, depth + 1);
}

bool is_text(const item& value) { return value.type == type::string || value.type == type::symbol; }

std::optional<property_value> texts_of(item value) {
    std::vector<std::string> texts;
    for (std::uint32_t i = 0; i < value.count; ++i) {
        item element;
        const bool good =
            value.type == type::array ? read_as(value.element, value.bytes, element) : read(value.bytes, element);
        if (!good || !is_text(element)) return std::nullopt;
        texts.emplace_back(element.bytes);
    }
    return texts;
}

std::optional<property_value> to_property(const item& value) {
    switch (value.type) {
    case type::boolean:
        return value.integer != 0;
    case type::integer:
    case type::timestamp:
        if (value.fits) return value.integer;
        return std::nullopt;
    case type::string:
    case type::symbol:
        return std::string(value.bytes);
    case type::uuid: {
        uuid id;
        std::copy(value.bytes.begin(), value.bytes.end(), id.bytes.begin());
        return id.str();
    }
    case type::list:
    case type::array:
        return texts_of(value);
    default:
        return std::nullopt;
    }
}

void write_text(std::string& out, char small, char large, std::string_view text) {
    const bool fits = text.size() < 256;
    out.push_back(fits ? small : large);
    write_big_endian(out, text.size(), fits ? 1 : 4);
    out.append(text);
}

void write_texts(std::string& out, const std::vector<std::string>& texts) {
    std::string body;
    write_big_endian(body, texts.size(), 4);
    body.push_back('\xb3');
    for (const auto& text : texts) {
        write_big_endian(body, text.size(), 4);
        body.append(text);
    }
    out.push_back('\xf0');
    write_big_endian(out, body.size(), 4);
    out.append(body);
}

void write_property(std::string& out, const property_value& value) {
    if (const auto* truth = std::get_if<bool>(&value)) {
        out.push_back(*truth ? '\x41' : '\x42');
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
        out.push_back('\x81');
        write_big_endian(out, static_cast<std::uint64_t>(*number), 8);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        write_string(out, *text);
    } else {
        write_texts(out, std::get<std::vector<std::string>>(value));
    }
}

} // namespace

bool read(std::string_view& in, item& out) {
    if (in.empty()) return false;
    const auto code = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    return read_as(code, in, out);
}

bool read_as(std::uint8_t constructor, std::string_view& in, item& out) {
    out = item();
    return read_value(constructor, in, out, 0);
}

prefix::state read_prefix(std::string_view bytes, prefix& out) {
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    if (at(0) != 0) return prefix::state::bad;
    if (bytes.size() < 2) return prefix::state::partial;
    if (at(1) != 0x53 && at(1) != 0x80) return prefix::state::bad;
    const std::size_t descriptor_size = at(1) == 0x53 ? 1 : 8;
    out.value_at = 2 + descriptor_size;
    if (bytes.size() <= out.value_at) return prefix::state::partial;
    out.descriptor = big_endian(bytes.substr(2, descriptor_size));
    out.constructor = at(out.value_at);
    const unsigned form = out.constructor >> 4;
    const bool empty = out.constructor == 0x45;
    if (!empty && form < 0xa) return prefix::state::bad;
    const std::size_t size_width = empty ? 0 : form % 2 == 0 ? 1 : 4; // forms a, c, e and b, d, f
    out.length = out.value_at + 1 + size_width;
    if (bytes.size() < out.length) return prefix::state::partial;
    out.size = big_endian(bytes.substr(out.value_at + 1, size_width));
    return prefix::state::whole;
}

std::optional<property_map> to_properties(const item& map) {
    if (map.type != type::map) return std::nullopt;
    property_map found;
    auto rest = map.bytes;
    for (std::uint32_t i = 0; i < map.count; i += 2) {
        item key;
        item value;
        if (!read(rest, key) || !read(rest, value) || !is_text(key)) return std::nullopt;
        auto known = to_property(value);
        if (!known) continue;
        if (!found.emplace(key.bytes, std::move(*known)).second) return std::nullopt;
    }
    return found;
}

void write_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
    for (unsigned shift = 8 * bytes; shift > 0; shift -= 8) out.push_back(static_cast<char>(value >> (shift - 8)));
}

void write_null(std::string& out) { out.push_back('\x40'); }

void write_string(std::string& out, std::string_view text) { write_text(out, '\xa1', '\xb1', text); }

void write_symbol(std::string& out, std::string_view text) { write_text(out, '\xa3', '\xb3', text); }

void write_compound(std::string& out, bool is_map, std::size_t count, std::string_view body) {
    out.push_back(is_map ? '\xd1' : '\xd0');
    write_big_endian(out, body.size() + 4, 4);
    write_big_endian(out, count, 4);
    out.append(body);
}

void write_map(std::string& out, const property_map& map, keys kind) {
    std::string body;
    for (const auto& [key, value] : map) {
        if (kind == keys::symbols)
            write_symbol(body, key);
        else
            write_string(body, key);
        write_property(body, value);
    }
    write_compound(out, true, map.size() * 2, body);
}

} // namespace truc::amqp::wire
