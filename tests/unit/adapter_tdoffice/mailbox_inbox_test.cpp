#include "mailbox_fixture.hpp"
#include "tdoffice/mailbox_inbox.hpp"

#include <truc/base/durable.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace truc::test {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class mailbox_inbox : public mailbox_case {
  protected:
    using mailbox_case::mailbox_case;
    uuid delivery_ = uuid::make(from_millis(1));

    static pack::edxml_document letter() {
        pack::edxml_document d;
        d.from.code = "000.00.01.H43";
        d.from.name = "Sở Nội vụ";
        d.to.emplace_back().code = "000.00.36.H43";
        d.number = "8";
        d.notation = "SNV";
        d.promulgated = "2026/11/21";
        d.document_id = "000.00.01.H43,2026/11/21,8/SNV";
        d.subject = "V/v báo cáo";
        d.priority = priority::express;
        d.due_date = "2014/02/30";
        d.attachments.push_back({"báo cáo.pdf", "application/pdf", std::string("%PDF\0\xff", 6), "", false});
        d.attachments.push_back({"../../x.pdf", "application/pdf", "second", "", true});
        return d;
    }
    /// What the recipient of our document 1 reports.
    static pack::edxml_status reported(const std::string& code, const std::string& reason = {}) {
        pack::edxml_status s;
        s.from.code = "000.00.01.H43";
        s.about = {"000.00.36.H43", "1/UBND-VP", "2026/11/20", "000.00.36.H43,2026/11/20,1/UBND-VP"};
        s.status_code = code;
        s.description = reason;
        s.time = "2026/11/22 09:00:00";
        return s;
    }
    /// The sender of `letter()` asks it back.
    static pack::edxml_status asked_back() {
        pack::edxml_status s = reported("13", "Gửi nhầm");
        s.about = {"000.00.36.H43", "8/SNV", "2026/11/21", letter().document_id};
        return s;
    }
    void deliver_new(const pack::edxml_record& r) {
        const auto done = deliver(r, uuid::make(from_millis(++made_)));
        EXPECT_TRUE(done) << done.error().what;
    }
    void send_document() {
        write_document(1);
        report("document:1", stage::accepted);
    }
    std::string receiver() { return ask("state, status_code, status FROM document_receivers WHERE id = 1", 3); }

    std::int64_t made_ = 100;
};

TEST_F(mailbox_inbox, a_document_arrives_with_its_attachments_once) {
    for (int twice = 0; twice < 2; ++twice) EXPECT_EQ(*deliver(letter(), delivery_), "incoming_documents 1");
    EXPECT_EQ(
        ask("delivery_id, sender_code, sender_name, recipient_code, number, notation, promulgation_date, subject, "
            "priority, due_date, state FROM incoming_documents",
            11),
        delivery_.str() + "|000-00-01-H43|Sở Nội vụ|000-00-36-H43|8|SNV|21/11/2026|V/v báo cáo|3|30/02/2014|0");
    EXPECT_EQ(ask("name, hex(content) FROM document_attachments WHERE incoming_id = 1 ORDER BY id", 2),
              "báo cáo.pdf|2550444600FF");
    EXPECT_EQ(ask("hex(content) FROM document_attachments ORDER BY id DESC"), "7365636F6E64");
    EXPECT_EQ(ask("count(*) FROM incoming_documents"), "1");
    EXPECT_EQ(ask("count(*) FROM document_attachments"), "2");
    EXPECT_EQ(ask("length(edxml) FROM incoming_documents"), std::to_string(pack::write_edxml(letter())->size()));
}

TEST_F(mailbox_inbox, a_document_arrives_whole_or_not_at_all) {
    run("DROP TABLE document_attachments");
    const auto done = deliver(letter(), delivery_);
    ASSERT_FALSE(done);
    EXPECT_TRUE(
        describe(done.error().code).retryable); // the table's administrator has to act, not the document's people
    EXPECT_EQ(ask("count(*) FROM incoming_documents"), "0");
}

TEST_F(mailbox_inbox, what_the_tables_do_not_take_goes_to_quarantine) {
    run("CREATE TRIGGER t BEFORE INSERT ON incoming_documents BEGIN SELECT RAISE(ABORT, 'no'); END");
    const auto done = deliver(letter(), delivery_);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, errc::legacy_refused);
    run("DROP TRIGGER t");
    EXPECT_TRUE(deliver(letter(), delivery_));
}

TEST_F(mailbox_inbox, what_is_no_edxml_is_refused) {
    adapter::incoming_item item;
    item.edxml = "<x/>";
    const auto done = system_.inbox->deliver(item);
    ASSERT_FALSE(done);
    EXPECT_FALSE(describe(done.error().code).retryable);
}

TEST_F(mailbox_inbox, statuses_move_the_recipients_row_forward_whatever_their_order) {
    send_document();
    deliver_new(reported("01"));
    EXPECT_EQ(receiver(), "1|01|1");
    deliver_new(reported("04"));
    EXPECT_EQ(receiver(), "1|04|2");
    deliver_new(reported("03"));
    EXPECT_EQ(receiver(), "1|04|2");
    deliver_new(reported("06", "Xong"));
    deliver_new(reported("05"));
    EXPECT_EQ(receiver(), "1|06|3");
    EXPECT_EQ(ask("status_reason, status_at FROM document_receivers WHERE id = 1", 2), "Xong|22/11/2026 09:00:00");
    EXPECT_EQ(ask("count(*) FROM document_status WHERE document_id = 1 AND direction = 'in'"), "5");
    EXPECT_EQ(ask("state, status_code FROM document_receivers WHERE id = 2", 2), "0|-");
}

