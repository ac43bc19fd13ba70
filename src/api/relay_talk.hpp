#pragma once
#include "relay_announcement.hpp"
#include "relay_heads.hpp"
#include "relay_part.hpp"

#include <deque>
#include <set>
#include <unordered_map>

namespace truc::api {

/// The links `neighbour` of a session, in both directions: announcements (at the beginning, regularly, when asked) and
/// directory sections. What a neighbour says of its clock and log is judged here, and remembered.
class relay_talk final : public relay_part {
  public:
    relay_talk(std::shared_ptr<relay_core> core, relay_session& owner);

    /// Asks for our link and announces.
    void open();
    /// Sends the sections that the neighbour lacks, as far as its versions are known.
    void offer_sections();
    void ping(neighbourhood::ping_completion done);
    /// Whether the neighbour's link is there.
    bool listens() const { return their_link_.has_value(); }

    void attached(amqp::link_handle link) override;
    void detached(amqp::link_handle link, const std::optional<amqp::condition>& why) override;
    void credit_changed(amqp::link_handle link, std::size_t credit) override;
    bool settled(amqp::message_handle message, amqp::outcome result,
                 const std::optional<amqp::condition>& why) override;
    void message_begun(amqp::link_handle link, amqp::message_handle message, const amqp::message_head& head) override;
    void message_data(amqp::message_handle message, std::size_t section, std::string_view bytes) override;
    void message_complete(amqp::message_handle message) override;
    void message_lost(amqp::message_handle message) override;

  private:
    using steady = std::chrono::steady_clock;

    /// Something that we sent.
    struct statement {
        steady::time_point at;
        std::string section; ///< its node; empty: an announcement
        std::uint64_t version = 0;
        std::optional<relay_announcement::log_state> proven; ///< what the neighbour knows of our log once it has this
    };
    /// An announcement before it is sent.
    struct draft {
        relay_announcement text;
        std::optional<relay_announcement::log_state> proven;
    };
    /// Something that came.
    struct word {
        amqp::message_handle message{};
        bool section = false;
        std::string text;
        timestamp at;
    };
    struct asked {
        neighbourhood::ping_completion done;
        steady::time_point until;
    };

    void closed() override;

    // out
    void announce(bool echo);
    static result<draft> prepare(const relay::options& use, const std::string& neighbour,
                                 const std::optional<relay_announcement::log_state>& peer_knows, bool heard);
    bool may_speak() const;
    void speak();
    void prepare_announcement();
    void prepare_sections();
    void say(draft d);
    void announce_later();
    void send_sections(const std::vector<store::kept_section>& sections);
    void section_settled(const statement& what, amqp::outcome result, const std::optional<amqp::condition>& why);

    // in, one after the other
    void next();
    void done_with_word();
    void listen_to_announcement(const word& w);
    void listen_to_section(const word& w);
    void understand(const word& w, heard_announcement& h);
    void judge(const heard_announcement& h);
    void remember(const heard_announcement& h);
    void note_clock(const word& w, const relay_announcement& said);

    void answer_pings();
    void end_pings();
    void await_pings();

    std::optional<amqp::link_handle> our_link_;
    std::optional<amqp::link_handle> their_link_;
    net::asio::steady_timer timer_; ///< of the next announcement
    net::asio::steady_timer ping_timer_;
    std::unordered_map<amqp::message_handle, statement> said_; ///< not settled
    bool announce_ = false;                                    ///< there is something to announce
    bool echo_ = false;                                        ///< and to ask
    bool offer_ = false;                                       ///< there may be sections that they lack
    bool preparing_ = false;

    std::optional<word> arriving_;
    std::deque<word> words_;
    bool busy_ = false;

    bool heard_ = false;                                      ///< any announcement
    std::optional<relay_announcement::log_state> peer_knows_; ///< of our log
    std::optional<section_keeper::versions_by_node> their_sections_;
    std::set<std::pair<std::string, std::uint64_t>> refused_; ///< sections that they do not take
    std::optional<milliseconds> round_trip_;
    restoring_watch restoring_;
    unsigned unproven_ = 0; ///< announcements in a row whose head was not proven to extend the remembered one
    std::vector<asked> pings_;
};

} // namespace truc::api
