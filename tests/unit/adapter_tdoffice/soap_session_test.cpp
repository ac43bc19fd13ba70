#include "soap_office.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tdoffice/soap_session.hpp>

namespace truc::tdoffice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using cause = soap_failure::cause;

const std::string page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html>login</";

soap_call ask(bool repeatable = true) {
    soap_call c;
    c.method = "LayVanBanChoGui";
    c.parameters = {{"soLuong", "5"}};
    c.repeatable = repeatable;
    return c;
}

TEST(soap_session, logs_in_once_and_keeps_its_cookie) {
    soap_office office;
    office.answers("LayVanBanChoGui", R"({"Status":"OK","Data":[]})");
    soap_session session(office.configured());
    EXPECT_TRUE(session.call(ask()));
    EXPECT_TRUE(session.call(ask()));
    EXPECT_THAT(office.asked(), ElementsAre("Login", "LayVanBanChoGui", "LayVanBanChoGui"));
    EXPECT_THAT(office.last_request("Login"), HasSubstr("<loginName>truc</loginName><pwd>b&amp;í mật</pwd>"));
    EXPECT_THAT(office.last_request("LayVanBanChoGui"), HasSubstr("Cookie: S=1\r\n"));
    EXPECT_THAT(office.last_request("LayVanBanChoGui"), Not(HasSubstr("mật")));
}

TEST(soap_session, carries_a_token_and_the_names_of_the_installation) {
    soap_office office;
    office.answers("LayVanBanChoGui", R"({"Status":"OK","Data":[]})");
    soap_session session(office.configured("session = \"token\"\ntoken_parameter = \"khoa\"\n"
                                           "[parameters]\nsoLuong = \"top\"\n"));
    EXPECT_TRUE(session.call(ask()));
    EXPECT_THAT(office.last_request("LayVanBanChoGui"), HasSubstr("<khoa>t0ken</khoa><top>5</top>"));
}

TEST(soap_session, logs_in_again_when_the_session_has_ended) {
    for (const auto& over :
         {std::string("HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n"), page}) {
        soap_office office;
        office.answers_raw("LayVanBanChoGui", over);
        office.answers("LayVanBanChoGui", R"({"Status":"OK","Data":[]})");
        soap_session session(office.configured());
        EXPECT_TRUE(session.call(ask()));
        EXPECT_THAT(office.asked(), ElementsAre("Login", "LayVanBanChoGui", "Login", "LayVanBanChoGui"));
    }
}

TEST(soap_session, does_not_repeat_what_may_have_been_done) {
    soap_office office;
    office.answers_raw("LayVanBanChoGui", page);
    soap_session session(office.configured());
    const auto got = session.call(ask(false));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().what, cause::away);
    EXPECT_FALSE(got.error().answered);
    EXPECT_EQ(office.count("LayVanBanChoGui"), 1);
}

TEST(soap_session, that_ended_clearly_did_nothing_so_that_everything_is_repeated_once) {
    soap_office office;
    office.answers("LayVanBanChoGui", R"({"Status":"EXPIRED"})");
    soap_session session(office.configured());
    const auto got = session.call(ask(false));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().what, cause::away);
    EXPECT_EQ(office.count("LayVanBanChoGui"), 2);
}

TEST(soap_session, a_refused_log_in_is_not_tried_again_at_once_and_tells_no_password) {
    soap_office office("Login", R"({"Status":"ERROR","Message":"Sai mật khẩu b&í mật"})");
    soap_session session(office.configured());
    const auto first = session.call(ask());
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().what, cause::away);
    EXPECT_EQ(first.error().why.what, "the log-in was refused");
    EXPECT_FALSE(session.call(ask()));
    EXPECT_THAT(office.asked(), ElementsAre("Login"));
}

TEST(soap_session, tells_an_ill_system_from_a_bad_item) {
    soap_call harmless;
    harmless.method = "KiemTraVanBanDen";
    soap_office ill;
    ill.answers("LayVanBanChoGui", R"({"Status":"ERROR","Message":"Lỗi hệ thống"})");
    ill.answers("KiemTraVanBanDen", R"({"Status":"ERROR","Message":"Lỗi hệ thống"})");
    soap_session to_ill(ill.configured());
    EXPECT_EQ(to_ill.call_about_item(ask(), harmless).error().what, cause::away);

    soap_office well;
    well.answers("LayVanBanChoGui", R"({"Status":"ERROR","Message":"Trùng số"})");
    well.answers("KiemTraVanBanDen", R"({"Status":"OK"})");
    soap_session to_well(well.configured());
    const auto refused = to_well.call_about_item(ask(), harmless);
    EXPECT_EQ(refused.error().what, cause::refused);
    EXPECT_EQ(refused.error().why.what, "Trùng số");
    EXPECT_EQ(well.count("LayVanBanChoGui"), 2);
}

TEST(soap_session, what_is_no_answer_is_no_loss) {
    struct {
        std::string http;
        cause what;
    } const all[] = {
        {"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", cause::away},
        {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", cause::away},
        {"", cause::away},
        {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nNULL", cause::unreadable},
        {"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: 5\r\n\r\n<a>\xEA<",
         cause::unreadable},
        {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<", cause::away},
    };
    for (const auto& [http, what] : all) {
        soap_office office;
        office.answers_raw("LayVanBanChoGui", http);
        soap_session session(office.configured());
        const auto got = session.call(ask(false));
        ASSERT_FALSE(got) << http;
        EXPECT_EQ(got.error().what, what) << http;
        EXPECT_TRUE(what != cause::away || describe(got.error().why.code).retryable) << http;
    }
}

} // namespace
} // namespace truc::tdoffice
