// What recipients report is kept beside the delivery that it is about, at the home of either side.
#include "business_case.hpp"

namespace truc {
namespace {

using namespace test::business;
using testing::ElementsAre;
using testing::IsEmpty;

class reported_statuses : public business_case {
  protected:
    /// Submitted at the reporter's home, and consigned at the other one's.
    void report(const std::string& code, const std::string& from, const std::string& to, const std::string& node,
                const std::string& home, const std::string& about = "X") {
        auto d = net_[node].dispatch("<status n=\"" + std::to_string(++number_) + "\"/>", {to});
        d.kind = dispatch_kind::status;
        d.sender = from;
        d.document_id = about;
        d.code.clear();
        d.status_code = code;
        d.elsewhere = {to};
        auto a = net_[node].accept(std::move(d));
        ASSERT_TRUE(a);
        const sent s{node, std::move(*a), {}};
        const auto out = leg_of(s);
        auto leg = net_.as_received(out, node, home, store::fate::consign);
        leg.status_code = code;
        ASSERT_TRUE(net_.take(home, std::move(leg)));
        net_.acknowledge(node, home, out);
    }
    std::vector<std::string> codes(const std::string& node, const sent& s, std::size_t n = 0) {
        std::vector<std::string> all;
        for (const auto& r : net_[node]->statuses_about(s.accepted.id))
            if (r.delivery == s.delivery(n)) all.push_back(r.code);
        return all;
    }
};

TEST_F(reported_statuses, are_known_at_the_senders_home_and_at_the_reporters) {
    const auto document = come_home(send("X", {}, {recipient, other_one}));
    report("01", recipient, government, "ninhthuan", "vpcp");
    report("03", recipient, government, "ninhthuan", "vpcp");
    for (const auto* node : {"vpcp", "ninhthuan"}) {
        EXPECT_THAT(codes(node, document), ElementsAre("01", "03")) << node;
        EXPECT_THAT(codes(node, document, 1), IsEmpty()) << node;
    }
}

TEST_F(reported_statuses, repeated_and_out_of_order_are_all_kept) {
    const auto document = come_home(send("X"));
    for (const auto* code : {"06", "01", "01", "03"}) report(code, recipient, government, "ninhthuan", "vpcp");
    EXPECT_THAT(codes("vpcp", document), ElementsAre("06", "01", "01", "03"));
}

TEST_F(reported_statuses, of_the_sender_who_asks_for_a_document_back_are_about_the_delivery_to_whom_it_asks) {
    const auto document = come_home(send("X", {}, {recipient, other_one}));
    report("13", government, other_one, "vpcp", "ninhthuan");
    report("15", other_one, government, "ninhthuan", "vpcp");
    for (const auto* node : {"vpcp", "ninhthuan"}) {
        EXPECT_THAT(codes(node, document, 1), ElementsAre("13", "15")) << node;
        EXPECT_THAT(codes(node, document), IsEmpty()) << node;
    }
}

TEST_F(reported_statuses, that_answer_a_recall_are_about_the_recall_as_well) {
    const auto document = come_home(send("X"));
    ASSERT_TRUE(home_.conclude(document.delivery()));
    const auto take = come_home(send("X", recalls("X")));
    report("16", recipient, government, "ninhthuan", "vpcp");
    EXPECT_THAT(codes("vpcp", document), ElementsAre("16"));
    EXPECT_THAT(codes("vpcp", take), ElementsAre("16"));
}

TEST_F(reported_statuses, of_somebody_elses_document_with_the_same_number_are_not_about_this_one) {
    const auto document = come_home(send("X"));
    report("03", recipient, somebody_else, "ninhthuan", "vpcp");
    report("03", other_one, government, "ninhthuan", "vpcp");
    report("03", recipient, government, "ninhthuan", "vpcp", "Y");
    EXPECT_THAT(codes("vpcp", document), IsEmpty());
}

TEST_F(reported_statuses, by_the_successor_of_a_recipient_are_about_the_delivery_it_got) {
    origin_.stands_for = home_.stands_for = [](const std::string& earlier, const std::string& today) {
        return earlier == recipient && today == other_one;
    };
    const auto document = come_home(send("X"));
    report("03", other_one, government, "ninhthuan", "vpcp");
    EXPECT_THAT(codes("vpcp", document), ElementsAre("03"));
    EXPECT_THAT(codes("ninhthuan", document), ElementsAre("03"));
}

} // namespace
} // namespace truc
