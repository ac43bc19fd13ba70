#include "session.hpp"
#include "temporary_directory.hpp"

#include <truc/base/durable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

namespace truc::cli {
namespace {

using testing::HasSubstr;

/// Accepts connections, as the kernel does for a process that stands still, and never answers.
file_handle silent_socket(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.native().size());
    file_handle s(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(s.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(s.fd(), 1), 0);
    return s;
}

TEST(session, says_that_a_node_stands_still) {
    const test::temporary_directory dir;
    const auto node = silent_socket(dir.path() / "s");
    client::http_options options;
    options.answer_time = std::chrono::milliseconds(50);
    session s(*client::server_address::parse("unix:" + (dir.path() / "s").string()), options, {});
    s.speak_to_administrator();
    const auto told = s.get_object(target("/admin/mode"));
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().code, exit_code::unreachable);
    const auto text = describe_failure(told.error(), 400);
    EXPECT_THAT(text, HasSubstr("timeout: no answer came within 0 s"));
    EXPECT_THAT(text, HasSubstr("the administrator"));
    EXPECT_THAT(text, HasSubstr("stands still"));
}

} // namespace
} // namespace truc::cli
