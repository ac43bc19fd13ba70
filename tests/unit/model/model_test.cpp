#include <truc/model/agency_code.hpp>
#include <truc/model/books.hpp>
#include <truc/model/delivery_id.hpp>
#include <truc/model/delivery_state.hpp>
#include <truc/model/vocabulary.hpp>

#include <gtest/gtest.h>

namespace truc {
namespace {

std::string read(std::string_view text) {
    const auto code = agency_code::parse(text);
    return code ? code->str() : "none";
}

TEST(agency_code, is_compared_in_one_form) {
    EXPECT_EQ(read("000.00.12.H43"), "000.00.12.H43");
    EXPECT_EQ(read(" 000-00-12-h43\r\n"), "000.00.12.H43");
    EXPECT_EQ(read("H43.12"), "H43.12");
    EXPECT_EQ(read("vxp.saas.03"), "VXP.SAAS.03");
    for (const char* bad :
         {"", " ", ".", "a..b", ".a", "a.", "a b", "a/b", "Đ", "a\"b", "123456789012345678901234567890123456"})
        EXPECT_EQ(read(bad), "none") << bad;
}

TEST(delivery_state, no_way_leads_out_of_an_end_and_every_other_state_has_a_way_to_one) {
    for (const auto from : all_delivery_states) {
        bool ends = false;
        for (const auto to : all_delivery_states) {
            EXPECT_FALSE(is_final(from) && may_become(from, to)) << to_string(from) << " → " << to_string(to);
            EXPECT_FALSE(from == to && may_become(from, to));
            ends |= may_become(from, to) && is_final(to);
        }
        EXPECT_EQ(ends, !is_final(from)) << to_string(from);
    }
    // Custody comes back, or leaves the inbox again, when the recipient's home has moved.
    EXPECT_TRUE(may_become(delivery_state::relayed, delivery_state::queued));
    EXPECT_TRUE(may_become(delivery_state::consigned, delivery_state::queued));
    EXPECT_FALSE(may_become(delivery_state::consigned, delivery_state::relayed));
    EXPECT_FALSE(may_become(delivery_state::queued, delivery_state::handed_over));
}

TEST(names, go_both_ways) {
    for (const auto s : all_delivery_states) EXPECT_EQ(delivery_state_from(to_string(s)), s);
    for (int n = 0; n <= static_cast<int>(event_name::log_opened); ++n) {
        const auto name = static_cast<event_name>(n);
        EXPECT_EQ(event_name_from(to_string(name)), name);
    }
    EXPECT_EQ(to_string(event_name::content_handover_failure), "ContentHandoverFailure");
    EXPECT_FALSE(event_name_from("Nonsense"));
    EXPECT_FALSE(event_name_from(to_string(event_name::other))); // what it is called stands in the event
    for (int n = 0; n <= static_cast<int>(priority::express_timed); ++n)
        EXPECT_EQ(priority_from(to_string(static_cast<priority>(n))), static_cast<priority>(n));
    EXPECT_FALSE(priority_from("slow"));
    EXPECT_FALSE(delivery_state_from("nonsense"));
}

TEST(names, of_nodes_are_short_and_plain) {
    EXPECT_TRUE(is_node_name("phuong-1"));
    EXPECT_TRUE(is_node_name(std::string(63, 'a')));
    for (const auto* bad : {"", "Phuong", "phường", "a.b", "a b", "a_b"}) EXPECT_FALSE(is_node_name(bad)) << bad;
    EXPECT_FALSE(is_node_name(std::string(64, 'a')));
}

TEST(books, balance_only_when_every_delivery_is_somewhere) {
    books b;
    EXPECT_TRUE(b.balance());
    b.from_agencies = 5;
    b.in_custody = 3;
    b.handed_over = b.counted_handed_over = 1;
    EXPECT_FALSE(b.balance());
    b.rejected = b.counted_rejected = 1;
    EXPECT_TRUE(b.balance());
    b.counted_handed_over = 2;
    EXPECT_FALSE(b.balance());
}

TEST(delivery_id, follows_from_the_dispatch_and_the_recipient_alone) {
    const auto dispatch = uuid::make(from_millis(1'790'000'000'000)),
               other = uuid::make(from_millis(1'790'000'000'000));
    const auto id = delivery_id_of(dispatch, "000.00.12.H43");
    EXPECT_EQ(id, delivery_id_of(dispatch, "000.00.12.H43"));
    EXPECT_NE(id, delivery_id_of(dispatch, "000.00.13.H43"));
    EXPECT_NE(id, delivery_id_of(other, "000.00.12.H43"));
    EXPECT_EQ(id.str().substr(0, 15), dispatch.str().substr(0, 15)) << "its moment and version";
    EXPECT_TRUE(std::string_view("89ab").find(id.str()[19]) != std::string_view::npos) << "RFC 9562, section 4.1";
}

} // namespace
} // namespace truc
