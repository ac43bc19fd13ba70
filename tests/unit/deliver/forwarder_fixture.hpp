#pragma once
#include "small_network.hpp"

#include <truc/deliver/forwarder.hpp>

#include <gtest/gtest.h>

#include <deque>

namespace truc::deliver {

using namespace std::chrono_literals;

/// The way to a neighbour that does nothing by itself: the test looks at what was offered and answers.
class hand_link final : public link {
  public:
    struct offered {
        store::outgoing_leg leg;
        std::function<void(leg_answer)> done;
    };

    std::size_t room() const override { return legs.size() < credit ? credit - legs.size() : 0; }
    void offer(store::outgoing_leg leg, std::function<void(leg_answer)> done) override {
        legs.push_back({std::move(leg), std::move(done)});
    }
    /// Answers the oldest offer and returns what it was.
    store::outgoing_leg answer(leg_fate fate, std::string reason = {}) {
        auto first = std::move(legs.front());
        legs.pop_front();
        first.done({fate, std::move(reason)});
        return std::move(first.leg);
    }

    std::size_t credit = 1000;
    std::deque<offered> legs;
};

/// The province Ninh Thuận between the Government Office above it and two districts below it; under Thuận Nam lies the
/// commune Cà Ná.
class forwarder_test : public testing::Test {
  protected:
    static constexpr const char* above = "000.00.00.G22";
    static constexpr const char* here = "000.00.12.H43";
    static constexpr const char* thuan_nam = "000.00.30.H43";
    static constexpr const char* ca_na = "000.08.30.H43";
    static constexpr const char* ninh_son = "000.00.31.H43";

    forwarder_test() {
        s_.on_commit = [this](const store::commit_notice& n) {
            const std::scoped_lock lock(mutex_);
            if (!forwarder_) return;
            forwarder_->notice(n.queued);
            forwarder_->withhold(n.withheld);
        };
        s_.way = [this](const std::string& recipient) {
            const std::scoped_lock lock(mutex_);
            return neighbour_towards(*directory_, "ninhthuan", recipient, s_.clock().now());
        };
        s_.open();
        use_directory(exchange());
        restart();
    }
    ~forwarder_test() override {
        drop();
        s_.close();
    }

