#pragma once
#include "engine.hpp"
#include "frame_guard.hpp"
#include "message_decoder.hpp"
#include "outgoing_message.hpp"

#include <truc/amqp/session.hpp>

#include <proton/event.h>
#include <proton/link.h>

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

namespace truc::amqp {

/// One link, of either side. The engine's link points to it; `over` links are kept until no call may refer to them.
struct link_state {
    link_state(link_handle h, link_role r, pn_link_t* l) : handle(h), role(r), link(l) {}

    const link_handle handle;
    const link_role role;
    pn_link_t* link;
    bool requested = false; ///< by the peer, and not answered yet
    bool over = false;

    // where we receive
    std::size_t window = 0;
    std::size_t granted = 0; ///< credit that the peer has not used
    std::size_t held = 0;    ///< messages arriving, or complete and not settled

    // where we send
    std::deque<outgoing_message*> waiting; ///< for credit
    outgoing_message* current = nullptr;   ///< being written
    int known_credit = 0;
};

/// How an incoming message is settled.
struct verdict {
    std::uint64_t state = 0; ///< the engine's number of the outcome
    std::optional<condition> why;
    std::optional<modification> change;
};

struct incoming_message {
    incoming_message(message_handle h, link_state& l, pn_delivery_t* d, std::size_t head_limit)
        : handle(h), link(l), delivery(d), decoder(head_limit) {}

    const message_handle handle;
    link_state& link;
    pn_delivery_t* delivery;
    message_decoder decoder;
    bool begun = false;           ///< the handler knows it
    bool complete = false;        ///< and has all of it
    bool over = false;            ///< settled, or lost
    std::optional<verdict> early; ///< settled before it was complete: what still comes is thrown away
};

inline constexpr std::uint32_t max_frame = 64 * 1024;

/// The session over Proton's engine.
class engine_session final : public session {
  public:
    engine_session(std::shared_ptr<net::connection> peer, session_options options);

    net::awaitable<void> run(session_handler& handler) override;
    const net::connection::strand& executor() const override { return peer_->executor(); }
    const net::peer_info& peer() const override { return peer_->peer(); }
    void close(std::optional<condition> why) override;
    void drain() override;
    link_handle attach_sender(std::string name, std::string target, property_map properties) override;
    link_handle attach_receiver(std::string name, std::string source, property_map properties) override;
    void accept_link(link_handle link, property_map properties) override;
    void refuse_link(link_handle link, condition why) override;
    void detach(link_handle link, std::optional<condition> why) override;
    void set_window(link_handle link, std::size_t messages) override;
    void accept(message_handle message) override;
    void release(message_handle message) override;
    void reject(message_handle message, condition why) override;
    void modify(message_handle message, modification how) override;
    void pause_reading() override { paused_ = true; }
    void resume_reading() override;
    std::size_t credit(link_handle link) const override;
    std::optional<message_handle> send(link_handle link, message m) override;
    bool withdraw(message_handle message) override;
    high_water most_held() const override { return most_held_; }

  private:
    /// Something that the handler is told when no operation of the session is under way.
    struct report {
        message_handle message;
        std::optional<settlement> end; ///< none: an incoming message is lost
    };

    // run and its two coroutines
    void start();
    net::awaitable<void> read_all();
    net::awaitable<void> let_others();
    net::awaitable<void> write_all(std::shared_ptr<session> self);
    net::awaitable<void> write_until_done();
    bool take_input(std::string_view bytes);
    bool refuse_input();
    net::steady_time tick();
    void give_up(condition why);
    void begin_closing();
    void wake() { bell_.notify(); }
    void finish();

    // what the engine has to say
    void pump();
    void handle_events();
    void handle_event(pn_event_t* event);
    void on_opened();
    void on_closed();
    void on_engine_error();
    void on_password(std::string user, std::string password);
    void on_login(login found);
    void on_session_opened(pn_session_t* begun);
    void on_session_closed(pn_session_t* ended);
    void on_delivery(pn_delivery_t* delivery);
    void deliver_reports();
    void sweep();
    void close_when_idle();

    // links
    pn_session_t* own_session();
    link_state& add_link(link_role role, pn_link_t* link);
    link_state* find(link_handle link) const;
    bool has_room_for_link();
    void on_link_opened(pn_link_t* link);
    void on_link_requested(pn_link_t* link);
    void on_link_closed(pn_link_t* link, bool detached);
    void on_flow(link_state& link);
    void refuse(pn_link_t* link, const condition& why);
    void end_link(link_state& link);
    void break_link(link_state& link, condition why);

    // incoming messages
    void receive(link_state& link);
    void discard(pn_link_t* link);
    incoming_message* begin(link_state& link, pn_delivery_t* delivery);
    void take(incoming_message& m);
    void decode(incoming_message& m, std::string_view bytes);
    void complete(incoming_message& m);
    void lose(incoming_message& m);
    void settle(message_handle message, verdict v);
    void settle_early(incoming_message& m, verdict v);
    void conclude(incoming_message& m, const verdict& v);
    void top_up(link_state& link);

    // outgoing messages
    void feed();
    bool feed(link_state& link);
    void begin_writing(link_state& link);
    void abort(outgoing_message& m);
    void on_outcome(outgoing_message& m);
    void conclude(outgoing_message& m, settlement how);
    void conclude(outgoing_message& m, outcome result);
    void answer_drain(link_state& link);

    const std::shared_ptr<net::connection> peer_;
    session_options options_;
    session_handler* handler_ = nullptr;
    std::unique_ptr<engine> engine_; ///< while `run` runs

    net::wakeup bell_;        ///< for the writing coroutine
    net::wakeup resume_;      ///< for the reading one
    net::wakeup writer_gone_; ///< for `run`
    bool opened_ = false;
    bool closing_ = false; ///< our close is given to the engine
    bool draining_ = false;
    bool paused_ = false;
    bool read_done_ = false;
    bool deaf_ = false; ///< the peer sent what the engine must not see; nothing more is given to it
    frame_guard guard_{max_frame};
    bool ended_by_peer_ = false; ///< the peer's close has come
    std::size_t read_before_open_ = 0;
    std::size_t read_after_close_ = 0;
    bool read_full_ = false; ///< the last read filled its buffer
    net::steady_time opening_deadline_;
    net::steady_time closing_deadline_ = net::steady_time::max();
    std::optional<condition> why_; ///< the first reason for the end

    pn_session_t* own_session_ = nullptr;
    std::uint64_t last_handle_ = 0;
    std::uint64_t last_tag_ = 0;
    std::unordered_map<link_handle, std::unique_ptr<link_state>> links_;
    std::unordered_map<message_handle, std::unique_ptr<incoming_message>> incoming_;
    std::unordered_map<message_handle, std::unique_ptr<outgoing_message>> outgoing_;
    std::vector<report> reports_;
    // what is over, until no call is under way that may refer to it
    std::vector<message_handle> over_incoming_;
    std::vector<message_handle> over_outgoing_;
    std::vector<link_handle> over_links_;
    bool written_out_ = true; ///< the engine had nothing for the socket when it was asked last
    high_water most_held_;
};

} // namespace truc::amqp
