#include "edxml_builder.hpp"
#include "pack_support.hpp"

#include <truc/base/bytes.hpp>
#include <truc/dsig/signer.hpp>
#include <truc/pack/edxml_record.hpp>
#include <truc/pack/vietnamese.hpp>
#include <truc/pack/wrapping.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace truc::pack {

// What makes two records equal is of interest to tests only.
static bool operator==(const edxml_party& a, const edxml_party& b) {
    return std::tie(a.code, a.name, a.in_charge, a.address, a.email, a.telephone, a.fax, a.website) ==
           std::tie(b.code, b.name, b.in_charge, b.address, b.email, b.telephone, b.fax, b.website);
}
static bool operator==(const edxml_staff& a, const edxml_staff& b) {
    return std::tie(a.department, a.staff, a.mobile, a.email) == std::tie(b.department, b.staff, b.mobile, b.email);
}
static bool operator==(const reference& a, const reference& b) {
    return std::tie(a.organ_id, a.code, a.promulgation_date, a.document_id) ==
           std::tie(b.organ_id, b.code, b.promulgation_date, b.document_id);
}
static bool operator==(const edxml_attachment& a, const edxml_attachment& b) {
    return std::tie(a.name, a.content_type, a.bytes, a.description, a.wrapped) ==
           std::tie(b.name, b.content_type, b.bytes, b.description, b.wrapped);
}

namespace {

using test::sample;
using test::with;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

edxml_document a_document() {
    edxml_document d;
    d.from = {"000.00.00.G22", "Văn phòng Chính phủ"};
    d.to = {{"000.00.12.H43", "Sở <A> & B"}, {"000.00.00.H43", "UBND tỉnh"}};
    d.number = "315";
    d.notation = "VPCP-KSTT";
    d.promulgated = "2026/11/21";
    d.subject = "V/v 1 < 2 & ]]> \"x\"";
    d.priority = priority::urgent;
    return d;
}

edxml_status a_status() {
    edxml_status s;
    s.from = {"000.00.12.H43", "Sở Thông tin và Truyền thông"};
    s.about = {"000.00.00.G22", "315/VPCP-KSTT", "2026/11/21", "000.00.00.G22,2026/11/21,315/VPCP-KSTT"};
    s.staff = {"Văn thư", "Nguyễn Thị A", "0900", "a@b.example"};
    s.status_code = "02";
    s.description = "Thiếu phụ lục <1>";
    s.time = "2026/11/21 08:30:00";
    return s;
}

std::string written(const edxml_document& d) { return write_edxml(d).value(); }
edxml_document read_document(std::string_view bytes) { return std::get<edxml_document>(read_edxml(bytes).value()); }

void expect_equal(const edxml_document& a, const edxml_document& b) {
    EXPECT_EQ(a.from, b.from);
    EXPECT_TRUE(a.to == b.to);
    const auto texts = [](const edxml_document& d) {
        return std::tie(d.document_id, d.number, d.notation, d.place, d.promulgated, d.type, d.type_detail, d.type_name,
                        d.subject, d.content, d.signer.competence, d.signer.position, d.signer.full_name, d.due_date,
                        d.sphere, d.typer_notation, d.promulgation_amount, d.page_amount, d.steering_type,
                        d.business_reason, d.paper, d.sent);
    };
    EXPECT_TRUE(texts(a) == texts(b));
    EXPECT_EQ(a.priority, b.priority);
    EXPECT_EQ(a.business, b.business);
    EXPECT_EQ(a.appendixes, b.appendixes);
    EXPECT_EQ(a.to_places, b.to_places);
    EXPECT_TRUE(a.response_for == b.response_for);
    EXPECT_EQ(a.staff, b.staff);
    EXPECT_TRUE(a.attachments == b.attachments);
}

/// Signed by an agency and verified as a node would, after the schemas.
dsig::verified_view as_a_node_sees(std::string_view text) {
    xml::initialise();
    dsig::initialise();
    static const test::test_pki pki;
    static const auto who = pki.agency("vpcp");
    const auto with_signature = dsig::sign(text, *who.signing_key()).value();
    const auto valid = test::edxml_schemas().validate(with_signature);
    EXPECT_TRUE(valid) << valid.error().what;
    static const dsig::verifier verifier(
        std::make_shared<trust::certificate_store>(pki.agency_ca(), std::filesystem::path()));
    return verifier
        .verify(xml::document::parse(with_signature).value(), with_signature.size(), signature_policy::required,
                test::test_pki::now())
        .value();
}

/// Random records out of what the field holds: all of XML's special characters, every length of UTF-8, both ends of
/// zip.
class generator {
  public:
    explicit generator(unsigned seed) : random_(seed) {}

