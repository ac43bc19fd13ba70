#pragma once
#include <truc/http/request.hpp>

namespace truc::http {

/// The bytes of an answer that are not held in a string, e.g. a mapped content file. Read by one strand.
class content {
  public:
    virtual ~content() = default;
    virtual std::uint64_t size() const = 0;
    /// At least one byte from `offset` (< size) on, at most `most`; valid until the next call.
    /// An error breaks the connection off: the length was promised already.
    virtual result<std::string_view> piece(std::uint64_t offset, std::size_t most) = 0;
};

/// An answer: status, fields, and a body from a string or a stretch of a content. Content-Length, Connection and Date
/// are the server's business. (A class with a constructor, as values that cross coroutines must be; see CONTRIBUTING.)
class response {
  public:
    explicit response(unsigned code = 204) : status(code) {}
    response(unsigned code, std::string type, std::string text) : status(code), body(std::move(text)) {
        add("Content-Type", std::move(type));
    }

    response& add(std::string name, std::string value) {
        fields.push_back(field{std::move(name), std::move(value)});
        return *this;
    }
    /// Sends `length` bytes of `source` from `offset` on.
    response& stream(std::shared_ptr<content> source, std::uint64_t offset, std::uint64_t length);

    std::uint64_t body_size() const { return source ? length : body.size(); }

    unsigned status;
    std::vector<field> fields;
    std::string body;
    std::shared_ptr<content> source; ///< when set, sent instead of `body`
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

/// 200 with the whole content, 206 with the one range asked for, 416 when it lies outside (RFC 9110, section 14).
/// Several ranges, other units and malformed ones are ignored, as the RFC allows; so is any when If-Range names another
/// version. `tag`: what the content's ETag holds between its quotation marks; 304 when If-None-Match has it.
response make_ranged(const request_head& head, std::shared_ptr<content> source, std::string type,
                     const std::string& tag);

/// 304 when If-None-Match has the tag of `whole`, else `whole` with it as its ETag.
response unless_known(const request_head& head, const std::string& tag, response whole);

/// The standard reason phrase; empty for unknown codes.
std::string_view reason_phrase(unsigned status);

} // namespace truc::http
