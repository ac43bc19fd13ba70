#include "administrators.hpp"

#include <fmt/format.h>

namespace truc::simulation {

namespace {

const store::by_administrator somebody{"an", "it is looked into"};

} // namespace

std::vector<std::int64_t> administrators::rows_of(node& n, bool held_only) {
    store::delivery_filter f;
    f.held_only = held_only;
    f.max = 1000;
    std::vector<std::int64_t> rows;
    for (const auto& found : n.store().list_deliveries(f))
        if (!is_final(found.delivery.state)) rows.push_back(found.delivery.seq);
    return rows;
}

void administrators::meddle() {
    auto& n = world_.at(world_.chance.below(world_.nodes.size()));
    if (!n.is_up()) return;
    auto open = rows_of(n, false);
    if (open.empty()) return;
    std::vector<std::int64_t> some;
    for (std::size_t i = 0; i <= world_.chance.below(4); ++i) some.push_back(open[world_.chance.below(open.size())]);
    const bool ends = world_.chance.percent(15);
    world_.note(fmt::format("at {} somebody {} {} deliveries", n.name(), ends ? "ends" : "holds", some.size()));
    n.act([&] {
        const store::administration order{some, somebody};
        ends ? n.store().expire(order, [](auto) {}) : n.store().hold(order, [](auto) {});
    });
    world_.time.after(world_.chance.between(std::chrono::seconds(1), std::chrono::seconds(60)),
                      [this, &n] { release(n); });
}

void administrators::release(node& n) {
    if (!n.is_up()) return;
    auto held = rows_of(n, true);
    if (held.empty()) return;
    n.act([&] { n.store().release({std::move(held), somebody}, [](auto) {}); });
}

void administrators::release_everything() {
    for (auto& n : world_.nodes) release(*n);
}

} // namespace truc::simulation
