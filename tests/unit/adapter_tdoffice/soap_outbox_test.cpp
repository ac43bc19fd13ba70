#include "soap_office.hpp"

#include <truc/base/bytes.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tdoffice/soap_outbox.hpp>

namespace truc::tdoffice {
namespace {

using adapter::outgoing_report;
using testing::HasSubstr;
using testing::Not;

const std::string record = R"("Id":7,"SoVanBan":315,"KyHieu":"UBND-VP","NgayBanHanh":"05/03/2026","DiaDanh":"Thuận Nam",
    "TenLoai":"Công văn","TrichYeu":"V/v <triển khai> & báo cáo","DoKhan":"Khẩn","HanXuLy":"20/03/2026",
    "NoiNhan":[{"MaDonVi":"000-00-12-H43","TenDonVi":"Sở X"},{"MaDonVi":"000.00.00.G22"}],
    "NgayGui":"05/03/2026 08:15:00","NguoiKy":"Nguyễn Văn A")";

std::string document(const std::string& more = R"("DoMat":"Thường")") {
    return R"({"Status":"OK","Data":{)" + record + "," + more + "}}";
}

struct soap_outbox_test : testing::Test {
    soap_outbox_test() { office.answers("LayVanBanChoGui", R"({"Status":"OK","Data":[]})"); }

    result<pack::edxml_document> load(const std::string& json, const std::string& more = {}) {
        office.answers("LayChiTietVanBan", json);
        soap_outbox outbox(office.configured(more), office.context());
        const auto bytes = outbox.load("vanban:7");
        if (!bytes) return fail(bytes.error());
        auto read = pack::read_edxml(*bytes);
        if (!read) return fail(read.error());
        return std::get<pack::edxml_document>(*std::move(read));
    }
    soap_office office;
};

TEST_F(soap_outbox_test, lists_the_urgent_first_and_each_once) {
    soap_office waiting("LayVanBanChoGui",
                        R"({"Status":"OK","Data":[{"Id":1,"SoKyHieu":"1/A"},{"Id":2,"DoKhan":"Hỏa tốc"},
        {"Id":1,"SoKyHieu":"1/A"},{"SoKyHieu":"không có Id"},{"Id":"3"}]})");
    waiting.answers("Login", R"({"Status":"OK"})");
    waiting.answers("LayTrangThaiChoGui", R"({"Status":"OK","Data":[{"Id":1},{"Id":2},{"Id":3}]})");
    soap_outbox outbox(waiting.configured(), waiting.context());
    const auto all = outbox.list(10);
    ASSERT_TRUE(all);
    std::vector<std::string> keys;
    for (const auto& one : *all) keys.push_back(one.key);
    EXPECT_THAT(keys,
                testing::ElementsAre("vanban:2", "vanban:1", "vanban:3", "trangthai:1", "trangthai:2", "trangthai:3"));
    EXPECT_EQ((*all)[1].label, "1/A");
    const auto few = outbox.list(4);
    ASSERT_EQ(few->size(), 4u);
    EXPECT_EQ((*few)[2].key, "trangthai:1"); // statuses are not starved
}

TEST_F(soap_outbox_test, documents_go_though_statuses_cannot_be_listed) {
    soap_office half("LayVanBanChoGui", R"({"Status":"OK","Data":[{"Id":1}]})");
    half.answers("LayVanBanChoGui", R"({"Status":"OK","Data":[]})");
    half.answers("Login", R"({"Status":"OK"})");
    half.answers("LayTrangThaiChoGui", R"({"Status":"ERROR","Message":"Chưa hỗ trợ"})");
    soap_outbox outbox(half.configured(), half.context());
    EXPECT_EQ(outbox.list(10)->size(), 1u);
    EXPECT_EQ(outbox.list(10).error().what, "Chưa hỗ trợ"); // with nothing else to do it is told
}

TEST_F(soap_outbox_test, statuses_are_not_asked_for_where_there_are_none) {
    soap_outbox outbox(office.configured("[methods]\nLayTrangThaiChoGui = \"\"\n"), office.context());
    EXPECT_EQ(outbox.list(10)->size(), 0u);
    EXPECT_EQ(office.asked().back(), "LayVanBanChoGui");
}

