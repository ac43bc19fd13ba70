#pragma once
/// The type system of AMQP 1.0 (part 1), read strictly: Proton's own decoder takes almost any bytes for a message.

#include <truc/amqp/message.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace truc::amqp::wire {

enum class type : std::uint8_t {
    null,
    boolean,
    integer, ///< of any width, signed or not
    timestamp,
    number, ///< floating or decimal
    character,
    uuid,
    binary,
    string,
    symbol,
    list,
    map,
    array,
    described,
};

/// One value. Views look into what was read.
struct item {
    wire::type type = type::null;
    std::uint8_t width = 0;   ///< bytes of an integer's type: 1, 2, 4, 8
    bool fits = true;         ///< false: an unsigned number beyond std::int64_t
    std::int64_t integer = 0; ///< also of booleans and timestamps
    std::string_view bytes;   ///< of strings and their like; the elements of a list, map or array
    std::uint32_t count = 0;  ///< of elements; a map's keys and values count separately
    std::uint8_t element = 0; ///< constructor of an array's elements
};

/// Takes one value from the front of `in`, with all that it holds. False: not the encoding of a value, or nested deeper
/// than any message needs; `in` is then of no use.
bool read(std::string_view& in, item& out);
/// The same, for a value whose constructor stood elsewhere: an element of an array.
bool read_as(std::uint8_t constructor, std::string_view& in, item& out);

/// What stands before the bytes of a described value: the descriptor, a number, and the value's constructor and size.
struct prefix {
    enum class state : std::uint8_t { partial, whole, bad };
    std::uint64_t descriptor = 0;
    std::uint8_t constructor = 0;
    std::size_t value_at = 0; ///< where the constructor stands
    std::size_t size = 0;     ///< of the value after its size field
    std::size_t length = 0;   ///< of the prefix
};
/// Only values that state their size, and the empty list, are understood; at most 15 bytes are looked at. `bytes` is
/// not empty.
prefix::state read_prefix(std::string_view bytes, prefix& out);

/// Every pair of a map, as message.hpp says. Null when it is no map, a key occurs twice, or a key is neither a string
/// nor a symbol.
std::optional<property_map> to_properties(const item& map);

void write_null(std::string& out);
void write_string(std::string& out, std::string_view text);
void write_symbol(std::string& out, std::string_view text);

enum class keys : std::uint8_t { strings, symbols };
/// A map with keys of one kind, as application properties (strings) and fields (symbols) want it.
void write_map(std::string& out, const property_map& map, keys kind);

/// Appends a list or map of `count` values whose encodings are `body`.
void write_compound(std::string& out, bool is_map, std::size_t count, std::string_view body);
void write_big_endian(std::string& out, std::uint64_t value, unsigned bytes);

} // namespace truc::amqp::wire