    edxml_document document() {
        edxml_document d;
        d.from = party("000.00.00.H43");
        for (std::size_t i = below(4) + 1; i > 0; --i) d.to.push_back(party(fmt::format("000.00.{:02}.H43", i)));
        d.document_id = text(true);
        d.number = text(true);
        d.subject = text(true);
        for (auto* field : {&d.notation,
                            &d.place,
                            &d.promulgated,
                            &d.type,
                            &d.type_detail,
                            &d.type_name,
                            &d.content,
                            &d.signer.competence,
                            &d.signer.position,
                            &d.signer.full_name,
                            &d.due_date,
                            &d.sphere,
                            &d.typer_notation,
                            &d.promulgation_amount,
                            &d.page_amount,
                            &d.steering_type,
                            &d.business_reason,
                            &d.paper,
                            &d.staff.department,
                            &d.staff.staff,
                            &d.staff.mobile,
                            &d.staff.email,
                            &d.sent})
            *field = text(false);
        d.priority = static_cast<priority>(below(5));
        for (std::size_t i = below(3); i > 0; --i) d.appendixes.push_back(text(true));
        for (std::size_t i = below(3); i > 0; --i) d.to_places.push_back(text(true));
        for (std::size_t i = below(3); i > 0; --i)
            d.response_for.push_back({text(true), text(false), text(false), text(false)});
        for (std::size_t i = below(4); i > 0; --i) d.attachments.push_back(attachment());
        return d;
    }

  private:
    std::size_t below(std::size_t n) { return random_() % n; }

