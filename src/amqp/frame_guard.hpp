#pragma once
#include "wire.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace truc::amqp {

/// Stands before the engine and lets through what is AMQP (part 2, 2.3 and 2.7): protocol headers in their order,
/// frames within the limit, performatives with fields of their types. The engine takes much for granted: this version
/// ends the whole process when the first transfer of a message has no delivery-id (PROTON-2853).
class frame_guard {
  public:
    explicit frame_guard(std::uint32_t max_frame) : max_frame_(max_frame) {}

    /// Looks at the next bytes of the stream. False: they must not reach the engine, nor any that follow; `fault()`.
    bool check(std::string_view bytes);
    const std::string& fault() const { return fault_; }

  private:
    enum class expects : std::uint8_t { header, frame, performative, payload };
    enum class kind : std::uint8_t { none, sasl, amqp };

    bool step(std::string_view& bytes);
    bool take(std::string_view& bytes, std::size_t count);
    bool begin_frame();
    bool begin_protocol();
    bool take_performative(std::string_view& bytes);
    bool end_performative(const wire::prefix& found);
    bool follow_messages(std::uint64_t descriptor, wire::item list);
    bool fail(const char* why);

    const std::uint32_t max_frame_;
    expects state_ = expects::header;
    kind kind_ = kind::none;
    std::string pending_;  ///< of what is being taken
    std::size_t left_ = 0; ///< bytes of the frame not looked at
    std::uint16_t channel_ = 0;
    std::set<std::pair<std::uint16_t, std::int64_t>> unfinished_; ///< channel and handle whose last transfer had `more`
    std::string fault_;
};

} // namespace truc::amqp
