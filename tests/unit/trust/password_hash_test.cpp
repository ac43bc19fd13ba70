#include <truc/base/bytes.hpp>
#include <truc/trust/password_hash.hpp>

#include <gtest/gtest.h>

namespace truc::trust {
namespace {

constexpr password_hash::cost cheap{16, 1, 1};

TEST(password_hash, fits_its_password_and_no_other) {
    const auto hash = password_hash::make("mật khẩu", cheap);
    EXPECT_TRUE(hash.fits("mật khẩu"));
    EXPECT_FALSE(hash.fits("mật khẩu "));
    EXPECT_FALSE(hash.fits(""));
}

TEST(password_hash, two_of_the_same_password_differ) {
    EXPECT_NE(password_hash::make("x", cheap).key(), password_hash::make("x", cheap).key());
}

TEST(password_hash, is_the_scrypt_of_the_standard) {
    // Computed by hashlib.scrypt(b"pleaseletmein", salt=b"SodiumChlorideSodiumChloride", n=16384, r=8, p=1, dklen=32).
    const auto known =
        password_hash::from({16384, 8, 1}, "SodiumChlorideSodiumChloride",
                            *from_hex("1073a16c2cd56ec6123cde38d36c1a8ec07f8af8ccec9e962316ef3a480150f2"));
    ASSERT_TRUE(known);
    EXPECT_TRUE(known->fits("pleaseletmein"));
}

TEST(password_hash, costs_and_sizes_that_make_no_sense_are_refused) {
    const std::string salt(16, 's'), key(32, 'k');
    for (const auto& c : {password_hash::cost{0, 8, 1}, password_hash::cost{1000, 8, 1},
                          password_hash::cost{std::uint64_t{1} << 18, 8, 1}, password_hash::cost{16, 17, 1},
                          password_hash::cost{16, 8, 5}, password_hash::cost{16, 0, 1}})
        EXPECT_EQ(password_hash::from(c, salt, key).error().code, errc::bad_configuration);
    EXPECT_FALSE(password_hash::from(cheap, "short", key));
    EXPECT_FALSE(password_hash::from(cheap, salt, "short"));
    EXPECT_TRUE(password_hash::from({std::uint64_t{1} << 17, 16, 4}, salt, key));
}

TEST(password_hash, new_passwords_are_long_and_differ) {
    EXPECT_EQ(make_password().size(), 40u);
    EXPECT_NE(make_password(), make_password());
}

} // namespace
} // namespace truc::trust
