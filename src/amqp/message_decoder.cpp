#include "message_decoder.hpp"

#include <truc/base/bytes.hpp>
#include <truc/base/uuid.hpp>

#include <algorithm>

namespace truc::amqp {

namespace {

enum section_descriptor : std::uint8_t {
    header = 0x70,
    delivery_annotations,
    message_annotations,
    properties,
    application_properties,
    data,
    sequence,
    value,
    footer,
};

bool is_binary(std::uint8_t constructor) { return constructor == 0xa0 || constructor == 0xb0; }
bool is_list(std::uint8_t constructor) { return constructor == 0x45 || constructor == 0xc0 || constructor == 0xd0; }
bool is_map(std::uint8_t constructor) { return constructor == 0xc1 || constructor == 0xd1; }

bool fits_section(std::uint8_t descriptor, std::uint8_t constructor) {
    if (descriptor == data) return is_binary(constructor);
    return descriptor == header || descriptor == properties ? is_list(constructor) : is_map(constructor);
}

bool is_null_or(const wire::item& item, wire::type type) { return item.type == wire::type::null || item.type == type; }

bool is_null_or_integer(const wire::item& item, unsigned width) {
    return item.type == wire::type::null || (item.type == wire::type::integer && item.width == width);
}

/// Part 3, 3.2.1: durable, priority, ttl, first-acquirer, delivery-count.
bool is_header(std::string_view value) {
    wire::item list;
    if (!wire::read(value, list) || list.count > 5) return false;
    for (std::uint32_t i = 0; i < list.count; ++i) {
        wire::item field;
        wire::read(list.bytes, field);
        const bool good =
            i == 0 || i == 3 ? is_null_or(field, wire::type::boolean) : is_null_or_integer(field, i == 1 ? 1 : 4);
        if (!good) return false;
    }
    return true;
}

/// Part 3, 3.2.10: annotations have symbols or ulongs for keys.
bool is_annotations(std::string_view value) {
    wire::item map;
    if (!wire::read(value, map)) return false;
    for (std::uint32_t i = 0; i < map.count; i += 2) {
        wire::item key;
        wire::item ignored;
        wire::read(map.bytes, key);
        wire::read(map.bytes, ignored);
        if (key.type != wire::type::symbol && !(key.type == wire::type::integer && key.width == 8)) return false;
    }
    return true;
}

/// Message ids are numbers, UUIDs, bytes or texts (part 3, 3.2.11 to 3.2.14).
bool read_id(const wire::item& item, std::string& out) {
    switch (item.type) {
    case wire::type::null:
        return true;
    case wire::type::integer:
        out = std::to_string(static_cast<std::uint64_t>(item.integer));
        return item.width == 8;
    case wire::type::uuid:
        out = uuid::from_bytes(item.bytes)->str();
        return true;
    case wire::type::binary:
        out = to_hex(item.bytes);
        return true;
    case wire::type::string:
        out = item.bytes;
        return true;
    default:
        return false;
    }
}

bool read_text(const wire::item& item, wire::type type, std::string& out) {
    if (item.type == type) out = item.bytes;
    return is_null_or(item, type);
}

/// Part 3, 3.2.4, by position; those that Truc does not use are checked and dropped.
bool read_property(std::uint32_t position, const wire::item& field, message_head& head) {
    switch (position) {
    case 0:
        return read_id(field, head.message_id);
    case 1: // user-id
        return is_null_or(field, wire::type::binary);
    case 3:
        return read_text(field, wire::type::string, head.subject);
    case 5:
        return read_id(field, head.correlation_id);
    case 6:
        return read_text(field, wire::type::symbol, head.content_type);
    case 7: // content-encoding
        return is_null_or(field, wire::type::symbol);
    case 8: // absolute-expiry-time, creation-time
    case 9:
        return is_null_or(field, wire::type::timestamp);
    case 11: // group-sequence
        return is_null_or_integer(field, 4);
    default: // to, reply-to, group-id, reply-to-group-id
        return is_null_or(field, wire::type::string);
    }
}

} // namespace

message_decoder::step message_decoder::next(std::string_view& bytes) {
    for (;;) {
        auto result = step::failed;
        switch (state_) {
        case state::between:
            result = take_prefix(bytes);
            break;
        case state::value:
            result = take_value(bytes);
            break;
        case state::data:
            return take_data(bytes);
        case state::failed:
            break;
        }
        if (result == step::failed || (bytes.empty() && state_ != state::data)) return result;
    }
}

message_decoder::step message_decoder::fail(std::string_view name, std::string_view why) {
    state_ = state::failed;
    fault_ = condition{std::string(name), std::string(why)};
    return step::failed;
}

message_decoder::step message_decoder::take_prefix(std::string_view& bytes) {
    while (!bytes.empty()) {
        prefix_.push_back(bytes.front());
        bytes.remove_prefix(1);
        wire::prefix found;
        switch (wire::read_prefix(prefix_, found)) {
        case wire::prefix::state::partial:
            break;
        case wire::prefix::state::whole:
            return begin_section(found);
        case wire::prefix::state::bad:
            return fail(decode_error, "not a section of a message");
        }
    }
    return step::more;
}

message_decoder::step message_decoder::begin_section(const wire::prefix& found) {
    const auto last = std::exchange(descriptor_, static_cast<std::uint8_t>(found.descriptor));
    if (found.descriptor == value || found.descriptor == sequence)
        return fail(not_implemented, "the body must be data sections");
    const bool known = found.descriptor >= header && found.descriptor <= footer;
    const bool in_order = descriptor_ > last || (descriptor_ == data && last == data);
    if (!known || !in_order || !fits_section(descriptor_, found.constructor))
        return fail(decode_error, "not the section that may stand here");
    if (descriptor_ == footer && sections_ == 0) return fail(decode_error, "a message without a body");
    left_ = found.size;
    if (descriptor_ == data) {
        prefix_.clear();
        ++sections_;
        piece_given_ = false;
        state_ = state::data;
        return step::more;
    }
    if (left_ > head_left_) return fail(resource_limit_exceeded, "properties and annotations are too large");
    head_left_ -= left_;
    value_.assign(prefix_, found.value_at);
    prefix_.clear();
    state_ = state::value;
    std::string_view none;
    return left_ == 0 ? take_value(none) : step::more;
}

message_decoder::step message_decoder::take_value(std::string_view& bytes) {
    const auto count = std::min(left_, bytes.size());
    value_.append(bytes.substr(0, count));
    bytes.remove_prefix(count);
    left_ -= count;
    if (left_ > 0) return step::more;
    if (!understand_section()) return fail(decode_error, "properties or annotations are malformed");
    state_ = state::between;
    return step::more;
}

message_decoder::step message_decoder::take_data(std::string_view& bytes) {
    if (!std::exchange(announced_, true)) return step::head;
    const auto count = std::min(left_, bytes.size());
    if (count == 0 && (left_ > 0 || piece_given_)) return step::more;
    piece_ = bytes.substr(0, count);
    bytes.remove_prefix(count);
    left_ -= count;
    piece_given_ = true;
    if (left_ == 0) state_ = state::between;
    return step::data;
}

bool message_decoder::understand_section() {
    switch (descriptor_) {
    case header:
        return is_header(value_);
    case properties:
        return understand_properties(value_);
    case application_properties: {
        std::string_view in = value_;
        wire::item map;
        if (!wire::read(in, map)) return false;
        auto found = wire::to_properties(map);
        if (!found) return false;
        head_.properties = std::move(*found);
        return true;
    }
    default:
        return is_annotations(value_);
    }
}

bool message_decoder::understand_properties(std::string_view in) {
    wire::item list;
    if (!wire::read(in, list) || list.count > 13) return false;
    for (std::uint32_t i = 0; i < list.count; ++i) {
        wire::item field;
        wire::read(list.bytes, field);
        if (!read_property(i, field, head_)) return false;
    }
    return true;
}

namespace {

/// Durable, and what it has been through (part 3, 3.2.1).
std::string encode_header(const message_head& head) {
    if (head.delivery_count == 0) return std::string("\x00\x53\x70\xc0\x02\x01\x41", 7);
    std::string fields("\x41\x40\x40\x40\x70", 5); // priority, ttl and first-acquirer are not said
    wire::write_big_endian(fields, head.delivery_count, 4);
    std::string out("\x00\x53\x70", 3);
    wire::write_compound(out, false, 5, fields);
    return out;
}

} // namespace

std::string encode_head(const message_head& head) {
    const auto text_or_null = [](std::string& out, const std::string& text, auto write) {
        if (text.empty())
            wire::write_null(out);
        else
            write(out, text);
    };
    auto out = encode_header(head);
    std::string fields;
    text_or_null(fields, head.message_id, wire::write_string);
    wire::write_null(fields); // user-id, to
    wire::write_null(fields);
    text_or_null(fields, head.subject, wire::write_string);
    wire::write_null(fields); // reply-to
    text_or_null(fields, head.correlation_id, wire::write_string);
    text_or_null(fields, head.content_type, wire::write_symbol);
    out.append("\x00\x53\x73", 3);
    wire::write_compound(out, false, 7, fields);
    if (!head.properties.empty()) {
        out.append("\x00\x53\x74", 3);
        wire::write_map(out, head.properties, wire::keys::strings);
    }
    return out;
}

std::string encode_data_prefix(std::size_t size) {
    std::string out("\x00\x53\x75\xb0", 4);
    wire::write_big_endian(out, size, 4);
    return out;
}

} // namespace truc::amqp
