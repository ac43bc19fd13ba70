#include "exchange_session.hpp"

#include "exchange_messages.hpp"
#include "growing_pause.hpp"

#include <truc/base/log.hpp>

#include <algorithm>

namespace truc::client {

namespace {

constexpr std::size_t largest_content = std::size_t{72} << 20; ///< what a node takes, so that it gives no more
constexpr std::size_t evidence_window = 64;
constexpr std::chrono::milliseconds closing_time{2'000};
/// A link that lasted so long was a good one.
constexpr std::chrono::milliseconds proven_link{5'000};

amqp::session_options options_of(const exchange_options& o) {
    amqp::session_options s;
    s.role = amqp::session_options::side::client;
    s.container = o.name;
    s.limits.closing_time = closing_time;
    return s;
}

} // namespace

exchange_session::exchange_session(std::shared_ptr<exchange_core> core, std::shared_ptr<net::connection> peer)
    : core_(std::move(core)),
      amqp_(amqp::session::make(peer, options_of(core_->options))),
      timer_(net::asio::any_io_executor(peer->executor())) {
    links_.emplace_back(service::submit);
    links_.emplace_back(service::inbox);
    for (const auto& agency : core_->options.evidence_of) links_.emplace_back(service::receipts, agency);
}

/// Those who submit wait for an answer in any case, also when a fault of ours ended the connection.
exchange_session::~exchange_session() {
    for (const auto& [message, job] : sent_) core_->outgoing.answer(job, to_answer({}));
}

net::awaitable<void> exchange_session::run() { co_await amqp_->run(*this); }

void exchange_session::pump() {
    if (!open_) return;
    settle_deliveries();
    make_inbox_anew();
    withdraw();
    send();
    attach_what_is_missing();
}

void exchange_session::close() {
    if (open_) settle_deliveries();
    amqp_->close();
}

// --- the connection and its links --------------------------------------------------------------------------------

void exchange_session::opened(const amqp::peer_open&) {
    open_ = true;
    pump();
}

void exchange_session::closed(const std::optional<amqp::condition>& why) {
    open_ = false;
    timer_.cancel();
    // Each was reported as lost before; what never came to be sent stays on its desk.
    core_->inbox.link_lost();
    core_->receipts.connection_lost();
    core_->note(false, why ? text_of(*why) : "the node has closed the connection");
}

/// Nodes ask agencies' systems for nothing.
void exchange_session::link_requested(amqp::link_handle link, const amqp::link_request&) {
    amqp_->refuse_link(link, amqp::condition{std::string(amqp::not_allowed), "this client has no addresses"});
}

exchange_session::own_link* exchange_session::find(amqp::link_handle link) {
    const auto at =
        std::find_if(links_.begin(), links_.end(), [&](const own_link& l) { return l.asked && l.handle == link; });
    return at == links_.end() ? nullptr : &*at;
}

void exchange_session::attach_what_is_missing() {
    const auto now = steady::now();
    auto next = steady::time_point::max();
    for (auto& link : links_) {
        if (link.asked || (link.what == service::receipts && !core_->receipts.is_read())) continue;
        if (link.since <= now)
            attach(link);
        else
            next = std::min(next, link.since);
    }
    if (next != steady::time_point::max()) attach_later(next);
}

void exchange_session::attach(own_link& link) {
    link.asked = true;
    const auto name = core_->options.name + "-" + std::to_string(++links_made_);
    if (link.what == service::submit) {
        link.handle = amqp_->attach_sender(name, "submit");
    } else if (link.what == service::inbox) {
        link.handle = amqp_->attach_receiver(name, "inbox");
        amqp_->set_window(link.handle, core_->options.window);
    } else {
        amqp::property_map from;
        if (const auto position = core_->receipts.position(link.agency); position > 0) from["truc-after"] = position;
        link.handle = amqp_->attach_receiver(name, "receipts/" + link.agency, std::move(from));
        amqp_->set_window(link.handle, evidence_window);
    }
}

void exchange_session::attach_later(steady::time_point at) {
    timer_.expires_at(at);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
        const auto self = weak.lock();
        if (!failure && self) self->pump();
    });
}

void exchange_session::link_attached(amqp::link_handle handle) {
    auto* const link = find(handle);
    if (!link) return;
    link->attached = true;
    link->since = steady::now();
    link->fault.clear();
    tell_state();
}

void exchange_session::link_detached(amqp::link_handle handle, const std::optional<amqp::condition>& why) {
    auto* const link = find(handle);
    if (!link) return;
    link->fault = why ? text_of(*why) : "the node has ended a link";
    const auto now = steady::now();
    if (link->attached && now - link->since > proven_link) link->failures = 0;
    link->since = now + growing_pause(link->failures++);
    forget(*link);
    tell_state();
    pump();
}

void exchange_session::forget(own_link& link) {
    link.asked = link.attached = false;
    if (link.what == service::inbox) core_->inbox.link_lost();
    if (link.what == service::receipts) core_->receipts.link_lost(link.agency);
}

/// Connected is who can submit and receive; a feed that cannot be read is a fault all the same.
void exchange_session::tell_state() {
    bool connected = true;
    std::string fault;
    for (const auto& link : links_) {
        if (link.what != service::receipts) connected &= link.attached;
        if (fault.empty()) fault = link.fault;
    }
    was_connected_ |= connected;
    core_->note(connected, connected || !fault.empty() ? fault : "not connected yet");
}

void exchange_session::make_inbox_anew() {
    auto& link = links_[1];
    if (!core_->ask_again.exchange(false) || !link.asked) return;
    amqp_->detach(link.handle);
    forget(link);
    tell_state();
}

// --- submissions -------------------------------------------------------------------------------------------------

void exchange_session::credit_changed(amqp::link_handle, std::size_t) { send(); }

void exchange_session::send() {
    const auto& link = links_[0];
    while (link.attached && amqp_->credit(link.handle) > 0) {
        const auto job = core_->outgoing.fetch();
        if (!job) return;
        if (const auto handle = amqp_->send(link.handle, to_message(job->what())))
            sent_.emplace(*handle, *job);
        else
            core_->outgoing.answer(*job, {submission_answer::outcome::later, {}, "the connection is being closed"});
    }
}

void exchange_session::settled(amqp::message_handle message, const amqp::settlement& how) {
    const auto job = sent_.extract(message);
    if (!job.empty()) core_->outgoing.answer(job.mapped(), to_answer(how));
}

/// Those whose callers wait no longer. What is wholly written may have been accepted; the engine needs its bytes no
/// more.
void exchange_session::withdraw() {
    std::erase_if(sent_, [&](const auto& one) {
        const auto& [message, job] = one;
        if (!core_->outgoing.is_given_up(job)) return false;
        using outcome = submission_answer::outcome;
        const auto result = amqp_->withdraw(message) ? outcome::later : outcome::unknown;
        core_->outgoing.answer(job, {result, {}, "the node did not answer in time"});
        return true;
    });
}

// --- what arrives ------------------------------------------------------------------------------------------------

void exchange_session::message_begun(amqp::link_handle handle, amqp::message_handle message,
                                     const amqp::message_head& head) {
    const auto* const link = find(handle);
    if (!link) return;
    if (link->what == service::inbox)
        begin_delivery(message, head);
    else
        begin_evidence(message, head, link->agency);
}

void exchange_session::begin_delivery(amqp::message_handle message, const amqp::message_head& head) {
    auto d = to_delivery(head);
    if (!d) return refuse(message, "it is no delivery");
    const auto reception = core_->inbox.begin(d->delivery_id, message);
    if (reception == inbox_desk::reception::twice) return amqp_->release(message);
    auto& a = arriving_[message];
    a.delivery = std::move(d);
    a.parked = reception == inbox_desk::reception::parked;
}

void exchange_session::begin_evidence(amqp::message_handle message, const amqp::message_head& head,
                                      const std::string& agency) {
    auto e = to_evidence(head, agency);
    if (!e) return refuse(message, "it is no receipt");
    arriving_[message].evidence = std::move(e);
}

/// Nothing that a node sends; whatever it is, it stays where it is.
void exchange_session::refuse(amqp::message_handle message, const std::string& why) {
    spdlog::error("the node sends what this client does not understand: {}", why);
    amqp_->modify(message, to_failure(why, true));
}

void exchange_session::message_data(amqp::message_handle message, std::size_t, std::string_view bytes) {
    const auto at = arriving_.find(message);
    if (at == arriving_.end() || at->second.parked) return;
    auto& a = at->second;
    if (a.content.size() + bytes.size() <= largest_content) {
        a.content += bytes;
        return;
    }
    message_lost(message);
    refuse(message, "it is larger than any message");
}

void exchange_session::message_complete(amqp::message_handle message) {
    auto at = arriving_.extract(message);
    if (at.empty()) return;
    auto& a = at.mapped();
    if (a.evidence) {
        a.evidence->receipt = std::move(a.content);
        core_->receipts.arrive(std::move(*a.evidence), message);
    } else if (!a.parked) {
        a.delivery->content = std::move(a.content);
        core_->inbox.complete(std::move(*a.delivery), message);
    }
}

void exchange_session::message_lost(amqp::message_handle message) {
    const auto at = arriving_.extract(message);
    if (!at.empty() && at.mapped().delivery) core_->inbox.lose(at.mapped().delivery->delivery_id, message);
}

void exchange_session::settle_deliveries() {
    using verdict = inbox_desk::verdict;
    for (auto& s : core_->inbox.take_settled()) {
        arriving_.erase(s.message);
        if (s.how == verdict::accept)
            amqp_->accept(s.message);
        else if (s.how == verdict::release)
            amqp_->release(s.message);
        else if (s.how == verdict::reject)
            amqp_->reject(s.message, to_refusal(s.why));
        else
            amqp_->modify(s.message, to_failure(s.why, s.how == verdict::set_aside));
    }
    for (const auto message : core_->receipts.take_read()) amqp_->accept(message);
}

} // namespace truc::client
