#include "frame_guard.hpp"

#include "wire.hpp"

#include <algorithm>
#include <array>

namespace truc::amqp {

namespace {

constexpr std::string_view sasl_header("AMQP\x03\x01\x00\x00", 8);
constexpr std::string_view amqp_header("AMQP\x00\x01\x00\x00", 8);
constexpr std::size_t header_size = 8;
constexpr std::size_t most_links = 4096;      ///< more than any peer may have
constexpr std::uint32_t most_settled = 65536; ///< deliveries by one disposition: more than are ever under way

/// The fields of a performative, a letter each, as in part 2, 2.7: s string, y one or more symbols, L ulong, I uint,
/// H ushort, B ubyte, b boolean, x binary, m map, d described. `!` after it: it must be there.
struct form {
    std::uint64_t descriptor;
    std::string_view fields;
};

enum performative : std::uint64_t {
    open = 0x10,
    begin,
    attach,
    flow,
    transfer,
    disposition,
    detach,
    end_of_session,
    close_connection,
};

constexpr form amqp_forms[] = {
    {open, "s!sIHIyyyym"},         //
    {begin, "HI!I!I!Iyym"},        //
    {attach, "s!I!b!BBddmbILyym"}, //
    {flow, "II!I!I!IIIIbbm"},      //
    {transfer, "I!IxIbbBdbbb"},    //
    {disposition, "b!I!Ibdb"},     //
    {detach, "I!bd"},              //
    {end_of_session, "d"},         //
    {close_connection, "d"},       //
};

/// Part 5, 5.3.3.
constexpr form sasl_forms[] = {
    {0x40, "y!"},   // mechanisms
    {0x41, "y!xs"}, // init
    {0x42, "x!"},   // challenge
    {0x43, "x!"},   // response
    {0x44, "B!x"},  // outcome
};

bool is_symbols(const wire::item& field) {
    if (field.type == wire::type::symbol) return true;
    return field.type == wire::type::array && (field.element == 0xa3 || field.element == 0xb3);
}

bool is_unsigned(const wire::item& field, unsigned width) {
    return field.type == wire::type::integer && field.width == width && (field.integer >= 0 || !field.fits);
}

bool has_type(const wire::item& field, char letter) {
    switch (letter) {
    case 's':
        return field.type == wire::type::string;
    case 'y':
        return is_symbols(field);
    case 'L':
        return is_unsigned(field, 8);
    case 'I':
        return is_unsigned(field, 4);
    case 'H':
        return is_unsigned(field, 2);
    case 'B':
        return is_unsigned(field, 1);
    case 'b':
        return field.type == wire::type::boolean;
    case 'x':
        return field.type == wire::type::binary;
    case 'm':
        return field.type == wire::type::map;
    default:
        return field.type == wire::type::described;
    }
}

/// `list` was read already: its elements are whole.
bool fits(wire::item list, std::string_view letters) {
    for (std::size_t i = 0; i < letters.size(); ++i) {
        const char letter = letters[i];
        const bool required = i + 1 < letters.size() && letters[i + 1] == '!';
        wire::item field;
        if (list.count > 0) {
            wire::read(list.bytes, field);
            --list.count;
        }
        if (field.type == wire::type::null ? required : !has_type(field, letter)) return false;
        i += required;
    }
    return list.count == 0;
}

/// The first fields of a performative, null where the list ends; a transfer has no more.
std::array<wire::item, 11> read_fields(wire::item list) {
    std::array<wire::item, 11> fields;
    for (std::uint32_t i = 0; i < list.count && i < fields.size(); ++i) wire::read(list.bytes, fields[i]);
    return fields;
}

template <std::size_t N>
const form* find(const form (&forms)[N], std::uint64_t descriptor) {
    const auto* const at = std::find_if(forms, forms + N, [&](const form& f) { return f.descriptor == descriptor; });
    return at == forms + N ? nullptr : at;
}

} // namespace

bool frame_guard::check(std::string_view bytes) {
    while (!bytes.empty())
        if (!step(bytes)) return false;
    return true;
}

bool frame_guard::fail(const char* why, std::string_view name) {
    fault_ = condition{std::string(name), why};
    return false;
}

/// Collects so many bytes; true when they are there.
bool frame_guard::take(std::string_view& bytes, std::size_t count) {
    const auto some = std::min(count - pending_.size(), bytes.size());
    pending_.append(bytes.substr(0, some));
    bytes.remove_prefix(some);
    return pending_.size() == count;
}

bool frame_guard::step(std::string_view& bytes) {
    switch (state_) {
    case expects::header:
    case expects::frame:
        return !take(bytes, header_size) || begin_frame();
    case expects::performative:
        return take_performative(bytes);
    case expects::payload: {
        const auto some = std::min(left_, bytes.size());
        bytes.remove_prefix(some);
        left_ -= some;
        if (left_ == 0) state_ = expects::frame;
        return true;
    }
    }
    return false;
}

bool frame_guard::begin_frame() {
    if (state_ == expects::header || pending_.starts_with("AMQP")) return begin_protocol();
    const auto byte = [this](std::size_t i) { return static_cast<std::uint8_t>(pending_[i]); };
    const std::size_t size = std::size_t{byte(0)} << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
    const bool of_this_layer = byte(5) == (kind_ == kind::sasl ? 1 : 0);
    // Extended headers are for nobody; a frame without a performative keeps the connection alive.
    if (size < header_size || size > max_frame_ || byte(4) != 2 || !of_this_layer) return fail("not a frame");
    channel_ = static_cast<std::uint16_t>(byte(6) << 8 | byte(7));
    left_ = size - header_size;
    pending_.clear();
    if (left_ == 0) return kind_ == kind::amqp || fail("an empty frame of SASL");
    state_ = expects::performative;
    return true;
}

bool frame_guard::begin_protocol() {
    const bool sasl = pending_ == sasl_header;
    if ((!sasl && pending_ != amqp_header) || (sasl && kind_ != kind::none) || kind_ == kind::amqp)
        return fail("not the protocol header that may stand here");
    kind_ = sasl ? kind::sasl : kind::amqp;
    pending_.clear();
    state_ = expects::frame;
    return true;
}

/// The performative is collected; what follows it in a transfer is not.
bool frame_guard::take_performative(std::string_view& bytes) {
    for (;;) {
        wire::prefix found;
        const auto state = pending_.empty() ? wire::prefix::state::partial : wire::read_prefix(pending_, found);
        if (state == wire::prefix::state::bad) return fail("a frame without a performative");
        const bool whole = state == wire::prefix::state::whole;
        const auto wanted = whole ? found.length + found.size : pending_.size() + 1;
        if (wanted - pending_.size() > left_) return fail("a frame that ends too early");
        if (whole && wanted == pending_.size()) return end_performative(found);
        if (bytes.empty()) return true;
        const auto before = pending_.size();
        take(bytes, wanted);
        left_ -= pending_.size() - before;
    }
}

bool frame_guard::end_performative(const wire::prefix& found) {
    const auto* const form =
        kind_ == kind::sasl ? find(sasl_forms, found.descriptor) : find(amqp_forms, found.descriptor);
    auto value = std::string_view(pending_).substr(found.value_at);
    wire::item list;
    if (!form || !wire::read(value, list) || list.type != wire::type::list || !fits(list, form->fields))
        return fail("a performative that is malformed");
    const bool carries_payload = kind_ == kind::amqp && found.descriptor == transfer;
    if (left_ > 0 && !carries_payload) return fail("bytes after a performative");
    if (!(kind_ == kind::sasl ? follow_sasl(found.descriptor) : follow(found.descriptor, list))) return false;
    pending_.clear();
    state_ = left_ > 0 ? expects::payload : expects::frame;
    return true;
}

/// No mechanism here says the same thing twice. (The engine keeps the names of all that were ever chosen.)
bool frame_guard::follow_sasl(std::uint64_t descriptor) {
    return sasl_.insert(descriptor).second || fail("SASL says the same twice", illegal_state);
}

/// What may come next, as far as it follows from what the peer itself has sent.
bool frame_guard::follow(std::uint64_t descriptor, const wire::item& list) {
    if (descriptor == open || descriptor == close_connection) return follow_connection(descriptor);
    if (life_ != life::open) return fail("a frame before open or after close", illegal_state);
    const auto session = sessions_.find(channel_);
    if (descriptor == begin) {
        if (session != sessions_.end()) return fail("a session that has begun already", illegal_state);
        sessions_[channel_];
        return true;
    }
    if (session == sessions_.end()) return fail("a frame of no session", illegal_state);
    if (descriptor == end_of_session) {
        links_ -= session->second.size();
        sessions_.erase(session);
        return true;
    }
    return follow_link(descriptor, list);
}

bool frame_guard::follow_connection(std::uint64_t descriptor) {
    const auto before = std::exchange(life_, descriptor == open ? life::open : life::closed);
    const auto expected = descriptor == open ? life::before_open : life::open;
    return before == expected || fail("not the order of open and close", illegal_state);
}

bool frame_guard::follow_link(std::uint64_t descriptor, const wire::item& list) {
    const auto fields = read_fields(list);
    const auto number = [&](std::size_t i) { return static_cast<std::uint64_t>(fields[i].integer); };
    auto& links = sessions_[channel_];
    if (descriptor == attach) {
        const bool receives = fields[2].integer != 0;
        if (!links.emplace(number(1), peer_link{!receives}).second)
            return fail("a handle that is in use", handle_in_use);
        return ++links_ <= most_links || fail("too many links", resource_limit_exceeded);
    }
    if (descriptor == disposition) {
        const auto last = fields[2].type == wire::type::null ? number(1) : number(2);
        return static_cast<std::uint32_t>(last - number(1)) < most_settled ||
               fail("a disposition of too many deliveries", not_allowed);
    }
    const auto& handle = fields[descriptor == flow ? 4 : 0];
    if (handle.type == wire::type::null) return true; // a flow of the session
    const auto link = static_cast<std::uint64_t>(handle.integer);
    if (!links.contains(link)) return fail("a handle that is not attached", unattached_handle);
    if (descriptor == transfer) return follow_transfer(link, list);
    if (descriptor == detach) links_ -= links.erase(link);
    return true;
}

/// The first transfer of a message names it (part 2, 2.7.5); those that continue it need not.
bool frame_guard::follow_transfer(std::uint64_t handle, const wire::item& list) {
    const auto fields = read_fields(list);
    auto& [sends, goes_on] = sessions_[channel_][handle];
    // The engine would keep it, and nobody would ever take it.
    if (!sends) return fail("a message on a link by which the peer receives", not_allowed);
    const bool named = fields[1].type != wire::type::null && fields[2].type != wire::type::null;
    if (!goes_on && !named) return fail("a message without a delivery-id or delivery-tag");
    goes_on = fields[5].integer != 0 && fields[9].integer == 0; // more, not aborted
    return true;
}

} // namespace truc::amqp
