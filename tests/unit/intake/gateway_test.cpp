// What a gateway brings in from the exchange outside: from the agencies behind it, and from those of the tree.
#include "pipeline_case.hpp"

namespace truc {
namespace {

using test::department;
using test::edxml_attachment;
using test::edxml_document;
using test::edxml_status;
using test::province;
using testing::ElementsAre;

constexpr auto outside = "000.00.00.H24";   ///< behind the gateway
constexpr auto outside_2 = "000.00.01.H24"; ///< as well
constexpr auto elsewhere = "000.00.36.H43"; ///< of the tree, at home in another node
constexpr auto liaison = "000.00.99.H43";   ///< the gateway's own

struct gateway : test::pipeline_test {
    gateway() { use_directory(""); }
    void use_directory(const std::string& of_department) {
        const std::string behind = R"(, "gateway": "truc-quoc-gia", "documents": "if_present")";
        auto d = directory::directory::parse(
            line("node", R"("name": "ninhthuan", "level": "province")") +
                line("node", R"("name": "thuannam", "level": "district", "parent": "ninhthuan")") +
                agency(province, &province_key_) + agency(department, nullptr, of_department) +
                agency(liaison, nullptr) + agency(outside, nullptr, behind) + agency(outside_2, nullptr, behind) +
                line("agency",
                     R"("code": "000.00.36.H43", "name": "Thuận Nam", "node": "thuannam", "certificates": [")" +
                         department_key_.digest.hex() + "\"]") +
                line("client", R"("id": "ubnd", "agencies": ["000.00.00.H43"], "entrances": ["http"])") +
                line("client", R"("id": "truc-quoc-gia", "agencies": ["000.00.99.H43"], "entrances": ["adapter"],)"
                               R"( "gateway": true)"),
            "test");
        if (!d) throw std::runtime_error(d.error().what);
        auto now = around();
        now.directory = std::make_shared<const directory::directory>(std::move(*d));
        pipeline_->reload(now);
    }
    intake::channel axis() const { return channel("truc-quoc-gia", entrance::adapter); }
    static std::string document(const std::string& from, std::vector<std::string> to) {
        edxml_document d;
        d.from = from;
        d.to = std::move(to);
        return build(d);
    }
    /// The recipients that it is delivered to, or the code of the refusal.
    std::vector<std::string> brought(const std::string& bytes, intake::wishes asked = {}) {
        const auto d = examine(bytes, axis(), std::move(asked));
        if (d) return d->dispatch().recipients;
        last_ = d.error();
        return {std::string(describe(d.error().code).name)};
    }
};

TEST_F(gateway, speaks_for_the_agencies_behind_it) {
    EXPECT_THAT(brought(document(outside, {department})), ElementsAre(department));
    edxml_status st;
    st.from = outside;
    st.to = province;
    EXPECT_THAT(brought(build(st)), ElementsAre(province));
    EXPECT_EQ(refusal(document(outside, {department}), "ubnd"), errc::sender_not_yours);
}

TEST_F(gateway, brings_what_the_outside_has_not_served_itself) {
    EXPECT_THAT(brought(document(outside, {outside_2, department, "000.00.77.H24"})), ElementsAre(department));
    EXPECT_THAT(brought(document(outside, {outside_2, "000.00.77.H24"})), ElementsAre("recipient_unknown"));
    EXPECT_EQ(last_.causes.size(), 2u);
    EXPECT_THAT(brought(document(outside, {liaison})), ElementsAre(liaison)) << "its own agency is served here";
    EXPECT_THAT(brought(document(outside, {outside_2, department}), {{outside_2}, {}}),
                ElementsAre("recipient_unknown"));
    EXPECT_EQ(refusal(signed_by(province_key_, document(province, {"000.00.77.H24"}))), errc::recipient_unknown)
        << "from others nothing is left out";
}

TEST_F(gateway, vouches_for_nobody_of_the_tree) {
    EXPECT_THAT(brought(document(province, {department})), ElementsAre("sender_not_yours"));
    EXPECT_THAT(brought(signed_by(department_key_, document(province, {department}))), ElementsAre("sender_not_yours"));
    EXPECT_THAT(brought(signed_by(province_key_, document(province, {department}))), ElementsAre(department));
    EXPECT_THAT(brought(signed_by(department_key_, document(elsewhere, {department}))), ElementsAre(department))
        << "whose home is elsewhere does not matter";
    EXPECT_THAT(brought(document("000.00.77.H24", {department})), ElementsAre("sender_unknown"));
}

TEST_F(gateway, is_answered_as_ever_about_what_it_brought_long_ago) {
    const auto unsigned_one = document(outside, {outside_2, department});
    const auto signed_one = signed_by(department_key_, document(elsewhere, {outside_2, department}));
    std::vector<store::acceptance> before;
    for (const auto& bytes : {unsigned_one, signed_one}) {
        const auto first = send(bytes, axis());
        ASSERT_TRUE(first) << explain(first.error(), language::english);
        EXPECT_TRUE(send(bytes, axis())->repeated);
        before.push_back(*first);
    }
    use_directory(R"(, "valid_to": "2021-01-01T00:00:00+07:00")");
    for (const auto& bytes : {unsigned_one, signed_one}) {
        EXPECT_THAT(brought(bytes), ElementsAre("recipient_closed"));
        const auto answer = pipeline_->recall_answer(*reception_);
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->receipt, before.at(bytes == signed_one).receipt);
        EXPECT_EQ(refusal(bytes), errc::sender_not_yours);
        EXPECT_FALSE(pipeline_->recall_answer(*reception_)) << "somebody else's";
    }
}

