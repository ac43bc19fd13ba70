#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tdoffice/soap_json.hpp>

namespace truc::tdoffice {
namespace {

namespace json = boost::json;
using verdict = json_answer::verdict;

std::string data_of(std::string_view text) {
    const auto answer = read_json(text, {});
    return answer ? json::serialize(answer->data) : "refused";
}

TEST(soap_json, is_found_in_every_wrapping) {
    const std::string plain = R"({"Status":"OK","Data":{"Id":7}})";
    EXPECT_EQ(data_of(plain), R"({"Id":7})");
    EXPECT_EQ(data_of("\xEF\xBB\xBF" + plain), R"({"Id":7})");
    EXPECT_EQ(data_of(json::serialize(json::value(plain))), R"({"Id":7})");
    EXPECT_EQ(data_of(R"({"d":)" + plain + "}"), R"({"Id":7})");
    EXPECT_EQ(data_of(R"({"d":)" + json::serialize(json::value(plain)) + "}"), R"({"Id":7})");
    EXPECT_EQ(data_of(R"({"Status":"OK","Data":"{\"Id\":7}"})"), R"({"Id":7})");
    EXPECT_EQ(data_of(R"({"Status":"OK","Data":"{7"})"), R"("{7")");
    EXPECT_EQ(data_of(R"({"Status":"OK"})"), "null");
}

TEST(soap_json, tells_good_from_bad) {
    EXPECT_EQ(read_json(R"({"Status":"ok"})", {})->says, verdict::good);
    EXPECT_EQ(read_json(R"({"Status":true})", {})->says, verdict::good);
    EXPECT_EQ(read_json(R"({"Status":1})", {})->says, verdict::good);
    EXPECT_EQ(read_json(R"({"Status":"Expired"})", {})->says, verdict::expired);
    EXPECT_EQ(read_json(R"({"Status":"BUSY"})", {})->says, verdict::busy);
    const auto refused = read_json(R"({"Status":"ERROR","Message":"Trùng số"})", {});
    EXPECT_EQ(refused->says, verdict::refused);
    EXPECT_EQ(refused->message, "Trùng số");
}

TEST(soap_json, that_is_none_is_refused) {
    for (const auto& text :
         {std::string(), std::string("<a/>"), std::string("[]"), std::string("{\"d\":{}}"),
          std::string("\"\\\"\\\\\\\"a\\\\\\\"\\\"\""), std::string("{\"Status\":\"OK\",\"Data\":\"\xFF\"}"),
          "{\"Status\":\"OK\",\"Data\":" + std::string(100, '[') + std::string(100, ']') + "}"}) {
        const auto answer = read_json(text, {});
        ASSERT_FALSE(answer) << text;
        EXPECT_EQ(answer.error().code, errc::bad_request);
    }
}

TEST(soap_json, scalars_are_texts) {
    EXPECT_EQ(scalar_text(json::parse("12")), "12");
    EXPECT_EQ(scalar_text(json::parse("-3")), "-3");
    EXPECT_EQ(scalar_text(json::parse("18446744073709551615")), "18446744073709551615");
    EXPECT_EQ(scalar_text(json::parse("12.0")), "12");
    EXPECT_EQ(scalar_text(json::parse("1.5")), "1.5");
    EXPECT_EQ(scalar_text(json::parse("true")), "true");
    EXPECT_EQ(scalar_text(json::parse("null")), "");
    EXPECT_EQ(scalar_text(json::parse("[]")), std::nullopt);
}

} // namespace
} // namespace truc::tdoffice
