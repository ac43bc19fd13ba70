#include "relay_talk.hpp"

#include "relay_session.hpp"

#include <truc/directory/section.hpp>
#include <truc/ledger/receipt.hpp>

namespace truc::api {

namespace {

constexpr std::size_t window = 4;                              ///< announcements and sections
constexpr std::size_t most_words = 8;                          ///< that wait to be listened to
constexpr std::size_t sections_at_once = std::size_t{4} << 20; ///< bytes
constexpr std::chrono::seconds ping_patience{10};
constexpr unsigned patience_for_proof = 3;

using log_state = relay_announcement::log_state;

} // namespace

relay_talk::relay_talk(std::shared_ptr<relay_core> c, relay_session& owner)
    : relay_part(std::move(c), owner), timer_(strand()), ping_timer_(strand()) {}

void relay_talk::open() {
    our_link_ = amqp().attach_sender(owner().link_name("neighbour"), "neighbour");
    owner().adopt(*our_link_, shared_from_this());
}

void relay_talk::attached(amqp::link_handle link) {
    if (link == our_link_) {
        announce(false);
        return announce_later();
    }
    their_link_ = link;
    amqp().set_window(link, window);
}

void relay_talk::detached(amqp::link_handle link, const std::optional<amqp::condition>&) {
    if (link == our_link_) our_link_.reset();
    if (link == their_link_) their_link_.reset();
}

void relay_talk::credit_changed(amqp::link_handle, std::size_t) { speak(); }

void relay_talk::closed() {
    our_link_.reset();
    timer_.cancel();
    ping_timer_.cancel();
    for (const auto& p : std::exchange(pings_, {})) p.done(fail(errc::unreachable, neighbour()));
}

// --- what we say -------------------------------------------------------------------------------------------------

/// Reads the store and checks the own head, whose size the proof needs: on the pool.
result<relay_talk::draft> relay_talk::prepare(const relay::options& use, const std::string& neighbour,
                                              const std::optional<log_state>& peer_knows, bool heard) {
    draft d;
    auto& a = d.text;
    a.node = use.node;
    a.version = protocol_version;
    a.abilities = own_abilities();
    a.log = use.store->log().str();
    a.head = use.store->head_xml();
    a.sections = use.sections->versions();
    if (const auto known = use.store->head_of(neighbour)) a.known = log_state{known->log, known->size};
    if (a.head.empty() || !heard) return d;
    const auto own = ledger::verify_head(a.head, *use.exchange);
    if (!own) return d;
    const log_state now{a.log, own->size};
    const bool same_log = peer_knows && peer_knows->log == a.log && peer_knows->size > 0;
    if (!same_log) {
        d.proven = now;
    } else if (auto nodes = use.store->consistency(peer_knows->size, own->size)) {
        a.proof = relay_announcement::extension{peer_knows->size, own->size, std::move(*nodes)};
        d.proven = now;
    }
    return d;
}

void relay_talk::announce(bool echo) {
    announce_ = true;
    echo_ = echo_ || echo;
    speak();
}

void relay_talk::offer_sections() {
    offer_ = true;
    speak();
}

/// One thing at a time, and only when it can leave at once: a neighbour that asks and does not listen costs no memory,
/// and an announcement tells the time of its leaving.
bool relay_talk::may_speak() const { return !over() && our_link_ && said_.empty() && amqp().credit(*our_link_) > 0; }

void relay_talk::speak() {
    if (preparing_ || !may_speak()) return;
    if (std::exchange(announce_, false))
        prepare_announcement();
    else if (their_sections_ && std::exchange(offer_, false))
        prepare_sections();
}

void relay_talk::prepare_announcement() {
    preparing_ = true;
    auto work = [this, alive = shared_from_this(), known = peer_knows_, heard = heard_] {
        return prepare(use(), neighbour(), known, heard);
    };
    work_then(core(), strand(), std::move(work), [self = self<relay_talk>()](result<draft> d) {
        self->preparing_ = false;
        if (d) self->say(std::move(*d));
        self->speak();
    });
}

void relay_talk::say(draft d) {
    if (!may_speak()) {
        announce_ = true;
        return;
    }
    d.text.time = use().clock->now(); // as late as possible: clocks are compared by it
    d.text.echo = std::exchange(echo_, false);
    amqp::message m;
    m.head.subject = "announcement";
    m.head.content_type = "application/json";
    m.body.emplace_back(write_announcement(d.text));
    if (const auto handle = amqp().send(*our_link_, std::move(m)))
        said_[*handle] = statement{steady::now(), {}, 0, std::move(d.proven)};
}

void relay_talk::announce_later() {
    timer_.expires_after(use().announce_every);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
        const auto part = weak.lock();
        if (failure || !part) return;
        const auto self = std::static_pointer_cast<relay_talk>(part);
        if (self->over()) return;
        self->owner().look_at_legs();
        self->announce(false);
        self->announce_later();
    });
}

