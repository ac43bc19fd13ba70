#pragma once
#include "wire.hpp"

#include <truc/amqp/message.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace truc::amqp {

/// Stands before the engine and lets through what is AMQP (part 2, 2.3 and 2.7): protocol headers in their order,
/// frames within the limit, performatives with fields of their types, that may stand where they stand. The engine takes
/// much for granted: this version ends the whole process when the first transfer of a message has no delivery-id
/// (PROTON-2853), lets a second open, begin or attach take the place of the first, and counts through a disposition's
/// range one by one.
class frame_guard {
  public:
    explicit frame_guard(std::uint32_t max_frame) : max_frame_(max_frame) {}

    /// Looks at the next bytes of the stream. False: they must not reach the engine, nor any that follow; `fault()`.
    bool check(std::string_view bytes);
    const condition& fault() const { return fault_; }

  private:
    enum class expects : std::uint8_t { header, frame, performative, payload };
    enum class kind : std::uint8_t { none, sasl, amqp };

    bool step(std::string_view& bytes);
    bool take(std::string_view& bytes, std::size_t count);
    bool begin_frame();
    bool begin_protocol();
    bool take_performative(std::string_view& bytes);
    bool end_performative(const wire::prefix& found);
    bool follow_sasl(std::uint64_t descriptor);
    bool follow(std::uint64_t descriptor, const wire::item& list);
    bool follow_connection(std::uint64_t descriptor);
    bool follow_link(std::uint64_t descriptor, const wire::item& list);
    bool follow_transfer(std::uint64_t handle, const wire::item& list);
    bool fail(const char* why, std::string_view name = framing_error);

    const std::uint32_t max_frame_;
    expects state_ = expects::header;
    kind kind_ = kind::none;
    std::string pending_;  ///< of what is being taken
    std::size_t left_ = 0; ///< bytes of the frame not looked at
    std::uint16_t channel_ = 0;
    std::set<std::uint64_t> sasl_; ///< performatives of SASL that have come
    enum class life : std::uint8_t { before_open, open, closed };
    life life_ = life::before_open;
    struct peer_link {
        bool sends = false;
        bool goes_on = false; ///< a message is under way whose last transfer had `more`
    };
    /// Of each session, by handle.
    std::map<std::uint16_t, std::map<std::uint64_t, peer_link>> sessions_;
    std::size_t links_ = 0;
    condition fault_;
};

} // namespace truc::amqp
