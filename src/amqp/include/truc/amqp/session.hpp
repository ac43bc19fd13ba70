#pragma once
#include <truc/amqp/message.hpp>
#include <truc/net/connection.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace truc::amqp {

/// A link or message of one session. Numbers are never reused within a session, so a handle kept too long does no
/// harm: every operation on one that is over does nothing.
enum class link_handle : std::uint64_t {};
enum class message_handle : std::uint64_t {};

/// Who is at the other end, from its open performative.
struct peer_open {
    std::string container;
    property_map properties;
    std::string mechanism; ///< of SASL. With EXTERNAL, identity is the connection's peer(), checked by the handler
    std::string user;      ///< whose password was good, with PLAIN
};

/// What a password was found to be.
enum class login : std::uint8_t {
    good,
    bad,
    unknown ///< it could not be looked at: the peer may come again
};
/// Checks a name and a password. `answer` is called once, on any thread, perhaps before this returns. Called on the
/// connection's strand, which it must not hold up.
using password_check = std::function<void(std::string user, std::string password, std::function<void(login)> answer)>;

enum class link_role : std::uint8_t { we_send, we_receive };

/// A link that the peer wants.
struct link_request {
    link_role role;
    std::string name;
    std::string address; ///< ours: the source's when we send, the target's when we receive; may be empty
    property_map properties;
};

