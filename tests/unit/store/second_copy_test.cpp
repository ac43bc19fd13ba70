// One document that comes to a recipient by two ways: by the tree, and by another exchange through a gateway.
#include "small_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc {
namespace {

using test::small_network;
using test::small_store;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using enum delivery_state;

const std::string recipient = "000.00.12.H43"; ///< at home in ninhthuan
const std::string other_one = "000.00.03.H43"; ///< as well
const auto letter = sha256("the letter");
const auto other_letter = sha256("the same letter with another attachment");

/// The Government Office sends by the tree; what it sent by the axis comes in at laocai, where a gateway is.
class second_copy : public testing::Test {
  protected:
    /// A copy on its way to ninhthuan.
    struct copy {
        std::string from;
        store::acceptance accepted;
        store::outgoing_leg out;
        std::optional<sha256_digest> essence;
        const uuid& delivery() const { return accepted.recipients.at(0).delivery_id; }
    };
    copy sent_from(const std::string& node, const std::string& bytes,
                   const std::optional<sha256_digest>& essence = letter, std::vector<std::string> to = {recipient}) {
        auto accepted = net_.submit(node, bytes, std::move(to));
        copy c{node, std::move(accepted), *net_.waiting(node), essence};
        net_.acknowledge(node, "ninhthuan", c.out);
        return c;
    }
    store::incoming_leg leg_of(const copy& c, store::fate fate = store::fate::consign) {
        auto leg = net_.as_received(c.out, c.from, "ninhthuan", fate);
        leg.essence = c.essence;
        return leg;
    }
    uuid take(const copy& c) {
        EXPECT_TRUE(net_.take("ninhthuan", leg_of(c)));
        return c.delivery();
    }
    /// Submitted at the recipient's own node.
    store::new_dispatch submitted_at_home(const std::string& bytes, const std::string& client) {
        auto d = home_.dispatch(bytes);
        d.essence = letter;
        d.client = client;
        d.by_gateway = client == "gateway";
        return d;
    }
    std::size_t in_inbox(const std::string& agency = recipient) {
        return home_->read_inbox({agency}, {}, {}, 10).size();
    }
    /// It may still be delivered, and nobody can take it.
    void expect_waiting(const uuid& second, const uuid& first) {
        const auto row = net_.row("ninhthuan", second);
        EXPECT_EQ(row.state, consigned);
        EXPECT_EQ(row.copy_of, first);
        EXPECT_EQ(row.consigned_at, std::nullopt);
        EXPECT_EQ(net_.state("ninhthuan", first), consigned);
        EXPECT_EQ(in_inbox(), 1u);
        EXPECT_EQ(home_->read_inbox_fresh_first({recipient}, {}, 10).size(), 1u);
        EXPECT_FALSE(home_->find_inbox_item(second));
        EXPECT_EQ(home_.conclude(second).error().code, errc::not_found);
        EXPECT_FALSE(test::wait_for<std::monostate>([&](auto done) {
            home_->report({second, {recipient}, store::reported::failed, "", "axis:so-tttt"}, std::move(done));
        }));
        EXPECT_EQ(home_->queue().at(0).count, 1u);
        EXPECT_TRUE(net_.balance());
        EXPECT_EQ(home_->read_books().in_custody, 2u);
    }
    void expect_second(const uuid& second, const uuid& first) {
        expect_waiting(second, first);
        ASSERT_TRUE(home_.conclude(first));
        const auto row = net_.row("ninhthuan", second);
        EXPECT_EQ(row.state, undeliverable);
        EXPECT_EQ(row.reason, "second_copy: " + first.str());
        EXPECT_EQ(row.copy_of, std::nullopt);
        EXPECT_EQ(in_inbox(), 0u);
        EXPECT_TRUE(net_.balance());
        EXPECT_EQ(home_->read_books().undeliverable, 1u);
    }
    void expire(const uuid& delivery) {
        home_.clock().advance(std::chrono::hours(1000));
        std::vector<std::int64_t> rows;
        for (const auto& late : home_->read_overdue(consigned, home_.clock().now(), 10))
            if (late.id == delivery) rows.push_back(late.seq);
        ASSERT_EQ(rows.size(), 1u) << "copies that wait are reminded of, too";
        ASSERT_TRUE(test::wait_for<std::monostate>([&](auto done) {
            home_->end_deliveries({rows, expired, event_name::expiry, "policy"}, std::move(done));
        }));
    }
    std::vector<event_name> events_of(const uuid& dispatch) {
        std::vector<event_name> names;
        for (const auto& row : home_->trace(dispatch)) {
            const auto e = ledger::parse_event(row.event_xml);
            if (e && e->log.node == "ninhthuan") names.push_back(e->name);
        }
        return names;
    }

