// A delivery that has ended is sent once more: a new one with an id and a receipt of its own.
#include "small_network.hpp"

#include <truc/model/delivery_id.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc {
namespace {

using test::small_network;
using test::small_store;
using test::wait_for;
using testing::ElementsAre;
using testing::IsEmpty;
using enum delivery_state;

const std::string commune = "000.00.12.H43";
const std::string department = "000.00.03.H43";

result<store::recipient_delivery> resend(small_store& s, const uuid& delivery) {
    store::resend_order o;
    o.delivery = delivery;
    o.who = {"an", "bên nhận mất dữ liệu"};
    o.time_to_deliver = [](priority) { return std::chrono::hours(5); };
    return wait_for<store::recipient_delivery>([&](auto done) { s->resend(std::move(o), std::move(done)); });
}

errc refusal(small_store& s, const uuid& delivery) {
    const auto r = resend(s, delivery);
    return r ? errc{} : r.error().code;
}

void expire(small_network& net, const std::string& node, std::vector<std::int64_t> rows) {
    store::ending e;
    e.rows = std::move(rows);
    e.reason = "deadline";
    ASSERT_TRUE(wait_for<std::monostate>([&](auto done) { net[node]->end_deliveries(e, std::move(done)); }));
}

std::int64_t row_of(small_network& net, const std::string& node, const uuid& delivery) {
    return net.row(node, delivery).seq;
}

ledger::event event_in(const std::string& receipt, small_store& s) {
    return ledger::verify_receipt(receipt, s.authorities())->event;
}

TEST(resend, makes_a_new_delivery_that_names_the_old_one) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    const auto old = a.recipients.at(0).delivery_id;
    expire(net, "vpcp", {row_of(net, "vpcp", old)});
    const auto made = resend(net["vpcp"], old);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->code, commune);
    EXPECT_EQ(made->delivery_id, delivery_id_of(a.id, commune, 1));
    const auto row = net.row("vpcp", made->delivery_id);
    EXPECT_EQ(row.state, queued);
    EXPECT_EQ(row.resent_from, old);
    EXPECT_EQ(row.deadline, net["vpcp"].clock().now() + std::chrono::hours(5));
    EXPECT_EQ(net.state("vpcp", old), expired);
    EXPECT_EQ(net["vpcp"]->read_books().resent, 1u);
    EXPECT_TRUE(net.balance());
}

TEST(resend, the_event_tells_who_wanted_it_and_answers_the_end) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    const auto old = a.recipients.at(0).delivery_id;
    expire(net, "vpcp", {row_of(net, "vpcp", old)});
    const auto expiry = ledger::parse_event(net["vpcp"]->trace(a.id).back().event_xml)->id();
    const auto made = resend(net["vpcp"], old);
    const auto e = *ledger::parse_event(net["vpcp"]->trace(a.id).back().event_xml);
    EXPECT_EQ(e.name, event_name::resend);
    EXPECT_EQ(e.delivery_id, made->delivery_id);
    EXPECT_EQ(e.channel, "admin:an");
    EXPECT_EQ(e.reason, "bên nhận mất dữ liệu");
    EXPECT_EQ(e.signature, signature_outcome::valid);
    EXPECT_THAT(e.to, ElementsAre(commune));
    EXPECT_THAT(e.answers, ElementsAre(expiry));
}

TEST(resend, of_an_end_elsewhere_answers_the_evidence) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    const auto old = a.recipients.at(0).delivery_id;
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    ASSERT_TRUE(net["ninhthuan"].conclude(old));
    net.feed("ninhthuan", "vpcp");
    ASSERT_EQ(net.state("vpcp", old), handed_over);
    net["vpcp"].clock().advance(std::chrono::hours(1)); // behind what others have stated
    ASSERT_TRUE(resend(net["vpcp"], old));
    const auto e = *ledger::parse_event(net["vpcp"]->trace(a.id).back().event_xml);
    ASSERT_EQ(e.name, event_name::resend);
    ASSERT_EQ(e.answers.size(), 1u);
    const auto answered = net["vpcp"]->find_receipt(e.answers[0]);
    ASSERT_TRUE(answered);
    EXPECT_EQ(answered->receipt.event, event_name::content_handover);
}

