#include "stand_in.hpp"

#include <fmt/format.h>

namespace truc::bench {

namespace {

constexpr std::size_t window = 512; // messages

} // namespace

amqp::property_map stand_in::properties() const {
    amqp::property_map p;
    p["truc-node"] = name();
    p["truc-version"] = std::int64_t{1};
    p["truc-abilities"] = std::vector<std::string>(1, "custody-1");
    return p;
}

void stand_in::begin() {
    giving_ = session().attach_sender("relay", "relay");
    session().attach_receiver("receipts", "receipts", {{"truc-after", std::int64_t{0}}});
}

void stand_in::link_requested(amqp::link_handle link, const amqp::link_request& request) {
    session().accept_link(link);
    if (request.role != amqp::link_role::we_receive) return;
    if (request.address == "relay") taking_ = link;
    session().set_window(link, window);
}

void stand_in::link_attached(amqp::link_handle link) {
    if (link != giving_) session().set_window(link, window);
}

void stand_in::credit_changed(amqp::link_handle link, std::size_t) {
    if (link == giving_) give();
}

void stand_in::give() {
    while (!legs_.empty() && session().credit(*giving_) > 0) {
        auto& leg = legs_.front();
        amqp::message m;
        m.body = {std::move(leg.envelope), std::move(leg.receipt), std::move(leg.content)};
        legs_.pop_front();
        if (!session().send(*giving_, std::move(m))) return fail("a leg could not be sent");
    }
}

void stand_in::settled(amqp::message_handle, const amqp::settlement& how) {
    if (how.result == amqp::outcome::accepted)
        note();
    else
        fail(fmt::format("a leg was not accepted ({}): {}", static_cast<int>(how.result), in_words(how.why)));
}

void stand_in::message_begun(amqp::link_handle link, amqp::message_handle message, const amqp::message_head&) {
    if (link == taking_) leg_ = message;
}

void stand_in::message_complete(amqp::message_handle message) {
    session().accept(message);
    if (message == leg_) note();
}

void stand_in::note() {
    const std::scoped_lock lock(mutex_);
    moments_.push_back(std::chrono::steady_clock::now());
}

std::vector<std::chrono::steady_clock::time_point> stand_in::moments() const {
    const std::scoped_lock lock(mutex_);
    return moments_;
}

std::size_t stand_in::count() const {
    const std::scoped_lock lock(mutex_);
    return moments_.size();
}

} // namespace truc::bench
