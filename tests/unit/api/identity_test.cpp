// For whom a client speaks, and what wakes those who wait.
#include "../../../src/api/identity.hpp"
#include "small_store.hpp"

#include <gmock/gmock.h>

namespace truc::api {
namespace {

using testing::ElementsAre;

constexpr const char* known = R"({"node": {"name": "ninhthuan"}}
{"node": {"name": "thuannam", "parent": "ninhthuan"}}
{"agency": {"code": "H43", "name": "own", "node": "ninhthuan", "aliases": ["H43.OLD"]}}
{"agency": {"code": "H43.36", "name": "elsewhere", "node": "thuannam"}}
{"agency": {"code": "H02", "name": "behind", "node": "ninhthuan", "gateway": "axis", "aliases": ["H02.OLD"]}}
{"agency": {"code": "H03", "name": "behind another", "node": "ninhthuan", "gateway": "other"}}
{"client": {"id": "axis", "agencies": ["H43"], "gateway": true}}
{"client": {"id": "other", "agencies": ["H43"], "gateway": true}}
{"client": {"id": "plain", "agencies": ["H43"]}}
{"client": {"id": "away", "agencies": ["H43.36"]}}
)";

class identity : public testing::Test {
  protected:
    intake::channel channel(const char* client) const {
        intake::channel c;
        c.directory = directory_;
        c.client = directory_->find_client(client);
        return c;
    }
    spoken_for all_of(const char* client) const {
        return agencies_of(services_, channel(client), std::nullopt).value();
    }
    std::string refusal(const char* client, std::optional<std::string_view> named) const {
        const auto found = agencies_of(services_, channel(client), named);
        return found ? "" : std::string(describe(found.error().code).name);
    }

    test::small_store store_;
    std::shared_ptr<const directory::directory> directory_ =
        std::make_shared<const directory::directory>(*directory::directory::parse(known, "x"));
    metrics_registry metrics_;
    intake::pipeline pipeline_{{&*store_, nullptr, "ninhthuan", &store_.clock(), &metrics_}, {directory_, nullptr}};
    deliver::inbox inbox_{*store_, store_.clock()};
    deliver::waiting_room waiting_;
    net::work_pool pool_{1};
    services services_{*store_,     pipeline_, inbox_, waiting_, pool_, metrics_, store_.clock(),
                       "ninhthuan", nullptr,   {},     {},       {},    {},       {},
                       nullptr,     {},        {}};
};

TEST_F(identity, a_gateway_speaks_for_its_own_and_for_what_is_behind_it) {
    const auto all = all_of("axis");
    EXPECT_THAT(all.codes, ElementsAre("H43", "H43.OLD"));
    EXPECT_EQ(all.agencies, 1u);
    for (const auto* code : {"H43", "H43.OLD", "H02", "H02.OLD"}) EXPECT_TRUE(all.covers(code)) << code;
    for (const auto* code : {"H03", "H43.36", "H99", ""}) EXPECT_FALSE(all.covers(code)) << code;
    EXPECT_THAT(all.inbox_keys(), ElementsAre("inbox:H43", "inbox:H43.OLD", "gateway:axis"));
    EXPECT_THAT(all.inboxes(*store_), ElementsAre("H43", "H43.OLD")); // nothing lies behind it
}

TEST_F(identity, who_names_one_speaks_for_that_one_alone) {
    const auto one = agencies_of(services_, channel("axis"), "h02");
    ASSERT_TRUE(one);
    EXPECT_THAT(one->codes, ElementsAre("H02", "H02.OLD"));
    EXPECT_FALSE(one->covers("H43"));
    EXPECT_THAT(one->inbox_keys(), ElementsAre("inbox:H02", "inbox:H02.OLD"));
}

TEST_F(identity, nobody_speaks_for_what_is_behind_another_gateway) {
    for (const auto* client : {"plain", "other"}) {
        EXPECT_FALSE(all_of(client).covers("H02")) << client;
        EXPECT_EQ(refusal(client, "H02"), "sender_not_yours") << client;
    }
    EXPECT_TRUE(all_of("plain").gateway.empty());
    EXPECT_EQ(refusal("axis", "H03"), "sender_not_yours");
    EXPECT_EQ(refusal("axis", "H43.36"), "sender_not_yours");
    EXPECT_EQ(refusal("axis", "H99"), "sender_not_yours");
    EXPECT_EQ(refusal("away", std::nullopt), "wrong_node");
    EXPECT_EQ(refusal("away", "H43.36"), "wrong_node");
}

TEST_F(identity, news_for_what_is_behind_a_gateway_wakes_it) {
    EXPECT_THAT(inbox_news(*directory_, {"H43", "H02.OLD", "H03", "H99"}),
                ElementsAre("inbox:H43", "inbox:H02.OLD", "inbox:H03", "inbox:H99", "gateway:axis", "gateway:other"));
}

} // namespace
} // namespace truc::api
