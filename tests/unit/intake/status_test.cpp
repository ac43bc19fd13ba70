// Which agency may say what of whose document: every status has its direction.
#include "pipeline_case.hpp"

namespace truc {
namespace {

using test::department;
using test::edxml_document;
using test::edxml_status;
using test::province;
using testing::ElementsAre;

constexpr auto planning = "000.00.03.H43";
constexpr auto merged = "000.00.02.H43"; ///< closed; its successor is the department
const std::string document_id = "000.00.00.H43,2024/03/05,315/UBND-VP";

/// The province has sent its document to the department; each agency reports by its own client.
struct status_rules : test::pipeline_test {
    status_rules() { EXPECT_TRUE(send(document(province, {department}), channel("ubnd", entrance::axis))); }

    static std::string document(const std::string& from, std::vector<std::string> to) {
        edxml_document d;
        d.from = from;
        d.to = std::move(to);
        d.document_id = document_id;
        return build(d);
    }
    /// What its reporter is told: "accepted", a warning, or the code of the refusal.
    std::string report(const std::string& code, const std::string& from, const std::string& to,
                       const std::string& about = document_id) {
        edxml_status st;
        st.code = code;
        st.from = from;
        st.to = to;
        st.document_id = about;
        const auto a = send(build(st), channel(from == province ? "ubnd" : from == planning ? "so-khdt" : "so-tttt"));
        if (!a) return std::string(describe(a.error().code).name);
        EXPECT_EQ(a->recipients.size(), 1u);
        recipient = a->recipients.at(0).code;
        return a->warnings.empty() ? "accepted" : a->warnings.back();
    }
    void replace_directory(const std::string& agencies) {
        auto d = directory::directory::parse(
            line("node", R"("name": "ninhthuan", "level": "province")") + agencies +
                line("client", R"("id": "ubnd", "agencies": ["000.00.00.H43"], "entrances": ["http"])") +
                line("client", R"("id": "so-tttt", "agencies": ["000.00.12.H43"], "entrances": ["http"])") +
                line("client", R"("id": "so-khdt", "agencies": ["000.00.03.H43"], "entrances": ["http"])"),
            "test");
        ASSERT_TRUE(d) << d.error().what;
        auto now = around();
        now.directory = std::make_shared<const directory::directory>(std::move(*d));
        pipeline_->reload(now);
    }
    static std::string closed(const std::string& successor) {
        return R"(, "valid_to": "2021-01-01T00:00:00+07:00", "successors": [")" + successor + "\"]";
    }
    std::string recipient;
};

TEST_F(status_rules, a_recipient_reports_and_answers_to_the_sender) {
    for (const auto code : {"01", "02", "03", "04", "05", "06", "15", "16"}) {
        EXPECT_EQ(report(code, department, province), "accepted") << code;
        EXPECT_EQ(recipient, province);
        EXPECT_EQ(report(code, planning, province), "status_not_recipient") << code;
        EXPECT_EQ(report(code, province, department), "document_not_seen") << code << ": the department's own numbers";
        EXPECT_EQ(report(code, planning, province, "never seen"), "document_not_seen") << code;
    }
}

TEST_F(status_rules, the_sender_asks_a_recipient_to_give_the_document_back) {
    EXPECT_EQ(report("13", province, department), "accepted");
    EXPECT_EQ(recipient, department);
    EXPECT_EQ(report("13", province, planning), "status_not_recipient");
    EXPECT_EQ(report("13", planning, department), "recall_not_yours");
    EXPECT_EQ(report("13", department, province), "recall_not_yours");
    EXPECT_EQ(report("13", province, department, "never seen"), "document_not_seen");
    EXPECT_EQ(s_->read_inbox({department}, dispatch_kind::status, {}, 10).size(), 2u);
}

TEST_F(status_rules, another_agency_s_document_of_the_same_number_changes_nothing) {
    ASSERT_TRUE(send(document(department, {planning}), channel("so-tttt", entrance::axis)));
    EXPECT_EQ(report("13", province, department), "accepted");
    EXPECT_EQ(report("13", department, planning), "accepted");
    EXPECT_EQ(report("13", province, planning), "status_not_recipient");
}

TEST_F(status_rules, the_successor_of_the_sender_asks_and_is_answered) {
    replace_directory(agency(province, nullptr, closed(planning)) + agency(department, nullptr) +
                      agency(planning, nullptr));
    EXPECT_EQ(report("13", planning, department), "accepted");
    EXPECT_EQ(report("15", department, planning), "accepted") << "to who asked";
    EXPECT_EQ(report("16", department, province), "redirected_to_successor") << "to whom the document names";
    EXPECT_EQ(recipient, planning);
    EXPECT_EQ(report("13", province, department), "sender_closed");
}

TEST_F(status_rules, the_successor_of_a_recipient_is_asked_and_answers) {
    replace_directory(agency(province, nullptr) + agency(department, nullptr, closed(planning)) +
                      agency(planning, nullptr));
    EXPECT_EQ(report("13", province, department), "redirected_to_successor");
    EXPECT_EQ(recipient, planning);
    EXPECT_EQ(report("13", province, planning), "accepted");
    EXPECT_EQ(report("16", planning, province), "accepted");
}

TEST_F(status_rules, who_got_the_document_in_the_place_of_another_can_be_asked_by_either_name) {
    edxml_document d;
    d.to = {merged};
    d.number = "316";
    d.document_id = "316";
    const auto a = send(signed_by(province_key_, build(d)), channel("ubnd"));
    ASSERT_TRUE(a);
    ASSERT_EQ(a->recipients.at(0).code, department);
    EXPECT_EQ(report("13", province, merged, "316"), "redirected_to_successor");
    EXPECT_EQ(report("13", province, department, "316"), "accepted");
}

} // namespace
} // namespace truc
