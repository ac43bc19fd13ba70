// What a recall, update or replacement says of earlier documents is written as it is read.
#include <truc/pack/edxml_record.hpp>

#include <gtest/gtest.h>

namespace truc::pack {

namespace {

agency_code code(std::string_view text) { return *agency_code::parse(text); }

edxml_document later_document(business_type business) {
    edxml_document d;
    d.from.code = "000.00.12.H43";
    d.from.name = "Sở Thông tin và Truyền thông";
    d.to.push_back({"000.00.36.H43", "UBND huyện Thuận Nam"});
    d.number = "316";
    d.notation = "STTTT-CNTT";
    d.promulgated = "2026/11/23";
    d.subject = "V/v thay đổi văn bản đã gửi";
    d.sent = "2026/11/23 08:00:00";
    d.business = business;
    d.acts_on = {"000.00.12.H43,2026/11/20,315/STTTT-CNTT"};
    return d;
}

edxml_document read_back(const edxml_document& d) {
    const auto text = write_edxml(d);
    EXPECT_TRUE(text);
    auto read = read_edxml(*text);
    EXPECT_TRUE(read) << (read ? "" : explain(read.error(), language::english));
    return std::get<edxml_document>(*std::move(read));
}

} // namespace

TEST(edxml_business_record, a_recall_names_what_it_recalls) {
    const auto read = read_back(later_document(business_type::recall));
    EXPECT_EQ(read.business, business_type::recall);
    EXPECT_EQ(read.acts_on, later_document(business_type::recall).acts_on);
}

TEST(edxml_business_record, an_update_names_who_is_removed_and_who_is_added) {
    auto d = later_document(business_type::update);
    d.removed = {code("000.00.36.H43")};
    d.added = {code("000.05.36.H43"), code("000.00.09.H43")};
    const auto read = read_back(d);
    EXPECT_EQ(read.acts_on, d.acts_on);
    EXPECT_EQ(read.removed, d.removed);
    EXPECT_EQ(read.added, d.added);
}

TEST(edxml_business_record, a_replacement_says_for_whom_each_document_is_replaced) {
    auto d = later_document(business_type::replace);
    d.replaces = {{"first", {code("000.00.36.H43"), code("000.05.36.H43")}}, {"second", {}}};
    const auto read = read_back(d);
    ASSERT_EQ(read.replaces.size(), 2u);
    EXPECT_EQ(read.replaces[0].document_id, "first");
    EXPECT_EQ(read.replaces[0].organs, d.replaces[0].organs);
    EXPECT_EQ(read.replaces[1].document_id, "second");
    EXPECT_TRUE(read.replaces[1].organs.empty());
    EXPECT_EQ(read.acts_on, (std::vector<std::string>{"first", "second"}));
}

} // namespace truc::pack