/// What one connection may cost. Times count from the end of the TLS handshake.
struct session_limits {
    std::chrono::milliseconds opening_time{10'000}; ///< until the peer's open has come
    std::size_t opening_bytes = 64 * 1024;          ///< read before the peer's open has come
    std::chrono::milliseconds idle_time{60'000};    ///< silence after which the peer is gone
    std::chrono::milliseconds closing_time{5'000};  ///< for the peer's answer to our close
    std::size_t links = 16;                         ///< that the peer may attach, at a time
    std::size_t sessions = 4;                       ///< AMQP sessions that the peer may begin, at a time
    std::size_t head_bytes = 64 * 1024;             ///< of a message before its first data section
};

struct session_options {
    enum class side : std::uint8_t { server, client };

    side role = side::server;
    std::string container;   ///< our container id
    property_map properties; ///< of our open performative
    session_limits limits;
    // Of a server: how the peer may say who it is. Where both are impossible no peer gets in.
    bool external = true; ///< by the certificate that it showed, if it did
    password_check plain; ///< by a password; null: not offered
};

/// What happens on a session. All calls come on the connection's strand, one at a time, never from inside an operation
/// of the session; every operation may be used inside them. One that throws ends the connection (amqp:internal-error).
class session_handler {
  public:
    virtual ~session_handler() = default;

    /// The peer's open has come; the first call. To turn the peer away call `session::close`.
    virtual void opened(const peer_open& peer) = 0;
    /// The last call, and always made if `run` was called, after every message under way was reported. `why` is the
    /// first condition by which either side ended it, amqp:connection:forced when it was lost; none: it was closed in
    /// order and without a reason.
    virtual void closed(const std::optional<condition>& why) = 0;

    /// The peer wants a link: answer with `accept_link` or `refuse_link`, now or later.
    virtual void link_requested(link_handle link, const link_request& request) = 0;
    /// A link that we asked for is there.
    virtual void link_attached(link_handle link) = 0;
    /// A link of either side ended, by the peer (also: it refused ours) or for a fault of the peer; not called for
    /// `detach`, `refuse_link` and the end of the connection. Its messages were reported before.
    virtual void link_detached(link_handle link, const std::optional<condition>& why) = 0;

    /// So many messages may be sent now on a link on which we send; called when the peer changed it.
    virtual void credit_changed(link_handle link, std::size_t credit) = 0;
    /// A message that we sent is over. Called exactly once for each `send` that gave a handle.
    virtual void settled(message_handle message, const settlement& how) = 0;

    /// A message begins to arrive. Until `message_complete` or `message_lost`, or until the handler settles it early,
    /// its body follows; messages of different links may interleave.
    virtual void message_begun(link_handle link, message_handle message, const message_head& head) = 0;
    /// The next bytes of data section `section` (from 0); at least one call a section, perhaps with no bytes. The bytes
    /// live during the call.
    virtual void message_data(message_handle message, std::size_t section, std::string_view bytes) = 0;
    /// All of it is there: settle it, now or later. It occupies the link's window until then.
    virtual void message_complete(message_handle message) = 0;
    /// It will not be completed: the peer aborted it, it is no AMQP message of data sections (then it was rejected with
    /// amqp:decode-error), or its link or connection ended. Not called for one that was complete.
    virtual void message_lost(message_handle message) = 0;
};

/// One AMQP 1.0 connection of either side, from SASL to close, over a connection whose TLS handshake is done. Links
/// that we ask for share one AMQP session.
///
/// Memory is bounded whatever the peer does: incoming bodies go to the handler as they come, outgoing ones are taken
/// from their sections in pieces of 64 KiB while less than 256 KiB wait in the engine; nothing is read from the socket
/// while the handler has paused reading.
///
/// Lifecycle: held by shared_ptr, no longer than the loop lives; made, then `run` once. After `run` operations do
/// nothing and handles mean nothing.
/// Threads: all members only on the connection's strand; others post to `executor()`.
/// Errors: reach the handler as `closed`; a message sent ends as `lost` whenever its outcome is not known.
class session : public std::enable_shared_from_this<session> {
  public:
    static std::shared_ptr<session> make(std::shared_ptr<net::connection> peer, session_options options);
    virtual ~session() = default;
    session(const session&) = delete;

    /// Serves the connection until it is over, then closes it. The handler lives until this returns.
    virtual net::awaitable<void> run(session_handler& handler) = 0;

    virtual const net::connection::strand& executor() const = 0;
    virtual const net::peer_info& peer() const = 0;

    /// Ends the connection: what was sent and settled before goes out first. `closed` follows.
    virtual void close(std::optional<condition> why = {}) = 0;
    /// Begins nothing new, in either direction, and closes (amqp:connection:forced) when nothing is under way. A
    /// connection that drains (its listener stops) does this by itself.
    virtual void drain() = 0;

    /// Asks for a link, after `opened`. `name` is unique among our links to this peer.
    virtual link_handle attach_sender(std::string name, std::string target, property_map properties = {}) = 0;
    virtual link_handle attach_receiver(std::string name, std::string source, property_map properties = {}) = 0;
    /// Answers `link_requested`.
    virtual void accept_link(link_handle link, property_map properties = {}) = 0;
    virtual void refuse_link(link_handle link, condition why) = 0;
    /// Ends a link. Messages sent on it that are not settled end as `lost`.
    virtual void detach(link_handle link, std::optional<condition> why = {}) = 0;

    /// How many messages the peer may have with us on a link on which we receive: granted, arriving, and complete but
    /// not settled. Topped up when half of it is used. A link begins with 0; lowering takes nothing back.
    virtual void set_window(link_handle link, std::size_t messages) = 0;
    /// Settle an incoming message, complete or not. What still comes of it is thrown away.
    virtual void accept(message_handle message) = 0;
    virtual void release(message_handle message) = 0;
    virtual void reject(message_handle message, condition why) = 0;
    virtual void modify(message_handle message, modification how) = 0;

    /// No bytes are read from the socket until reading is resumed; what was read already (64 KiB at most) still
    /// arrives. Outcomes wait too, so resume soon.
    virtual void pause_reading() = 0;
    virtual void resume_reading() = 0;

    /// What `send` can take now without making a message wait; 0 for a link that is over.
    virtual std::size_t credit(link_handle link) const = 0;
    /// Sends in the order of calls as the peer's credit allows. Nothing when the link is over or the session drains.
    virtual std::optional<message_handle> send(link_handle link, message m) = 0;
    /// Gives up a message that is not wholly written: it ends as `released`. False: too late, await its outcome.
    virtual bool withdraw(message_handle message) = 0;

    /// How much was held in memory at most, in bytes.
    struct high_water {
        std::size_t incoming = 0; ///< of bodies, before the handler took them
        std::size_t outgoing = 0; ///< of messages, in the engine
    };
    virtual high_water most_held() const = 0;

  protected:
    session() = default;
};

} // namespace truc::amqp
