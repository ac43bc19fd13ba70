#pragma once
/// The values that go over AMQP 1.0 (OASIS, parts 1 and 3), as far as Truc speaks it.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace truc::amqp {

/// One value of a property map. Incoming: integers of every width arrive as std::int64_t (one that does not fit is
/// left out), timestamps too (ms since 1970); strings, symbols and UUIDs (as text) as std::string; lists and arrays of
/// strings or symbols as a vector. Entries of any other type are left out. Outgoing: long, string, array of symbols.
using property_value = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;
using property_map = std::map<std::string, property_value, std::less<>>;

/// Null when the entry is missing or of another type.
template <class T>
const T* find(const property_map& map, std::string_view key) {
    const auto at = map.find(key);
    return at == map.end() ? nullptr : std::get_if<T>(&at->second);
}

/// Why something was refused or ended (part 1, 2.8.14). The description is for people; over 1 KiB it is cut.
struct condition {
    std::string name; ///< amqp:… as below, or truc:<code>
    std::string description;
};

inline constexpr std::string_view not_found = "amqp:not-found";
inline constexpr std::string_view not_allowed = "amqp:not-allowed";
inline constexpr std::string_view not_implemented = "amqp:not-implemented";
inline constexpr std::string_view unauthorized_access = "amqp:unauthorized-access";
inline constexpr std::string_view resource_limit_exceeded = "amqp:resource-limit-exceeded";
inline constexpr std::string_view invalid_field = "amqp:invalid-field";
inline constexpr std::string_view decode_error = "amqp:decode-error";
inline constexpr std::string_view internal_error = "amqp:internal-error";
inline constexpr std::string_view illegal_state = "amqp:illegal-state";
inline constexpr std::string_view unattached_handle = "amqp:session:unattached-handle";
inline constexpr std::string_view handle_in_use = "amqp:session:handle-in-use";
inline constexpr std::string_view framing_error = "amqp:connection:framing-error";
inline constexpr std::string_view connection_forced = "amqp:connection:forced";
inline constexpr std::string_view detach_forced = "amqp:link:detach-forced";

/// What stands before the body of a message and is of use to Truc; the rest of header, annotations and properties is
/// checked for form and dropped. Empty text: the field was absent.
struct message_head {
    std::string message_id; ///< a UUID, number or binary id arrives as text, as UUID, decimal or hex
    std::string correlation_id;
    std::string subject;
    std::string content_type;
    property_map properties; ///< application properties
    /// How often somebody has tried to process it and failed (part 3, 3.2.1). Outgoing only.
    std::uint32_t delivery_count = 0;
};

/// The bytes of one data section to be sent: owned, or seen through something that keeps them alive (a mapped file).
/// Cheap to copy.
class data_section {
  public:
    data_section(std::string bytes) // NOLINT: a text is a section
        : data_section(std::make_shared<const std::string>(std::move(bytes))) {}
    data_section(std::string_view bytes, std::shared_ptr<const void> keeper)
        : keeper_(std::move(keeper)), bytes_(bytes) {}

    std::string_view view() const { return bytes_; }

  private:
    explicit data_section(std::shared_ptr<const std::string> own) : keeper_(own), bytes_(*own) {}

    std::shared_ptr<const void> keeper_;
    std::string_view bytes_;
};

/// A message to be sent, marked durable.
struct message {
    message_head head;
    std::vector<data_section> body; ///< at least one
};

/// How a message that we sent ended.
enum class outcome : std::uint8_t {
    accepted,
    released, ///< also when the peer settled without an outcome
    rejected,
    modified,
    lost ///< link or connection ended first: whether the peer took it is not known
};

/// How a message that we received goes back to the peer, when there is something to say of it (part 3, 3.4.5).
struct modification {
    bool failed = false;      ///< we tried and failed (delivery-failed)
    bool not_here = false;    ///< not to be sent again on this link (undeliverable-here)
    property_map annotations; ///< message-annotations; the keys become symbols
};

/// How a message that we sent ended, with what the peer said of it.
struct settlement {
    outcome result = outcome::lost;
    bool failed = false;          ///< modified: the peer tried and failed (part 3, 3.4.5: delivery-failed)
    bool not_here = false;        ///< modified: it is not to be sent again on this link (undeliverable-here)
    std::optional<condition> why; ///< of rejected
    property_map annotations;     ///< of modified: message-annotations with symbols for keys
};

} // namespace truc::amqp
