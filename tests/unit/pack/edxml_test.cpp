#include "edxml_builder.hpp"
#include "pack_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc::pack {
namespace {

using test::read;
using test::sample;
using test::with;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> codes(const std::vector<organization>& organizations) {
    std::vector<std::string> out;
    for (const auto& o : organizations) out.push_back(o.id.str());
    return out;
}

void expect_refused(const result<message>& answer, errc code, std::string_view what) {
    ASSERT_FALSE(answer) << what;
    EXPECT_EQ(answer.error().code, code) << answer.error().what;
    EXPECT_THAT(answer.error().what, HasSubstr(std::string(what)));
}

TEST(edxml, every_sound_sample_follows_the_schema_and_can_be_read) {
    for (const auto* name : {"new_document", "recall", "update", "replace", "dotnet_style", "java_style", "status_01",
                             "status_02", "status_03", "status_06", "status_13_take_back"}) {
        const auto bytes = sample(std::string(name) + ".edxml");
        const auto valid = test::edxml_schemas().validate(bytes);
        EXPECT_TRUE(valid) << name << ": " << valid.error().what << " at " << valid.error().where->path;
        const auto m = read(bytes);
        EXPECT_TRUE(m) << name << ": " << m.error().what;
    }
}

TEST(edxml, reads_a_new_document) {
    const auto m = read(sample("new_document.edxml"));
    ASSERT_TRUE(m);
    EXPECT_EQ(m->kind, dispatch_kind::edoc);
    EXPECT_EQ(m->from->id.str(), "000.00.00.H43");
    EXPECT_EQ(m->from->name, "Văn phòng UBND tỉnh Ninh Thuận");
    EXPECT_THAT(codes(m->to), ElementsAre("000.00.00.G22", "000.00.12.H43"));
    EXPECT_EQ(m->document_id, "000.00.00.H43,2024/03/05,315/UBND-VP");
    EXPECT_EQ(m->code_number, "315");
    EXPECT_EQ(m->code_notation, "UBND-VP");
    EXPECT_EQ(m->promulgation_date, "2024/03/05");
    EXPECT_EQ(m->subject, "V/v kết nối, liên thông phần mềm quản lý văn bản");
    EXPECT_EQ(m->priority, priority::urgent);
    EXPECT_EQ(m->business, business_type::new_document);
    EXPECT_THAT(m->acts_on, IsEmpty());
    ASSERT_EQ(m->response_for.size(), 1u);
    EXPECT_EQ(m->response_for[0].code, "100/VPCP-KTTH");
    EXPECT_EQ(m->status_code, "");
    ASSERT_EQ(m->attachments.size(), 1u);
    EXPECT_EQ(m->attachments[0].content_id, "1");
    EXPECT_EQ(m->attachments[0].name, "315.signed.pdf");
    EXPECT_EQ(m->attachments[0].content_type, "application/zip");
}

TEST(edxml, reads_what_the_net_sdk_writes) {
    const auto m = read(sample("dotnet_style.edxml"));
    ASSERT_TRUE(m) << m.error().what;
    EXPECT_EQ(m->from->id.str(), "000.00.19.H40");
    EXPECT_EQ(m->from->written_id, "000-00-19-H40");
    EXPECT_THAT(codes(m->to), ElementsAre("000.00.00.H43")); // named twice, in two spellings
    EXPECT_EQ(m->document_id, "0c1e6c3e-5f0a-4f7b-8a51-5ad9b1a9a5a3");
    EXPECT_EQ(m->subject, "V/v <khẩn> báo cáo");
    EXPECT_EQ(m->promulgation_date, "2014/02/30");
    EXPECT_EQ(m->priority, priority::normal); // 9 is unknown
    EXPECT_THAT(m->response_for, IsEmpty());  // all four children empty
    ASSERT_EQ(m->attachments.size(), 1u);
    EXPECT_EQ(m->attachments[0].content_id, "a.txt");
    EXPECT_EQ(m->attachments[0].name, "../nội dung.txt"); // from the manifest
    EXPECT_EQ(m->attachments[0].content_type, "text/plain");
}

TEST(edxml, when_it_was_sent_says_the_sender_s_own_trace) {
    const std::string before = "<edXML:TraceHeader><edXML:OrganId>";
    const auto document = sample("java_style.edxml");
    const auto trace = document.find(before);
    ASSERT_NE(trace, std::string::npos);
    const auto sent = read(document)->sent;
    EXPECT_EQ(sent.size(), 19u);
    const auto of_an_exchange =
        before +
        "000.00.00.G22</edXML:OrganId><edXML:Timestamp>2020/01/01 00:00:00</edXML:Timestamp></edXML:TraceHeader>";
    EXPECT_EQ(read(document.substr(0, trace) + of_an_exchange + document.substr(trace))->sent, sent);
}

TEST(edxml, a_signature_in_the_edxml_namespace_does_no_harm) {
    const auto view = test::view_of(sample("java_style.edxml"));
    ASSERT_TRUE(view) << view.error().what;
    EXPECT_EQ(view->outcome(), signature_outcome::not_verifiable);
    const auto m = pack::read(*view);
    ASSERT_TRUE(m);
    EXPECT_EQ(m->attachments.size(), 2u);
}

TEST(edxml, recall_update_and_replace_name_the_documents_they_act_on) {
    const auto recall = read(sample("recall.edxml"));
    ASSERT_TRUE(recall);
    EXPECT_EQ(recall->business, business_type::recall);
    EXPECT_THAT(recall->acts_on, ElementsAre("000.00.00.H43,2024/03/05,315/UBND-VP")); // its own
    const auto update = read(sample("update.edxml"));
    ASSERT_TRUE(update);
    EXPECT_EQ(update->business, business_type::update);
    EXPECT_THAT(update->acts_on, ElementsAre("000.00.00.H43,2024/03/01,300/UBND-VP"));
    const auto replace = read(sample("replace.edxml"));
    ASSERT_TRUE(replace);
    EXPECT_EQ(replace->business, business_type::replace);
    EXPECT_THAT(replace->acts_on,
                ElementsAre("000.00.00.H43,2024/03/01,301/UBND-VP", "000.00.00.H43,2024/03/02,302/UBND-VP"));
}

TEST(edxml, reads_statuses) {
    for (const auto* code : {"01", "02", "03", "06"}) {
        const auto m = read(sample("status_" + std::string(code) + ".edxml"));
        ASSERT_TRUE(m) << code;
        EXPECT_EQ(m->kind, dispatch_kind::status);
        EXPECT_EQ(m->status_code, code);
        EXPECT_FALSE(m->status_description.empty());
        EXPECT_EQ(m->from->id.str(), "000.00.12.H43");
        EXPECT_THAT(codes(m->to), ElementsAre("000.00.00.H43"));
        EXPECT_EQ(m->document_id, "000.00.00.H43,2024/03/05,315/UBND-VP");
        ASSERT_EQ(m->response_for.size(), 1u);
        EXPECT_EQ(m->response_for[0].code, "315/UBND-VP");
    }
    EXPECT_THAT(codes(read(sample("status_13_take_back.edxml"))->to), ElementsAre("000.00.12.H43"));
}

TEST(edxml, a_refusal_by_the_recipient_and_taking_back_need_a_reason) {
    expect_refused(read(sample("status_02_without_reason.edxml")), errc::reason_missing, "02");
    const auto asked_back = sample("status_13_take_back.edxml");
    const auto from = asked_back.find("<edXML:Description>"), to = asked_back.find("</edXML:Description>");
    ASSERT_NE(to, std::string::npos);
    expect_refused(read(asked_back.substr(0, from + 19) + asked_back.substr(to)), errc::reason_missing, "13");
    EXPECT_TRUE(read(with(sample("status_01.edxml"), "<edXML:Description>Văn bản đã đến</edXML:Description>", "")));
}

TEST(edxml, malformed_and_foreign_samples_are_refused_with_their_own_codes) {
    const auto malformed = test::view_of(sample("malformed.edxml"));
    ASSERT_FALSE(malformed);
    EXPECT_EQ(malformed.error().code, errc::not_xml);
    const auto xlink = test::view_of(sample("undeclared_xlink.edxml"));
    ASSERT_FALSE(xlink);
    EXPECT_EQ(xlink.error().code, errc::not_xml);
    for (const auto* name : {"wrong_namespace_bkav.edxml", "wrong_namespace_go.edxml"}) {
        EXPECT_EQ(test::edxml_schemas().validate(sample(name)).error().code, errc::layout_unknown) << name;
        expect_refused(read(sample(name)), errc::layout_unknown, "edXML");
    }
    const auto nested = test::edxml_schemas().validate(sample("from_in_from.edxml"));
    ASSERT_FALSE(nested);
    EXPECT_EQ(nested.error().code, errc::schema);
    EXPECT_EQ(nested.error().where->path, "edXML/edXMLEnvelope/edXMLHeader/MessageHeader/From");
}

TEST(edxml, what_is_mandatory_in_a_document_is_missed) {
    const auto good = sample("new_document.edxml");
    const auto without = [&](std::string_view from, std::string_view to) {
        auto text = good;
        const auto at = text.find(from);
        text.erase(at, text.find(to, at) + to.size() - at);
        return read(text);
    };
    expect_refused(without("<edXML:From>", "</edXML:From>"), errc::schema, "From is missing");
    expect_refused(without("<edXML:OrganId>", "</edXML:OrganId>"), errc::schema, "OrganId is missing");
    expect_refused(without("<edXML:DocumentId>", "</edXML:DocumentId>"), errc::schema, "DocumentId is missing");
    expect_refused(without("<edXML:Code>", "</edXML:Code>"), errc::schema, "Code is missing");
    expect_refused(without("<edXML:Subject>", "</edXML:Subject>"), errc::schema, "Subject is missing");
    expect_refused(without("<edXML:MessageHeader>", "</edXML:MessageHeader>"), errc::schema,
                   "MessageHeader is missing");
    expect_refused(without("<edXML:edXMLEnvelope ", "</edXML:edXMLEnvelope>"), errc::schema,
                   "edXMLEnvelope is missing");
    test::edxml_document no_recipient;
    no_recipient.to.clear();
    expect_refused(read(build(no_recipient)), errc::schema, "To is missing");
    test::edxml_document blank;
    blank.subject = " \n";
    expect_refused(read(build(blank)), errc::schema, "Subject is empty");
    blank = {};
    blank.number = blank.notation = "";
    expect_refused(read(build(blank)), errc::schema, "Code is empty");
}

TEST(edxml, what_is_mandatory_in_a_status_is_missed) {
    test::edxml_status s;
    s.to = "";
    expect_refused(read(build(s)), errc::schema, "OrganId is empty");
    s = {};
    s.document_id = "";
    expect_refused(read(build(s)), errc::schema, "DocumentId is empty");
    s = {};
    s.code = "07";
    expect_refused(read(build(s)), errc::schema, "'07'");
    EXPECT_EQ(test::edxml_schemas().validate(build(s)).error().code, errc::schema);
    expect_refused(
        read(with(with(build(test::edxml_status{}), "<edXML:ResponseFor>", "<!--"), "</edXML:ResponseFor>", "-->")),
        errc::schema, "ResponseFor is missing");
}

TEST(edxml, a_fault_is_told_with_path_and_line) {
    const auto answer =
        read(with(sample("new_document.edxml"), "<edXML:OrganId>000.00.12.H43", "<edXML:OrganId>Sở TTTT"));
    expect_refused(answer, errc::schema, "'Sở TTTT'");
    EXPECT_EQ(answer.error().where->path, "edXML/edXMLEnvelope/edXMLHeader/MessageHeader/To/OrganId");
    EXPECT_EQ(answer.error().where->line, 21u);
}

TEST(edxml, what_decides_the_way_occurs_once) {
    const auto good = sample("new_document.edxml");
    const auto doubled = [&](std::string_view close, std::string_view second) {
        return read(with(good, close, std::string(close) + std::string(second)));
    };
    expect_refused(doubled("</edXML:From>", "<edXML:From><edXML:OrganId>000.00.00.H01</edXML:OrganId></edXML:From>"),
                   errc::schema, "From occurs more than once");
    expect_refused(doubled("</edXML:Subject>", "<edXML:Subject>x</edXML:Subject>"), errc::schema, "Subject occurs");
    expect_refused(doubled("</edXML:MessageHeader>", "<edXML:MessageHeader/>"), errc::schema, "MessageHeader occurs");
    expect_refused(doubled("</edXML:TraceHeaderList>", "<edXML:TraceHeaderList/>"), errc::schema,
                   "TraceHeaderList occurs");
    expect_refused(doubled("</edXML:Bussiness>", "<edXML:Bussiness/>"), errc::schema, "Bussiness occurs");
    expect_refused(
        read(with(build(test::edxml_status{}), "<edXML:StatusCode>", "<edXML:StatusCode/><edXML:StatusCode>")),
        errc::schema, "StatusCode occurs");
    expect_refused(
        read(with(build(test::edxml_status{}), "<edXML:ResponseFor>", "<edXML:ResponseFor/><edXML:ResponseFor>")),
        errc::schema, "ResponseFor occurs");
}

TEST(edxml, comments_cannot_shift_what_a_code_says) {
    const auto m = read(
        with(sample("new_document.edxml"), "000.00.12.H43</edXML:OrganId>", "000.00.1<!-- -->2.H43</edXML:OrganId>"));
    ASSERT_TRUE(m);
    EXPECT_EQ(m->to[1].id.str(), "000.00.12.H43");
}

TEST(edxml, elements_of_no_version_are_refused_by_the_schema_with_their_place) {
    const auto bytes =
        with(sample("new_document.edxml"), "<edXML:Subject>", "<edXML:Title>x</edXML:Title><edXML:Subject>");
    const auto answer = test::edxml_schemas().validate(bytes);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errc::schema);
    EXPECT_EQ(answer.error().where->path, "edXML/edXMLEnvelope/edXMLHeader/MessageHeader");
    EXPECT_THAT(answer.error().what, HasSubstr("Title"));
}