void relay_talk::prepare_sections() {
    preparing_ = true;
    auto work = [this, alive = shared_from_this(),
                 theirs = *their_sections_]() -> result<std::vector<store::kept_section>> {
        return use().sections->newer_than(theirs);
    };
    work_then(core(), strand(), std::move(work),
              [self = self<relay_talk>()](result<std::vector<store::kept_section>> sections) {
                  self->preparing_ = false;
                  if (sections && self->may_speak()) self->send_sections(*sections);
                  self->speak();
              });
}

/// As many as the neighbour can take at once; the rest when these were answered.
void relay_talk::send_sections(const std::vector<store::kept_section>& sections) {
    std::size_t bytes = 0;
    for (const auto& s : sections) {
        if (refused_.contains({s.node, s.version})) continue;
        if (bytes > sections_at_once || amqp().credit(*our_link_) == 0) return;
        amqp::message m;
        m.head.subject = "section";
        m.head.message_id = s.node + "." + std::to_string(s.version);
        m.body.emplace_back(s.text);
        const auto handle = amqp().send(*our_link_, std::move(m));
        if (!handle) return;
        said_[*handle] = statement{steady::now(), s.node, s.version, {}};
        auto& theirs = (*their_sections_)[s.node];
        theirs = std::max(theirs, s.version);
        bytes += s.text.size();
    }
}

bool relay_talk::settled(amqp::message_handle message, amqp::outcome result,
                         const std::optional<amqp::condition>& why) {
    const auto at = said_.find(message);
    if (at == said_.end()) return false;
    const auto what = std::move(at->second);
    said_.erase(at);
    if (!what.section.empty()) {
        section_settled(what, result, why);
    } else if (result == amqp::outcome::accepted) {
        round_trip_ = std::chrono::duration_cast<milliseconds>(steady::now() - what.at);
        core().registry.note(neighbour(), [rt = *round_trip_](neighbour_view& v) { v.round_trip = rt; });
        if (what.proven) peer_knows_ = what.proven; // until it says otherwise
    }
    speak();
    return true;
}

void relay_talk::section_settled(const statement& what, amqp::outcome result,
                                 const std::optional<amqp::condition>& why) {
    if (result == amqp::outcome::rejected) {
        refused_.insert({what.section, what.version});
        spdlog::warn("neighbour {} refuses version {} of the section of {}: {}", neighbour(), what.version,
                     what.section, text_of(why));
    }
    offer_ = offer_ || result == amqp::outcome::accepted; // there may be more
}

// --- what they say -----------------------------------------------------------------------------------------------

void relay_talk::message_begun(amqp::link_handle, amqp::message_handle message, const amqp::message_head& head) {
    if (head.subject != "announcement" && head.subject != "section") {
        arriving_.reset();
        return amqp().accept(message); // from a newer node: none of our business
    }
    arriving_.emplace();
    arriving_->message = message;
    arriving_->section = head.subject == "section";
}

void relay_talk::message_data(amqp::message_handle message, std::size_t, std::string_view bytes) {
    if (!arriving_ || arriving_->message != message) return;
    const auto most = arriving_->section ? directory::section::largest_text : relay_announcement::longest;
    if (arriving_->text.size() + bytes.size() > most) {
        amqp().reject(message, condition_of(error(errc::too_large, std::to_string(most))));
        arriving_.reset();
        return;
    }
    arriving_->text += bytes;
}

void relay_talk::message_lost(amqp::message_handle message) {
    if (arriving_ && arriving_->message == message) arriving_.reset();
}

void relay_talk::message_complete(amqp::message_handle message) {
    if (!arriving_ || arriving_->message != message) return;
    arriving_->at = use().clock->now();
    // At once: the other side measures the round trip by it. Sections occupy the window until they were judged.
    if (!arriving_->section) amqp().accept(message);
    // To one who announces faster than we can listen, we do not.
    if (arriving_->section || words_.size() < most_words) words_.push_back(std::move(*arriving_));
    arriving_.reset();
    next();
}

void relay_talk::next() {
    if (busy_ || words_.empty() || over()) return;
    busy_ = true;
    const auto w = std::move(words_.front());
    words_.pop_front();
    if (w.section)
        listen_to_section(w);
    else
        listen_to_announcement(w);
}

void relay_talk::done_with_word() {
    busy_ = false;
    next();
}

void relay_talk::listen_to_section(const word& w) {
    auto taken = [self = self<relay_talk>(), message = w.message](result<section_keeper::taken> outcome) {
        net::asio::post(self->strand(), [self, message, outcome = std::move(outcome)] {
            if (self->over()) return;
            if (outcome) {
                self->amqp().accept(message);
                if (self->their_sections_) {
                    auto& theirs = (*self->their_sections_)[outcome->node];
                    theirs = std::max(theirs, outcome->version);
                }
            } else if (describe(outcome.error().code).retryable) {
                self->amqp().release(message);
            } else {
                self->amqp().reject(message, condition_of(outcome.error()));
            }
            self->done_with_word();
            if (outcome && outcome->fresh)
                for (const auto& session : self->core().registry.sessions()) session->offer_sections();
        });
    };
    auto work = [this, alive = shared_from_this(), text = w.text, taken]() mutable -> result<void> {
        use().sections->take(neighbour(), std::move(text), taken);
        return {};
    };
    work_then(core(), strand(), std::move(work), [taken](result<void> begun) {
        if (!begun) taken(fail(begun.error()));
    });
}