TEST(resend, travels_alone_with_its_own_receipt_over_every_hop) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>", {commune, department});
    const auto old = a.recipients.at(0).delivery_id;
    expire(net, "vpcp", {row_of(net, "vpcp", old)});
    const auto made = resend(net["vpcp"], old);
    ASSERT_TRUE(made);
    const auto other = row_of(net, "vpcp", a.recipients.at(1).delivery_id);
    const auto again = row_of(net, "vpcp", made->delivery_id);
    const auto first = net["vpcp"]->load_leg({other, again});
    ASSERT_TRUE(first);
    EXPECT_THAT(first->rows, ElementsAre(other));
    EXPECT_EQ(first->receipt, a.receipt);
    const auto second = net["vpcp"]->load_leg({again, other});
    ASSERT_TRUE(second);
    EXPECT_THAT(second->rows, ElementsAre(again));
    EXPECT_EQ(event_in(second->receipt, net["vpcp"]).name, event_name::resend);

    ASSERT_TRUE(net.take("ninhthuan", net.as_received(*second, "vpcp", "ninhthuan")));
    net.acknowledge("vpcp", "ninhthuan", *second);
    const auto onward = net["ninhthuan"]->load_leg({row_of(net, "ninhthuan", made->delivery_id)});
    ASSERT_TRUE(onward);
    EXPECT_EQ(onward->receipt, second->receipt);
    // The other delivery comes after the one that was sent again, and has the acceptance all the same.
    ASSERT_TRUE(net.take("ninhthuan", net.as_received(*first, "vpcp", "ninhthuan")));
    const auto late = net["ninhthuan"]->load_leg({row_of(net, "ninhthuan", a.recipients.at(1).delivery_id)});
    ASSERT_TRUE(late);
    EXPECT_EQ(late->receipt, a.receipt);
    EXPECT_TRUE(net.balance());
}

TEST(resend, a_node_that_had_the_first_one_takes_the_repetition_and_takes_it_once) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    const auto old = a.recipients.at(0).delivery_id;
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    ASSERT_TRUE(net["ninhthuan"].conclude(old));
    net.feed("ninhthuan", "vpcp");
    const auto made = resend(net["vpcp"], old);
    ASSERT_TRUE(made);
    const auto leg = net["vpcp"]->load_leg({row_of(net, "vpcp", made->delivery_id)});
    for (const bool repeated : {false, true}) {
        const auto taken = net.take("ninhthuan", net.as_received(*leg, "vpcp", "ninhthuan", store::fate::consign));
        ASSERT_TRUE(taken);
        EXPECT_EQ(taken->repeated, repeated);
    }
    net.acknowledge("vpcp", "ninhthuan", *leg);
    const auto inbox = net["ninhthuan"]->read_inbox({commune}, {}, {}, 10);
    ASSERT_EQ(inbox.size(), 1u);
    EXPECT_EQ(inbox[0].delivery_id, made->delivery_id);
    ASSERT_TRUE(net["ninhthuan"].conclude(made->delivery_id));
    net.feed("ninhthuan", "vpcp");
    EXPECT_EQ(net.state("vpcp", made->delivery_id), handed_over);
    EXPECT_TRUE(net.balance());
}

TEST(resend, the_answer_to_the_same_bytes_does_not_change) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    expire(net, "vpcp", {row_of(net, "vpcp", a.recipients.at(0).delivery_id)});
    ASSERT_TRUE(resend(net["vpcp"], a.recipients.at(0).delivery_id));
    const auto again = net["vpcp"]->find_acceptance({"000.00.00.G22"}, sha256("<a/>"));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->receipt, a.receipt);
    ASSERT_EQ(again->recipients.size(), 1u);
    EXPECT_EQ(again->recipients[0].delivery_id, a.recipients.at(0).delivery_id);
}

TEST(resend, of_what_is_open_is_refused) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    const auto old = a.recipients.at(0).delivery_id;
    EXPECT_EQ(refusal(net["vpcp"], old), errc::not_permitted);
    expire(net, "vpcp", {row_of(net, "vpcp", old)});
    const auto made = resend(net["vpcp"], old);
    ASSERT_TRUE(made);
    EXPECT_EQ(refusal(net["vpcp"], old), errc::not_permitted) << "the repetition has not ended";
    expire(net, "vpcp", {row_of(net, "vpcp", made->delivery_id)});
    const auto third = resend(net["vpcp"], old);
    ASSERT_TRUE(third);
    EXPECT_EQ(third->delivery_id, delivery_id_of(a.id, commune, 2));
    EXPECT_EQ(net["vpcp"]->read_books().resent, 2u);
    EXPECT_TRUE(net.balance());
}

