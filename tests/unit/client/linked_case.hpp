#pragma once
#include "scripted_node.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace truc::client::test {

using outcome = submission_answer::outcome;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto patience = 30s;

inline const truc::test::test_pki& pki() {
    static const truc::test::test_pki one;
    return one;
}

/// A link and the node that it is to.
class an_exchange_link : public testing::Test {
  protected:
    exchange_options options(std::vector<std::string> evidence_of = {}) const {
        static const auto who = pki().agency("000.00.12.H43");
        exchange_options o;
        o.host = "127.0.0.1";
        o.port = node.port();
        o.authority = pki().node_ca();
        o.certificate = who.certificate;
        o.key = who.key;
        o.name = "tdoffice";
        o.evidence_of = std::move(evidence_of);
        return o;
    }
    void connect(std::vector<std::string> evidence_of = {}, std::size_t window = 32) {
        auto o = options(std::move(evidence_of));
        o.window = window;
        link = std::make_unique<exchange_link>(std::move(o));
        ASSERT_TRUE(node.saw("inbox"));
        ASSERT_TRUE(becomes([&] { return link->is_connected(); }));
    }
    /// The connection is lost, and the next one is there.
    void reconnect() {
        node.cut();
        ASSERT_TRUE(node.saw("lost"));
        ASSERT_TRUE(node.saw("inbox"));
    }
    template <class F>
    static bool becomes(F condition) {
        for (int i = 0; i < 3000 && !condition(); ++i) std::this_thread::sleep_for(10ms);
        return condition();
    }
    static std::vector<outcome> results(const std::vector<submission_answer>& answers) {
        std::vector<outcome> all;
        for (const auto& a : answers) all.push_back(a.result);
        return all;
    }
    std::vector<uuid> receive(std::size_t max = 100, std::chrono::milliseconds wait = patience) {
        std::vector<uuid> ids;
        for (const auto& d : link->receive(max, wait)) ids.push_back(d.delivery_id);
        return ids;
    }
    static uuid id(std::uint8_t n) {
        uuid u;
        u.bytes.fill(n);
        return u;
    }
    /// A turn of the connection's thread: the client has done what it was about to do.
    void settle_down() { std::this_thread::sleep_for(100ms); }

    truc::test::identity identity_ = pki().node("ninhthuan");
    scripted_node node{pki(), identity_};
    std::unique_ptr<exchange_link> link;
};

inline submission say(std::string name, std::string_view content) { return {std::move(name), content, false}; }

} // namespace truc::client::test