void relay_talk::listen_to_announcement(const word& w) {
    auto work = [this, alive = shared_from_this(), text = w.text]() -> result<heard_announcement> {
        auto said = read_announcement(text);
        if (!said) return fail(said.error());
        use().sections->heard(said->sections);
        return weigh(std::move(*said), neighbour(), *use().store, *use().exchange, use().clock->now());
    };
    auto then = [self = self<relay_talk>(), w](result<heard_announcement> h) {
        if (h) self->judge(*h); // a lie stays one when the liar has hung up
        if (self->over()) return;
        if (!h) {
            self->core().registry.note(self->neighbour(),
                                       [](neighbour_view& v) { v.last_error = "its announcement cannot be read"; });
            return self->done_with_word();
        }
        self->understand(w, *h);
    };
    work_then(core(), strand(), std::move(work), std::move(then));
}

void relay_talk::understand(const word& w, heard_announcement& h) {
    auto& said = h.said;
    note_clock(w, said);
    heard_ = true;
    their_sections_ = std::move(said.sections);
    for (const auto& [message, s] : said_) // what is on its way need not be sent again
        if (!s.section.empty()) (*their_sections_)[s.section] = std::max((*their_sections_)[s.section], s.version);
    peer_knows_ = std::move(said.known);
    if (said.echo) announce(false);
    if (h.head.is == head_judgement::verdict::unproven && unproven_ == 1) announce(true);
    if (const auto log = ledger::log_id::parse(said.log); log && log->node == neighbour())
        owner().learned_log(said.log);
    answer_pings();
    offer_sections();
    remember(h);
}

/// The next head is judged by this one.
void relay_talk::remember(const heard_announcement& h) {
    if (h.told) use().store->note_told(*h.told, [](const result<std::monostate>&) {});
    if (!h.head.remember) return done_with_word();
    const bool restored = h.head.is == head_judgement::verdict::new_log;
    auto done = [self = self<relay_talk>(), restored](const result<std::monostate>& kept) {
        // Only what is kept can be marked as asked. Else it is a new log to the next announcement as well.
        if (kept && restored) self->use().forwarder->ask_again(self->neighbour());
        net::asio::post(self->strand(), [self] { self->done_with_word(); });
    };
    use().store->remember_head(neighbour(), *h.head.remember, std::move(done));
}

void relay_talk::judge(const heard_announcement& h) {
    using verdict = head_judgement::verdict;
    const auto& head = h.head;
    unproven_ = head.is == verdict::unproven ? unproven_ + 1 : 0;
    if (head.is == verdict::contradicts) use().alarms->raise("head_inconsistent", neighbour(), head.why);
    if (unproven_ >= patience_for_proof)
        use().alarms->raise("head_inconsistent", neighbour(), "it does not prove that its log extends what it was");
    restoring_.look(h.opened, neighbour(), *use().alarms, use().clock->now());
    if (!head.remember) return;
    core().registry.note(neighbour(), [&r = *head.remember](neighbour_view& v) {
        v.log = r.log;
        v.ledger_size = r.size;
        v.head_time = r.time;
    });
}

/// Half of the round trip is the way here, as far as it is known.
void relay_talk::note_clock(const word& w, const relay_announcement& said) {
    core().registry.note_clock(neighbour(), said.time - w.at + round_trip_.value_or(milliseconds(0)) / 2);
}

// --- ping --------------------------------------------------------------------------------------------------------

void relay_talk::ping(neighbourhood::ping_completion done) {
    if (over()) return done(fail(errc::unreachable, neighbour()));
    pings_.push_back(asked{std::move(done), steady::now() + ping_patience});
    announce(true);
    if (pings_.size() == 1) await_pings();
}

void relay_talk::await_pings() {
    ping_timer_.expires_at(pings_.front().until);
    ping_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
        const auto part = weak.lock();
        if (!failure && part) std::static_pointer_cast<relay_talk>(part)->end_pings();
    });
}

void relay_talk::answer_pings() {
    const auto view = core().registry.view(neighbour());
    if (!view) return;
    ping_timer_.cancel();
    for (const auto& p : std::exchange(pings_, {})) p.done(*view);
}

/// They stand in the order of their deadlines.
void relay_talk::end_pings() {
    const auto now = steady::now();
    const auto first = std::find_if(pings_.begin(), pings_.end(), [now](const asked& p) { return p.until > now; });
    const std::vector<asked> ended(pings_.begin(), first);
    pings_.erase(pings_.begin(), first);
    if (!pings_.empty()) await_pings();
    for (const auto& p : ended) p.done(fail(errc::timeout, neighbour()));
}

} // namespace truc::api
