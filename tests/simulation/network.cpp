#include "network.hpp"

#include "wire.hpp"

#include <truc/pack/envelope_text.hpp>

#include <fmt/ranges.h>

namespace truc::simulation {

namespace {

constexpr auto patience = std::chrono::seconds(20); ///< with an answer
constexpr std::size_t page = 7;                     ///< receipts at a time: small, so that cursors matter

/// For those who read what happened.
std::string told(const letter& l) {
    const auto header = pack::read_envelope(l.envelope);
    if (!header) return "a leg that cannot be read";
    std::string text = fmt::format("a leg by {} with", fmt::join(header->hops, " "));
    for (const auto& d : header->deliveries) text += fmt::format(" {} to {}", d.id.str(), d.recipient);
    return text;
}

std::string told(const std::optional<deliver::leg_answer>& a) {
    constexpr const char* names[] = {"accepted", "released", "rejected", "lost"};
    return a ? fmt::format("{} {}", names[static_cast<int>(a->fate)], a->reason) : "it dies";
}

} // namespace

network::network(timeline& time, dice& chance, std::vector<std::unique_ptr<node>>& nodes)
    : time_(time), chance_(chance), nodes_(nodes) {
    const auto& roles = cast::instance().nodes();
    for (std::size_t i = 0; i < roles.size(); ++i) {
        if (!roles[i].parent.empty()) ways_.push_back({cast::instance().position_of_node(roles[i].parent), i, true});
        for (const auto& link : roles[i].links) ways_.push_back({cast::instance().position_of_node(link), i, true});
    }
}

node& network::named(const std::string& name) { return *nodes_[cast::instance().position_of_node(name)]; }

// --- ways ---------------------------------------------------------------------------------------------------------

void network::cut(std::size_t w, const std::string& why) {
    if (ways_[w].cut) return;
    note(fmt::format("the way {} - {} is cut: {}", nodes_[ways_[w].a]->name(), nodes_[ways_[w].b]->name(), why));
    ways_[w].cut = true;
    disconnect(ways_[w].a, ways_[w].b, why);
    disconnect(ways_[w].b, ways_[w].a, why);
}

void network::restore(std::size_t w) {
    ways_[w].cut = false;
    connect(ways_[w].a, ways_[w].b);
    connect(ways_[w].b, ways_[w].a);
}

void network::lost_node(const node& n) {
    const auto position = cast::instance().position_of_node(n.name());
    for (const auto& w : ways_) {
        if (w.a != position && w.b != position) continue;
        disconnect(w.a, w.b, n.name() + " has died");
        disconnect(w.b, w.a, n.name() + " has died");
    }
}

void network::found_node(const node& n) {
    const auto position = cast::instance().position_of_node(n.name());
    for (std::size_t w = 0; w < ways_.size(); ++w)
        if ((ways_[w].a == position || ways_[w].b == position) && !ways_[w].cut) restore(w);
}

void network::connect(std::size_t from, std::size_t to) {
    if (!nodes_[from]->is_up() || !nodes_[to]->is_up()) return;
    auto& known = wires_[{from, to}];
    if (known && known->is_open()) return;
    known = std::make_shared<wire>(*this, *nodes_[from], *nodes_[to]);
    const auto opened = known;
    nodes_[from]->act([&] { nodes_[from]->forwarder().connect(nodes_[to]->name(), opened); });
    if (nodes_[from]->is_up() && nodes_[to]->is_up()) ask_for_evidence(*nodes_[from], *nodes_[to]);
}

void network::disconnect(std::size_t from, std::size_t to, const std::string& why) {
    const auto found = wires_.find({from, to});
    if (found == wires_.end()) return;
    const auto lost = found->second;
    wires_.erase(found);
    if (!lost->is_open()) return lost->close(false);
    nodes_[from]->act([&] {
        lost->close(true);
        nodes_[from]->forwarder().disconnect(nodes_[to]->name(), lost, why);
    });
}

bool network::is_open(const node& a, const node& b) const {
    const auto found =
        wires_.find({cast::instance().position_of_node(a.name()), cast::instance().position_of_node(b.name())});
    return found != wires_.end() && found->second->is_open();
}

// --- legs ---------------------------------------------------------------------------------------------------------

void network::carry(const std::shared_ptr<wire>& by, std::uint64_t offer, letter l) {
    const auto send = [this, by, offer, l](milliseconds wait) {
        time_.after(wait, [this, by, offer, l] { arrive(by, offer, l); });
    };
    if (!chance_.percent(weather.lose_request)) send(delay());
    if (chance_.percent(weather.duplicate)) send(delay());
    if (chance_.percent(weather.straggle)) send(chance_.between(milliseconds(100), std::chrono::seconds(90)));
    time_.after(patience, [this, by, offer] { answer(by, offer, {deliver::leg_fate::lost, "no answer"}); });
    if (tampering.leg) tampering.leg(by->from(), by->to(), l);
}

void network::arrive(const std::shared_ptr<wire>& by, std::uint64_t offer, const letter& l) {
    if (!by->to().is_up()) return;
    const auto given = by->to().take(l);
    note(fmt::format("{} offers {} {}: {}", l.neighbour, by->to().name(), told(l), told(given)));
    if (!given || chance_.percent(weather.lose_answer)) return;
    time_.after(delay(), [this, by, offer, given] { answer(by, offer, *given); });
}

void network::answer(const std::shared_ptr<wire>& by, std::uint64_t offer, deliver::leg_answer a) {
    if (!by->is_open() || !by->awaits(offer)) return;
    by->from().act([&] { by->settle(offer, a); });
}

void network::post(const std::string& to, letter l) {
    time_.after(delay(), [this, to, l = std::move(l)] {
        if (!named(to).is_up()) return;
        const auto given = named(to).take(l);
        note(fmt::format("{} offers {} as a lie {}: {}", l.neighbour, to, told(l), told(given)));
    });
}

// --- evidence -----------------------------------------------------------------------------------------------------

void network::ask_for_evidence(node& reader, node& owner) {
    if (!reader.is_up() || !owner.is_up() || !is_open(reader, owner)) return;
    const auto from = reader.store().cursor_of(owner.name(), owner.store().log().str());
    if (chance_.percent(weather.lose_request)) return;
    const unsigned times = chance_.percent(weather.duplicate) ? 2 : 1;
    for (unsigned i = 0; i < times; ++i)
        time_.after(delay(), [this, &reader, &owner, from] { give_evidence(reader, owner, from); });
}

void network::give_evidence(node& reader, node& owner, std::uint64_t from) {
    if (!owner.is_up() || !reader.is_up()) return;
    const auto entries = owner.store().read_feed({store::feed_of_node(reader.name())}, from, page);
    if (tampering.feed) tampering.feed(owner, reader, entries);
    if (entries.empty() || chance_.percent(weather.lose_answer)) return;
    std::vector<intake::transit::fed_receipt> receipts;
    std::uint64_t least = from;
    for (const auto& e : entries) {
        if (e.position < least)
            violated(fmt::format("the feed of {} at {} goes back from {} to {}", reader.name(), owner.name(), least,
                                 e.position));
        least = e.position + 1;
        receipts.push_back({e.xml, e.position + 1});
    }
    const auto log = owner.store().log().str();
    time_.after(delay(), [this, &reader, &owner, log, from, receipts] {
        if (!reader.is_up()) return;
        const bool alive = reader.take_feed(owner.name(), log, from, receipts);
        note(fmt::format("{} reads {} receipts from {} at {}{}", reader.name(), receipts.size(), from, owner.name(),
                         alive ? "" : ": it dies"));
        if (alive && receipts.size() == page) ask_for_evidence(reader, owner);
    });
}

void network::committed(node& at, const store::commit_notice& notice) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const auto feed = store::feed_of_node(nodes_[i]->name());
        if (std::find(notice.feeds.begin(), notice.feeds.end(), feed) == notice.feeds.end()) continue;
        time_.after(delay(), [this, i, &at] { ask_for_evidence(*nodes_[i], at); });
    }
}

} // namespace truc::simulation