    small_network net_;
    small_store& home_ = net_["ninhthuan"];
};

TEST_F(second_copy, is_kept_as_evidence_and_not_delivered) {
    const auto tree = sent_from("vpcp", "<tree/>"), axis = sent_from("laocai", "<axis/>");
    const auto first = take(tree), second = take(axis);
    expect_second(second, first);
    EXPECT_THAT(home_->trace(axis.accepted.id),
                Contains(testing::Field(&store::trace_row::event_xml,
                                        AllOf(HasSubstr("ContentConsignmentFailure"), HasSubstr(first.str())))));
    EXPECT_EQ(home_->open_content(sha256("<axis/>"))->view(), "<axis/>");
    EXPECT_TRUE(home_->check_ledger(home_.authorities()));
}

TEST_F(second_copy, is_the_one_that_comes_later_whichever_it_is) {
    const auto tree = sent_from("vpcp", "<tree/>"), axis = sent_from("laocai", "<axis/>");
    const auto first = take(axis), second = take(tree);
    expect_second(second, first);
}

TEST_F(second_copy, of_the_very_same_bytes_too) {
    const auto tree = sent_from("vpcp", "<same/>"), axis = sent_from("laocai", "<same/>");
    const auto first = take(tree), second = take(axis);
    expect_second(second, first);
}

TEST_F(second_copy, in_one_group_is_found_as_well) {
    const auto tree = sent_from("vpcp", "<tree/>"), axis = sent_from("laocai", "<axis/>");
    std::promise<result<store::leg_taken>> taken[2];
    std::promise<void> blocked, go;
    // The writer is held in the completion of an item, so that both wait for it as one group.
    store::refusal r;
    r.client = "so-tttt";
    r.code = errc::schema;
    home_->refuse(r, [&](const auto&) {
        blocked.set_value();
        go.get_future().wait();
    });
    blocked.get_future().wait();
    home_->take_leg(leg_of(tree), [&](result<store::leg_taken> t) { taken[0].set_value(std::move(t)); });
    home_->take_leg(leg_of(axis), [&](result<store::leg_taken> t) { taken[1].set_value(std::move(t)); });
    go.set_value();
    for (auto& t : taken) EXPECT_TRUE(t.get_future().get());
    expect_second(axis.delivery(), tree.delivery());
}

TEST_F(second_copy, is_known_after_a_crash_between) {
    const auto tree = sent_from("vpcp", "<tree/>"), axis = sent_from("laocai", "<axis/>");
    const auto first = take(tree);
    home_.open();
    const auto second = take(axis);
    expect_waiting(second, first);
    home_.open();
    EXPECT_TRUE(net_.take("ninhthuan", leg_of(axis))->repeated) << "the neighbour did not hear the answer";
    expect_second(second, first);
    home_.open();
    EXPECT_EQ(net_.state("ninhthuan", second), undeliverable);
    EXPECT_TRUE(home_->check_ledger(home_.authorities()));
}

TEST_F(second_copy, of_what_was_handed_over_is_one_too) {
    const auto tree = sent_from("vpcp", "<tree/>"), axis = sent_from("laocai", "<axis/>");
    const auto first = take(tree);
    ASSERT_TRUE(home_.conclude(first));
    EXPECT_EQ(net_.state("ninhthuan", take(axis)), undeliverable);
    EXPECT_EQ(in_inbox(), 0u);
}

TEST_F(second_copy, is_delivered_when_the_first_was_not) {
    const auto tree = sent_from("vpcp", "<tree/>"), axis = sent_from("laocai", "<axis/>");
    ASSERT_TRUE(home_.conclude(take(tree), false));
    EXPECT_EQ(net_.row("ninhthuan", take(axis)).copy_of, std::nullopt);
    EXPECT_EQ(in_inbox(), 1u);
}

TEST_F(second_copy, comes_into_the_inbox_when_the_first_is_refused) {
    const auto tree = sent_from("vpcp", "<tree/>"), axis = sent_from("laocai", "<axis/>");
    const auto first = take(tree), second = take(axis);
    expect_waiting(second, first);
    home_.close();
    std::atomic<int> told = 0;
    home_.on_commit = [&told](const store::commit_notice& n) { told += n.inboxes == std::vector{recipient}; };
    home_.open();
    EXPECT_EQ(events_of(axis.accepted.id), std::vector{event_name::relay_acceptance})
        << "nothing that may turn out wrong";
    ASSERT_TRUE(home_.conclude(first, false));
    const auto row = net_.row("ninhthuan", second);
    EXPECT_EQ(row.copy_of, std::nullopt);
    EXPECT_TRUE(row.consigned_at);
    EXPECT_EQ(home_->read_inbox({recipient}, {}, {}, 10).at(0).delivery_id, second);
    EXPECT_EQ(events_of(axis.accepted.id).back(), event_name::content_consignment);
    ASSERT_TRUE(home_.conclude(second));
    EXPECT_TRUE(net_.balance());
    EXPECT_TRUE(home_->check_ledger(home_.authorities()));
    home_.close();
    EXPECT_EQ(told, 1);
}

TEST_F(second_copy, comes_into_the_inbox_when_the_first_expires) {
    const auto first = take(sent_from("vpcp", "<tree/>")), second = take(sent_from("laocai", "<axis/>"));
    expire(first);
    EXPECT_EQ(net_.state("ninhthuan", first), expired);
    EXPECT_EQ(home_->read_inbox({recipient}, {}, {}, 10).at(0).delivery_id, second);
    EXPECT_TRUE(net_.balance());
}

TEST_F(second_copy, may_expire_itself) {
    const auto first = take(sent_from("vpcp", "<tree/>")), second = take(sent_from("laocai", "<axis/>"));
    expire(second);
    EXPECT_EQ(net_.row("ninhthuan", second).copy_of, std::nullopt);
    ASSERT_TRUE(home_.conclude(first));
    EXPECT_EQ(net_.state("ninhthuan", second), expired);
    EXPECT_TRUE(net_.balance());
}

TEST_F(second_copy, is_followed_by_a_third) {
    const auto first = take(sent_from("vpcp", "<tree/>")), second = take(sent_from("laocai", "<axis/>"));
    const auto third = home_.accept(submitted_at_home("<here/>", "ubnd"))->recipients.at(0).delivery_id;
    EXPECT_EQ(net_.row("ninhthuan", third).copy_of, first);
    ASSERT_TRUE(home_.conclude(first, false));
    EXPECT_EQ(net_.row("ninhthuan", second).copy_of, std::nullopt);
    EXPECT_EQ(net_.row("ninhthuan", third).copy_of, second);
    EXPECT_EQ(in_inbox(), 1u);
    ASSERT_TRUE(home_.conclude(second));
    EXPECT_EQ(net_.row("ninhthuan", third).reason, "second_copy: " + second.str());
    EXPECT_TRUE(net_.balance());
}

TEST_F(second_copy, moves_with_its_recipient) {
    const auto first = take(sent_from("vpcp", "<tree/>")), second = take(sent_from("laocai", "<axis/>"));
    ASSERT_TRUE(test::wait_for<std::monostate>([&](auto done) { home_->send_away(recipient, std::move(done)); }));
    for (const auto& id : {first, second}) {
        EXPECT_EQ(net_.row("ninhthuan", id).state, queued);
        EXPECT_EQ(net_.row("ninhthuan", id).copy_of, std::nullopt);
    }
    EXPECT_EQ(home_->read_queued({}, 10).size(), 2u);
}

TEST_F(second_copy, is_none_with_other_attachments_or_for_somebody_else) {
    take(sent_from("vpcp", "<tree/>"));
    EXPECT_FALSE(net_.row("ninhthuan", take(sent_from("laocai", "<axis/>", other_letter))).copy_of);
    EXPECT_FALSE(net_.row("ninhthuan", take(sent_from("laocai", "<status/>", std::nullopt))).copy_of);
    EXPECT_EQ(in_inbox(), 3u);
    const auto both = sent_from("laocai", "<both/>", letter, {recipient, other_one});
    const auto first = take(both);
    EXPECT_TRUE(net_.row("ninhthuan", first).copy_of);
    EXPECT_FALSE(net_.row("ninhthuan", both.accepted.recipients.at(1).delivery_id).copy_of);
    EXPECT_EQ(in_inbox(other_one), 1u);
}

TEST_F(second_copy, is_not_what_one_client_sends_anew) {
    ASSERT_TRUE(home_.accept(submitted_at_home("<signed/>", "vpcp")));
    ASSERT_TRUE(home_.accept(submitted_at_home("<signed-anew/>", "vpcp")));
    EXPECT_EQ(in_inbox(), 2u);
}

TEST_F(second_copy, is_not_what_another_client_of_the_same_node_sends) {
    ASSERT_TRUE(home_.accept(submitted_at_home("<day-5/>", "van-phong")));
    ASSERT_TRUE(home_.accept(submitted_at_home("<day-6/>", "van-thu")));
    EXPECT_EQ(in_inbox(), 2u);
}

TEST_F(second_copy, by_a_gateway_of_the_same_node_is_one) {
    const auto first = home_.accept(submitted_at_home("<tree/>", "vpcp"));
    const auto second = home_.accept(submitted_at_home("<axis/>", "gateway"));
    ASSERT_TRUE(first && second);
    ASSERT_EQ(second->recipients.size(), 1u) << "its sender is answered as ever";
    expect_second(second->recipients[0].delivery_id, first->recipients[0].delivery_id);
    const auto again = home_.accept(submitted_at_home("<axis/>", "gateway"));
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(again->receipt, second->receipt);
}

TEST_F(second_copy, of_a_status_is_known_by_its_bytes) {
    const auto tree = sent_from("vpcp", "<status/>", std::nullopt);
    const auto axis = sent_from("laocai", "<status/>", std::nullopt);
    const auto first = take(tree), second = take(axis);
    expect_second(second, first);
    EXPECT_EQ(net_.state("ninhthuan", take(sent_from("laocai", "<other/>", std::nullopt))), consigned);
    EXPECT_EQ(in_inbox(), 1u);
}

TEST_F(second_copy, that_waited_here_for_its_recipient_is_found_when_it_arrives) {
    const auto first = take(sent_from("vpcp", "<tree/>"));
    const auto axis = sent_from("laocai", "<axis/>", std::nullopt);
    ASSERT_TRUE(net_.take("ninhthuan", leg_of(axis, store::fate::forward)));
    const auto second = axis.delivery();
    EXPECT_EQ(net_.state("ninhthuan", second), queued);
    const store::arrival arrived{net_.waiting("ninhthuan")->rows, {store::fate::consign, {}, letter}};
    ASSERT_TRUE(test::wait_for<std::monostate>([&](auto done) { home_->arrive(arrived, std::move(done)); }));
    expect_second(second, first);
}

TEST_F(second_copy, is_told_to_its_origin) {
    const auto first = take(sent_from("vpcp", "<tree/>"));
    const auto second = take(sent_from("laocai", "<axis/>"));
    net_.feed("ninhthuan", "laocai");
    EXPECT_EQ(net_.state("laocai", second), relayed);
    ASSERT_TRUE(home_.conclude(first));
    net_.feed("ninhthuan", "laocai");
    const auto row = net_.row("laocai", second);
    EXPECT_EQ(row.state, undeliverable);
    EXPECT_EQ(row.reason, "second_copy: " + first.str());
    EXPECT_EQ(net_["laocai"]->read_origin_books().undeliverable, 1u);
    EXPECT_TRUE(net_.balance());
}

} // namespace
} // namespace truc
