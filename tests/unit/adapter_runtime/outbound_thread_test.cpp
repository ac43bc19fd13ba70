// The outbound's own thread: it waits for the legacy system and for news of the exchange at once.

#include "both_sides.hpp"

#include <gmock/gmock.h>

#include <future>
#include <thread>

namespace truc::test {

using namespace std::chrono_literals;

TEST(outbound_thread, evidence_is_told_at_once_while_the_outbox_waits_for_news_and_is_not_asked_for_its_list) {
    both_sides b;
    class patient final : public legacy_outbox {
      public:
        explicit patient(fake_outbox& o) : o_(o) {}
        result<std::vector<waiting_item>> list(std::size_t max) override {
            ++lists;
            return o_.list(max);
        }
        result<std::string> load(const std::string& key) override { return o_.load(key); }
        result<void> report(const outgoing_report& r) override {
            auto told = o_.report(r);
            if (r.reached == outgoing_report::stage::failed) failed.set_value();
            return told;
        }
        void wait(std::chrono::milliseconds at_most) override {
            std::unique_lock lock(mutex_);
            waiting = true;
            bell_.wait_for(lock, at_most, [this] { return interrupted_; });
            interrupted_ = false;
        }
        void interrupt() override {
            const std::scoped_lock lock(mutex_);
            interrupted_ = true;
            bell_.notify_all();
        }
        std::atomic<bool> waiting{false};
        std::promise<void> failed;
        std::atomic<int> lists{0};

      private:
        fake_outbox& o_;
        std::mutex mutex_;
        std::condition_variable bell_;
        bool interrupted_ = false;
    } outbox(b.outbox);
    b.outbox.waiting["1"].content = b.document("N1");
    ASSERT_TRUE(b.settle());
    outbound running(workshop{"td", *b.journal, b.middle, *b.desk, b.outbox_side, b.clock, b.metrics}, outbox);
    std::thread thread([&running] { running.run(); });
    while (!outbox.waiting) std::this_thread::yield();
    b.middle.add_fact("td:1", event_name::expiry);
    b.evidence->pass({});
    running.wake();
    EXPECT_EQ(outbox.failed.get_future().wait_for(30s), std::future_status::ready);
    running.stop();
    thread.join();
    EXPECT_EQ(outbox.lists, 1);
}

} // namespace truc::test
