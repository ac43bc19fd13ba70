#include "../../../src/api/axis_file.hpp"

#include <truc/base/axis_signing.hpp>

#include <gtest/gtest.h>

namespace truc::api {
namespace {

const std::string document = "<a/>\n";
const std::string true_hash = "a1fd98554152adcab3c8c3f0fc3b01f7d245a5661dc459a61f92ea0a7248ed0f";
const std::string hash_of_sdk = "a1fd98554152adcab3c8c3f0fc3b1f7d245a5661dc459a61f92eaa7248edf";

/// What reaches intake of a body, or the code of the refusal.
std::string stored(const std::string& body, std::string_view hash, std::size_t piece) {
    intake::reception into(intake::channel(), spool(), intake::rules_of(entrance::axis));
    axis_file file(hash, into);
    for (std::size_t at = 0; at < body.size(); at += piece)
        if (auto fed = file.feed(std::string_view(body).substr(at, piece)); !fed)
            return std::string(describe(fed.error().code).name);
    if (auto complete = file.finish(); !complete) return std::string(describe(complete.error().code).name);
    (void)into.finish();
    return into.digest()->hex();
}

TEST(axis_file, is_what_the_digest_covers_however_it_arrives) {
    std::string capitals = hash_of_sdk;
    for (char& c : capitals) c = c >= 'a' ? static_cast<char>(c - 32) : c;
    for (const std::size_t piece : {1, 2, 3, 4, 100})
        for (const auto& hash : {true_hash, hash_of_sdk, capitals}) {
            EXPECT_EQ(stored(document + "\r\n", hash, piece), true_hash) << piece;
            EXPECT_EQ(stored(document, hash, piece), true_hash) << piece;
        }
}

TEST(axis_file, keeps_a_line_end_of_its_own) {
    const auto own = document + "\r\n";
    for (const std::size_t piece : {1, 3, 100}) {
        EXPECT_EQ(stored(own, hex_of_sdk(sha256(own)), piece), sha256(own).hex());
        EXPECT_EQ(stored(own + "\r\n", sha256(own).hex(), piece), sha256(own).hex());
    }
}

TEST(axis_file, refuses_what_the_digest_does_not_cover) {
    for (const auto& body : {std::string(), document + "\n", document + "\r\n\r\n", document + " ", "x" + document})
        EXPECT_EQ(stored(body, hash_of_sdk, 2), "hash_mismatch") << body;
    EXPECT_EQ(stored(document, "", 2), "hash_mismatch");
    EXPECT_EQ(stored(document, hash_of_sdk + "0", 2), "hash_mismatch");
}

TEST(axis_file, may_be_empty_and_is_then_judged_by_others) {
    EXPECT_EQ(stored("", sha256("").hex(), 1), sha256("").hex());
    EXPECT_EQ(stored("\r\n", sha256("").hex(), 1), sha256("").hex());
}

} // namespace
} // namespace truc::api
