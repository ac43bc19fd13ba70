// What people are told at the socket, without a connection.

#include "both_sides.hpp"
#include "runtime/admin_answers.hpp"

#include <truc/http/request.hpp>

#include <gmock/gmock.h>

namespace truc::test {

namespace {

using testing::ElementsAre;

class admin_test : public testing::Test {
  public:
    admin_test() {
        b.outbox.waiting["1"].content = b.document("N1");
        b.outbox.waiting["2"].content = "<a/>";
        b.middle.add_delivery(b.document("N3", both_sides::theirs, both_sides::ours), both_sides::ours);
        b.inbox.faults.emplace(b.middle.inbox[0].delivery_id.str(), error(errc::too_large, "12 MiB"));
        EXPECT_TRUE(b.settle());
    }

    observed what() {
        configuration c;
        c.name = "td";
        c.kind = "tdoffice-folder";
        c.agencies = b.context.agencies;
        return {c, *b.journal, b.middle, b.outbox_side, b.inbox_side, *b.desk, b.clock, b.metrics, [this] { ++woken; }};
    }
    result<json::object> ask(http::method verb, std::string_view target, std::string_view body = {}) {
        http::request_head head;
        head.verb = verb;
        head.target = target;
        EXPECT_TRUE(http::parse_target(target, head));
        return administer(what(), head, body);
    }
    json::object get(std::string_view target) { return ask(http::method::get, target).value(); }
    std::vector<std::string> keys(std::string_view target) {
        std::vector<std::string> all;
        const auto page = get(target);
        for (const auto& i : page.at("items").as_array()) all.emplace_back(i.at("key").as_string());
        return all;
    }
    errc refused(http::method verb, std::string_view target, std::string_view body = {}) {
        const auto answer = ask(verb, target, body);
        return answer ? errc::internal : answer.error().code;
    }
    std::string delivery() const { return b.middle.inbox[0].delivery_id.str(); }

    both_sides b;
    int woken = 0;
};

} // namespace

TEST_F(admin_test, the_adapter_and_its_counts) {
    const auto a = get("/v1/adapter");
    EXPECT_EQ(a.at("name").as_string(), "td");
    EXPECT_EQ(a.at("outgoing").at("accepted").to_number<int>(), 1);
    EXPECT_EQ(a.at("outgoing").at("quarantined").to_number<int>(), 1);
    EXPECT_EQ(a.at("incoming").at("quarantined").to_number<int>(), 1);
    EXPECT_TRUE(a.at("exchange").at("connected").as_bool());
    EXPECT_FALSE(a.contains("oldest")) << "nothing is under way";
    EXPECT_EQ(what_is_away(what()), "");
}

TEST_F(admin_test, which_side_is_away_since_when_and_why) {
    const auto begun = to_rfc3339(b.clock.now());
    b.outbox_side.fails("no share");
    b.clock.pass(std::chrono::seconds(60));
    b.outbox_side.fails("no network");
    b.middle.connected = false;
    const auto now = to_rfc3339(b.clock.now());
    EXPECT_EQ(what_is_away(what()), "exchange since " + now + ": away\noutbox since " + begun + ": no network\n");
    EXPECT_EQ(get("/v1/adapter").at("exchange").at("fault").as_string(), "away");
    EXPECT_EQ(get("/v1/adapter").at("outbox").at("since").as_string(), begun);
    EXPECT_FALSE(get("/v1/adapter").at("inbox").as_object().contains("since"));
    b.outbox_side.works();
    b.middle.connected = true;
    EXPECT_EQ(what_is_away(what()), "");
}

TEST_F(admin_test, a_certificate_that_expired_is_seen_before_anything_is_to_be_signed) {
    EXPECT_TRUE(get("/v1/adapter").at("signing").at("valid").as_bool());
    b.clock.pass(std::chrono::hours(24 * 365 * 40));
    EXPECT_FALSE(get("/v1/adapter").at("signing").at("valid").as_bool());
    EXPECT_THAT(what_is_away(what()), testing::HasSubstr("signs for 000.00.00.H43 is not valid now"));
}

TEST_F(admin_test, items_by_state_and_direction_in_pages) {
    EXPECT_THAT(keys("/v1/items"), ElementsAre("1", "2", delivery()));
    EXPECT_THAT(keys("/v1/items?state=quarantined"), ElementsAre("2", delivery()));
    EXPECT_THAT(keys("/v1/items?state=quarantined&direction=incoming"), ElementsAre(delivery()));
    EXPECT_THAT(keys("/v1/items?state=waiting"), ElementsAre());
    const auto page = get("/v1/items?max=2");
    const std::string next(page.at("next").as_string());
    EXPECT_THAT(keys("/v1/items?max=2&after=" + next), ElementsAre(delivery()));
    EXPECT_TRUE(get("/v1/items?max=2&after=" + next).at("next").is_null());
}

TEST_F(admin_test, retry_by_key_by_delivery_and_of_all) {
    using enum http::method;
    EXPECT_EQ(refused(post, "/v1/items/retry", R"({"key": "1"})"), errc::not_found) << "it is not in quarantine";
    EXPECT_EQ(ask(post, "/v1/items/retry", R"({"key": "2"})")->at("retried").to_number<int>(), 1);
    EXPECT_EQ(
        ask(post, "/v1/items/retry", R"({"delivery_id": ")" + delivery() + R"("})")->at("retried").to_number<int>(), 1);
    EXPECT_EQ(woken, 2);
    EXPECT_TRUE(b.middle.aside.empty()) << "the exchange was asked for it";
    EXPECT_EQ(ask(post, "/v1/items/retry", R"({"all": true})")->at("retried").to_number<int>(), 0);
}

TEST_F(admin_test, what_makes_no_sense_is_refused) {
    using enum http::method;
    EXPECT_EQ(refused(get, "/v1/items?state=ready"), errc::bad_request);
    EXPECT_EQ(refused(get, "/v1/items?direction=up"), errc::bad_request);
    EXPECT_EQ(refused(get, "/v1/items?max=-1"), errc::bad_request);
    EXPECT_EQ(refused(get, "/v1/items?after=18446744073709551615"), errc::bad_request);
    EXPECT_EQ(refused(get, "/v1/items/retry"), errc::method_not_allowed);
    EXPECT_EQ(refused(post, "/v1/adapter"), errc::method_not_allowed);
    EXPECT_EQ(refused(get, "/v1"), errc::not_found);
    for (const auto* body : {"", "[]", "{}", R"({"all": false})", R"({"key": 7})"})
        EXPECT_EQ(refused(post, "/v1/items/retry", body), errc::bad_request) << body;
}

} // namespace truc::test
