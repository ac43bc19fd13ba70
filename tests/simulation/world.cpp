#include "world.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace truc::simulation {

namespace {

constexpr auto longest_skew = std::chrono::milliseconds(4000);
constexpr auto nothing_planned = timestamp::max();

} // namespace

world::world(std::uint64_t seed, const std::filesystem::path& scratch, bool loud)
    : chance(seed),
      network(time, chance, nodes),
      oracle(nodes),
      editions{cast::instance().first_edition()},
      verbose(loud) {
    seed_openssl(seed);
    network.note = [this](const std::string& what) { note(what); };
    network.violated = [this](const std::string& what) { oracle.violated(what); };
    node::events events;
    events.wants_to_run = [this](node& n) { plan_run(n, time.now() + milliseconds(1)); };
    events.committed = [this](node& n, const store::commit_notice& notice) { network.committed(n, notice); };
    events.died = [this](node& n) { buried(n); };
    for (const auto& role : cast::instance().nodes()) {
        const auto skew = chance.between(-longest_skew, longest_skew);
        nodes.push_back(std::make_unique<node>(role, time, scratch / role.name, skew, chance.next(), events));
        nodes.back()->learn(editions, 0);
    }
    next_run_.assign(nodes.size(), nothing_planned);
    for (auto& n : nodes) n->start();
    for (auto& n : nodes) network.found_node(*n);
    for (std::size_t w = 0; w < network.ways().size(); ++w) network.restore(w);
}

void world::note(const std::string& what) const {
    if (verbose) fmt::print("{:>10.3f} {}\n", static_cast<double>(to_millis(time.now()) % 100'000'000) / 1000, what);
}

/// One run is planned for a node at most: the earliest it asked for.
void world::plan_run(node& n, timestamp when) {
    const auto i = cast::instance().position_of_node(n.name());
    if (next_run_[i] <= when) return;
    next_run_[i] = when;
    time.at(when, [this, i, when] {
        if (next_run_[i] != when) return;
        next_run_[i] = nothing_planned;
        if (!at(i).is_up()) return;
        const auto next = at(i).run();
        if (next && at(i).is_up()) plan_run(at(i), std::max(*next - at(i).skew(), time.now() + milliseconds(1)));
    });
}

void world::buried(node& n) {
    note(n.name() + " dies");
    time.after(milliseconds(0), [this, &n] {
        if (!n.is_up()) network.lost_node(n);
    });
    const auto wait = calm ? milliseconds(100) : chance.between(std::chrono::seconds(1), std::chrono::seconds(40));
    time.after(wait, [this, &n] { wake_up(n); });
}

void world::wake_up(node& n) {
    if (n.is_up()) return;
    note(n.name() + " comes back");
    network.lost_node(n);
    n.start();
    oracle.look_at(cast::instance().position_of_node(n.name()));
    network.found_node(n);
}

void world::move_somebody() {
    const auto& agencies = cast::instance().agencies();
    const auto who = chance.below(agencies.size());
    const auto to = chance.below(nodes.size());
    if (editions.back().homes[who] == to) return;
    note(fmt::format("{} moves from {} to {}", agencies[who].code, nodes[editions.back().homes[who]]->name(),
                     nodes[to]->name()));
    editions.push_back(cast::instance().moved(editions.back(), who, to));
    for (auto& n : nodes)
        time.after(chance.between(milliseconds(10), std::chrono::seconds(60)),
                   [this, &n = *n, number = editions.back().number] { n.learn(editions, number); });
}

void world::calm_down() {
    note("everything calms down");
    calm = true;
    network.weather = {};
    network.tampering = {};
    for (auto& n : nodes) n->set_fuse({});
    for (auto& n : nodes) {
        if (!n->is_up()) wake_up(*n);
        n->learn(editions, editions.back().number);
    }
    for (std::size_t w = 0; w < network.ways().size(); ++w) network.restore(w);
}

} // namespace truc::simulation
