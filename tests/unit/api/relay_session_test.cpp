// A neighbour that is there, proven and configured, and does what costs memory or time.
#include "../../../src/api/relay_announcement.hpp"
#include "../../../src/api/relay_session.hpp"
#include "hand_session.hpp"
#include "small_store.hpp"

#include <gtest/gtest.h>

namespace truc::api {
namespace {

using namespace std::chrono_literals;

class one_section final : public section_keeper {
  public:
    versions_by_node versions() const override { return {{"ninhthuan", 1}}; }
    std::vector<store::kept_section> newer_than(const versions_by_node& theirs) const override {
        if (theirs.contains("ninhthuan")) return {};
        store::kept_section s;
        s.node = "ninhthuan";
        s.version = 1;
        s.text = "a section";
        return {s};
    }
    void take(const std::string&, std::string, std::function<void(result<taken>)> done) override {
        done(fail(errc::internal));
    }
};

class relay_session_test : public testing::Test {
  protected:
    relay_session_test() {
        s_.way = [](const std::string&) { return "vpcp"; };
        s_.open();
        deliver::forwarder::options f;
        f.store = &*s_;
        f.node = "ninhthuan";
        f.clock = &s_.clock();
        f.alarms = &alarms_;
        f.directory = [d = directory_] { return d; };
        f.wake = [] {};
        forwarder_ = std::make_unique<deliver::forwarder>(std::move(f));
        relay::options o;
        o.node = "ninhthuan";
        o.neighbours = {{"vpcp", "", 0}};
        o.pool = &pool_;
        o.store = &*s_;
        o.forwarder = forwarder_.get();
        o.sections = &sections_;
        o.alarms = &alarms_;
        o.metrics = &metrics_;
        o.exchange = std::shared_ptr<const trust::certificate_store>(std::shared_ptr<void>(), &s_.authorities());
        o.clock = &s_.clock();
        o.announce_every = 1h;
        core_ = std::make_shared<relay_core>(std::move(o));
        wire_ = std::make_shared<hand_session>(net::asio::make_strand(io_));
        session_ = std::make_shared<relay_session>(core_, wire_, "vpcp", true);
        begin();
    }
    ~relay_session_test() override {
        handler().closed({});
        settle();
        session_.reset();
        core_.reset();
        forwarder_.reset();
        s_.close();
    }

    static std::shared_ptr<const directory::directory> exchange() {
        auto d = directory::directory::parse(
            R"({"node": {"name": "vpcp", "level": "ministry"}}
{"node": {"name": "ninhthuan", "level": "province", "parent": "vpcp"}}
{"agency": {"code": "000.00.00.G22", "name": "A", "node": "vpcp"}}
{"agency": {"code": "000.00.12.H43", "name": "B", "node": "ninhthuan"}}
)",
            "exchange.jsonl");
        if (!d) throw std::runtime_error(d.error().what);
        return std::make_shared<const directory::directory>(std::move(*d));
    }

    amqp::session_handler& handler() { return *session_; }
    void begin() {
        amqp::peer_open peer;
        peer.properties["truc-node"] = std::string("vpcp");
        peer.properties["truc-version"] = std::int64_t{1};
        peer.properties["truc-abilities"] = std::vector<std::string>{"custody-1"};
        handler().opened(peer);
        for (const auto& [address, link] : std::map(wire_->links)) handler().link_attached(link);
        theirs_ = wire_->new_link();
        handler().link_requested(theirs_, {amqp::link_role::we_receive, "n", "neighbour", {}});
        settle();
    }
    /// Until neither the pool nor the strand has anything to do.
    void settle() {
        for (int i = 0; i < 4; ++i) {
            std::promise<void> idle;
            pool_.post([&idle] { idle.set_value(); });
            idle.get_future().wait();
            io_.restart();
            io_.poll();
        }
    }
    void grant(const std::string& address, std::size_t credit) {
        const auto link = wire_->links.at(address);
        wire_->credits[link] = credit;
        handler().credit_changed(link, credit);
        settle();
    }
    void hear(bool echo) {
        relay_announcement a;
        a.node = "vpcp";
        a.version = 1;
        a.time = s_.clock().now();
        a.echo = echo;
        const auto message = wire_->new_message();
        amqp::message_head head;
        head.subject = "announcement";
        handler().message_begun(theirs_, message, head);
        handler().message_data(message, 0, write_announcement(a));
        handler().message_complete(message);
        settle();
    }
    void answer(std::size_t i, amqp::outcome result = amqp::outcome::accepted) {
        amqp::settlement how;
        how.result = result;
        handler().settled(wire_->out.at(i).handle, how);
        settle();
    }
    const std::string& subject(std::size_t i) const { return wire_->out.at(i).what.head.subject; }
    timestamp time_of(std::size_t i) const { return read_announcement(wire_->out.at(i).what.body.at(0).view())->time; }

