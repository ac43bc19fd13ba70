// What /readyz and the metrics ask of a store.
#include "small_store.hpp"

#include <truc/store/figures.hpp>

#include <gtest/gtest.h>

namespace truc {
namespace {

using namespace std::chrono_literals;
using test::small_store;

/// The disk takes its time over each sync of a directory until it is let go.
class slow_disk {
  public:
    slow_disk() {
        mutex_.lock();
        set_disk_fault([](disk_operation o) {
            if (o == disk_operation::sync_directory) const std::scoped_lock wait(mutex_);
            return false;
        });
    }
    ~slow_disk() { set_disk_fault(nullptr); }
    void let_go() { mutex_.unlock(); }

  private:
    inline static std::mutex mutex_;
};

TEST(health, is_good_when_nothing_is_wrong) {
    small_store s;
    const auto h = s->health();
    EXPECT_TRUE(h.has_space);
    EXPECT_TRUE(h.last_group_written);
    EXPECT_TRUE(h.can_sign);
    EXPECT_EQ(h.oldest_wait, 0ms);
}

TEST(health, says_that_the_certificate_has_expired) {
    small_store s;
    s.clock().advance(std::chrono::hours(24 * 365 * 50));
    EXPECT_FALSE(s->health().can_sign);
    EXPECT_FALSE(s.accept("<d/>"));
    EXPECT_FALSE(s->health().last_group_written);
}

TEST(health, says_for_how_long_a_disk_has_stood_still) {
    small_store s;
    slow_disk disk;
    std::promise<result<store::acceptance>> answered;
    s->accept(s.dispatch(std::string(100'000, 'x')), [&answered](auto a) { answered.set_value(std::move(a)); });
    while (s->health().oldest_wait < 20ms) std::this_thread::sleep_for(1ms);
    s->accept(s.dispatch("<later/>"), [](const auto&) {});
    EXPECT_GE(s->health().oldest_wait, 20ms); // of what is being written, not of what came last
    disk.let_go();
    EXPECT_TRUE(answered.get_future().get());
    s->drain();
    EXPECT_EQ(s->health().oldest_wait, 0ms);
}

TEST(health, space_is_what_the_configuration_keeps_free) {
    small_store s;
    s->keep_free(UINT64_MAX);
    EXPECT_FALSE(s->health().has_space);
    EXPECT_EQ(s.accept("<d/>").error().code, errc::no_space);
    s->keep_free(0);
    EXPECT_TRUE(s.accept("<d/>"));
}

TEST(health, what_was_accepted_is_delivered_without_space) {
    small_store s;
    const auto accepted = s.accept("<d/>");
    ASSERT_TRUE(accepted);
    s->keep_free(UINT64_MAX);
    EXPECT_TRUE(s.conclude(accepted->recipients.front().delivery_id));
}

TEST(figures, count_what_waits_and_since_when) {
    small_store s;
    s.close();
    s.way = [](const std::string& recipient) { return recipient == "000.00.36.H43" ? "thuannam" : "vpcp"; };
    s.open();
    EXPECT_TRUE(store::read_figures(*s).queue.empty());
    const auto begin = s.clock().now();
    auto d = s.dispatch("<a/>", {"000.00.36.H43", "000.00.00.G22", "000.00.12.H43"});
    d.elsewhere = {"000.00.36.H43", "000.00.00.G22"};
    ASSERT_TRUE(s.accept(std::move(d)));
    s.clock().advance(10s);
    d = s.dispatch("<b/>", {"000.00.36.H43"});
    d.elsewhere = d.recipients;
    d.document_id = "2";
    ASSERT_TRUE(s.accept(std::move(d)));
    const auto f = store::read_figures(*s);
    std::uint64_t queued = 0;
    for (const auto& l : f.queue) {
        queued += l.deliveries;
        EXPECT_EQ(l.oldest, begin) << l.neighbour;
    }
    EXPECT_EQ(queued, 3u);
    EXPECT_EQ(f.inbox, 1u);
    EXPECT_EQ(f.inbox_oldest, begin);
    EXPECT_EQ(f.held, 0u);
    EXPECT_EQ(f.ledger_size, s->ledger_size());
    EXPECT_GT(f.database_bytes, 4096u);
}

} // namespace
} // namespace truc
