// A recipient that is closed while its document is on the way: its successor gets it, once.
#include "small_network.hpp"

#include <gtest/gtest.h>

namespace truc {
namespace {

using test::small_network;
using test::wait_for;
using enum delivery_state;

const std::string commune = "000.00.12.H43"; ///< closed
const std::string ward = "000.00.03.H43";    ///< closed as well
const std::string successor = "000.00.20.H43";

/// The leg at the home node of all three, with the deliveries of these recipients only.
store::incoming_leg home_leg(small_network& net, const store::outgoing_leg& out,
                             const std::vector<std::string>& recipients) {
    auto leg = net.as_received(out, "vpcp", "ninhthuan", store::fate::consign);
    std::erase_if(leg.deliveries, [&](const auto& d) {
        return std::find(recipients.begin(), recipients.end(), d.recipient) == recipients.end();
    });
    for (auto& d : leg.deliveries)
        if (d.recipient != successor) d.successor = successor;
    return leg;
}

std::size_t in_inbox(small_network& net, const std::string& recipient) {
    return net["ninhthuan"]->read_inbox({recipient}, {}, {}, 10).size();
}

TEST(succession, puts_the_document_into_the_inbox_that_is_read) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>", {commune});
    ASSERT_TRUE(net.take("ninhthuan", home_leg(net, *net.waiting("vpcp"), {commune})));
    EXPECT_EQ(net.row("ninhthuan", a.recipients.at(0).delivery_id).recipient, successor);
    EXPECT_EQ(in_inbox(net, successor), 1u);
    EXPECT_EQ(in_inbox(net, commune), 0u);
}

/// In whichever order the two legs come.
TEST(succession, of_who_gets_the_document_anyway_ends_the_delivery) {
    for (const auto& order : {std::pair(successor, commune), std::pair(commune, successor)}) {
        small_network net;
        const auto a = net.submit("vpcp", "<a/>", {commune, successor});
        const auto out = net.waiting("vpcp");
        ASSERT_TRUE(net.take("ninhthuan", home_leg(net, *out, {order.first})));
        ASSERT_TRUE(net.take("ninhthuan", home_leg(net, *out, {order.second}))) << order.second;
        const auto ended = net.row("ninhthuan", a.recipients.at(0).delivery_id);
        EXPECT_EQ(ended.state, undeliverable);
        EXPECT_EQ(ended.recipient, commune);
        EXPECT_EQ(ended.reason, "recipient_closed");
        EXPECT_EQ(net.state("ninhthuan", a.recipients.at(1).delivery_id), consigned);
        EXPECT_EQ(in_inbox(net, successor), 1u);
        EXPECT_TRUE(net.balance());
    }
}

TEST(succession, of_two_to_one_gives_it_once) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>", {commune, ward});
    const auto out = net.waiting("vpcp");
    ASSERT_TRUE(net.take("ninhthuan", home_leg(net, *out, {commune})));
    ASSERT_TRUE(net.take("ninhthuan", home_leg(net, *out, {ward})));
    EXPECT_EQ(net.state("ninhthuan", a.recipients.at(0).delivery_id), consigned);
    EXPECT_EQ(net.state("ninhthuan", a.recipients.at(1).delivery_id), undeliverable);
    EXPECT_EQ(in_inbox(net, successor), 1u);
}

TEST(succession, while_it_waits_here_counts_when_it_arrives) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>", {commune, ward});
    net.pass("vpcp", "ninhthuan");
    const auto rows = net.waiting("ninhthuan")->rows;
    const store::arrival arrived{rows, {}, successor};
    ASSERT_TRUE(wait_for<std::monostate>([&](auto done) { net["ninhthuan"]->arrive(arrived, std::move(done)); }));
    EXPECT_EQ(net.row("ninhthuan", a.recipients.at(0).delivery_id).recipient, successor);
    EXPECT_EQ(net.state("ninhthuan", a.recipients.at(1).delivery_id), undeliverable);
    EXPECT_EQ(in_inbox(net, successor), 1u);
    EXPECT_TRUE(net.balance());
}

} // namespace
} // namespace truc
