#include "two_sessions.hpp"

#include <array>
#include <cstdio>

namespace truc::amqp::test {
namespace {

std::string output_of(const std::string& command) {
    std::string out;
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    std::array<char, 4096> buffer;
    while (const auto n = std::fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), n);
    ::pclose(pipe);
    return out;
}

TEST_F(two_sessions, another_implementation_is_understood) {
    server_.on_link = [](session& s, link_handle link, const link_request& request) {
        s.accept_link(link);
        if (request.role == link_role::we_receive) {
            s.set_window(link, 10);
            return;
        }
        for (const auto* id : {"first", "second", "third"}) {
            auto m = text_message(id, std::string(100'000, 'r'));
            m.head.subject = "receipt";
            m.head.properties.emplace("truc-cursor", std::int64_t{7});
            s.send(link, std::move(m));
        }
    };
    server_.on_complete = [](session& s, message_handle m) { s.accept(m); };
    listen();
    const auto output = output_of("timeout 60 /usr/bin/python3 -B " TRUC_SOURCE_DIR "/tests/interop/amqp_client.py " +
                                  std::to_string(listener_->port()) + " " + pki_.node_ca().string() + " " +
                                  node_b_.certificate.string() + " " + node_b_.key.string() + " 2>&1 | sort");
    EXPECT_EQ(output, "first receipt 100000 {'truc-cursor': 7}\n"
                      "large accepted\n"
                      "second receipt 100000 {'truc-cursor': 7}\n"
                      "small accepted\n"
                      "third receipt 100000 {'truc-cursor': 7}\n"
                      "value rejected amqp:not-implemented\n");
    EXPECT_TRUE(server_.saw("closed"));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(server_.saw("accepted"));
    EXPECT_TRUE(server_.saw("complete large"));
    for (const auto& [m, head] : server_.heads) {
        if (head.message_id != "small") continue;
        EXPECT_EQ(head.content_type, "application/xml");
        EXPECT_EQ(*find<std::string>(head.properties, "truc-to"), "Sở Nội vụ");
        EXPECT_EQ(*find<std::int64_t>(head.properties, "truc-priority"), 2);
        EXPECT_EQ(server_.bodies[m], std::vector<std::string>{"<edXML/>"});
    }
}

} // namespace
} // namespace truc::amqp::test
