#include "soap_office.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tdoffice/soap_inbox.hpp>

namespace truc::tdoffice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string lost; ///< the connection ends without an answer
const std::string error_answer = R"({"Status":"ERROR","Message":"Trùng số ký hiệu"})";
const std::string nothing = R"({"Status":"OK","Data":null})";

adapter::incoming_item document_item() {
    pack::edxml_document d;
    d.from.code = "000.00.12.H43";
    d.from.name = "Sở X";
    d.to.push_back({});
    d.to.back().code = "000.00.36.H43";
    d.number = "9";
    d.notation = "SX";
    d.promulgated = "2026/03/01";
    d.subject = "V/v \"báo cáo\"";
    d.priority = priority::express;
    d.attachments.push_back({"a.pdf", "application/pdf", "%PDF", "", false});
    adapter::incoming_item item;
    item.delivery_id = *uuid::parse("01900000-0000-7000-8000-000000000001");
    item.kind = dispatch_kind::edoc;
    item.document_id = d.usual_document_id();
    item.from = d.from.code;
    item.to = "000.00.36.H43";
    item.edxml = *pack::write_edxml(d);
    return item;
}

adapter::incoming_item status_item(const std::string& code) {
    pack::edxml_status s;
    s.from.code = "000.00.12.H43";
    s.about = {"000.00.36.H43", "315/UBND-VP", "2026/03/05", "000.00.36.H43,2026/03/05,315/UBND-VP"};
    s.status_code = code;
    s.description = "Sai thẩm quyền";
    s.time = "2026/03/06 10:00:00";
    auto item = document_item();
    item.kind = dispatch_kind::status;
    item.document_id = s.about.document_id;
    item.edxml = pack::write_edxml(s);
    return item;
}

struct soap_inbox_test : testing::Test {
    result<std::string> deliver(adapter::incoming_item item, bool perhaps_there = false, const std::string& more = {}) {
        item.perhaps_there = perhaps_there;
        soap_inbox inbox(office.configured(more));
        return inbox.deliver(item);
    }
    soap_office office;
};

TEST_F(soap_inbox_test, a_document_arrives_as_a_record) {
    office.answers("NhanVanBanDen", R"({"Status":"OK","Data":{"Id":41}})");
    EXPECT_EQ(deliver(document_item()), "41");
    const auto request = office.last_request("NhanVanBanDen");
    EXPECT_THAT(request, HasSubstr("<maGiaoNhan>01900000-0000-7000-8000-000000000001</maGiaoNhan>"));
    const auto begin = request.find("<vanBan>") + 8;
    const auto record = boost::json::parse(request.substr(begin, request.find("</vanBan>") - begin)).as_object();
    EXPECT_EQ(record.at("MaDonViGui"), "000-00-12-H43");
    EXPECT_EQ(record.at("MaDonViNhan"), "000-00-36-H43");
    EXPECT_EQ(record.at("SoKyHieu"), "9/SX");
    EXPECT_EQ(record.at("NgayBanHanh"), "01/03/2026");
    EXPECT_EQ(record.at("TrichYeu"), "V/v \"báo cáo\"");
    EXPECT_EQ(record.at("DoKhan"), "3");
    EXPECT_EQ(record.at("TepDinhKem").at(0).at("NoiDung"), "JVBERg==");
}

TEST_F(soap_inbox_test, a_status_arrives_with_its_reason) {
    office.answers("CapNhatTrangThai", R"({"Status":"OK","Data":5})");
    EXPECT_EQ(deliver(status_item("02"), false, "[vocabulary]\nstatuses_in = { \"02\" = \"5\" }\n"), "5");
    EXPECT_THAT(
        office.last_request("CapNhatTrangThai"),
        HasSubstr("<maDonVi>000-00-12-H43</maDonVi><tenDonVi></tenDonVi><maDonViNhan>000-00-36-H43</maDonViNhan>"
                  "<trangThai>5</trangThai><noiDung>Sai thẩm quyền</noiDung>"));
    const auto unknown = deliver(status_item("13"), false, "[vocabulary]\nstatuses_in = { \"02\" = \"5\" }\n");
    EXPECT_EQ(unknown.error().code, errc::legacy_refused);
}

TEST_F(soap_inbox_test, what_is_there_is_not_given_again) {
    office.answers("KiemTraVanBanDen", R"({"Status":"OK","Data":{"Id":"41"}})");
    EXPECT_EQ(deliver(document_item(), true), "41");
    EXPECT_THAT(office.asked(), ElementsAre("Login", "KiemTraVanBanDen"));
}

TEST_F(soap_inbox_test, a_lost_answer_is_asked_for) {
    office.answers_raw("NhanVanBanDen", lost);
    office.answers("KiemTraVanBanDen", R"({"Status":"OK","Data":{"Id":41}})");
    EXPECT_EQ(deliver(document_item()), "41");
    EXPECT_EQ(office.count("NhanVanBanDen"), 1u);
}

TEST_F(soap_inbox_test, what_did_not_arrive_is_left_to_the_next_attempt) {
    office.answers_raw("NhanVanBanDen", lost);
    office.answers("NhanVanBanDen", R"({"Status":"OK","Data":{"Id":42}})");
    office.answers("KiemTraVanBanDen", nothing);
    const auto first = deliver(document_item());
    ASSERT_FALSE(first);
    EXPECT_TRUE(describe(first.error().code).retryable);
    EXPECT_EQ(office.count("NhanVanBanDen"), 1u);
    EXPECT_EQ(deliver(document_item(), true), "42");
}

TEST_F(soap_inbox_test, a_refusal_counts_when_the_system_is_well) {
    office.answers("NhanVanBanDen", error_answer);
    office.answers("KiemTraVanBanDen", nothing);
    const auto refused = deliver(document_item());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::legacy_refused);
    EXPECT_EQ(refused.error().what, "Trùng số ký hiệu");
    EXPECT_EQ(office.count("NhanVanBanDen"), 2u);
}

TEST_F(soap_inbox_test, a_system_that_refuses_everything_is_ill) {
    office.answers("NhanVanBanDen", error_answer);
    office.answers("KiemTraVanBanDen", error_answer);
    const auto later = deliver(document_item());
    ASSERT_FALSE(later);
    EXPECT_TRUE(describe(later.error().code).retryable);
}

TEST_F(soap_inbox_test, a_refusal_of_what_it_has_is_none) {
    office.answers("NhanVanBanDen", error_answer);
    office.answers("KiemTraVanBanDen", R"({"Status":"OK","Data":"41"})");
    EXPECT_EQ(deliver(document_item()), "41");
}

} // namespace
} // namespace truc::tdoffice