    static std::string agency(const std::string& code, const std::string& node, const std::string& more = {}) {
        return R"({"agency": {"code": ")" + code + R"(", "name": "A", "node": ")" + node + "\"" + more + "}}\n";
    }
    static std::string nodes() {
        return R"({"node": {"name": "vpcp", "level": "ministry"}}
{"node": {"name": "ninhthuan", "level": "province", "parent": "vpcp"}}
{"node": {"name": "thuannam", "level": "district", "parent": "ninhthuan"}}
{"node": {"name": "ninhson", "level": "district", "parent": "ninhthuan"}}
{"node": {"name": "cana", "level": "commune", "parent": "thuannam"}}
)";
    }
    static std::string exchange() {
        return nodes() + agency(above, "vpcp") + agency(here, "ninhthuan") + agency(thuan_nam, "thuannam") +
               agency(ca_na, "cana") + agency(ninh_son, "ninhson");
    }
    void use_directory(const std::string& text) {
        auto d = directory::directory::parse(text, "exchange.jsonl");
        if (!d) throw std::runtime_error(d.error().what);
        const std::scoped_lock lock(mutex_);
        directory_ = std::make_shared<const directory::directory>(std::move(*d));
    }
    void change_directory(const std::string& text) {
        use_directory(text);
        forwarder_->directory_changed();
    }

    void drop() {
        const std::scoped_lock lock(mutex_);
        forwarder_.reset();
    }
    /// Takes what is offered until nothing comes any more.
    std::vector<store::outgoing_leg> take_all(hand_link& way) {
        std::vector<store::outgoing_leg> taken;
        for (run(); !way.legs.empty(); run())
            while (!way.legs.empty()) taken.push_back(way.answer(leg_fate::accepted));
        return taken;
    }

    /// As after a crash: nothing is left but the store.
    void restart() {
        drop();
        forwarder::options o;
        o.store = &*s_;
        o.node = "ninhthuan";
        o.clock = &s_.clock();
        o.alarms = &alarms_;
        o.directory = [this] { return directory_; };
        o.judge_at_home = [this](const store::outgoing_leg& leg) { return judge(leg); };
        o.wake = [this] { ++wakes_; };
        o.seed = 7;
        o.metrics = &metrics_;
        o.section_version = [](std::string_view node) { return node == "ninhthuan" ? 4u : 1u; };
        o.window = window_;
        const std::scoped_lock lock(mutex_);
        forwarder_ = std::make_unique<forwarder>(std::move(o));
    }

    std::shared_ptr<hand_link> connect(const std::string& neighbour) {
        auto way = std::make_shared<hand_link>();
        forwarder_->connect(neighbour, way);
        return way;
    }

    /// A document that was submitted here.
    uuid submit(const std::string& bytes, std::vector<std::string> to, priority p = priority::normal,
                milliseconds time_to_deliver = 24h) {
        auto d = s_.dispatch(bytes, std::move(to));
        for (const auto& r : d.recipients)
            if (home_is_elsewhere(r)) d.elsewhere.push_back(r);
        d.priority = p;
        d.time_to_deliver = time_to_deliver;
        const auto a = s_.accept(std::move(d));
        if (!a) throw std::runtime_error(explain(a.error(), language::english));
        return a->id;
    }
    /// A document that a neighbour brought; `hops` are the nodes that had it, the neighbour last.
    uuid receive(const std::string& bytes, const std::string& to, std::vector<std::string> hops) {
        const auto a = net_.submit(hops.front(), bytes, {to});
        const auto out = *net_.waiting(hops.front());
        auto leg = net_.as_received(out, hops.front(), "ninhthuan");
        net_.acknowledge(hops.front(), "ninhthuan", out);
        leg.neighbour = hops.back();
        leg.hops = std::move(hops);
        if (!net_.take("ninhthuan", std::move(leg))) throw std::runtime_error("the leg was not taken");
        return a.id;
    }
    bool home_is_elsewhere(const std::string& recipient) const {
        const auto* a = directory_->find_agency(recipient);
        return !a || a->node != "ninhthuan";
    }

    /// Turns until nothing is left to do at this moment, commits included.
    std::optional<timestamp> run() {
        std::optional<timestamp> next;
        settle();
        for (int quiet = 0; quiet < 2;) {
            const auto before = wakes_.load();
            next = forwarder_->run();
            settle();
            quiet = wakes_ == before && (!next || *next > s_.clock().now()) ? quiet + 1 : 0;
        }
        return next;
    }
    std::optional<timestamp> run_after(milliseconds passed) {
        s_.clock().advance(passed);
        return run();
    }
    /// Waits until the writer has answered everything that was asked of it so far.
    void settle() {
        std::promise<void> done;
        s_->note_attempt({{}, "nobody", "", {}}, [&done](const result<std::monostate>&) { done.set_value(); });
        done.get_future().wait();
        std::promise<void> noticed; // completions run before the group's notice
        s_->note_attempt({{}, "nobody", "", {}}, [&noticed](const result<std::monostate>&) { noticed.set_value(); });
        noticed.get_future().wait();
    }

    store::delivery_row delivery(const uuid& dispatch, std::size_t i = 0) {
        return s_->find_dispatch(dispatch)->deliveries.at(i);
    }
    lane_view lane(const std::string& neighbour) {
        for (auto& l : forwarder_->lanes())
            if (l.neighbour == neighbour) return l;
        return {};
    }
    bool alarmed(std::string_view kind, std::string_view subject) {
        for (const auto& a : alarms_.list())
            if (a.kind == kind && a.subject == subject) return true;
        return false;
    }
    virtual result<store::home_finding> judge(const store::outgoing_leg&) { return store::home_finding{}; }

    test::small_network net_;
    test::small_store& s_ = net_["ninhthuan"];
    metrics_registry metrics_;
    alarm_board alarms_{s_.clock(), &metrics_};
    std::shared_ptr<const directory::directory> directory_;
    std::size_t window_ = 10'000;
    std::atomic<std::uint64_t> wakes_{0};
    std::mutex mutex_;
    std::unique_ptr<forwarder> forwarder_;
};

} // namespace truc::deliver
