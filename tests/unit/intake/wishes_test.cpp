// What a sender asks beside the document: that it goes to some of its recipients only, and what it calls the message.
#include "pipeline_case.hpp"

namespace truc {
namespace {

using test::department;
using test::edxml_document;
using test::edxml_status;
using test::province;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto planning = "000.00.03.H43";
constexpr auto district = "000.00.36.H43"; ///< at home in another node
constexpr auto merged = "000.00.02.H43";   ///< closed; its successor is the department
constexpr auto closed = "000.00.01.H43";   ///< without successor

struct wishes : test::pipeline_test {
    std::string document(std::vector<std::string> to) const {
        edxml_document d;
        d.to = std::move(to);
        return signed_by(province_key_, build(d));
    }
    static intake::wishes only(std::vector<std::string> codes) { return {std::move(codes), {}}; }
    std::vector<std::string> recipients(const std::string& bytes, std::vector<std::string> codes) {
        const auto d = examine(bytes, channel("ubnd"), only(std::move(codes)));
        if (d) return d->dispatch().recipients;
        ADD_FAILURE() << explain(d.error(), language::english);
        return {};
    }
    void change_agencies(const std::string& others) {
        auto d = directory::directory::parse(
            line("node", R"("name": "ninhthuan", "level": "province")") + agency(province, &province_key_) + others +
                line("client", R"("id": "ubnd", "agencies": ["000.00.00.H43"], "entrances": ["http"])"),
            "test");
        ASSERT_TRUE(d) << d.error().what;
        auto now = around();
        now.directory = std::make_shared<const directory::directory>(std::move(*d));
        pipeline_->reload(now);
    }
    static std::vector<std::string> codes_of(const store::acceptance& a) {
        std::vector<std::string> codes;
        for (const auto& r : a.recipients) codes.push_back(r.code);
        return codes;
    }
};

TEST_F(wishes, cut_the_recipients_in_whatever_form_a_code_is_written) {
    const auto bytes = document({department, planning, district});
    EXPECT_THAT(recipients(bytes, {planning}), ElementsAre(planning));
    EXPECT_THAT(recipients(bytes, {"h43-12", "000-00-36-H43"}), ElementsAre(department, district));
    EXPECT_THAT(recipients(bytes, {department, "H43.12", department}), ElementsAre(department)) << "each once";
    EXPECT_THAT(recipients(document({"H43.12"}), {department}), ElementsAre(department));
    EXPECT_THAT(recipients(bytes, {}), ElementsAre(department, planning, district));
    const auto d = examine(bytes, channel("ubnd"), only({district}));
    EXPECT_THAT(d->dispatch().elsewhere, ElementsAre(district));
}

TEST_F(wishes, who_is_not_asked_for_does_not_matter) {
    EXPECT_THAT(recipients(document({"000.00.99.H43", closed, department}), {department}), ElementsAre(department));
}

TEST_F(wishes, what_the_document_does_not_name_is_unknown_and_named_as_it_was_written) {
    const auto bytes = document({department, closed});
    EXPECT_EQ(refusal(bytes, "ubnd", only({"000-00-03-h43", department, "000.00.99.H43", "?", closed})),
              errc::recipient_unknown);
    EXPECT_EQ(last_.what, "000-00-03-h43, 000.00.99.H43, ?, 000.00.01.H43");
    ASSERT_EQ(last_.causes.size(), 4u);
    EXPECT_EQ(last_.causes[3].code, errc::recipient_closed);
    EXPECT_EQ(refusal(document({"000.00.99.H43"}), "ubnd", only({"000.00.99.H43"})), errc::recipient_unknown)
        << "named, but not in the directory";
}

TEST_F(wishes, are_compared_before_a_successor_takes_its_place) {
    const auto bytes = document({merged});
    const auto a = send(bytes, channel("ubnd"), only({merged}));
    ASSERT_TRUE(a) << explain(a.error(), language::english);
    EXPECT_THAT(codes_of(*a), ElementsAre(department));
    EXPECT_THAT(a->warnings, ElementsAre("redirected_to_successor"));
    EXPECT_EQ(refusal(bytes, "ubnd", only({department})), errc::recipient_unknown);
}

TEST_F(wishes, cut_a_status_by_whom_it_answers) {
    ASSERT_TRUE(send(document({department}), channel("ubnd")));
    const auto status = build(edxml_status());
    EXPECT_EQ(refusal(status, "so-tttt", only({planning})), errc::recipient_unknown);
    EXPECT_TRUE(send(status, channel("so-tttt"), only({province})));
}

TEST_F(wishes, the_same_bytes_for_others_are_the_same_dispatch) {
    const auto bytes = document({department, planning, district});
    const auto first = send(bytes, channel("ubnd"), only({department}));
    ASSERT_TRUE(first) << explain(first.error(), language::english);
    EXPECT_THAT(codes_of(*first), ElementsAre(department));
    ASSERT_TRUE(s_.conclude(first->recipients[0].delivery_id));

    const auto wider = send(bytes, channel("ubnd"), only({planning, department, district}));
    ASSERT_TRUE(wider) << explain(wider.error(), language::english);
    EXPECT_TRUE(wider->repeated);
    EXPECT_EQ(wider->id, first->id);
    EXPECT_EQ(wider->receipt, first->receipt);
    EXPECT_THAT(codes_of(*wider), ElementsAre(department, planning, district));
    const auto rows = s_->find_dispatch(first->id)->deliveries;
    EXPECT_EQ(rows[0].state, delivery_state::handed_over) << "what has ended does not begin again";
    EXPECT_EQ(rows[1].state, delivery_state::consigned);
    EXPECT_EQ(rows[2].state, delivery_state::queued);
    EXPECT_EQ(s_->read_books().taken_in(), 3u);
    EXPECT_TRUE(s_->read_books().balance());

    const auto again = send(bytes, channel("ubnd"), only({planning}));
    ASSERT_TRUE(again);
    EXPECT_THAT(codes_of(*again), ElementsAre(department, planning, district));
    EXPECT_EQ(s_->read_books().taken_in(), 3u);
}

TEST_F(wishes, an_answer_of_long_ago_is_given_to_those_who_ask_for_no_more) {
    const auto bytes = document({department, planning});
    const auto first = send(bytes, channel("ubnd"), only({department}));
    ASSERT_TRUE(first);
    s_.clock().advance(std::chrono::hours(24 * 365 * 40)); // the certificate has expired long since
    const auto recalled = [&](std::vector<std::string> codes) {
        EXPECT_EQ(refusal(bytes, "ubnd", only(std::move(codes))), errc::certificate_expired);
        return pipeline_->recall_answer(*reception_).has_value();
    };
    EXPECT_TRUE(recalled({department}));
    EXPECT_TRUE(recalled({"h43-12"}));
    EXPECT_FALSE(recalled({planning})) << "it has no delivery, and gets none now";
    EXPECT_FALSE(recalled({department, planning}));
    EXPECT_FALSE(recalled({"000.00.99.H43"}));
    EXPECT_FALSE(recalled({})) << "that means all whom the document names";
}

TEST_F(wishes, an_answer_to_all_is_recalled_when_all_have_a_delivery) {
    const auto bytes = document({merged, "H43.12", planning});
    ASSERT_TRUE(send(bytes, channel("ubnd"), only({merged})));
    ASSERT_TRUE(send(bytes, channel("ubnd"), only({planning})));
    s_.clock().advance(std::chrono::hours(24 * 365 * 40));
    EXPECT_EQ(refusal(bytes), errc::certificate_expired);
    EXPECT_TRUE(pipeline_->recall_answer(*reception_));
}

TEST_F(wishes, a_delivery_stays_its_recipients_whatever_becomes_of_him) {
    const auto bytes = document({merged, planning});
    ASSERT_TRUE(send(bytes, channel("ubnd"), only({merged, planning})));
    const auto last_year = R"(, "valid_to": "2025-01-01T00:00:00+07:00")";
    change_agencies(agency(merged, nullptr, last_year + std::string(R"(, "successors": ["000.00.12.H43"])")) +
                    agency(department, nullptr, last_year)); // planning has left the directory
    EXPECT_EQ(refusal(bytes), errc::recipient_closed);
    EXPECT_TRUE(pipeline_->recall_answer(*reception_));
    EXPECT_EQ(refusal(bytes, "ubnd", only({planning})), errc::recipient_unknown);
    EXPECT_TRUE(pipeline_->recall_answer(*reception_));
}

TEST_F(wishes, a_code_that_is_wrong_is_refused_although_the_bytes_were_accepted) {
    const auto bytes = document({department});
    ASSERT_TRUE(send(bytes, channel("ubnd")));
    EXPECT_EQ(refusal(bytes, "ubnd", only({planning})), errc::recipient_unknown);
    EXPECT_FALSE(pipeline_->recall_answer(*reception_));
}

TEST_F(wishes, what_the_sender_calls_the_message_comes_back_with_its_evidence) {
    ASSERT_TRUE(send(document({department}), channel("ubnd"), {{}, "message 7"}));
    const auto feed = s_->read_feed({province}, 0, 10);
    ASSERT_EQ(feed.size(), 2u);
    for (const auto& e : feed) EXPECT_EQ(e.submission, "message 7");
}

} // namespace
} // namespace truc
