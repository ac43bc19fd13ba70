#include "small_store.hpp"

#include <truc/deliver/driver.hpp>

#include <gtest/gtest.h>

namespace truc::deliver {
namespace {

using namespace std::chrono_literals;

/// Accepts everything, on a thread of its own as a session does.
class busy_link final : public link {
  public:
    std::size_t room() const override { return 10; }
    void offer(store::outgoing_leg, std::function<void(leg_answer)> done) override {
        answers_.push_back(std::async(std::launch::async, [done = std::move(done)] {
            done({leg_fate::accepted, {}});
        }));
    }

  private:
    std::vector<std::future<void>> answers_;
};

bool soon(const std::function<bool()>& condition) {
    for (int i = 0; i < 1000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(10ms);
    }
    return false;
}

TEST(driver, turns_when_woken_and_stops_when_told) {
    test::small_store s;
    const auto exchange = directory::directory::parse(R"({"node": {"name": "vpcp"}}
{"node": {"name": "ninhthuan", "parent": "vpcp"}}
{"agency": {"code": "000.00.00.G22", "name": "VPCP", "node": "vpcp"}})",
                                                      "exchange.jsonl");
    ASSERT_TRUE(exchange);
    driver d;
    forwarder::options o;
    o.store = &*s;
    o.node = "ninhthuan";
    o.directory = [&] { return std::make_shared<const directory::directory>(*exchange); };
    o.wake = [&d] { d.wake(); };
    forwarder f(std::move(o));
    d.start(f);
    f.connect("vpcp", std::make_shared<busy_link>());
    ASSERT_TRUE(soon([&] { return !f.lanes().empty() && f.lanes()[0].connected; }));

    s.on_commit = [&](const store::commit_notice& n) { f.notice(n.queued); };
    for (int i = 0; i < 20; ++i) {
        auto dispatch = s.dispatch("<n>" + std::to_string(i) + "</n>", {"000.00.00.G22"});
        dispatch.elsewhere = dispatch.recipients;
        ASSERT_TRUE(s.accept(std::move(dispatch)));
    }
    EXPECT_TRUE(soon([&] { return s->read_queued({}, 1).empty(); }));
    d.stop();
    d.stop();
    s.close();
}

TEST(driver, outlives_a_store_that_cannot_be_read) {
    test::small_store s;
    std::atomic<int> asked{0};
    driver d;
    forwarder::options o;
    o.store = &*s;
    o.node = "ninhthuan";
    o.directory = [&asked]() -> std::shared_ptr<const directory::directory> {
        if (asked++ == 0) throw std::runtime_error("disk I/O error");
        return std::make_shared<const directory::directory>();
    };
    o.wake = [&d] { d.wake(); };
    forwarder f(std::move(o));
    d.start(f);
    EXPECT_TRUE(soon([&] { return asked >= 2; }));
    d.stop();
}

} // namespace
} // namespace truc::deliver
