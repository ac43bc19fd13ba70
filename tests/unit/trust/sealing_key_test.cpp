#include "temporary_directory.hpp"

#include <truc/base/bytes.hpp>
#include <truc/base/durable.hpp>
#include <truc/trust/sealing_key.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc::trust {
namespace {

using testing::HasSubstr;

sealing_key new_key() { return *sealing_key::parse(sealing_key::make_text()); }

TEST(sealing_key, opens_what_it_sealed_for_the_same_owner_and_for_nobody_else) {
    const auto key = new_key();
    const auto sealed = key.seal("top secret", "so-tttt");
    EXPECT_EQ(key.open(sealed, "so-tttt").value(), "top secret");
    ASSERT_FALSE(key.open(sealed, "so-khdt"));
    EXPECT_EQ(key.open(sealed, "so-khdt").error().code, errc::bad_configuration);
    EXPECT_FALSE(new_key().open(sealed, "so-tttt"));
    EXPECT_EQ(key.open(key.seal("", ""), "").value(), "");
}

TEST(sealing_key, the_same_secret_never_looks_the_same) {
    const auto key = new_key();
    EXPECT_NE(key.seal("x", "a"), key.seal("x", "a"));
    EXPECT_NE(sealing_key::make_text(), sealing_key::make_text());
}

TEST(sealing_key, a_change_of_any_byte_is_noticed) {
    const auto key = new_key();
    const auto sealed = *from_base64(key.seal("secret", "a"));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(key.open(to_base64(changed), "a")) << "byte " << i;
    }
    for (std::size_t size = 0; size < sealed.size(); ++size)
        EXPECT_FALSE(key.open(to_base64(sealed.substr(0, size)), "a")) << "cut to " << size;
    EXPECT_FALSE(key.open("not base64!", "a"));
}

TEST(sealing_key, a_key_is_32_bytes_in_hexadecimal_digits_that_only_the_owner_may_read) {
    const test::temporary_directory dir;
    const auto file = dir.path() / "key";
    const auto text = sealing_key::make_text();
    ASSERT_TRUE(write_file(file, text, 0640));
    ASSERT_FALSE(sealing_key::load(file));
    EXPECT_THAT(sealing_key::load(file).error().what, HasSubstr("mode 600"));
    ASSERT_TRUE(write_file(file, text, 0600));
    const auto key = sealing_key::load(file);
    ASSERT_TRUE(key);
    EXPECT_TRUE(sealing_key::parse(text)->open(key->seal("x", "a"), "a"));

    for (const auto* bad : {"", "\n", "00", "zz"}) {
        ASSERT_TRUE(write_file(file, bad, 0600));
        ASSERT_FALSE(sealing_key::load(file)) << bad;
        EXPECT_THAT(sealing_key::load(file).error().what, HasSubstr("64 hexadecimal digits"));
    }
    EXPECT_FALSE(sealing_key::parse(text.substr(2)));
    EXPECT_FALSE(sealing_key::load(dir.path() / "missing"));
}

} // namespace
} // namespace truc::trust