// --- one document by two ways -------------------------------------------------------------------------------------

struct essence : gateway {
    std::optional<sha256_digest> of(const edxml_document& d, bool is_signed = false) {
        const auto bytes = is_signed ? signed_by(province_key_, build(d)) : build(d);
        const auto e = examine(bytes, channel("ubnd", entrance::axis));
        if (e) return e->dispatch().essence;
        ADD_FAILURE() << explain(e.error(), language::english);
        return {};
    }
    static edxml_document letter() {
        edxml_document d;
        d.attachments = {{"1", "tờ trình.pdf", "application/pdf", "%PDF tờ trình"},
                         {"2", "phụ lục.pdf", "application/pdf", "%PDF phụ lục"}};
        return d;
    }
};

TEST_F(essence, is_that_of_the_document_and_not_of_its_form) {
    const auto d = letter();
    const auto e = of(d);
    ASSERT_TRUE(e);
    EXPECT_EQ(of(d, true), e) << "signed";
    auto form = d;
    form.attachments[0].content_id = "tệp-1";
    form.subject = "  V/v kê\u0301t nối, liên thông phần mềm quản lý văn bản ";
    form.to.push_back(liaison);
    EXPECT_EQ(of(form), e);
    edxml_status st;
    st.from = department;
    const auto status = examine(build(st), channel("ubnd"));
    EXPECT_FALSE(status && status->dispatch().essence);
}

TEST_F(essence, differs_where_the_document_does) {
    const auto e = of(letter());
    std::vector<edxml_document> others(9, letter());
    others[0].attachments[0].bytes += " (sửa)";
    others[1].attachments[1].name = "phụ lục 2.pdf";
    std::swap(others[2].attachments[0], others[2].attachments[1]);
    others[3].attachments.pop_back();
    others[4].number = "316";
    others[5].document_id = "000.00.00.H43,2024/03/05,315/UBND-VP";
    others[5].date = "2024/03/06"; // and with it the moment of sending
    for (auto* o : {&others[6], &others[7], &others[8]}) o->document_id = "000.00.00.H43,2024/03/05,315/UBND-VP";
    others[6].subject = "V/v mời họp ngày 6 (đính chính)";
    others[7].number = "316";
    others[8].notation = "UBND-VX";
    auto same_id = letter();
    same_id.document_id = others[6].document_id;
    EXPECT_EQ(of(same_id), e);
    for (std::size_t i = 0; i < others.size(); ++i) EXPECT_NE(of(others[i]), e) << i;
}

TEST_F(essence, makes_what_comes_by_the_gateway_too_a_second_copy) {
    const auto d = letter();
    const auto tree = send(signed_by(province_key_, build(d)), channel("ubnd"));
    auto other_form = build(d);
    other_form.insert(other_form.rfind("</"), "\n");
    const auto axis_copy = send(signed_by(province_key_, other_form), axis());
    ASSERT_TRUE(tree && axis_copy);
    EXPECT_NE(axis_copy->id, tree->id);
    const auto row = s_->find_dispatch(axis_copy->id)->deliveries.at(0);
    EXPECT_EQ(row.copy_of, tree->recipients.at(0).delivery_id);
    EXPECT_EQ(s_->read_inbox({department}, {}, {}, 10).size(), 1u);
}

TEST_F(essence, does_not_make_a_correction_a_second_copy) {
    auto d = letter();
    const auto first = send(signed_by(province_key_, build(d)), channel("ubnd"));
    d.subject += " (đính chính)";
    const auto corrected = send(signed_by(province_key_, build(d)), axis());
    ASSERT_TRUE(first && corrected);
    EXPECT_FALSE(s_->find_dispatch(corrected->id)->deliveries.at(0).copy_of);
    EXPECT_EQ(s_->read_inbox({department}, {}, {}, 10).size(), 2u);
}

TEST_F(essence, is_not_needed_to_deliver_a_replayed_status_once) {
    edxml_status st;
    st.from = province;
    st.to = department;
    st.document_id = "000.00.12.H43,2024/03/05,1/STTTT";
    const auto bytes = signed_by(province_key_, build(st));
    const auto tree = send(bytes, channel("ubnd"));
    ASSERT_TRUE(tree) << explain(tree.error(), language::english);
    const auto again = send(bytes, axis());
    EXPECT_TRUE(again && again->repeated);
    EXPECT_EQ(s_->read_inbox({department}, {}, {}, 10).size(), 1u);
}

} // namespace
} // namespace truc