TEST_F(mailbox_inbox, a_refusal_is_shown_with_its_reason) {
    send_document();
    deliver_new(reported("02", "Sai nơi nhận"));
    EXPECT_EQ(receiver(), "3|02|5");
    EXPECT_EQ(ask("status_reason FROM document_receivers WHERE id = 1"), "Sai nơi nhận");
}

TEST_F(mailbox_inbox, the_same_status_again_changes_nothing) {
    send_document();
    for (int twice = 0; twice < 2; ++twice) EXPECT_EQ(*deliver(reported("03"), delivery_), "document_status 1");
    EXPECT_EQ(ask("count(*) FROM document_status"), "1");
}

TEST_F(mailbox_inbox, a_status_about_a_document_of_another_door_is_kept) {
    deliver_new(reported("03"));
    EXPECT_EQ(ask("about_document_id, agency_code, status_code, document_id FROM document_status", 4),
              "000.00.36.H43,2026/11/20,1/UBND-VP|000-00-01-H43|03|-");
}

TEST_F(mailbox_inbox, a_document_asked_back_waits_for_the_clerk_and_the_answer_goes_out) {
    deliver_new(letter());
    ASSERT_TRUE(deliver(asked_back(), delivery_));
    EXPECT_EQ(ask("state, recall_reason, recall_answer FROM incoming_documents", 3), "4|Gửi nhầm|0");
    EXPECT_THAT(listed(), IsEmpty());
    run("UPDATE incoming_documents SET state = 5");
    const auto key = "answer:1:" + delivery_.str();
    ASSERT_THAT(listed(), ElementsAre(key));
    const auto s = status(key);
    EXPECT_EQ(s.status_code, "15");
    EXPECT_EQ(s.about.organ_id, "000.00.01.H43");
    EXPECT_EQ(s.about.document_id, letter().document_id);
    report(key, stage::accepted);
    EXPECT_EQ(ask("recall_answer FROM incoming_documents"), "1");
    EXPECT_THAT(listed(), IsEmpty());
}

TEST_F(mailbox_inbox, a_clerk_may_keep_the_document) {
    deliver_new(letter());
    ASSERT_TRUE(deliver(asked_back(), delivery_));
    run("UPDATE incoming_documents SET state = 1, answer_reason = 'Đang xử lý'");
    const auto s = status("answer:1:" + delivery_.str());
    EXPECT_EQ(s.status_code, "16");
    EXPECT_EQ(s.description, "Đang xử lý");
}

TEST_F(mailbox_inbox, asking_again_is_another_question) {
    deliver_new(letter());
    ASSERT_TRUE(deliver(asked_back(), delivery_));
    run("UPDATE incoming_documents SET state = 1");
    const auto first = "answer:1:" + delivery_.str();
    const auto second = uuid::make(from_millis(2));
    ASSERT_TRUE(deliver(asked_back(), second));
    EXPECT_EQ(ask("state, recall_answer FROM incoming_documents", 2), "4|0");
    report(first, stage::accepted); // of the earlier question: this one stays open
    EXPECT_EQ(ask("recall_answer FROM incoming_documents"), "0");
    run("UPDATE incoming_documents SET state = 5");
    EXPECT_THAT(listed(), ElementsAre("answer:1:" + second.str()));
}

TEST_F(mailbox_inbox, only_its_sender_asks_a_document_back) {
    deliver_new(letter());
    auto s = asked_back();
    s.from.code = "000.00.77.H43";
    const auto done = deliver(s, delivery_);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, errc::legacy_refused);
    EXPECT_EQ(ask("state FROM incoming_documents"), "0");
}

TEST_F(mailbox_inbox, what_recipients_answer_to_a_recall_is_shown) {
    send_document();
    run("UPDATE document_senders SET status = 13");
    report("recall:1:0", stage::accepted);
    deliver_new(reported("16", "Đã giải quyết"));
    EXPECT_EQ(ask("state, recall_round, error_text FROM document_receivers WHERE id = 1", 3), "1|1|Đã giải quyết");
    run("UPDATE document_receivers SET recall_status = 0 WHERE id = 1");
    run("UPDATE document_senders SET status = 13");
    ASSERT_THAT(listed(), ElementsAre("recall:1:1", "recall:2:0"));
    report("recall:1:1", stage::accepted);
    deliver_new(reported("15"));
    EXPECT_EQ(ask("state FROM document_receivers WHERE id = 1"), "5");
}

TEST(mailbox_status_order, further_is_what_says_more) {
    EXPECT_TRUE(tdoffice::is_further("01", ""));
    EXPECT_TRUE(tdoffice::is_further("06", "03"));
    EXPECT_TRUE(tdoffice::is_further("02", "06"));
    EXPECT_FALSE(tdoffice::is_further("03", "03"));
    EXPECT_FALSE(tdoffice::is_further("01", "04"));
    EXPECT_FALSE(tdoffice::is_further("77", ""));
    EXPECT_TRUE(tdoffice::is_further("01", "x")); // what somebody else wrote there
}

class mailbox_typed : public mailbox_inbox {
  protected:
    mailbox_typed() : mailbox_inbox("date_columns = true\nattachment_root = \".\"\nincoming_as_files = true\n") {}
};

TEST_F(mailbox_typed, typed_columns_get_what_they_can_hold_and_files_lie_in_a_directory) {
    ASSERT_TRUE(deliver(letter(), delivery_));
    EXPECT_EQ(ask("promulgation_date, due_date FROM incoming_documents", 2), "2026-11-21|-");
    EXPECT_EQ(ask("path, content FROM document_attachments ORDER BY id DESC", 2), delivery_.str() + "/2-x.pdf|-");
    EXPECT_EQ(*read_file(dir_.path() / delivery_.str() / "2-x.pdf"), "second");
}

} // namespace

} // namespace truc::test
