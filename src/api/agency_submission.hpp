#pragma once
#include "agency_part.hpp"

namespace truc::api {

/// How much of what is submitted on one connection is in memory; reading pauses when it is much. Used on the strand.
class reading_gate {
  public:
    reading_gate(agency_core& core, amqp::session& session) : core_(core), session_(session) {}
    void hold(std::size_t before, std::size_t after);

  private:
    agency_core& core_;
    amqp::session& session_;
    std::size_t held_ = 0;
    bool paused_ = false;
};

/// Documents that a client submits: into a spool while they arrive, examined on the pool when it is the client's turn,
/// accepted after the commit. What is wrong with one of them is answered to it alone. Memory is bounded by credit and,
/// in bytes, by not reading.
class agency_submission final : public agency_part {
  public:
    agency_submission(std::shared_ptr<agency_core> core, std::shared_ptr<amqp::session> session, amqp::link_handle link,
                      agency_login login, std::shared_ptr<reading_gate> gate)
        : agency_part(std::move(core), std::move(session), link, std::move(login)), gate_(std::move(gate)) {}

    void open() override;
    void message_begun(amqp::message_handle message, const amqp::message_head& head) override;
    void message_data(amqp::message_handle message, std::string_view bytes) override;
    void message_complete(amqp::message_handle message) override;
    void message_lost(amqp::message_handle message) override;

  private:
    struct arrival;
    using arrival_ptr = std::shared_ptr<arrival>;

    void feed(const arrival_ptr& a);
    void fed(const arrival_ptr& a, const result<void>& outcome);
    void examine(const arrival_ptr& a);
    void answer(const arrival_ptr& a, const result<void>& outcome);
    void end(arrival& a);
    void hold(arrival& a, std::size_t bytes);
    void closed() override;

    arrival_ptr arriving_;
    const std::shared_ptr<reading_gate> gate_;
};

} // namespace truc::api