TEST_F(soap_outbox_test, a_record_becomes_a_document) {
    const auto d = load(document());
    ASSERT_TRUE(d) << d.error().what;
    EXPECT_EQ(d->from.code, "000.00.36.H43");
    EXPECT_EQ(d->from.name, "UBND huyện Thuận Nam");
    ASSERT_EQ(d->to.size(), 2u);
    EXPECT_EQ(d->to[0].code, "000.00.12.H43");
    EXPECT_EQ(d->document_id, "000.00.36.H43,2026/03/05,315/UBND-VP");
    EXPECT_EQ(d->subject, "V/v <triển khai> & báo cáo");
    EXPECT_EQ(d->priority, priority::urgent);
    EXPECT_EQ(d->due_date, "2026/03/20");
    EXPECT_EQ(d->sent, "2026/03/05 08:15:00");
}

TEST_F(soap_outbox_test, a_secret_record_is_not_read_any_further) {
    for (const auto* secrecy : {R"("DoMat":"Mật")", R"("DoMat":"Tuyệt mật")", R"("DoMat":3)", R"("DoMat":{})"}) {
        soap_office secret("LayChiTietVanBan",
                           document(secrecy + std::string(R"(,"TepDinhKem":[{"Id":1,"TenTep":"a.pdf"}])")));
        secret.answers("Login", R"({"Status":"OK"})");
        soap_outbox outbox(secret.configured(), secret.context());
        const auto loaded = outbox.load("vanban:7");
        ASSERT_FALSE(loaded) << secrecy;
        EXPECT_FALSE(describe(loaded.error().code).retryable);
        EXPECT_EQ(secret.count("LayTepDinhKem"), 0u);
    }
    EXPECT_EQ(load(document(R"("DoMat":"Mật")")).error().code, errc::secret_document);
}

TEST_F(soap_outbox_test, a_record_that_does_not_tell_its_secrecy_stays) {
    const auto d = load(document(R"("DoMatKhac":"0")"));
    ASSERT_FALSE(d);
    EXPECT_EQ(d.error().code, errc::record_invalid);
    EXPECT_EQ(d.error().what, "DoMat is missing");
}

TEST_F(soap_outbox_test, what_is_wrong_in_a_record_is_named) {
    for (const auto& [member, what] :
         {std::pair{R"("NgayBanHanh":"31/02/2026")", "NgayBanHanh '31/02/2026' is a day that does not exist"},
          {R"("NoiNhan":[])", "NoiNhan is missing"},
          {R"("NoiNhan":[{"MaDonVi":"sở"}])", "MaDonVi 'sở' is no agency code"},
          {R"("TrichYeu":"")", "TrichYeu is missing"},
          {R"("MaDonViGui":"000-00-99-H43")",
           "MaDonViGui '000.00.99.H43' is none of the agencies that are served here"},
          {R"("TepDinhKem":[{"Id":1}])", "TenTep is missing"},
          {R"("TrichYeu":["a"])", "TrichYeu is no text"}}) {
        soap_office wrong("LayChiTietVanBan", document(R"("DoMat":0,)" + std::string(member)));
        wrong.answers("Login", R"({"Status":"OK"})");
        soap_outbox outbox(wrong.configured(), wrong.context());
        const auto loaded = outbox.load("vanban:7");
        ASSERT_FALSE(loaded) << member;
        EXPECT_EQ(loaded.error().code, errc::record_invalid);
        EXPECT_EQ(loaded.error().what, what);
        EXPECT_THAT(explain(loaded.error(), language::vietnamese), Not(HasSubstr(" is ")));
    }
}

TEST_F(soap_outbox_test, attachments_are_fetched_or_stand_in_the_record) {
    office.answers("LayTepDinhKem", R"({"Status":"OK","Data":{"NoiDung":")" + to_base64("%PDF one") + R"("}})");
    const auto d =
        load(document(R"("DoMat":0,"TepDinhKem":[{"Id":1,"TenTep":"a.pdf","LoaiTep":"application/pdf","KichThuoc":"8"},
        {"TenTep":"b.txt","NoiDung":")" +
                      to_base64("two") + R"("}])"));
    ASSERT_TRUE(d) << d.error().what;
    ASSERT_EQ(d->attachments.size(), 2u);
    EXPECT_EQ(d->attachments[0].bytes, "%PDF one");
    EXPECT_EQ(d->attachments[1].bytes, "two");
}

