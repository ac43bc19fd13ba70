#pragma once
#include "wire.hpp"

#include <truc/amqp/message.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace truc::amqp {

/// Takes a message (part 3, 3.2) apart while it arrives: everything before the first data section is collected and
/// checked, data passes through uncopied. Strict: sections in their order, every value well-formed, the body one or
/// more data sections. Descriptors are numbers, as everybody writes them.
///
///     for (;;)
///         switch (decoder.next(bytes)) { … }
class message_decoder {
  public:
    enum class step : std::uint8_t {
        more,   ///< all of `bytes` is taken
        head,   ///< `head()` is complete; comes once, before the first data
        data,   ///< `piece()` is the next of section `section()`
        failed, ///< `fault()`; nothing follows
    };

    explicit message_decoder(std::size_t head_limit) : head_left_(head_limit) {}

    /// Takes bytes from the front of `bytes` until there is something to say.
    step next(std::string_view& bytes);
    /// True when the message may end here.
    bool complete() const { return state_ == state::between && prefix_.empty() && sections_ > 0; }

    const message_head& head() const { return head_; }
    std::string_view piece() const { return piece_; }
    std::size_t section() const { return sections_ - 1; }
    const condition& fault() const { return fault_; }

  private:
    enum class state : std::uint8_t { between, value, data, failed };

    step fail(std::string_view name, std::string_view why);
    step take_prefix(std::string_view& bytes);
    step begin_section(const wire::prefix& found);
    step take_value(std::string_view& bytes);
    step take_data(std::string_view& bytes);
    bool understand_section();
    bool understand_properties(std::string_view value);

    state state_ = state::between;
    std::size_t head_left_;       ///< bytes that sections other than data may still have
    std::string prefix_;          ///< of the section that begins, as far as it has come
    std::uint8_t descriptor_ = 0; ///< of the section under way, or the last one
    std::size_t left_ = 0;        ///< bytes of the section that have not come
    std::string value_;           ///< with its constructor and size
    bool announced_ = false;
    bool piece_given_ = false; ///< of this section
    std::size_t sections_ = 0;
    std::string_view piece_;
    message_head head_;
    condition fault_;
};

/// Everything of a message before its first data section.
std::string encode_head(const message_head& head);
/// What stands before the bytes of a data section.
std::string encode_data_prefix(std::size_t size);

} // namespace truc::amqp
