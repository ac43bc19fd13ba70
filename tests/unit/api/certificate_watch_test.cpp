#include "../../../src/api/certificate_calls.hpp"
#include "../../../src/api/certificate_forecast.hpp"
#include "small_store.hpp"

#include <truc/base/durable.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace truc::api {
namespace {

using namespace std::chrono_literals;

constexpr const char* here = "000.00.12.H43";
constexpr const char* there = "000.00.13.H44";

class certificate_watch_test : public testing::Test {
  protected:
    certificate_watch_test() { use_directory({}, {}); }

    timestamp now() { return store_.clock().now(); }
    test::identity issue(const std::string& name, milliseconds left) {
        auto asked = test::test_pki::request(name);
        asked.not_after = std::chrono::floor<std::chrono::seconds>(now() + left);
        return pki_.make(pki_.agency_authority(), fmt::format("{}-{}", name, ++issued_), asked);
    }
    /// The agency at home here signs with `agency`, its client connects with `client`.
    void use_directory(std::vector<sha256_digest> agency, std::vector<sha256_digest> client,
                       const sha256_digest& elsewhere = sha256("elsewhere")) {
        const auto list = [](const std::vector<sha256_digest>& all) {
            std::string text;
            for (const auto& d : all) text += (text.empty() ? "\"" : ",\"") + d.hex() + "\"";
            return text;
        };
        auto d =
            directory::directory::parse(fmt::format(R"({{"node": {{"name": "ninhthuan"}}}}
{{"node": {{"name": "vpcp"}}}}
{{"agency": {{"code": "{}", "name": "one", "node": "ninhthuan", "certificates": [{}]}}}}
{{"agency": {{"code": "{}", "name": "two", "node": "vpcp", "certificates": ["{}"]}}}}
{{"client": {{"id": "so-tttt", "agencies": ["{}"], "entrances": ["http"], "certificates": [{}]}}}}
)",
                                                    here, list(agency), there, elsewhere.hex(), here, list(client)),
                                        "directory");
        if (!d) throw std::runtime_error(d.error().what);
        directory_ = std::make_shared<const directory::directory>(std::move(*d));
    }
    /// What was kept is written when this returns.
    void settle() { ASSERT_TRUE(store_.accept(fmt::format("<settle n='{}'/>", ++issued_))); }
    void show(const test::identity& who) {
        watch_.shown(who.digest, who.der);
        settle();
    }
    std::vector<std::string> raised() const {
        std::vector<std::string> all;
        for (const auto& a : alarms_.list()) all.push_back(a.subject);
        return all;
    }
    std::optional<certificate_term> term(certificate_use use) const {
        for (auto& t : watch_.terms())
            if (t.use == use) return t;
        return std::nullopt;
    }

    test::test_pki pki_;
    test::small_store store_;
    alarm_board alarms_;
    int issued_ = 0;
    std::shared_ptr<const directory::directory> directory_;
    std::vector<std::shared_ptr<const trust::trusted_certificate>> used_;
    certificate_watch watch_{{"ninhthuan",
                              {pki_.node("ninhthuan").certificate, pki_.node_ca(), pki_.agency_ca(), {}},
                              &*store_,
                              &store_.clock(),
                              &alarms_,
                              [this] { return directory_; },
                              [this] { return std::exchange(used_, {}); }}};
};

TEST_F(certificate_watch_test, knows_the_nodes_own_files) {
    const auto all = watch_.terms();
    ASSERT_EQ(all.size(), 3u);
    const auto node = term(certificate_use::node);
    ASSERT_TRUE(node);
    EXPECT_EQ(node->what.subject, "urn:truc:node:ninhthuan");
    EXPECT_EQ(node->owners, std::vector<std::string>{here});
    EXPECT_FALSE(node->seen_at);
    EXPECT_EQ(term(certificate_use::exchange_ca)->owners, std::vector<std::string>{"vpcp"});
    watch_.look();
    EXPECT_TRUE(raised().empty());
    EXPECT_GT(watch_.left(certificate_use::node), 365 * 24h);
    EXPECT_FALSE(watch_.left(certificate_use::client));
}

TEST_F(certificate_watch_test, keeps_what_it_was_shown_once_a_day) {
    const auto client = issue("client", 90 * 24h);
    use_directory({}, {client.digest});
    show(client);
    const auto first = store_->seen_certificates().at(0).seen_at;
    store_.clock().advance(1h);
    show(client);
    EXPECT_EQ(store_->seen_certificates().at(0).seen_at, first);
    store_.clock().advance(24h);
    show(client);
    EXPECT_EQ(store_->seen_certificates().at(0).seen_at, now());
    ASSERT_EQ(store_->seen_certificates().size(), 1u);
    const auto t = term(certificate_use::client);
    ASSERT_TRUE(t);
    EXPECT_EQ(t->owners, std::vector<std::string>{"so-tttt"});
    EXPECT_EQ(t->what.sha256, client.digest);
}

TEST_F(certificate_watch_test, keeps_what_signed) {
    const auto agency = issue("agency", 90 * 24h);
    use_directory({agency.digest}, {});
    const trust::certificate_store authorities(pki_.agency_ca(), {});
    ASSERT_TRUE(authorities.check(agency.der, now()));
    used_ = authorities.take_used();
    watch_.look();
    settle();
    const auto t = term(certificate_use::agency);
    ASSERT_TRUE(t);
    EXPECT_EQ(t->owners, std::vector<std::string>{here});
    EXPECT_TRUE(t->ours);
}