TEST(resend, is_its_origins_alone) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    const auto old = a.recipients.at(0).delivery_id;
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    ASSERT_TRUE(net["ninhthuan"].conclude(old));
    const auto refused = resend(net["ninhthuan"], old);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::not_in_custody);
    EXPECT_THAT(refused.error().what, testing::HasSubstr("vpcp"));
    EXPECT_EQ(refusal(net["vpcp"], uuid::make(net["vpcp"].clock().now())), errc::not_found);
}

TEST(resend, survives_the_end_of_the_process) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    const auto old = a.recipients.at(0).delivery_id;
    expire(net, "vpcp", {row_of(net, "vpcp", old)});
    const auto made = resend(net["vpcp"], old);
    ASSERT_TRUE(made);
    net["vpcp"].open();
    const auto waiting = net["vpcp"]->read_queued({}, 10);
    ASSERT_EQ(waiting.size(), 1u);
    EXPECT_TRUE(waiting[0].resent);
    EXPECT_EQ(event_in(net["vpcp"]->load_leg({waiting[0].seq})->receipt, net["vpcp"]).delivery_id, made->delivery_id);
}

class resend_of_a_withdrawn_document : public testing::Test {
  protected:
    /// Ended without evidence of a recall: rejected by the recipient.
    resend_of_a_withdrawn_document() : document_(net_.submit("vpcp", "<a/>")) {
        net_.pass("vpcp", "ninhthuan", store::fate::consign);
        EXPECT_TRUE(net_["ninhthuan"].conclude(delivery(), false));
        net_.feed("ninhthuan", "vpcp");
    }
    uuid delivery() const { return document_.recipients.at(0).delivery_id; }

    void withdraw(business_type business, std::vector<std::string> recipients) {
        auto d = net_["vpcp"].dispatch("<r/>", recipients);
        d.document_id = "of the recall";
        d.code.clear();
        d.business = business;
        d.action.acts_on = {document_.document_id};
        for (const auto& r : recipients) d.action.withdraws.push_back({document_.document_id, r});
        d.elsewhere = std::move(recipients);
        ASSERT_TRUE(net_["vpcp"].accept(std::move(d)));
    }
    small_network net_;
    store::acceptance document_;
};

TEST_F(resend_of_a_withdrawn_document, is_refused_after_a_recall) {
    withdraw(business_type::recall, {department});
    EXPECT_EQ(refusal(net_["vpcp"], delivery()), errc::withdrawn);
}

TEST_F(resend_of_a_withdrawn_document, is_refused_after_a_replacement_for_this_recipient) {
    withdraw(business_type::replace, {commune});
    EXPECT_EQ(refusal(net_["vpcp"], delivery()), errc::withdrawn);
}

TEST_F(resend_of_a_withdrawn_document, is_possible_for_whom_a_replacement_leaves_it_to) {
    withdraw(business_type::replace, {department});
    EXPECT_TRUE(resend(net_["vpcp"], delivery()));
}

TEST(resend, of_a_recall_takes_what_the_first_one_would_have_taken) {
    small_network net;
    auto& node = net["vpcp"];
    const auto at_home = node.accept(node.dispatch("<a/>"));
    ASSERT_TRUE(at_home);
    auto d = node.dispatch("<recall/>");
    d.sender = "000.00.00.G22";
    d.business = business_type::recall;
    d.elsewhere = d.recipients;
    d.document_id = at_home->document_id;
    d.action.acts_on = {at_home->document_id};
    d.action.withdraws = {{at_home->document_id, commune}};
    const auto take = node.accept(std::move(d));
    ASSERT_TRUE(take);
    const auto old = take->recipients.at(0).delivery_id;
    expire(net, "vpcp", {row_of(net, "vpcp", old)});
    const auto again = resend(node, old);
    ASSERT_TRUE(again) << explain(again.error(), language::english);
    store::arrival home{{row_of(net, "vpcp", again->delivery_id)}, {}, {}};
    ASSERT_TRUE(wait_for<std::monostate>([&](auto done) { node->arrive(home, std::move(done)); }));
    EXPECT_EQ(net.state("vpcp", at_home->recipients.at(0).delivery_id), recalled);
    EXPECT_EQ(net.state("vpcp", again->delivery_id), recalled);
}

} // namespace
} // namespace truc
