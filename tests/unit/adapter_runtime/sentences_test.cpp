// What people are told: of whom a failure is, and in whose language.

#include "both_sides.hpp"
#include "runtime/sentences.hpp"

#include <gmock/gmock.h>

namespace truc::test {

TEST(sentences, what_the_node_refused_is_told_in_vietnamese_particulars_too) {
    const error e(errc::signature_invalid, "the document was changed after it was signed");
    EXPECT_EQ(in_vietnamese("signature_invalid", explain(e, language::english)), explain(e, language::vietnamese));
    EXPECT_THAT(explain(e, language::vietnamese), testing::HasSubstr("văn bản đã bị thay đổi sau khi ký"));
}

TEST(sentences, what_is_not_in_the_catalogue_stays_as_it_came) {
    EXPECT_EQ(in_vietnamese("no_such_code", "as it came"), "as it came");
    EXPECT_EQ(in_vietnamese("recipient_unknown", "000.00.99.H43"),
              explain(error(errc::recipient_unknown, "000.00.99.H43"), language::vietnamese));
    EXPECT_EQ(in_vietnamese("no_space", "whatever"), explain(error(errc::no_space), language::vietnamese));
}

TEST(sentences, the_absence_of_a_legacy_system_is_not_told_as_that_of_the_node) {
    for (const auto code : {errc::not_ready, errc::unreachable, errc::timeout, errc::internal}) {
        const auto e = about_legacy(error(code, "SQLSTATE 08001"));
        EXPECT_EQ(explain(e, language::english),
                  "The legacy system does not answer: SQLSTATE 08001. Nothing is lost; it is tried again by itself.");
        EXPECT_EQ(explain(about_legacy(e), language::english), explain(e, language::english)) << "not twice";
    }
    EXPECT_EQ(about_legacy(error(errc::timeout)).what, "Too slow");
}

TEST(sentences, both_directions_say_so) {
    both_sides b;
    b.outbox.down = error(errc::unreachable, "no share");
    b.inbox.down = error(errc::not_ready, "no table");
    b.middle.add_delivery(b.document("N1", both_sides::theirs, both_sides::ours), both_sides::ours);
    ASSERT_TRUE(b.settle());
    EXPECT_EQ(b.outbox_side.fault(), explain(error(errc::legacy_away, "no share"), language::english));
    EXPECT_EQ(b.inbox_side.fault(), explain(error(errc::legacy_away, "no table"), language::english));
}

TEST(sentences, a_certificate_that_expired_is_not_the_legacy_system_being_away) {
    both_sides b;
    b.outbox.waiting["1"].content = b.document("N1");
    b.clock.pass(std::chrono::hours(24 * 365 * 40));
    ASSERT_TRUE(b.settle());
    EXPECT_TRUE(b.outbox_side.is_good());
    EXPECT_FALSE(b.desk->validity().is_good());
}

} // namespace truc::test