TEST_F(certificate_watch_test, warns_at_thirty_seven_and_one_days_and_when_it_has_ended) {
    const auto client = issue("client", 31 * 24h);
    use_directory({}, {client.digest});
    show(client);
    const auto after = [this](milliseconds time) {
        store_.clock().advance(time);
        watch_.look();
        const auto all = raised();
        return all.empty() ? std::string("none") : all.size() > 1 ? "several" : all[0];
    };
    EXPECT_EQ(after(0s), "none");
    EXPECT_EQ(after(25h), "client CN=client (30 d)");
    EXPECT_EQ(after(22 * 24h), "client CN=client (30 d)");
    EXPECT_EQ(after(24h), "client CN=client (7 d)");
    EXPECT_EQ(after(6 * 24h), "client CN=client (1 d)");
    EXPECT_EQ(after(24h), "client CN=client (ended)");
    EXPECT_LT(watch_.left(certificate_use::client), 0s);
    show(issue("stranger", 365 * 24h)); // nobody's
    EXPECT_EQ(after(0s), "client CN=client (ended)");
    const auto newer = issue("client", 365 * 24h);
    use_directory({}, {client.digest, newer.digest});
    EXPECT_EQ(after(0s), "client CN=client (ended)") << "the newer one was never seen";
    show(newer);
    EXPECT_EQ(after(0s), "none");
    EXPECT_EQ(watch_.left(certificate_use::client) > 300 * 24h, true);
}

TEST_F(certificate_watch_test, leaves_agencies_of_other_nodes_to_their_administrators) {
    const auto other = issue("other", 2 * 24h);
    use_directory({}, {}, other.digest);
    show(other);
    watch_.look();
    EXPECT_TRUE(raised().empty());
    ASSERT_TRUE(term(certificate_use::agency));
    EXPECT_EQ(term(certificate_use::agency)->owners, std::vector<std::string>{there});
}

TEST_F(certificate_watch_test, tells_neighbours_by_the_name_in_their_certificates) {
    show(pki_.node("vpcp"));
    show(pki_.node("ninhthuan"));
    show(pki_.node("unknown"));
    const auto all = watch_.terms();
    EXPECT_EQ(std::count_if(all.begin(), all.end(), [](const auto& t) { return t.use == certificate_use::neighbour; }),
              1);
    EXPECT_EQ(term(certificate_use::neighbour)->owners, std::vector<std::string>{"vpcp"});
}

TEST_F(certificate_watch_test, a_file_that_cannot_be_read_does_not_hide_the_others) {
    ASSERT_TRUE(write_file(pki_.agency_ca(), "nothing"));
    EXPECT_EQ(watch_.terms().size(), 2u);
}

certificate_term ending(certificate_use use, timestamp ends, std::vector<std::string> owners = {"A", "B"}) {
    certificate_term t;
    t.use = use;
    t.what.ends = ends;
    t.owners = std::move(owners);
    return t;
}

TEST(certificate_forecast, says_for_each_use_who_stops_and_when) {
    const auto now = *from_rfc3339("2026-11-22T12:00:00+07:00");
    std::set<std::string> texts;
    for (const auto use : all_certificate_uses)
        for (const auto lang : {language::english, language::vietnamese}) {
            const auto text = forecast(ending(use, now + 48h), "ninhthuan", now, lang);
            EXPECT_NE(text.find("2026-11-24 12:00"), std::string::npos) << text;
            EXPECT_EQ(text.find('{'), std::string::npos) << text;
            texts.insert(text);
        }
    EXPECT_EQ(texts.size(), 2 * all_certificate_uses.size());
    EXPECT_EQ(forecast(ending(certificate_use::agency, now + 48h), "n", now, language::english),
              "From 2026-11-24 12:00 on what A, B signs with it is refused: it cannot send signed documents.");
    EXPECT_EQ(forecast(ending(certificate_use::client, now - 48h, {"so-tttt"}), "n", now, language::english),
              "Since 2026-11-20 12:00 so-tttt cannot connect with it: it neither sends nor fetches documents.");
    EXPECT_NE(
        forecast(ending(certificate_use::agency, now, {"1", "2", "3", "4", "5", "6", "7"}), "n", now, language::english)
            .find("1, 2, 3, 4, 5 and 2 more"),
        std::string::npos);
}

TEST(certificate_forecast, nothing_stops_where_a_newer_one_is_in_use) {
    const auto now = *from_rfc3339("2026-11-22T12:00:00+07:00");
    auto t = ending(certificate_use::client, now + 1h);
    t.replaced = true;
    EXPECT_TRUE(forecast(t, "n", now, language::english).starts_with("Nothing stops"));
    EXPECT_FALSE(warning_step(t, now));
    EXPECT_EQ(days_left(t, now), 0);
    EXPECT_EQ(days_left(ending(certificate_use::client, now - 1h), now), -1);
}

TEST(certificate_forecast, lists_are_made_for_days_and_matter_only_when_the_next_is_missing) {
    const auto now = *from_rfc3339("2026-11-22T12:00:00+07:00");
    EXPECT_FALSE(warning_step(ending(certificate_use::crl, now + 1h), now));
    EXPECT_EQ(warning_step(ending(certificate_use::crl, now - 1h), now), 0);
}

} // namespace
} // namespace truc::api