    test::small_store s_;
    metrics_registry metrics_;
    alarm_board alarms_{s_.clock(), &metrics_};
    std::shared_ptr<const directory::directory> directory_ = exchange();
    one_section sections_;
    net::asio::io_context io_;
    net::work_pool pool_{1};
    std::unique_ptr<deliver::forwarder> forwarder_;
    std::shared_ptr<relay_core> core_;
    std::shared_ptr<hand_session> wire_;
    std::shared_ptr<relay_session> session_;
    amqp::link_handle theirs_{};
};

TEST_F(relay_session_test, one_who_asks_and_does_not_listen_costs_nothing) {
    for (int i = 0; i < 50; ++i) hear(true);
    EXPECT_TRUE(wire_->out.empty());
    grant("neighbour", 100);
    ASSERT_EQ(wire_->out.size(), 1u);
    for (int i = 0; i < 50; ++i) hear(true);
    ASSERT_EQ(wire_->out.size(), 1u) << "it has not taken the first";
    answer(0);
    ASSERT_EQ(wire_->out.size(), 2u) << "and all of them ask for the same";
    EXPECT_EQ(subject(1), "announcement");
}

TEST_F(relay_session_test, an_announcement_tells_the_time_at_which_it_leaves) {
    s_.clock().advance(20s);
    grant("neighbour", 100);
    ASSERT_EQ(wire_->out.size(), 1u);
    EXPECT_EQ(time_of(0), s_.clock().now()) << "it had to wait for credit";
    answer(0);
    hear(false);
    ASSERT_EQ(wire_->out.size(), 2u);
    EXPECT_EQ(subject(1), "section");
    hear(true);
    EXPECT_EQ(wire_->out.size(), 2u) << "behind a section it would be late";
    s_.clock().advance(20s);
    answer(1);
    ASSERT_EQ(wire_->out.size(), 3u);
    EXPECT_EQ(subject(2), "announcement");
    EXPECT_EQ(time_of(2), s_.clock().now());
    answer(2);
    EXPECT_EQ(wire_->out.size(), 3u) << "it has the section";
}

TEST_F(relay_session_test, a_neighbour_that_is_there_and_does_not_answer_a_leg_is_left) {
    auto d = s_.dispatch("<a/>", {"000.00.00.G22"});
    d.elsewhere = d.recipients;
    ASSERT_TRUE(s_.accept(std::move(d)));
    grant("relay", 10);
    forwarder_->run();
    settle();
    ASSERT_EQ(wire_->out.size(), 1u);
    s_.clock().advance(4min);
    session_->look_at_legs();
    EXPECT_FALSE(wire_->end);
    s_.clock().advance(2min);
    session_->look_at_legs();
    ASSERT_TRUE(wire_->end);
    EXPECT_NE(wire_->end->description.find("does not answer"), std::string::npos);
}

TEST_F(relay_session_test, a_leg_that_was_answered_is_waited_for_no_more) {
    auto d = s_.dispatch("<a/>", {"000.00.00.G22"});
    d.elsewhere = d.recipients;
    ASSERT_TRUE(s_.accept(std::move(d)));
    grant("relay", 10);
    forwarder_->run();
    settle();
    ASSERT_EQ(wire_->out.size(), 1u);
    answer(0);
    s_.clock().advance(1h);
    session_->look_at_legs();
    EXPECT_FALSE(wire_->end);
}

} // namespace
} // namespace truc::api