TEST_F(soap_outbox_test, attachments_come_in_pieces_where_that_is_configured) {
    const std::string first(1024, 'x');
    office.answers("LayTepDinhKem", R"({"Status":"OK","Data":")" + to_base64(first) + R"("})");
    office.answers("LayTepDinhKem", R"({"Status":"OK","Data":")" + to_base64("end") + R"("})");
    const auto d = load(document(R"("DoMat":0,"TepDinhKem":[{"Id":1,"TenTep":"a.pdf"}])"), "piece_kilobytes = 1\n");
    ASSERT_TRUE(d) << d.error().what;
    EXPECT_EQ(d->attachments.front().bytes, first + "end");
    EXPECT_THAT(office.last_request("LayTepDinhKem"), HasSubstr("<viTri>1024</viTri><doDai>1024</doDai>"));
}

TEST_F(soap_outbox_test, an_attachment_of_another_size_is_refused) {
    office.answers("LayTepDinhKem", R"({"Status":"OK","Data":"YQ=="})");
    const auto d = load(document(R"("DoMat":0,"TepDinhKem":[{"Id":1,"TenTep":"a.pdf","KichThuoc":2}])"));
    ASSERT_FALSE(d);
    EXPECT_EQ(d.error().code, errc::attachment_mismatch);
}

TEST_F(soap_outbox_test, a_status_of_a_clerk_becomes_a_status) {
    office.answers("LayChiTietTrangThai", R"({"Status":"OK","Data":{"TrangThai":"3","MaDonViNhan":"000-00-12-H43",
        "SoKyHieu":"9/SX","NgayBanHanh":"01/03/2026","MaVanBan":"000.00.12.H43,2026/03/01,9/SX",
        "ThoiGian":"05/03/2026 09:00:00"}})");
    soap_outbox outbox(office.configured("[vocabulary]\nstatuses_out = { \"3\" = \"03\" }\n"), office.context());
    const auto bytes = outbox.load("trangthai:1");
    ASSERT_TRUE(bytes) << bytes.error().what;
    const auto read = pack::read_edxml(*bytes);
    ASSERT_TRUE(read);
    const auto& status = std::get<pack::edxml_status>(*read);
    EXPECT_EQ(status.status_code, "03");
    EXPECT_EQ(status.from.code, "000.00.36.H43");
    EXPECT_EQ(status.about.organ_id, "000.00.12.H43");
    EXPECT_EQ(status.about.document_id, "000.00.12.H43,2026/03/01,9/SX");
    EXPECT_EQ(status.time, "2026/03/05 09:00:00");
}

TEST_F(soap_outbox_test, reports_stand_where_clerks_see_them) {
    office.answers("CapNhatKetQuaGui", R"({"Status":"OK"})");
    soap_outbox outbox(office.configured("[results]\nhanded_over = \"\"\n"), office.context());
    outgoing_report r;
    r.key = "vanban:7";
    r.reached = outgoing_report::stage::failed;
    r.recipient = "000.00.12.H43";
    r.code = "recipient_closed";
    r.text = "Cơ quan nhận đã ngừng hoạt động";
    EXPECT_TRUE(outbox.report(r));
    const auto request = office.last_request("CapNhatKetQuaGui");
    EXPECT_THAT(request, HasSubstr("<loai>vanban</loai><id>7</id><ketQua>KHONG_DEN</ketQua>"));
    EXPECT_THAT(request, HasSubstr("<maDonVi>000-00-12-H43</maDonVi><maLoi>recipient_closed</maLoi>"));
    r.reached = outgoing_report::stage::handed_over;
    EXPECT_TRUE(outbox.report(r)); // this installation does not want to know
    EXPECT_EQ(office.count("CapNhatKetQuaGui"), 1u);
}

TEST_F(soap_outbox_test, waiting_ends_with_the_interval_or_an_interruption) {
    soap_outbox outbox(office.configured("poll_milliseconds = 10\n"), office.context());
    outbox.wait(std::chrono::hours(1));
    soap_outbox patient(office.configured("poll_milliseconds = 3600000\n"), office.context());
    patient.interrupt();
    patient.wait(std::chrono::hours(1));
}

} // namespace
} // namespace truc::tdoffice
