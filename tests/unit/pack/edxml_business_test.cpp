// What a recall, update or replacement says of earlier documents (QCVN 102:2016, 2.2).
#include "edxml_builder.hpp"
#include "pack_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc::pack {
namespace {

using test::read;
using test::sample;
using test::with;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> codes(const std::vector<agency_code>& list) {
    std::vector<std::string> out;
    for (const auto& code : list) out.push_back(code.str());
    return out;
}

std::vector<std::string> recipients(const message& m) {
    std::vector<std::string> out;
    for (const auto& o : m.to) out.push_back(o.id.str());
    return out;
}

test::edxml_document update() {
    test::edxml_document d;
    d.business = 2;
    d.acts_on = "the first version";
    return d;
}

TEST(edxml_business, an_update_goes_to_whom_it_removes_and_adds_as_well) {
    auto d = update();
    d.removed = {"000.00.13.H43"};
    d.added = {"000.00.14.H43", "000.00.12.H43"};
    const auto m = read(build(d));
    ASSERT_TRUE(m) << m.error().what;
    EXPECT_THAT(codes(m->removed), ElementsAre("000.00.13.H43"));
    EXPECT_THAT(codes(m->added), ElementsAre("000.00.14.H43", "000.00.12.H43"));
    EXPECT_THAT(recipients(*m), ElementsAre("000.00.12.H43", "000.00.13.H43", "000.00.14.H43")) << "each once";
    const auto passing = read_in_transit(build(d));
    ASSERT_TRUE(passing);
    EXPECT_EQ(recipients(*passing), recipients(*m));
}

TEST(edxml_business, of_the_norms_sample_too) {
    const auto m = read(sample("update.edxml"));
    ASSERT_TRUE(m);
    EXPECT_THAT(codes(m->removed), ElementsAre("000.00.13.H43"));
    EXPECT_THAT(codes(m->added), ElementsAre("000.00.14.H43"));
}

TEST(edxml_business, a_receiver_list_means_something_in_an_update_only) {
    auto d = update();
    d.business = 1;
    d.added = {"000.00.14.H43"};
    const auto m = read(build(d));
    ASSERT_TRUE(m);
    EXPECT_THAT(m->added, IsEmpty());
    EXPECT_THAT(recipients(*m), ElementsAre("000.00.12.H43"));
}

TEST(edxml_business, a_receiver_list_that_can_be_understood_in_two_ways_is_refused) {
    auto d = update();
    d.removed = d.added = {"000.00.13.H43"};
    EXPECT_EQ(read(build(d)).error().code, errc::schema) << "removed and added";
    d.removed.clear();
    const auto text = build(d);
    EXPECT_EQ(read(with(text, "<edXML:ReceiverType>1</edXML:ReceiverType>", "")).error().code, errc::schema);
    EXPECT_EQ(read(with(text, "ReceiverType>1<", "ReceiverType>2<")).error().code, errc::schema);
    EXPECT_EQ(read(with(text, "000.00.13.H43", "no code at all")).error().code, errc::schema);
}

TEST(edxml_business, a_replacement_says_for_whom_each_document_is_replaced) {
    test::edxml_document d;
    d.business = 3;
    d.replaces = {{"first", {"000.00.12.H43", "000.00.13.H43"}}, {"second", {}}};
    const auto m = read(build(d));
    ASSERT_TRUE(m) << m.error().what;
    EXPECT_THAT(m->acts_on, ElementsAre("first", "second"));
    ASSERT_THAT(m->replaces, SizeIs(2));
    EXPECT_THAT(codes(m->replaces[0].organs), ElementsAre("000.00.12.H43", "000.00.13.H43"));
    EXPECT_THAT(m->replaces[1].organs, IsEmpty());
}

TEST(edxml_business, a_document_that_is_listed_twice_is_acted_on_once) {
    const auto m = read(sample("replace.edxml"));
    ASSERT_TRUE(m);
    EXPECT_THAT(m->acts_on, SizeIs(2));
    EXPECT_THAT(m->replaces, SizeIs(3));
}

} // namespace
} // namespace truc::pack
