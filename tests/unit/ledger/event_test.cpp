#include <truc/ledger/event.hpp>
#include <truc/xml/document.hpp>

#include <gtest/gtest.h>

#include <random>

namespace truc::ledger {
namespace {

event full_event() {
    event e;
    e.log = {"ninhthuan", 1};
    e.leaf = 48213;
    e.name = event_name::submission_acceptance;
    e.time = *from_rfc3339("2026-11-21T16:27:10.358+07:00");
    e.dispatch_id = uuid::parse("0192f0c4-7a1e-7b3c-8d4e-5f6071829304");
    e.delivery_id = uuid::parse("0192f0c4-7a1e-7b3c-8d4e-5f6071829305");
    e.document_id = "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT";
    e.from = "000.00.00.G22";
    e.to = {"000.00.12.H43", "000.00.00.H43"};
    e.sha256 = sha256("content");
    e.signature = signature_outcome::valid;
    e.channel = "http:vpcp";
    e.answers = {"vpcp.1.7", "ninhthuan.1.48000"};
    e.reason = "recipient_closed";
    return e;
}

std::string text_of_event(const event& e) {
    std::string text;
    append_text(e, text);
    return text;
}

event with_document_id(std::string id) {
    event e;
    e.log = {"cana", 2};
    e.document_id = std::move(id);
    return e;
}

void expect_equal(const event& a, const event& b) {
    EXPECT_EQ(a.id(), b.id());
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.time, b.time);
    EXPECT_EQ(a.dispatch_id, b.dispatch_id);
    EXPECT_EQ(a.delivery_id, b.delivery_id);
    EXPECT_EQ(a.document_id, b.document_id);
    EXPECT_EQ(a.from, b.from);
    EXPECT_EQ(a.to, b.to);
    EXPECT_EQ(a.sha256, b.sha256);
    EXPECT_EQ(a.signature, b.signature);
    EXPECT_EQ(a.signed_on_behalf, b.signed_on_behalf);
    EXPECT_EQ(a.channel, b.channel);
    EXPECT_EQ(a.answers, b.answers);
    EXPECT_EQ(a.reason, b.reason);
}

/// What anyone's XML library makes of the text.
std::string canonical_again(const std::string& text) {
    const auto doc = xml::document::parse(text);
    if (!doc) return "not parsed: " + doc.error().what;
    return xml::canonical(doc->root()).value_or("not canonicalised");
}

TEST(event, text_is_as_published) {
    event e = full_event();
    e.to = {"000.00.12.H43"};
    e.answers.clear();
    EXPECT_EQ(text_of_event(e),
              "<Event xmlns=\"urn:truc:receipt:1\" Id=\"ninhthuan.1.48213\"><Name>SubmissionAcceptance</Name>"
              "<Time>2026-11-21T16:27:10.358+07:00</Time><Node>ninhthuan</Node>"
              "<DispatchId>0192f0c4-7a1e-7b3c-8d4e-5f6071829304</DispatchId>"
              "<DeliveryId>0192f0c4-7a1e-7b3c-8d4e-5f6071829305</DeliveryId>"
              "<DocumentId>000.00.00.G22,2015/09/30,7816/VPCP-TTĐT</DocumentId><From>000.00.00.G22</From>"
              "<To>000.00.12.H43</To>"
              "<Sha256>ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73</Sha256>"
              "<Signature>valid</Signature><Channel>http:vpcp</Channel><Reason>recipient_closed</Reason></Event>");
}

TEST(event, who_signed_for_the_agency_is_stated_where_it_was_not_the_agency) {
    event e = full_event();
    EXPECT_EQ(text_of_event(e).find("SignedOnBehalf"), std::string::npos);
    e.signed_on_behalf = true;
    const auto text = text_of_event(e);
    EXPECT_NE(text.find("<Signature>valid</Signature><SignedOnBehalf>true</SignedOnBehalf><Channel>"),
              std::string::npos);
    EXPECT_EQ(canonical_again(text), text);
    const auto read = parse_event(text);
    ASSERT_TRUE(read) << read.error().what;
    expect_equal(*read, e);
    auto other = text;
    other.replace(other.find(">true<"), 6, ">maybe<");
    EXPECT_FALSE(parse_event(other));
}

TEST(event, appends_to_what_is_there) {
    std::string text = "before";
    append_text(full_event(), text);
    EXPECT_EQ(text, "before" + text_of_event(full_event()));
}

TEST(event, reads_back_what_was_written) {
    const auto read = parse_event(text_of_event(full_event()));
    ASSERT_TRUE(read) << read.error().what;
    expect_equal(*read, full_event());
}

TEST(event, members_that_do_not_apply_are_absent) {
    event e;
    e.log = {"cana", 1};
    e.name = event_name::log_opened;
    const auto text = text_of_event(e);
    EXPECT_EQ(text, "<Event xmlns=\"urn:truc:receipt:1\" Id=\"cana.1.0\"><Name>LogOpened</Name>"
                    "<Time>1970-01-01T07:00:00.000+07:00</Time><Node>cana</Node></Event>");
    const auto read = parse_event(text);
    ASSERT_TRUE(read) << read.error().what;
    expect_equal(*read, e);
}

TEST(event, every_name_survives) {
    for (int i = 0; i <= static_cast<int>(event_name::log_opened); ++i) {
        event e = full_event();
        e.name = static_cast<event_name>(i);
        const auto read = parse_event(text_of_event(e));
        ASSERT_TRUE(read) << read.error().what;
        EXPECT_EQ(read->name, e.name);
    }
}

TEST(event, text_is_its_own_canonical_form) {
    const std::string_view hostile[] = {
        "",
        "<a&b>\"'",
        "]]>",
        " blanks kept \t\n",
        "line\r\nend\rs",
        "Số 12/QĐ-UBND ngày 21/11/2026",
        "\xF0\x9F\x93\x9C and \xF4\x8F\xBF\xBD",
        "\xC2\x85\xE2\x80\xA8\xEF\xBB\xBF",
        "</DocumentId></Event>",
        "&lt;&#13;&amp;",
        "\x7f",
    };
    for (const auto text : hostile) {
        const event e = with_document_id(std::string(text));
        const auto written = text_of_event(e);
        EXPECT_EQ(canonical_again(written), written);
        const auto read = parse_event(written);
        ASSERT_TRUE(read) << text << ": " << read.error().what;
        EXPECT_EQ(read->document_id, text);
    }
}

TEST(event, what_xml_cannot_carry_is_replaced) {
    const std::pair<std::string, std::string> cases[] = {
        {std::string("a\0b", 3), "a\xEF\xBF\xBD"
                                 "b"},
        {"\x01\x1f", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xff", "\xEF\xBF\xBD"},
        {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},                                 // overlong '/'
        {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},                 // surrogate
        {"\xEF\xBF\xBE", "\xEF\xBF\xBD"},                                         // U+FFFE, one character
        {"x\xE1\xBB", "x\xEF\xBF\xBD\xEF\xBF\xBD"},                               // cut off
        {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}, // beyond U+10FFFF
        {"\xC4\x90", "\xC4\x90"},                                                 // Đ stays
    };
    for (const auto& [written, expected] : cases) {
        const auto text = text_of_event(with_document_id(written));
        EXPECT_EQ(canonical_again(text), text);
        const auto read = parse_event(text);
        ASSERT_TRUE(read) << to_hex(written);
        EXPECT_EQ(to_hex(read->document_id), to_hex(expected));
    }
}

TEST(event, random_bytes_stay_canonical) {
    std::mt19937 random(20261121);
    std::uniform_int_distribution<int> byte(0, 255);
    std::uniform_int_distribution<int> length(0, 40);
    for (int round = 0; round < 2000; ++round) {
        event e = full_event();
        std::string bytes;
        for (int i = length(random); i > 0; --i) bytes += static_cast<char>(byte(random));
        e.document_id = bytes;
        e.to = {bytes, bytes + "<"};
        e.reason = bytes + bytes;
        const auto text = text_of_event(e);
        ASSERT_EQ(canonical_again(text), text) << to_hex(bytes);
        const auto read = parse_event(text);
        ASSERT_TRUE(read) << to_hex(bytes);
        ASSERT_EQ(text_of_event(*read), text) << to_hex(bytes);
    }
}

TEST(event, elements_of_newer_nodes_are_passed_over) {
    auto text = text_of_event(full_event());
    text.insert(text.find("<Reason>"), "<Later kind=\"1\">x<More/></Later><n:Other xmlns:n=\"urn:other\"/>");
    const auto read = parse_event(text);
    ASSERT_TRUE(read) << read.error().what;
    expect_equal(*read, full_event());
}

TEST(event, a_text_that_is_no_event_is_refused) {
    const std::string good = text_of_event(full_event());
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        return text;
    };
    const std::string bad[] = {
        with("urn:truc:receipt:1", "urn:truc:receipt:2"),
        with("ninhthuan.1.48213", "ninhthuan.1.048213"),
        with("ninhthuan.1.48213", "ninhthuan.0.48213"),
        with("ninhthuan.1.48213", "NinhThuan.1.48213"),
        with("ninhthuan.1.48213", "ninhthuan.1."),
        with("ninhthuan.1.48213", "48213"),
        with(" Id=\"ninhthuan.1.48213\"", ""),
        with("SubmissionAcceptance", "submissionAcceptance"),
        with("SubmissionAcceptance", "Submission Acceptance"),
        with("SubmissionAcceptance", "Submission2"),
        with("SubmissionAcceptance", std::string(65, 'A')),
        with("16:27:10.358", "25:27:10.358"),
        with("<Node>ninhthuan", "<Node>thuannam"),
        with("<Node>ninhthuan</Node>", ""),
        with("<Name>SubmissionAcceptance</Name>", ""),
        with("<From>000", "<From>0<!-- -->00"),
        with("<From>000", "<From>0<b/>00"),
        with("<From>", "<From>twice</From><From>"),
        with("0192f0c4-7a1e", "0192f0c4-7a1"),
        with("<Signature>valid", "<Signature>invalid"),
        with("<Sha256>ed", "<Sha256>zz"),
    };
    for (const auto& text : bad) {
        const auto read = parse_event(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, errc::schema) << text;
    }
    EXPECT_EQ(parse_event("<Event").error().code, errc::not_xml);
    EXPECT_EQ(parse_event("<!DOCTYPE Event>" + good).error().code, errc::doctype_forbidden);
}

TEST(event, an_unknown_name_is_kept_and_written_again) {
    event e;
    e.log = {"ninhthuan", 1};
    e.leaf = 7;
    e.name = event_name::other;
    e.other_name = "ContentArchived";
    std::string text;
    append_text(e, text);
    const auto read = parse_event(text);
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(read->name, event_name::other);
    EXPECT_EQ(read->name_text(), "ContentArchived");
    std::string again;
    append_text(*read, again);
    EXPECT_EQ(again, text);
}

TEST(log_id, text_form) {
    EXPECT_EQ((log_id{"ninhthuan", 3}.str()), "ninhthuan.3");
    EXPECT_EQ(log_id::parse("ninh-thuan-2.4294967295"), (log_id{"ninh-thuan-2", 4294967295u}));
    for (const auto* bad :
         {"", ".", "a", "a.", ".1", "a.0", "a.01", "a.+1", "a.1 ", "a.4294967296", "A.1", "a.b.1", "a_b.1"})
        EXPECT_FALSE(log_id::parse(bad)) << bad;
    std::string longest(63, 'a');
    EXPECT_TRUE((log_id::parse(longest.append(".1"))));
    EXPECT_FALSE((log_id::parse(longest.insert(0, "a"))));
}

} // namespace
} // namespace truc::ledger
