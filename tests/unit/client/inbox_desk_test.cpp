#include "../../../src/client/inbox_desk.hpp"

#include <gmock/gmock.h>

namespace truc::client {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using reception = inbox_desk::reception;
using verdict = inbox_desk::verdict;

constexpr auto first = amqp::message_handle{1};
constexpr auto second = amqp::message_handle{2};

class an_inbox_desk : public testing::Test {
  protected:
    static inbox_delivery delivery() {
        inbox_delivery d;
        d.delivery_id = id;
        return d;
    }
    std::size_t receive() { return desk.receive(10, std::chrono::steady_clock::now()).size(); }
    /// The caller has it, by a connection that is lost.
    void let_caller_work() {
        ASSERT_EQ(desk.begin(id, first), reception::wanted);
        desk.complete(delivery(), first);
        ASSERT_EQ(receive(), 1u);
        desk.link_lost();
    }
    void expect_settled(amqp::message_handle message, verdict how) {
        const auto all = desk.take_settled();
        ASSERT_THAT(all, SizeIs(1));
        EXPECT_EQ(all[0].message, message);
        EXPECT_EQ(all[0].how, how);
    }

    static inline const uuid id = *uuid::parse("01920000-0000-7000-8000-000000000001");
    inbox_desk desk;
};

TEST_F(an_inbox_desk, settles_what_came_again_while_it_still_arrives) {
    let_caller_work();
    ASSERT_EQ(desk.begin(id, second), reception::parked);
    desk.settle(id, verdict::accept);
    expect_settled(second, verdict::accept);
    desk.complete(delivery(), second);
    EXPECT_EQ(receive(), 0u) << "it is over";
}

TEST_F(an_inbox_desk, settles_what_the_caller_has_not_received_yet) {
    let_caller_work();
    desk.settle(id, verdict::release);
    EXPECT_THAT(desk.take_settled(), IsEmpty()) << "its connection is lost";
    ASSERT_EQ(desk.begin(id, second), reception::wanted);
    desk.settle(id, verdict::accept);
    expect_settled(second, verdict::accept);
    desk.complete(delivery(), second);
    EXPECT_EQ(receive(), 0u);
}

TEST_F(an_inbox_desk, keeps_working_on_what_breaks_off_when_it_comes_again) {
    let_caller_work();
    ASSERT_EQ(desk.begin(id, second), reception::parked);
    desk.lose(id, first); // another message
    EXPECT_EQ(desk.begin(id, first), reception::twice);
    desk.lose(id, second);
    EXPECT_EQ(desk.begin(id, first), reception::parked);
    desk.settle(id, verdict::fail, "why");
    expect_settled(first, verdict::fail);
}

TEST_F(an_inbox_desk, forgets_what_breaks_off_before_anybody_has_it) {
    ASSERT_EQ(desk.begin(id, first), reception::wanted);
    desk.lose(id, first);
    ASSERT_EQ(desk.begin(id, second), reception::wanted);
    desk.complete(delivery(), second);
    EXPECT_EQ(receive(), 1u);
}

TEST_F(an_inbox_desk, says_nothing_on_the_next_connection_of_what_was_settled_on_the_last) {
    ASSERT_EQ(desk.begin(id, first), reception::wanted);
    desk.complete(delivery(), first);
    ASSERT_EQ(receive(), 1u);
    desk.settle(id, verdict::accept);
    desk.link_lost();
    EXPECT_THAT(desk.take_settled(), IsEmpty()) << "the number is another message's there";
    EXPECT_EQ(desk.begin(id, first), reception::wanted) << "it comes again";
}

} // namespace
} // namespace truc::client
