#include "../../../src/api/relay_heads.hpp"
#include "small_store.hpp"
#include "test_pki.hpp"

#include <truc/dsig/verifier.hpp>
#include <truc/ledger/receipt.hpp>
#include <truc/xml/document.hpp>

#include <gtest/gtest.h>

namespace truc::api {

namespace {

using verdict = head_judgement::verdict;

/// A neighbour's log of which every leaf is its number, and its node's key.
class relay_heads : public ::testing::Test {
  protected:
    relay_heads() {
        xml::initialise();
        dsig::initialise();
    }

    static sha256_digest subtree(unsigned level, std::uint64_t index, std::string_view kind) {
        if (level == 0) return ledger::leaf_hash(std::string(kind) + std::to_string(index));
        return ledger::node_hash(subtree(level - 1, 2 * index, kind), subtree(level - 1, 2 * index + 1, kind));
    }

    ledger::tree_head head(std::uint64_t size, std::string_view kind = "leaf", unsigned epoch = 1) const {
        ledger::frontier edge;
        for (std::uint64_t i = 0; i < size; ++i) edge.append(subtree(0, i, kind));
        return {{"vpcp", epoch}, size, test::test_pki::now(), edge.root()};
    }

    std::string sign(const ledger::tree_head& h) const {
        return *ledger::head_signer(pki_.node(h.log.node).signing_key()).sign(h);
    }

    relay_announcement says(const ledger::tree_head& h) const {
        relay_announcement a;
        a.node = "vpcp";
        a.log = h.log.str();
        a.head = sign(h);
        return a;
    }

    relay_announcement proves(std::uint64_t from, const ledger::tree_head& h, std::string_view kind = "leaf") const {
        auto a = says(h);
        const auto read = [kind](unsigned level, std::uint64_t index) { return subtree(level, index, kind); };
        a.proof = relay_announcement::extension{from, h.size, ledger::consistency_path(from, h.size, read)};
        return a;
    }

    static store::known_head remembered(const ledger::tree_head& h) {
        return {h.log.str(), h.size, h.root, h.time, "<SignedTreeHead/>"};
    }

    head_judgement judge(const relay_announcement& a, const std::optional<store::known_head>& known) const {
        return judge_head(a, "vpcp", known, exchange_);
    }

    test::test_pki pki_;
    trust::certificate_store exchange_{pki_.node_ca(), {}};
};

TEST_F(relay_heads, the_first_head_is_remembered) {
    const auto j = judge(says(head(5)), std::nullopt);
    EXPECT_EQ(j.is, verdict::extends);
    ASSERT_TRUE(j.remember);
    EXPECT_EQ(j.remember->log, "vpcp.1");
    EXPECT_EQ(j.remember->size, 5u);
    EXPECT_EQ(j.remember->root, head(5).root);
}

TEST_F(relay_heads, the_same_head_says_nothing_new) {
    const auto j = judge(says(head(5)), remembered(head(5)));
    EXPECT_EQ(j.is, verdict::nothing);
    EXPECT_FALSE(j.remember);
}

TEST_F(relay_heads, a_larger_one_needs_a_proof_from_what_is_remembered) {
    EXPECT_EQ(judge(proves(5, head(9)), remembered(head(5))).is, verdict::extends);
    EXPECT_EQ(judge(says(head(9)), remembered(head(5))).is, verdict::unproven);
    EXPECT_EQ(judge(proves(4, head(9)), remembered(head(5))).is, verdict::unproven);
}

TEST_F(relay_heads, a_history_that_was_rewritten_is_found_out) {
    const auto j = judge(proves(5, head(9, "other"), "other"), remembered(head(5)));
    EXPECT_EQ(j.is, verdict::contradicts);
    EXPECT_FALSE(j.remember);
    EXPECT_EQ(judge(says(head(5, "other")), remembered(head(5))).is, verdict::contradicts);
}

TEST_F(relay_heads, a_log_does_not_shrink) {
    EXPECT_EQ(judge(says(head(4)), remembered(head(5))).is, verdict::contradicts);
    EXPECT_EQ(judge(relay_announcement(), remembered(head(5))).is, verdict::contradicts);
    EXPECT_EQ(judge(relay_announcement(), std::nullopt).is, verdict::nothing);
}

TEST_F(relay_heads, a_later_epoch_is_a_new_log_and_an_earlier_one_is_none) {
    const auto j = judge(says(head(2, "leaf", 2)), remembered(head(5)));
    EXPECT_EQ(j.is, verdict::new_log);
    ASSERT_TRUE(j.remember);
    EXPECT_EQ(j.remember->log, "vpcp.2");
    EXPECT_EQ(judge(says(head(7)), remembered(head(5, "leaf", 2))).is, verdict::contradicts);
    EXPECT_EQ(judge(says(head(2, "leaf", 2)), std::nullopt).is, verdict::new_log) << "what came before was never shown";
}

TEST_F(relay_heads, a_new_log_is_alarmed_once_with_both_heads_for_some_days) {
    test::small_store s;
    const auto hear = [&](const ledger::tree_head& h) {
        return weigh(says(h), "vpcp", *s, exchange_, s.clock().now());
    };
    const auto keep = [&](const heard_announcement& h) {
        ASSERT_TRUE(h.head.remember);
        ASSERT_TRUE(test::wait_for<std::monostate>(
            [&](auto done) { s->remember_head("vpcp", *h.head.remember, std::move(done)); }));
    };
    alarm_board alarms(s.clock());
    restoring_watch watch;
    const auto look = [&](const heard_announcement& h) { watch.look(h.opened, "vpcp", alarms, s.clock().now()); };
    const auto first = hear(head(5));
    look(first);
    keep(first);
    EXPECT_TRUE(alarms.list().empty());
    const auto second = hear(head(2, "leaf", 2));
    look(second);
    keep(second);
    ASSERT_EQ(alarms.list().size(), 1u);
    const auto a = alarms.list().front();
    EXPECT_EQ(a.kind, "neighbour_restored");
    EXPECT_EQ(a.subject, "vpcp");
    for (const auto& told :
         {std::string("vpcp.1 of 5"), head(5).root.hex(), std::string("vpcp.2 of 2"), head(2, "leaf", 2).root.hex()})
        EXPECT_NE(a.text.find(told), std::string::npos) << a.text;
    look(hear(head(2, "leaf", 2)));
    EXPECT_EQ(alarms.list()[0].count, 1u) << "at each announcement it is the same";
    alarm_board after_a_restart(s.clock());
    restoring_watch().look(hear(head(2, "leaf", 2)).opened, "vpcp", after_a_restart, s.clock().now());
    EXPECT_EQ(after_a_restart.list().size(), 1u) << "who restarts this node does not hide it";
    s.clock().advance(store::restored_lately);
    look(hear(head(2, "leaf", 2)));
    EXPECT_TRUE(alarms.list().empty());
}

TEST_F(relay_heads, the_head_of_another_node_or_of_nobody_is_no_answer) {
    auto other = head(5);
    other.log.node = "cana";
    EXPECT_EQ(judge(says(other), std::nullopt).is, verdict::contradicts);
    auto forged = says(head(5));
    forged.head.replace(forged.head.find("<TreeSize>5"), 11, "<TreeSize>6");
    EXPECT_EQ(judge(forged, std::nullopt).is, verdict::contradicts);
    auto broken = says(head(5));
    broken.head = "<SignedTreeHead";
    EXPECT_EQ(judge(broken, std::nullopt).is, verdict::contradicts);
}

} // namespace

} // namespace truc::api