    edxml_party party(const std::string& code) {
        return {code, text(false), text(false), text(false), text(false), text(false), text(false), text(false)};
    }
    edxml_attachment attachment() {
        static constexpr std::string_view endings[] = {".pdf", ".docx", ".zip", ".ZIP", ""};
        edxml_attachment a;
        a.name = text(true) + std::string(endings[below(5)]);
        const bool is_zip = a.name.ends_with(".zip") || a.name.ends_with(".ZIP");
        a.wrapped = !is_zip && below(2) == 0;
        a.content_type = a.wrapped || is_zip ? "application/zip" : "application/pdf";
        a.description = text(false);
        for (std::size_t i = below(100'000); i > 0; --i) a.bytes += static_cast<char>(random_());
        return a;
    }
    /// Without white space at its ends, which readers take away.
    std::string text(bool mandatory) {
        static constexpr std::string_view pieces[] = {"Đ",  "ắ", "&",          "<",     ">",    "]]>",
                                                      "\"", "'", "\r",         "\n",    "\t",   " ",
                                                      "a",  "0", "\U0001F4E8", "&amp;", "<!--", "\xEF\xBF\xBD"};
        if (!mandatory && below(3) == 0) return {};
        std::string out = "x";
        for (std::size_t i = below(20); i > 0; --i) out += pieces[below(std::size(pieces))];
        return out + "y";
    }

    std::mt19937 random_;
};

TEST(edxml_record, what_is_written_is_read_back) {
    for (unsigned seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        const auto d = generator(seed).document();
        const auto bytes = written(d);
        expect_equal(read_document(bytes), d);
        EXPECT_EQ(written(read_document(bytes)), bytes);
    }
}

TEST(edxml_record, a_node_accepts_what_is_written_and_reads_the_same) {
    for (unsigned seed = 1; seed <= 8; ++seed) {
        SCOPED_TRACE(seed);
        const auto d = generator(seed).document();
        const auto view = as_a_node_sees(written(d));
        const auto m = read(view).value();
        EXPECT_EQ(m.from->written_id, d.from.code);
        EXPECT_EQ(m.document_id, d.document_id);
        EXPECT_EQ(m.subject, d.subject);
        EXPECT_EQ(m.priority, d.priority);
        std::vector<std::string> files(d.attachments.size());
        ASSERT_TRUE(decode_attachments(view, [&](std::size_t i, std::string_view piece) {
            files[i] += piece;
            return result<void>();
        }));
        for (std::size_t i = 0; i < files.size(); ++i) EXPECT_EQ(files[i], d.attachments[i].bytes);
    }
}

TEST(edxml_record, a_document_without_an_id_gets_the_usual_one) {
    const auto m = read(as_a_node_sees(written(a_document()))).value();
    EXPECT_EQ(m.document_id, "000.00.00.G22,2026/11/21,315/VPCP-KSTT");
    EXPECT_EQ(m.subject, "V/v 1 < 2 & ]]> \"x\"");
    ASSERT_THAT(m.to, SizeIs(2));
    EXPECT_EQ(m.to[0].name, "Sở <A> & B");
}

TEST(edxml_record, moments_are_those_of_vietnam) {
    const auto t = *from_rfc3339("2026-11-20T23:30:00.900+00:00");
    EXPECT_EQ(edxml_time(t), "2026/11/21 06:30:00");
    EXPECT_EQ(edxml_date(t), "2026/11/21");
}

TEST(edxml_record, a_status_names_the_document_it_is_about) {
    const auto s = a_status();
    const auto m = read(as_a_node_sees(write_edxml(s))).value();
    EXPECT_EQ(m.kind, dispatch_kind::status);
    EXPECT_EQ(m.status_code, "02");
    EXPECT_EQ(m.document_id, s.about.document_id);
    ASSERT_THAT(m.to, SizeIs(1));
    EXPECT_EQ(m.to[0].id.str(), "000.00.00.G22");

    const auto back = std::get<edxml_status>(read_edxml(write_edxml(s)).value());
    EXPECT_EQ(back.from, s.from);
    EXPECT_EQ(back.about, s.about);
    EXPECT_EQ(back.staff, s.staff);
    EXPECT_EQ(back.description, s.description);
    EXPECT_EQ(back.time, s.time);
}

TEST(edxml_record, every_status_code_passes) {
    for (const auto* code : {"01", "02", "03", "04", "05", "06", "13", "15", "16"}) {
        auto s = a_status();
        s.status_code = code;
        EXPECT_EQ(std::get<edxml_status>(read_edxml(write_edxml(s)).value()).status_code, code);
    }
}

TEST(edxml_record, characters_that_xml_cannot_carry_are_replaced) {
    auto d = a_document();
    d.subject = "a\x01"
                "b\xFF"
                "c\xEF\xBF\xBE"
                "d\xED\xA0\x80"
                "e" +
                std::string(1, '\0') + "f";
    EXPECT_EQ(read_document(written(d)).subject, "a\uFFFDb\uFFFDc\uFFFDd\uFFFD\uFFFD\uFFFDe\uFFFDf");
}

TEST(edxml_record, a_file_that_is_called_a_zip_comes_back_as_it_was) {
    const std::string file = "%PDF-1.4 " + std::string(200'000, 'x');
    auto d = a_document();
    d.attachments = {{"a.pdf", "application/pdf", file, {}, true},   // wrapped; its own type is lost
                     {"b.docx", "application/zip", file, {}, false}, // would be unwrapped, so it is wrapped
                     {"c.zip", "application/zip", file, {}, true},   // never unwrapped, so it is not wrapped
                     {"d", "", "", {}, false}};
    const auto bytes = written(d);
    EXPECT_LT(bytes.size(), 2 * file.size());
    const auto back = read_document(bytes).attachments;
    ASSERT_THAT(back, SizeIs(4));
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(back[i].bytes, d.attachments[i].bytes) << i;
    EXPECT_TRUE(back[0].wrapped);
    EXPECT_EQ(back[0].content_type, "application/zip");
    EXPECT_TRUE(back[1].wrapped);
    EXPECT_FALSE(back[2].wrapped);
    EXPECT_EQ(back[3].content_type, "application/octet-stream");
}

TEST(edxml_record, the_same_value_gives_the_same_bytes) {
    auto d = a_document();
    d.attachments = {{"a.pdf", "application/zip", "%PDF", "a", true}};
    EXPECT_EQ(written(d), written(d));
}

TEST(edxml_record, every_sound_sample_of_the_field_is_read) {
    for (const auto* name : {"new_document", "recall", "update", "replace", "dotnet_style", "java_style", "status_01",
                             "status_02", "status_03", "status_06", "status_13_take_back"}) {
        const auto record = read_edxml(sample(std::string(name) + ".edxml"));
        ASSERT_TRUE(record) << name << ": " << record.error().what;
        EXPECT_EQ(std::holds_alternative<edxml_status>(*record), std::string_view(name).starts_with("status")) << name;
    }
}

TEST(edxml_record, everything_of_a_document_is_read) {
    const auto d = read_document(sample("new_document.edxml"));
    EXPECT_EQ(d.from.name, "Văn phòng UBND tỉnh Ninh Thuận");
    EXPECT_EQ(d.from.in_charge, "Ủy ban nhân dân tỉnh Ninh Thuận");
    EXPECT_THAT(d.to, SizeIs(2));
    EXPECT_EQ(d.type_name, "Công văn");
    EXPECT_EQ(d.due_date, "2024/03/20");
    EXPECT_EQ(d.signer.position, "Chủ tịch");
    EXPECT_THAT(d.to_places, SizeIs(2));
    EXPECT_THAT(d.appendixes, SizeIs(1));
    EXPECT_EQ(d.sent, "2024/03/05 09:12:00");
    EXPECT_EQ(d.staff.department, "Văn thư");
    ASSERT_THAT(d.attachments, SizeIs(1));
    EXPECT_EQ(d.attachments[0].name, "315.signed.pdf");
}

TEST(edxml_record, order_comments_blanks_and_a_byte_order_mark_mean_nothing) {
    auto d = a_document();
    d.steering_type = "1";
    d.to_places = {"Như trên"};
    auto bytes = written(d);
    const std::string steering = "<edXML:SteeringType>1</edXML:SteeringType>\n";
    bytes = with(bytes, steering, "");
    bytes = with(bytes, "<edXML:Subject>", "<!-- x -->\r\n\t" + steering + "<edXML:Subject>\r\n ");
    expect_equal(read_document("\xEF\xBB\xBF" + bytes), read_document(written(d)));
}

TEST(edxml_record, an_empty_response_for_means_none) {
    const auto bytes = with(written(a_document()), "<edXML:OtherInfo>",
                            "<edXML:ResponseFor><edXML:OrganId/><edXML:Code/><edXML:PromulgationDate/>"
                            "<edXML:DocumentId/></edXML:ResponseFor><edXML:OtherInfo>");
    EXPECT_THAT(read_document(bytes).response_for, IsEmpty());
}

TEST(edxml_record, the_trace_of_the_sender_counts) {
    auto d = a_document();
    d.sent = "2026/11/21 08:00:00";
    const auto bytes = with(written(d), "<edXML:TraceHeader>",
                            "<edXML:TraceHeader><edXML:OrganId>000.00.00.H01</edXML:OrganId>"
                            "<edXML:Timestamp>2026/11/20 01:00:00</edXML:Timestamp></edXML:TraceHeader>"
                            "<edXML:TraceHeader>");
    EXPECT_EQ(read_document(bytes).sent, "2026/11/21 08:00:00");
}

void expect_refused(const result<edxml_record>& answer, errc code, std::string_view what = {}) {
    ASSERT_FALSE(answer) << what;
    EXPECT_EQ(answer.error().code, code) << answer.error().what;
    EXPECT_THAT(answer.error().what, HasSubstr(std::string(what)));
}

TEST(edxml_record, hostile_bytes_are_refused_with_their_place) {
    const auto good = written(a_document());
    expect_refused(read_edxml(""), errc::not_xml);
    expect_refused(read_edxml(good.substr(0, good.size() / 2)), errc::not_xml);
    expect_refused(read_edxml(with(good, "<edXML xmlns",
                                   "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><edXML xmlns")),
                   errc::doctype_forbidden);
    expect_refused(read_edxml(with(good, "UTF-8", "UTF-16")), errc::encoding);
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "<a>";
    expect_refused(read_edxml(with(good, "<edXML:Subject>", deep + "<edXML:Subject>")), errc::too_deep);
    expect_refused(read_edxml("<a/>"), errc::layout_unknown);
    expect_refused(read_edxml(sample("from_in_from.edxml")), errc::schema, "OrganId is missing");
    expect_refused(read_edxml(sample("malformed.edxml")), errc::not_xml);
    expect_refused(read_edxml(sample("undeclared_xlink.edxml")), errc::not_xml);
    expect_refused(read_edxml(sample("status_02_without_reason.edxml")), errc::reason_missing);

    const auto two_senders =
        with(good, "<edXML:To>", "<edXML:From><edXML:OrganId>000.00.00.H01</edXML:OrganId></edXML:From><edXML:To>");
    const auto answer = read_edxml(two_senders);
    expect_refused(answer, errc::schema, "From occurs more than once");
    EXPECT_GT(answer.error().where->line, 1u);
    EXPECT_THAT(answer.error().where->path, HasSubstr("MessageHeader/From"));
}

TEST(edxml_record, attachments_that_cannot_be_decoded_are_refused) {
    auto d = a_document();
    d.attachments = {{"a.pdf", "application/zip", "content of a file", {}, true}};
    const auto good = written(d);
    const auto at = good.find("UEsDB");
    ASSERT_NE(at, std::string::npos);
    auto no_base64 = good;
    no_base64[at] = '!';
    expect_refused(read_edxml(no_base64), errc::attachment_mismatch, "attachment 1");
    auto no_zip = good;
    no_zip[at] = 'A';
    expect_refused(read_edxml(no_zip), errc::attachment_mismatch, "not a zip");
    expect_refused(read_edxml(with(good, "<Attachment><ContentId>cid:1", "<Attachment><ContentId>cid:2")),
                   errc::attachment_mismatch, "no attachment for Reference");
}

TEST(edxml_record, a_zip_that_unpacks_to_too_much_is_refused) {
    auto d = a_document();
    d.attachments = {{"a.pdf", "application/zip", std::string(std::size_t{50} << 20, '\0'), {}, true}};
    expect_refused(read_edxml(written(d)), errc::attachment_mismatch, "200 times");
}

TEST(edxml_record, hostile_names_are_kept_as_they_are) {
    auto d = a_document();
    d.attachments = {{"../../etc/passwd", "text/plain", "x", "C:\\a", false}};
    EXPECT_EQ(read_document(written(d)).attachments[0].name, "../../etc/passwd");
}

TEST(edxml_record, any_prefix_of_a_document_is_refused_and_harms_nobody) {
    auto d = a_document();
    d.attachments = {{"a.pdf", "application/zip", "content of a file", {}, true}};
    const auto good = written(d);
    for (std::size_t n = 0; n + 1 < good.size(); n += 7)
        EXPECT_FALSE(read_edxml(std::string_view(good).substr(0, n))) << n;
}

TEST(secrecy_mark, stands_at_the_head_in_many_forms) {
    for (const auto* subject : {"(MẬT) V/v kế hoạch",
                                "(Mật) V/v kế hoạch",
                                " (MẬT)",
                                "( MẬT ) V/v",
                                "[mật]V/v",
                                "(MẬT] V/v",
                                "（MẬT）V/v",
                                "【Mật】 V/v",
                                "{Mật} V/v",
                                "((MẬT))",
                                "(MẬT, HỎA TỐC) V/v",
                                "(MẬT HỎA TỐC) V/v",
                                "(Mật/Khẩn)",
                                "(MẬT",
                                "MẬT - V/v kế hoạch",
                                "MẬT- V/v",
                                "Mật: V/v kế hoạch",
                                "MẬT – V/v",
                                "MẬT. V/v",
                                "MẬT",
                                "\t(MẬT)\u00a0V/v",
                                "\ufeff(\u200bMẬT)",
                                "(ＭẬＴ) V/v",
                                "(MA\u0323\u0302T) V/v",
                                "(ma\u0302\u0323t) V/v",
                                "(mâ\u0323t)"})
        EXPECT_EQ(secrecy_mark(subject), "MẬT") << subject;
    for (const auto* subject : {"[TỐI MẬT] V/v", "(TỐI  MẬT) V/v", "[Tối mật]", "(tối\u00a0mật: V/v", "TỐI MẬT - V/v",
                                "(Tối Mật V/v)", "(To\u0302\u0301i ma\u0323\u0302t) V/v"})
        EXPECT_EQ(secrecy_mark(subject), "TỐI MẬT") << subject;
    for (const auto* subject : {"(TUYỆT MẬT)", "(Tuyệt mật) V/v", "(TUYỆT\nMẬT) V/v", "Tuyệt mật: V/v",
                                "[Tuye\u0323\u0302t Ma\u0323\u0302t] V/v"})
        EXPECT_EQ(secrecy_mark(subject), "TUYỆT MẬT") << subject;
}

TEST(secrecy_mark, is_no_word_inside_a_sentence) {
    for (const auto* subject : {"",
                                "(",
                                "()",
                                "V/v bảo mật thông tin",
                                "Bảo mật",
                                "(Bảo mật) V/v",
                                "V/v (MẬT)",
                                "(BÍ MẬT) V/v",
                                "Bí mật nhà nước: hướng dẫn",
                                "Mật độ dân số",
                                "(Mật độ dân số) V/v",
                                "(MẬT KHẨU) V/v",
                                "Mật khẩu: V/v",
                                "Mật mã dân sự",
                                "(mật mã)",
                                "Mật ong xuất khẩu",
                                "(Mặt bằng) V/v",
                                "(MAT) V/v",
                                "(Mậta)",
                                "Tối ưu hóa",
                                "Tuyệt đối: an toàn",
                                "Không mật",
                                "Mật lệnh 5",
                                "315/UBND (MẬT)",
                                "\xff\xfe"})
        EXPECT_EQ(secrecy_mark(subject), "") << subject;
}

TEST(vietnamese, is_composed_whatever_the_order_of_its_marks) {
    for (const auto* text :
         {"Vie\u0323\u0302t Nam, Thua\u0323\u0302n Nam, U\u031bO\u031b\u0301C LU\u031bO\u031b\u0323NG",
          "Vie\u0302\u0323t Nam, Thuâ\u0323n Nam, ƯỚC LƯỢNG", "Việt Nam, Thuận Nam, ƯỚC LƯỢNG"})
        EXPECT_EQ(composed(text), "Việt Nam, Thuận Nam, ƯỚC LƯỢNG");
    EXPECT_EQ(composed("đ €, 😀, n\u0303"), "đ €, 😀, n\u0303");
    EXPECT_EQ(composed("\u0323a"), "\u0323a");
    EXPECT_EQ(composed("ạ\u0301"), "ạ\u0301") << "no letter has two tones";
    EXPECT_EQ(composed("a\xff"), "a\ufffd");
}

} // namespace
} // namespace truc::pack
