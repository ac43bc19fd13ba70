// One line for each event of the ledger: what it shows, what it leaves out, and that it never waits.
#include <truc/base/log.hpp>
#include <truc/store/event_log.hpp>

#include <gtest/gtest.h>

#include <future>

namespace truc::store {
namespace {

recorded_event handover() {
    recorded_event r;
    auto& e = r.event;
    e.log = {"ninhthuan", 1};
    e.leaf = 482;
    e.name = event_name::content_handover;
    e.time = *from_rfc3339("2026-11-22T14:00:00.250+07:00");
    e.dispatch_id = uuid::parse("0192f0c4-7a1e-7000-8000-000000000001");
    e.delivery_id = uuid::parse("0192f0c4-7a1e-7000-8000-00000000000a");
    e.document_id = "000.00.00.G22,2026/11/22,12";
    e.from = "000.00.00.G22";
    e.to = {"000.00.12.H43"};
    e.channel = "http:so-tttt";
    r.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    return r;
}

std::string text(const recorded_event& e) {
    std::string out;
    append_text_line(e, out);
    return out;
}

std::string json(const recorded_event& e) {
    std::string out;
    append_json_line(e, out);
    return out;
}

TEST(event_log, shows_what_a_person_looks_for) {
    EXPECT_EQ(text(handover()), "2026-11-22T14:00:00.250+07:00 info ContentHandover"
                                " dispatch=0192f0c4-7a1e-7000-8000-000000000001"
                                " delivery=0192f0c4-7a1e-7000-8000-00000000000a"
                                " document_id=000.00.00.G22,2026/11/22,12 from=000.00.00.G22 to=000.00.12.H43"
                                " channel=http:so-tttt id=ninhthuan.1.482 trace=4bf92f3577b34da6a3ce929d0e0e4736\n");
    EXPECT_EQ(json(handover()), R"({"time":"2026-11-22T14:00:00.250+07:00","level":"info","event":"ContentHandover",)"
                                R"("dispatch":"0192f0c4-7a1e-7000-8000-000000000001",)"
                                R"("delivery":"0192f0c4-7a1e-7000-8000-00000000000a",)"
                                R"("document_id":"000.00.00.G22,2026/11/22,12","from":"000.00.00.G22",)"
                                R"("to":"000.00.12.H43","channel":"http:so-tttt","id":"ninhthuan.1.482",)"
                                R"("trace":"4bf92f3577b34da6a3ce929d0e0e4736"})"
                                "\n");
}

TEST(event_log, what_a_stranger_wrote_stays_in_its_line_and_its_quotes) {
    auto e = handover();
    e.event.document_id = "1\n2026 info Recall \"x\"\\";
    EXPECT_NE(text(e).find(R"( document_id="1\x0a2026 info Recall \x22x\x22\x5c" )"), std::string::npos) << text(e);
    EXPECT_NE(json(e).find(R"("document_id":"1\\x0a2026 info Recall \\x22x\\x22\\x5c")"), std::string::npos) << json(e);
    e.event.document_id.assign(5000, 'x');
    EXPECT_LT(text(e).size(), 700u);
    e.event.to.assign(1000, "000.00.12.H43");
    EXPECT_NE(text(e).find(",+995 "), std::string::npos) << text(e);
}

TEST(event_log, shows_codes_but_nothing_that_a_person_wrote) {
    auto e = handover();
    e.event.reason = "expired: after 72 h";
    EXPECT_EQ(text(e).find("72 h"), std::string::npos);
    e.event.reason = "certificate_expired: CN=Nguyễn Văn A";
    EXPECT_NE(text(e).find(" reason=certificate_expired "), std::string::npos) << text(e);
    e.event.reason = "Ông A không nhận";
    EXPECT_EQ(text(e).find("reason"), std::string::npos);
}

TEST(event_log, writes_everything_in_its_order) {
    std::string written;
    {
        event_log log(nullptr, [&written](std::string_view lines) { written += lines; });
        for (std::uint64_t group = 0; group < 50; ++group) {
            recorded_events events(20, handover());
            for (std::size_t i = 0; i < events.size(); ++i) events[i].event.leaf = group * 20 + i;
            log.take(std::move(events));
        }
    }
    std::size_t at = 0;
    for (std::uint64_t leaf = 0; leaf < 1000; ++leaf) {
        at = written.find("id=ninhthuan.1." + std::to_string(leaf) + " ", at);
        ASSERT_NE(at, std::string::npos) << leaf;
    }
    EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1000);
}

TEST(event_log, a_reader_that_stands_still_holds_up_nobody) {
    metrics_registry metrics;
    std::promise<void> stands, goes_on;
    auto released = goes_on.get_future().share();
    std::size_t lines = 0;
    bool first = true;
    {
        event_log log(
            &metrics,
            [&](std::string_view text) {
                if (std::exchange(first, false)) {
                    stands.set_value();
                    released.wait();
                }
                lines += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
            },
            10);
        log.take({handover()});
        stands.get_future().wait();
        for (int i = 0; i < 5; ++i) log.take(recorded_events(4, handover()));
        goes_on.set_value();
    }
    EXPECT_EQ(lines, 1u + 10u);
    EXPECT_NE(metrics.expose().find("truc_log_lines_left_out_total 10\n"), std::string::npos) << metrics.expose();
}

TEST(event_log, can_be_switched_off) {
    std::string written;
    {
        event_log log(nullptr, [&written](std::string_view lines) { written += lines; });
        log.enable(false);
        log.take({handover()});
        log.enable(true);
        spdlog::set_level(spdlog::level::warn);
        log.take({handover()});
        spdlog::set_level(spdlog::level::info);
    }
    EXPECT_EQ(written, "");
}

} // namespace
} // namespace truc::store
