// The same crash between every two steps for a node on the way: it takes legs, passes them on and takes evidence of
// their ends, asked again after each error as neighbours do. What it answered is kept once; receipts and their cursor
// are one.
#include "faulty_disk.hpp"
#include "small_network.hpp"

#include <gtest/gtest.h>

namespace truc {
namespace {

using test::fault_kind;
using test::small_store;
using test::wait_for;

constexpr int documents = 3, batches = 2, first_batch = 10, offers = 2;

std::string document(int i) { return "<d>" + std::to_string(i) + std::string(i == 1 ? 70'000 : 100, 'x') + "</d>"; }

/// What the node's neighbours have for it, made once: legs from one, evidence about them from the other.
struct traffic {
    traffic();
    /// Each as often as it is offered, without its content.
    std::vector<std::vector<store::incoming_leg>> legs;
    std::vector<store::evidence_batch> evidence;
};

traffic::traffic() {
    test::small_network net;
    for (int i = 0; i < documents; ++i) {
        const auto a = net.submit("vpcp", document(i));
        legs.emplace_back();
        for (int offer = 0; offer < offers; ++offer) {
            legs.back().push_back(net.leg("vpcp", "ninhthuan"));
            legs.back().back().content = spool();
        }
        net.pass("vpcp", "ninhthuan");
        net.pass("ninhthuan", "thuannam", store::fate::consign);
        if (!net["thuannam"].conclude(a.recipients.at(0).delivery_id)) throw std::runtime_error("conclude");
    }
    auto all = net.evidence("thuannam", "ninhthuan", 0);
    const auto half = all.items.size() / batches;
    for (std::size_t from = 0; from < all.items.size(); from += half) {
        const auto begin = all.items.begin() + static_cast<std::ptrdiff_t>(from);
        const auto to = std::min(from + half, all.items.size());
        evidence.push_back({all.neighbour, all.log, {begin, all.items.begin() + static_cast<std::ptrdiff_t>(to)}, to});
    }
    evidence.back().next = all.next;
}

/// A neighbour asks again when it was told of an error.
template <class Ask>
bool insist(Ask ask) {
    for (std::size_t i = 0; i < offers; ++i)
        if (ask(i)) return true;
    return false;
}

struct node_on_the_way {
    traffic t;

    static bool take(store::store& s, store::incoming_leg leg, const std::string& bytes) {
        leg.content = s.new_spool();
        if (!leg.content.append(bytes) || !leg.content.finish() || !s.link(leg.content)) return false;
        return wait_for<store::leg_taken>([&](auto done) { s.take_leg(std::move(leg), std::move(done)); }).has_value();
    }

    void live(store::store& s, const std::function<void(int)>& answered) {
        for (int i = 0; i < documents; ++i) {
            auto& copies = t.legs[static_cast<std::size_t>(i)];
            if (insist([&](auto offer) { return take(s, std::move(copies[offer]), document(i)); })) answered(i);
        }
        for (const auto& q : s.read_queued({}, 100)) {
            const store::passing p{{q.seq}, {"vpcp", "ninhthuan"}, "thuannam"};
            insist([&](auto) {
                return wait_for<std::monostate>([&](auto done) { s.pass_on(p, std::move(done)); }).has_value();
            });
        }
        for (int i = 0; i < batches; ++i)
            if (insist([&](auto) {
                    return wait_for<std::monostate>([&](auto done) {
                               s.take_evidence(t.evidence[static_cast<std::size_t>(i)], std::move(done));
                           })
                        .has_value();
                }))
                answered(first_batch + i);
    }

    void expect_whole(small_store& s, const std::set<int>& answered) const {
        ASSERT_TRUE(s->check_ledger(s.authorities()));
        EXPECT_TRUE(s->read_books().balance());
        std::set<std::string> seen;
        for (const auto& d : s->list_dispatches({})) {
            EXPECT_TRUE(seen.insert(d.id.str()).second);
            ASSERT_EQ(d.deliveries.size(), 1u);
            EXPECT_TRUE(s->open_content(d.sha256));
        }
        EXPECT_EQ(s->read_books().taken_in(), seen.size());
        for (int i = 0; i < documents; ++i) {
            const auto& id = t.legs[static_cast<std::size_t>(i)].at(0).dispatch_id;
            EXPECT_TRUE(!answered.contains(i) || seen.contains(id.str()));
        }

        const auto cursor = s->cursor_of("thuannam", "thuannam.1");
        for (int i = 0; i < batches; ++i) {
            const auto& batch = t.evidence[static_cast<std::size_t>(i)];
            EXPECT_TRUE(!answered.contains(first_batch + i) || cursor >= batch.next);
            if (cursor >= batch.next) expect_taken(s, batch);
        }
        const auto feed = s->read_feed({store::feed_of_node("vpcp")}, 0, 1000);
        std::set<std::string> events;
        for (const auto& e : feed) EXPECT_TRUE(events.insert(e.event_id).second) << e.event_id << " twice";
    }

    static void expect_taken(small_store& s, const store::evidence_batch& batch) {
        for (const auto& e : batch.items) {
            if (!s->find_dispatch(e.dispatch_id)) continue; // its leg was never taken: nothing to know it by
            const auto kept = s->find_receipt(e.event_id);
            ASSERT_TRUE(kept) << e.event_id;
            EXPECT_EQ(kept->receipt.xml, e.xml);
            if (e.event != event_name::content_handover) continue;
            EXPECT_EQ(s->find_dispatch(e.dispatch_id)->deliveries.at(0).state, delivery_state::handed_over);
        }
    }
};

void sweep(fault_kind k) {
    node_on_the_way node;
    test::sweep_requests(
        k, documents + batches, [&](auto& s, const auto& answered) { node.live(s, answered); },
        [&](auto& s, const auto& answered) { node.expect_whole(s, answered); });
}

TEST(custody_fault, an_error_at_any_request_loses_and_doubles_nothing) { sweep(fault_kind::error); }
TEST(custody_fault, a_disk_full_from_any_write_on_is_answered_and_survived) { sweep(fault_kind::full); }
TEST(custody_fault, a_death_before_any_request_loses_and_doubles_nothing) { sweep(fault_kind::death); }

} // namespace
} // namespace truc