TEST(edxml, the_schema_knows_the_code_lists_and_tolerates_the_field) {
    const auto good = sample("new_document.edxml");
    const auto& schemas = test::edxml_schemas();
    EXPECT_FALSE(schemas.validate(with(good, "<edXML:BussinessDocType>0", "<edXML:BussinessDocType>4")));
    EXPECT_TRUE(schemas.validate(with(good, "<edXML:Priority>1", "<edXML:Priority>khẩn")));
    EXPECT_TRUE(
        schemas.validate(with(good, "<edXML:PromulgationDate>2024/03/05", "<edXML:PromulgationDate>05-03-2024")));
    EXPECT_TRUE(
        schemas.validate(with(good, "</edXML:MessageHeader>",
                              "<edXML:ResponseForTask><edXML:TaskCode>t</edXML:TaskCode></edXML:ResponseForTask>"
                              "<edXML:ApplicationType>MCDT_DT</edXML:ApplicationType></edXML:MessageHeader>")));
    EXPECT_TRUE(schemas.validate(
        with(good, "</edXML:edXMLHeader>", "<Signature><SignedInfo/></Signature></edXML:edXMLHeader>")));
    EXPECT_TRUE(schemas.validate(
        with(good, "</AttachmentEncoded>",
             "</AttachmentEncoded><Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><SignedInfo/>"
             "<SignatureValue/></Signature>")));
}

} // namespace
} // namespace truc::pack
