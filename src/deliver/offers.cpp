#include "offers.hpp"

#include <truc/base/utf8.hpp>

#include <algorithm>
#include <array>

namespace truc::deliver {

namespace {

using namespace std::chrono_literals;

constexpr backoff::range released_wait{500ms, 60s};
constexpr backoff::range hold_wait{1min, 1h}; ///< when the store could not hold what was refused
constexpr auto note_period = 60s;
constexpr std::size_t home_legs = 32;

constexpr std::array<const char*, 4> fate_names = {"accepted", "released", "rejected", "lost"};

/// Of what a neighbour said as much as people read, and nothing that is no text.
std::string bounded(std::string_view reason) {
    constexpr std::size_t most = 500;
    auto text = to_valid_utf8(reason.substr(0, most));
    if (reason.size() > most) text += "…";
    return text;
}

std::optional<errc> code_of(std::string_view reason) { return errc_from_name(reason.substr(0, reason.find(':'))); }

/// The neighbour cannot take anything at the moment, whatever is offered.
bool concerns_all(std::string_view reason) {
    const auto code = code_of(reason);
    return code == errc::no_space || code == errc::not_ready || code == errc::read_only;
}

/// It says nothing of how much the neighbour can carry.
bool concerns_the_leg(std::string_view reason) {
    const auto code = code_of(reason);
    return code == errc::directory_behind || code == errc::update_awaited;
}

/// One delivery of a leg may be wrong where the others are not.
bool may_concern_one(std::string_view reason) {
    const auto code = code_of(reason);
    return code == errc::recipient_not_named || code == errc::envelope_invalid || code == errc::deadline_passed;
}

} // namespace

offers::offers(context& c, schedule& s) : c_(c), s_(s) {
    if (!c_.o.metrics) return;
    for (std::size_t i = 0; i < fate_names.size(); ++i)
        outcomes_[i] =
            &c_.o.metrics->get_counter("truc_attempts_total", "Legs offered to neighbours, by what they answered",
                                       fmt::format("outcome=\"{}\"", fate_names[i]));
}

lane& offers::lane_of(const offer_under_way& o) {
    return o.purpose == purpose::home ? s_.home() : s_.lane_of(o.neighbour);
}

void offers::count(leg_fate fate) {
    if (auto* outcome = outcomes_[static_cast<std::size_t>(fate)]) outcome->add();
}

/// The leg whose turn it is, off its lane, read from disk. Of what is not as it was thought to be only that is let go,
/// on the way. nullopt when there is no leg, or all have to wait until others are done.
std::optional<offers::loaded_leg> offers::load(lane& l) {
    while (const auto* next = l.next()) {
        auto found = c_.o.store->load_leg(next->rows);
        const bool good = found && found->header.hops == next->hops;
        if (good && !l.fits(found->size)) {
            l.remember_size(found->size);
            continue;
        }
        auto leg = l.take_next();
        if (good) {
            leg.size = found->size;
            s_.keep_only(leg, found->rows);
            return loaded_leg{std::move(leg), std::move(*found)};
        }
        if (!found) {
            s_.let_go(leg.rows); // passed on, ended or held
            continue;
        }
        // These were passed on and came back by other hops; of the others a neighbour may still have custody.
        s_.take_off(leg, found->rows);
        if (!leg.rows.empty()) l.put_back(std::move(leg));
    }
    return std::nullopt;
}

void offers::offer(const std::string& neighbour, lane& l) {
    l.wake(c_.now());
    auto room = l.may_offer(c_.now()) ? l.way->room() : 0;
    for (; room > 0 && l.may_offer(c_.now()); --room) {
        auto loaded = load(l);
        if (!loaded) return;
        offer_under_way o{neighbour, purpose::pass_on, l.way, std::move(loaded->leg), s_.generation()};
        o.doubtful = s_.in_doubt(o.leg.rows);
        s_.take_away(o.leg.rows);
        send(std::move(o), std::move(loaded->content));
    }
}

void offers::send(offer_under_way o, store::outgoing_leg loaded) {
    loaded.header.sections = section_versions(loaded);
    loaded.header.hops.push_back(c_.o.node);
    lane_of(o).sent(o.leg);
    o.dispatch = loaded.header.dispatch_id;
    const auto id = next_id_++;
    const auto way = o.way;
    under_way_.emplace(id, std::move(o));
    way->offer(std::move(loaded), [this, id, box = c_.box](const leg_answer& a) {
        box->post([this, id, a = leg_answer{a.fate, bounded(a.reason)}] { answered(id, a); });
    });
}

std::map<std::string, std::uint64_t> offers::section_versions(const store::outgoing_leg& l) const {
    std::map<std::string, std::uint64_t> versions;
    if (!c_.o.section_version) return versions;
    const auto add = [&](const std::string& node) {
        if (node.empty()) return;
        if (const auto version = c_.o.section_version(node)) versions[node] = version;
    };
    add(c_.o.node);
    if (!l.header.hops.empty()) add(l.header.hops.front());
    for (const auto& d : l.header.deliveries) add(home_of(s_.directory(), d.recipient, c_.now()));
    return versions;
}

void offers::bring_home() {
    auto& l = s_.home();
    l.wake(c_.now());
    if (l.backs_off(c_.now())) return;
    for (std::size_t i = 0; i < home_legs && l.under_way() < home_legs; ++i) {
        auto loaded = load(l);
        if (!loaded) return;
        offer_under_way o{c_.o.node, purpose::home, nullptr, std::move(loaded->leg), s_.generation()};
        arrive(std::move(o), loaded->content);
    }
}

/// What was submitted here has passed every check already; only its recipient may have been closed meanwhile.
result<store::home_finding> offers::judge(const waiting_leg& l, const store::outgoing_leg& loaded) const {
    const auto answers = s_.directory().resolve_recipient(l.recipient, c_.now());
    if (!answers && answers.error().code == errc::recipient_closed)
        return store::home_finding{store::fate::undeliverable, errc::recipient_closed};
    if (!answers) return fail(answers.error());
    if (!loaded.header.hops.empty()) return c_.o.judge_at_home(loaded);
    return store::home_finding{};
}

void offers::arrive(offer_under_way o, const store::outgoing_leg& loaded) {
    auto found = judge(o.leg, loaded);
    s_.take_away(o.leg.rows);
    lane_of(o).sent(o.leg);
    const auto id = next_id_++;
    const auto rows = o.leg.rows;
    const auto recipient = o.leg.recipient;
    under_way_.emplace(id, std::move(o));
    if (!found) return answered(id, {leg_fate::released, explain(found.error(), language::english)});
    store::arrival a{rows, std::move(*found), successor_of(s_.directory(), recipient, c_.now())};
    c_.o.store->arrive(std::move(a), [this, id, box = c_.box](const result<std::monostate>& r) {
        const auto outcome = r ? leg_fate::accepted : leg_fate::released;
        const auto reason = r ? std::string() : std::string(describe(r.error().code).name);
        box->post([this, id, a = leg_answer{outcome, reason}] { answered(id, a); });
    });
}

bool offers::may_ask(const std::string& neighbour) {
    const auto& l = s_.lane_of(neighbour);
    return l.way && !l.backs_off(c_.now()) && l.way->room() > 0;
}

bool offers::is_asking(const std::string& neighbour) const {
    return std::any_of(under_way_.begin(), under_way_.end(), [&](const auto& one) {
        return one.second.purpose == purpose::ask && one.second.neighbour == neighbour;
    });
}

std::vector<std::int64_t> offers::ask(const std::string& neighbour, std::vector<std::int64_t> rows) {
    if (!may_ask(neighbour)) return {};
    auto& l = s_.lane_of(neighbour);
    std::erase_if(rows, [this](std::int64_t row) { return asking_.count(row) > 0; });
    auto loaded = c_.o.store->load_leg(rows, delivery_state::relayed);
    if (!loaded || !l.fits(loaded->size)) return {};
    offer_under_way o{neighbour, purpose::ask, l.way, {}, s_.generation()};
    o.leg.rows = loaded->rows;
    o.leg.size = loaded->size;
    asking_.insert(o.leg.rows.begin(), o.leg.rows.end());
    const auto asked = loaded->rows;
    send(std::move(o), std::move(*loaded));
    return asked;
}

void offers::answered(std::uint64_t id, const leg_answer& a) {
    auto found = under_way_.extract(id);
    if (!found) return; // it counts as lost already, and was offered again
    settle_answer(std::move(found.mapped()), a);
}

void offers::settle_answer(offer_under_way o, const leg_answer& a) {
    auto& l = lane_of(o);
    if (o.purpose != purpose::home) count(a.fate);
    if (o.purpose == purpose::ask)
        for (const auto row : o.leg.rows) asking_.erase(row);
    if (a.fate == leg_fate::accepted) return accepted(std::move(o));
    l.settled(o.leg);
    if (a.fate == leg_fate::lost) return lost(std::move(o), a.reason);
    l.last_failure = a.reason;
    a.fate == leg_fate::released ? released(std::move(o), a.reason) : rejected(std::move(o), a.reason);
}

void offers::accepted(offer_under_way o) {
    auto& l = lane_of(o);
    l.accepted(c_.now());
    if (o.purpose == purpose::pass_on) {
        taken_[o.neighbour].push_back(std::move(o)); // settled with the commit
        return;
    }
    l.settled(o.leg);
    if (o.purpose == purpose::home) s_.forget(o.leg.rows);
}

/// Of a connection that is gone a new one tells; on one that stays the neighbour did not keep up.
void offers::lost(offer_under_way o, const std::string& reason) {
    auto& l = lane_of(o);
    if (o.way && o.way == l.way) l.slow_down(c_.now());
    if (o.purpose != purpose::ask) wait(std::move(o), c_.jitter.after(1, released_wait), reason, true);
}

void offers::released(offer_under_way o, const std::string& reason) {
    auto& l = lane_of(o);
    const auto now = c_.now();
    // Who can take nothing at the moment has not looked whether it took this one before.
    const bool still_in_doubt = o.doubtful && concerns_all(reason);
    if (o.purpose != purpose::ask && !still_in_doubt) s_.settle(o.leg.rows);
    if (concerns_all(reason)) {
        l.back_off(now, c_.jitter.after(l.failures() + 1, released_wait));
        if (o.purpose != purpose::ask) wait(std::move(o), 0ms, reason);
        return;
    }
    l.works(now);
    if (!concerns_the_leg(reason)) l.slow_down(now);
    if (o.purpose == purpose::ask) return;
    const auto period = c_.jitter.after(++o.leg.failures, released_wait);
    wait(std::move(o), period, reason);
}

// --- refused for good ---------------------------------------------------------------------------------------------

/// Nothing is wrong: what the neighbour never had ends here at its deadline, which has come or is about to.
bool offers::is_late(const offer_under_way& o, const std::string& reason) const {
    return o.purpose != purpose::ask && code_of(reason) == errc::deadline_passed;
}

void offers::rejected(offer_under_way o, const std::string& reason) {
    const bool late = is_late(o, reason);
    lane_of(o).works(c_.now());
    if (!late) {
        c_.raise("leg_rejected", o.neighbour, o.dispatch.str() + ": " + reason);
        refused_by_.insert(o.neighbour);
    }
    if (o.purpose == purpose::ask) return;
    s_.settle(o.leg.rows);
    if (s_.drop_withheld(o.leg)) return;
    // By another way, or as another leg, it may be taken.
    if (o.leg.bound || o.generation != s_.generation()) return s_.find_again(o.leg);
    if (o.leg.rows.size() > 1 && may_concern_one(reason)) return halve(std::move(o));
    if (late) return wait(std::move(o), c_.jitter.after(++o.leg.failures, released_wait), reason);
    hold(std::move(o), reason);
}

/// Until the one stands alone that is refused.
void offers::halve(offer_under_way o) {
    auto& l = lane_of(o);
    s_.bring_back(o.leg.rows);
    auto second = o.leg;
    const auto middle = static_cast<std::ptrdiff_t>(o.leg.rows.size() / 2);
    second.rows.erase(second.rows.begin(), second.rows.begin() + middle);
    o.leg.rows.resize(static_cast<std::size_t>(middle));
    l.put_back(std::move(o.leg));
    l.put_back(std::move(second));
}

/// Offering it again would change nothing, and nothing else has to wait for it. Its sender hears of it.
void offers::hold(offer_under_way o, const std::string& reason) {
    o.purpose = purpose::hold;
    const auto id = next_id_++;
    store::administration quarantine{o.leg.rows, {o.neighbour, reason}, store::held_kind::by_truc};
    under_way_.emplace(id, std::move(o));
    c_.o.store->hold(std::move(quarantine), [this, id, reason, box = c_.box](const result<std::size_t>& r) {
        box->post([this, id, reason, committed = r.has_value()] { held(id, committed, reason); });
    });
}

void offers::held(std::uint64_t id, bool committed, const std::string& reason) {
    auto o = std::move(under_way_.extract(id).mapped());
    if (committed) return s_.set_aside(o.leg.rows);
    const auto period = c_.jitter.after(++o.leg.failures, hold_wait);
    wait(std::move(o), period, reason);
}

void offers::review_refused() {
    std::set<std::string> still;
    for (const auto& [neighbour, count] : store::refused_by(*c_.o.store)) {
        still.insert(neighbour);
        if (refused_by_.insert(neighbour).second)
            c_.raise("leg_rejected", neighbour, fmt::format("{} deliveries that it refused are held", count));
    }
    for (const auto& neighbour : refused_by_)
        if (still.count(neighbour) == 0) c_.clear("leg_rejected", neighbour);
    refused_by_ = std::move(still);
}

// --- waiting ------------------------------------------------------------------------------------------------------

/// Back onto its lane; if the directory has changed since it was offered, onto the one that is right now.
void offers::wait(offer_under_way o, milliseconds period, const std::string& reason, bool lost) {
    auto& l = lane_of(o);
    const auto now = c_.now();
    const bool answered = !lost;
    if (s_.drop_returned(o.leg) || s_.drop_withheld(o.leg)) return;
    if (o.generation != s_.generation() || (o.leg.bound && answered)) return s_.find_again(o.leg);
    s_.bring_back(o.leg.rows);
    const auto next_at = std::max(now + period, l.next_at().value_or(now));
    if (!lost) note(o.leg, o.neighbour, reason, next_at);
    const bool at_once = period.count() == 0 || (lost && o.way != l.way);
    if (at_once) return l.put_back(std::move(o.leg));
    l.delay(std::move(o.leg), now + period, lost);
}

/// Not at each failure: the waits grow, the reasons seldom change.
void offers::note(waiting_leg& l, const std::string& neighbour, const std::string& reason, timestamp next_at) {
    const auto now = c_.now();
    if (l.noted == reason && now < l.noted_at + note_period) return;
    l.noted = reason;
    l.noted_at = now;
    c_.note(l.rows, neighbour, reason, next_at);
}

void offers::lose(const std::string& neighbour) {
    const auto& way = s_.lane_of(neighbour).way;
    std::vector<std::uint64_t> lost;
    for (const auto& [id, o] : under_way_)
        if (is_offered(o.purpose) && o.neighbour == neighbour && o.way != way) lost.push_back(id);
    for (const auto id : lost) answered(id, {leg_fate::lost, "the connection was lost"});
}

/// One commit at a time a neighbour: what is taken meanwhile goes with the next one.
void offers::pass_on() {
    for (auto& [neighbour, taken] : taken_) {
        if (taken.empty() || passings_of_[neighbour] > 0) continue;
        std::map<std::vector<std::string>, std::vector<offer_under_way>> by_hops;
        for (auto& o : std::exchange(taken, {})) {
            auto hops = o.leg.hops;
            by_hops[std::move(hops)].push_back(std::move(o));
        }
        for (auto& [hops, group] : by_hops) {
            store::passing p;
            p.neighbour = neighbour;
            p.hops = hops;
            p.hops.push_back(c_.o.node);
            for (const auto& o : group) p.rows.insert(p.rows.end(), o.leg.rows.begin(), o.leg.rows.end());
            const auto id = next_id_++;
            passings_.emplace(id, passing_under_way{neighbour, std::move(group)});
            ++passings_of_[neighbour];
            c_.o.store->pass_on(std::move(p), [this, id, box = c_.box](const result<std::monostate>& r) {
                box->post([this, id, committed = r.has_value()] { passed(id, committed); });
            });
        }
    }
}

void offers::passed(std::uint64_t id, bool committed) {
    auto found = passings_.extract(id);
    if (!found) return;
    auto& p = found.mapped();
    --passings_of_[p.neighbour];
    for (auto& o : p.offers) {
        lane_of(o).settled(o.leg);
        if (committed)
            s_.forget(o.leg.rows);
        else
            wait(std::move(o), c_.jitter.after(1, released_wait), {}, true);
    }
}

} // namespace truc::deliver
