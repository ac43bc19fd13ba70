#pragma once
#include <truc/base/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace truc::xml {

/// What a document may contain before any tree is built.
struct limits {
    std::size_t bytes = std::size_t{64} << 20;
    std::uint32_t depth = 64;
    std::uint32_t attributes = 32; ///< per element, namespace declarations included
    std::uint32_t name = 128;      ///< bytes of an element's or attribute's name
    std::uint32_t attribute_value = 16 * 1024;
    std::uint32_t nodes = 100'000; ///< elements, attributes, comments and CDATA sections together
};

/// The first look at hostile bytes, piece by piece as they arrive, in constant memory: only UTF-8 (a byte order mark is
/// allowed), XML 1.0, no NUL, no DOCTYPE, no processing instruction, nothing beyond the limits. It does not replace the
/// parser: what it lets through may still not be well-formed. One thread.
///
/// How the bytes are cut into pieces makes no difference to the answer.
///
/// Errors: not_xml, encoding, doctype_forbidden, too_deep, too_large, with line and column (in characters).
class first_pass {
  public:
    explicit first_pass(const limits& l = {});
    /// After an error every further call returns the same error.
    result<void> feed(std::string_view piece);
    /// The document ended: an open tag, comment or character at the end is not_xml.
    result<void> finish();

  private:
    enum class state : std::uint8_t {
        start,       ///< nothing seen yet
        begin,       ///< after a byte order mark
        literal,     ///< the rest of a fixed word: expected_, then after_literal_
        declaration, ///< <?xml …
        text,        ///< content of an element; at depth 0 white space only
        open,        ///< after '<'
        bang,        ///< after '<!'
        comment,     ///< after '<!--'
        cdata,       ///< after '<![CDATA['
        name,        ///< of a start tag
        in_tag,      ///< white space inside a start tag, where an attribute may begin
        attribute,   ///< its name
        equals,      ///< between an attribute's name and '='
        quote,       ///< between '=' and the opening quote
        value,       ///< of an attribute
        after_value, ///< behind the closing quote
        empty_end,   ///< after '/' of an empty element
        end_start,   ///< after '</'
        end_name,    ///< of an end tag
        end_space,   ///< white space behind the name of an end tag
        doctype,     ///< <!DOCTYPE, always an error
    };

    // Each takes what it can from [at, end) and returns where it stopped; refuse() stops the loop of feed().
    const char* step(const char* at, const char* end);
    const char* in_start(const char* at);
    const char* in_literal(const char* at);
    const char* in_declaration(const char* at);
    const char* in_text(const char* at, const char* end);
    const char* in_open(const char* at, const char* end);
    const char* in_bang(const char* at);
    const char* in_comment(const char* at, const char* end);
    const char* in_cdata(const char* at, const char* end);
    const char* in_name(const char* at, const char* end);
    const char* in_attribute_name(const char* at, const char* end);
    const char* in_value(const char* at, const char* end);
    const char* in_end_name(const char* at, const char* end);
    const char* between_attributes(const char* at, const char* end);
    const char* around_equals(const char* at);

    const char* name_run(const char* at, const char* end);
    bool name_goes_on(const char* at, const char* end) const;
    const char* take_run(const char* from, const char* to, const char* end, std::uint32_t limit, std::string_view what);
    bool grow(std::size_t size, std::uint32_t limit, std::string_view what, const char* fault);
    const char* wide_character(const char* at, const char* end);
    const char* continuation(const char* at, const char* end);
    const char* expect(std::string_view rest, state then, const char* at);
    const char* start_element(const char* at, const char* end);
    const char* start_attribute(const char* at);
    const char* close_element(const char* at);
    const char* refuse(errc code, std::string what, const char* at);
    const char* refuse_character(const char* at);
    bool count_node(const char* at);
    void locate(const char* from, const char* to);

    limits limits_;
    std::optional<error> error_;
    std::size_t bytes_ = 0;    ///< taken by earlier calls of feed()
    std::uint64_t line_ = 1;   ///< of the next byte, brought up to date once a piece
    std::uint64_t column_ = 1; ///< in characters
    const char* fault_ = nullptr;

    state state_ = state::start;
    state after_literal_ = state::text;
    std::string_view expected_;
    std::string declaration_; ///< at most declaration_limit bytes
    bool first_markup_ = true;
    bool root_seen_ = false;
    std::uint32_t depth_ = 0;
    std::uint32_t nodes_ = 0;
    std::uint32_t attributes_ = 0;
    std::uint32_t length_ = 0; ///< bytes of the current name or value
    std::uint8_t closing_ = 0; ///< '-' or ']' seen in a row, towards the end of a comment or CDATA section
    char quote_ = '"';

    // A character of more than one byte that is not complete yet.
    std::uint8_t missing_ = 0; ///< continuation bytes still to come
    std::uint8_t low_ = 0x80;  ///< range of the next one
    std::uint8_t high_ = 0xBF;
    std::uint32_t point_ = 0;
};

} // namespace truc::xml
