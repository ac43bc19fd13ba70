#include "temporary_directory.hpp"

#include <truc/base/disk_probe.hpp>

#include <gtest/gtest.h>

namespace truc {
namespace {

constexpr std::string_view mounts = R"(22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
30 22 0:25 / /var/lib rw,noatime shared:2 master:1 - xfs /dev/vdb rw,nobarrier
31 30 0:26 / /var/lib/truc\040data rw - tmpfs tmpfs rw,size=1024k
32 22 0:27 / /srv rw - nfs4 host:/export rw,vers=4.2
33 22 0:28 / /srv ro - ext4 /dev/vdc rw
broken line
)";

std::string type_at(const char* path) {
    const auto found = find_mount(mounts, path);
    return found ? found->type : "none";
}

TEST(disk_probe, finds_the_mount_that_a_path_lies_on) {
    EXPECT_EQ(type_at("/etc/truc"), "ext4");
    EXPECT_EQ(type_at("/var/lib/truc"), "xfs");
    EXPECT_EQ(type_at("/var/library"), "ext4") << "a name that only begins alike";
    EXPECT_EQ(type_at("/var/lib/truc data/content"), "tmpfs");
    EXPECT_EQ(find_mount(mounts, "/var/lib/truc")->options, "rw,noatime,rw,nobarrier");
    EXPECT_EQ(find_mount(mounts, "/srv/x")->options, "ro,rw") << "the mount that covers the other one";
    EXPECT_FALSE(find_mount("", "/"));
}

TEST(disk_probe, knows_what_this_machine_has_mounted) {
    const test::temporary_directory here;
    const auto found = file_system_of(here.path());
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->type.empty());
    EXPECT_FALSE(file_system_of(here.path() / "missing"));
}

TEST(disk_probe, times_as_many_syncs_as_it_is_asked_for) {
    const test::temporary_directory here;
    const auto took = time_syncs(here.path(), 5);
    ASSERT_TRUE(took);
    ASSERT_EQ(took->size(), 5u);
    EXPECT_TRUE(std::is_sorted(took->begin(), took->end()));
    EXPECT_TRUE(std::filesystem::is_empty(here.path()));
    EXPECT_FALSE(time_syncs(here.path() / "missing", 1));
}

} // namespace
} // namespace truc
