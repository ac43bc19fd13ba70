#include "liar.hpp"

#include <truc/pack/envelope_text.hpp>

namespace truc::simulation {

namespace {

/// One character somewhere in the middle becomes another.
std::string damaged(std::string text, dice& chance) {
    if (text.size() < 3) return "<a/>";
    text[1 + chance.below(text.size() - 2)] ^= 1;
    return text;
}

} // namespace

liar::liar(world& w, std::size_t node) : world_(w), name_(w.at(node).name()) {
    w.network.tampering.leg = [this](const simulation::node& from, const simulation::node& to, const letter& l) {
        if (from.name() == name_) change_leg(from, to, l);
    };
    w.network.tampering.feed = [this](simulation::node& owner, simulation::node& reader, const auto& entries) {
        if (owner.name() == name_) change_evidence(owner, reader, entries);
    };
}

void liar::change_leg(const node&, const node& to, const letter& l) {
    earlier_.emplace_back(to.name(), l);
    letter lie = l;
    auto header = pack::read_envelope(l.envelope);
    if (!header) return world_.oracle.violated("an honest envelope cannot be read");
    const auto& agencies = cast::instance().agencies();
    switch (world_.chance.below(9)) {
    case 0:
        header->deliveries.front().recipient = world_.chance.pick(agencies).code;
        header->deliveries.front().id = uuid::make(world_.time.now());
        break;
    case 1:
        lie.content = damaged(l.content, world_.chance);
        break;
    case 2:
        lie.receipt = damaged(l.receipt, world_.chance);
        break;
    case 3:
        lie.receipt = world_.chance.pick(earlier_).second.receipt;
        header->dispatch_id = uuid::make(world_.time.now());
        break;
    case 4:
        header->hops.back() = "khanhhoa";
        break;
    case 5:
        header->hops.insert(header->hops.begin(), to.name());
        break;
    case 6:
        lie.content = world_.chance.pick(earlier_).second.content;
        break;
    case 7:
        lie.envelope = damaged(l.envelope, world_.chance);
        return void((++lies_, world_.network.post(to.name(), lie)));
    default: {
        const auto& [whom, old] = world_.chance.pick(earlier_);
        ++lies_;
        return world_.network.post(whom, old);
    }
    }
    ++lies_;
    lie.envelope = pack::write_envelope(*header);
    world_.network.post(to.name(), std::move(lie));
}

void liar::change_evidence(node& owner, node& reader, const std::vector<store::feed_entry>& entries) {
    std::vector<std::string> told;
    for (const auto& e : entries) {
        told.push_back(damaged(e.xml, world_.chance));
        receipts_.push_back(e.xml);
    }
    if (!receipts_.empty()) told.push_back(world_.chance.pick(receipts_));
    // What the reader itself, or somebody behind it, has stated.
    const auto others = reader.store().read_feed({store::feed_of_node(owner.name())}, 0, 20);
    if (!others.empty()) told.push_back(world_.chance.pick(others).xml);
    if (told.empty()) return;
    ++lies_;
    world_.time.after(milliseconds(1), [&reader, log = owner.store().log().str(), told, name = name_] {
        if (!reader.is_up()) return;
        std::vector<intake::transit::fed_receipt> receipts;
        auto cursor = reader.store().cursor_of(name, log);
        for (const auto& xml : told) receipts.push_back({xml, ++cursor});
        reader.take_lies(name, log, receipts);
    });
}

} // namespace truc::simulation
