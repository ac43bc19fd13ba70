#include "mailbox_fixture.hpp"

#include <truc/base/durable.hpp>

#include <gmock/gmock.h>

namespace truc::test {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using mailbox_outbox = mailbox_case;

TEST_F(mailbox_outbox, a_row_becomes_a_document) {
    write_document(17);
    ASSERT_THAT(listed(), ElementsAre("document:17"));
    const auto d = document("document:17");
    EXPECT_EQ(d.from.code, "000.00.36.H43");
    EXPECT_EQ(d.from.name, "UBND huyện Thuận Nam");
    ASSERT_EQ(d.to.size(), 2u);
    EXPECT_EQ(d.to[0].code, "000.00.01.H43");
    EXPECT_EQ(d.to[1].name, "Sở Y tế");
    EXPECT_EQ(d.number, "17");
    EXPECT_EQ(d.notation, "UBND-VP");
    EXPECT_EQ(d.promulgated, "2026/11/20");
    EXPECT_EQ(d.due_date, "2026/12/01");
    EXPECT_EQ(d.document_id, "000.00.36.H43,2026/11/20,17/UBND-VP");
    EXPECT_EQ(d.subject, "V/v họp");
    EXPECT_EQ(d.priority, priority::urgent);
    ASSERT_EQ(d.attachments.size(), 1u);
    EXPECT_EQ(d.attachments[0].name, "công văn.pdf");
    EXPECT_EQ(d.attachments[0].bytes, std::string("%PDF\0\x01\xff", 7));
}

TEST_F(mailbox_outbox, the_urgent_comes_first_and_what_is_done_is_not_listed) {
    for (int id = 1; id <= 4; ++id) write_document(id);
    run("UPDATE document_senders SET priority = 'Hỏa tốc' WHERE id = 3");
    run("UPDATE document_senders SET status = 1 WHERE id = 1");
    EXPECT_THAT(listed(), ElementsAre("document:3", "document:2", "document:4"));
    EXPECT_THAT(listed(1), ElementsAre("document:3"));
}

TEST_F(mailbox_outbox, of_a_secret_record_nothing_else_is_read) {
    write_document(1, "đã cũ");
    // Reading any of these would fail: there is no such agency, and the day is none.
    run("UPDATE document_senders SET do_mat = 'Tối mật', promulgation_date = 'x', sender_code = '999' WHERE id = 1");
    const auto e = refusal("document:1");
    EXPECT_EQ(e.code, errc::secret_document);
    EXPECT_EQ(e.what, "Tối mật");
}

TEST_F(mailbox_outbox, a_level_of_secrecy_that_nobody_explained_counts_as_secret) {
    write_document(1);
    for (const auto* level : {"'Mật'", "'Tuyệt mật'", "'1'", "'?'", "''", "NULL"}) {
        run("UPDATE document_senders SET do_mat = " + std::string(level) + " WHERE id = 1");
        EXPECT_EQ(refusal("document:1").code, errc::secret_document) << level;
    }
    EXPECT_THAT(refusal("document:1").what, HasSubstr("column document_senders.do_mat of row 1"));
    run("UPDATE document_senders SET do_mat = 'Thường', subject = '(MẬT) V/v' WHERE id = 1");
    EXPECT_EQ(refusal("document:1").code, errc::secret_document);
}

TEST_F(mailbox_outbox, what_is_wrong_is_told_with_column_and_row) {
    struct wrong {
        const char* change;
        errc code;
        const char* said;
    };
    for (const auto& [change, code, said] : {
             wrong{"promulgation_date = '31/02/2026'", errc::record_invalid,
                   "column document_senders.promulgation_date of row 9 '31/02/2026'"},
             wrong{"promulgation_date = '2026-13-01'", errc::record_invalid, "promulgation_date of row 9"},
             wrong{"promulgation_date = NULL", errc::record_invalid, "promulgation_date of row 9 is empty"},
             wrong{"due_date = 'mai'", errc::record_invalid, "document_senders.due_date of row 9"},
             wrong{"subject = ' '", errc::record_invalid, "document_senders.subject of row 9 is empty"},
             wrong{"sender_code = '#'", errc::record_invalid, "document_senders.sender_code of row 9"},
             wrong{"sender_code = '000-00-99-H43'", errc::sender_not_yours, "000.00.99.H43"},
         }) {
        write_document(9);
        run(std::string("UPDATE document_senders SET ") + change + " WHERE id = 9");
        const auto e = refusal("document:9");
        EXPECT_EQ(e.code, code) << change;
        EXPECT_THAT(e.what, HasSubstr(said));
        for (const auto* table : {"attachments WHERE document_id", "receivers WHERE document_id", "senders WHERE id"})
            run(std::string("DELETE FROM document_") + table + " = 9");
    }
}

TEST_F(mailbox_outbox, recipients_and_attachments_are_looked_at) {
    write_document(1);
    run("UPDATE document_receivers SET organ_code = '#' WHERE id = 2");
    EXPECT_THAT(refusal("document:1").what, HasSubstr("column document_receivers.organ_code of row 2"));
    run("DELETE FROM document_receivers");
    EXPECT_THAT(refusal("document:1").what, HasSubstr("no recipient for row 1"));
    write_document(2);
    run("UPDATE document_attachments SET content = NULL WHERE document_id = 2");
    EXPECT_EQ(refusal("document:2").code, errc::attachment_mismatch);
    run("UPDATE document_attachments SET path = '../odbc' WHERE document_id = 2");
    EXPECT_EQ(refusal("document:2").code, errc::attachment_mismatch);
}

TEST_F(mailbox_outbox, what_is_gone_or_was_taken_back_is_not_sent) {
    write_document(1);
    run("UPDATE document_senders SET status = 9 WHERE id = 1");
    EXPECT_THAT(listed(), IsEmpty());
    EXPECT_THAT(refusal("document:1").what, HasSubstr("waits no more"));
    EXPECT_EQ(refusal("document:77").code, errc::record_invalid);
    EXPECT_EQ(refusal("nonsense").code, errc::record_invalid);
}

TEST_F(mailbox_outbox, what_became_of_it_stands_in_the_rows) {
    write_document(1);
    document("document:1");
    for (int twice = 0; twice < 2; ++twice) {
        report("document:1", stage::accepted);
        EXPECT_EQ(ask("status, sent_document_id, error_text, truc_id FROM document_senders", 4),
                  "1|000.00.36.H43,2026/11/20,1/UBND-VP|-|0190b5a0-0000-7000-8000-000000000001");
    }
    EXPECT_THAT(listed(), IsEmpty());
    report("document:1", stage::handed_over, "000.00.01.H43");
    report("document:1", stage::failed, "000.00.02.H43", "Không gửi được");
    EXPECT_EQ(ask("send_status, error_text FROM document_receivers WHERE id = 1", 2), "1|-");
    EXPECT_NE(ask("handed_over_at FROM document_receivers WHERE id = 1"), "-");
    EXPECT_EQ(ask("send_status, error_text FROM document_receivers WHERE id = 2", 2),
              "-1|Không gửi được [record_invalid]");
}

TEST_F(mailbox_outbox, a_refused_record_is_tried_again_when_it_was_corrected) {
    write_document(1);
    report("document:1", stage::refused, {}, "Thiếu trích yếu");
    EXPECT_EQ(ask("status, error_text, sent_at FROM document_senders", 3), "-1|Thiếu trích yếu [record_invalid]|-");
    EXPECT_THAT(listed(), IsEmpty());
    run("UPDATE document_senders SET status = 0");
    EXPECT_THAT(listed(), ElementsAre("document:1"));
    report("document:1", stage::accepted);
    EXPECT_EQ(ask("status, error_text FROM document_senders", 2), "1|-");
}

TEST_F(mailbox_outbox, what_the_legacy_program_changed_meanwhile_stays) {
    write_document(1);
    document("document:1");
    run("UPDATE document_senders SET status = 13, number = '99'");
    report("document:1", stage::accepted);
    // Asked back before we knew that it is sent; it is remembered under the name under which it travels.
    EXPECT_EQ(ask("status, sent_document_id FROM document_senders", 2), "13|000.00.36.H43,2026/11/20,1/UBND-VP");
    EXPECT_THAT(listed(), ElementsAre("recall:1:0", "recall:2:0"));
    report("document:1", stage::refused, {}, "x");
    EXPECT_EQ(ask("status FROM document_senders"), "13");
}

TEST_F(mailbox_outbox, a_restart_between_sending_and_telling_loses_nothing) {
    write_document(1);
    report("document:1", stage::accepted); // of a journal that is older than this process
    EXPECT_EQ(ask("status, sent_document_id FROM document_senders", 2), "1|000.00.36.H43,2026/11/20,1/UBND-VP");
}

TEST_F(mailbox_outbox, a_recall_asks_each_recipient_once) {
    write_document(1);
    run("UPDATE document_senders SET status = 13, recall_reason = 'Sai số'");
    EXPECT_THAT(listed(), IsEmpty()); // never sent: nothing to ask back
    run("UPDATE document_senders SET status = 0");
    report("document:1", stage::accepted);
    run("UPDATE document_senders SET status = 13");
    ASSERT_THAT(listed(), ElementsAre("recall:1:0", "recall:2:0"));
    const auto s = status("recall:2:0");
    EXPECT_EQ(s.status_code, "13");
    EXPECT_EQ(s.from.code, "000.00.36.H43");
    EXPECT_EQ(s.about.organ_id, "000.00.02.H43");
    EXPECT_EQ(s.about.document_id, "000.00.36.H43,2026/11/20,1/UBND-VP");
    EXPECT_EQ(s.description, "Sai số");
    report("recall:1:0", stage::accepted);
    EXPECT_EQ(ask("status FROM document_senders"), "13");
    EXPECT_THAT(listed(), ElementsAre("recall:2:0"));
    report("recall:2:0", stage::refused, {}, "Không được");
    EXPECT_EQ(ask("status FROM document_senders"), "14");
    EXPECT_EQ(ask("state, recall_status FROM document_receivers WHERE id = 1", 2), "4|1");
    EXPECT_EQ(ask("state, recall_status, error_text FROM document_receivers WHERE id = 2", 3),
              "0|-1|Không được [record_invalid]");
    EXPECT_THAT(listed(), IsEmpty());
}

TEST_F(mailbox_outbox, a_status_of_a_clerk_goes_to_the_sender_of_the_document) {
    write_incoming(5);
    run("INSERT INTO document_status (incoming_id, status_code, reason, staff, reported_at, send_status) VALUES "
        "(5, '2', 'Đã giao', 'Trần Thị Mai', '22/11/2026 08:30', 0), (5, '06', NULL, NULL, NULL, 0)");
    ASSERT_THAT(listed(), ElementsAre("status:1", "status:2"));
    const auto s = status("status:1");
    EXPECT_EQ(s.from.code, "000.00.36.H43");
    EXPECT_EQ(s.about.organ_id, "000.00.01.H43");
    EXPECT_EQ(s.about.code, "7/SNV");
    EXPECT_EQ(s.about.promulgation_date, "2026/02/30"); // theirs, back as it came
    EXPECT_EQ(s.about.document_id, "their-5");
    EXPECT_EQ(s.status_code, "04");
    EXPECT_EQ(s.staff.staff, "Trần Thị Mai");
    EXPECT_EQ(s.time, "2026/11/22 08:30:00");
    EXPECT_EQ(status("status:2").status_code, "06");
    report("status:1", stage::accepted);
    report("status:2", stage::refused, {}, "x");
    EXPECT_EQ(ask("send_status FROM document_status WHERE id = 1"), "1");
    EXPECT_EQ(ask("send_status, error_text FROM document_status WHERE id = 2", 2), "-1|x [record_invalid]");
    report("status:1", stage::failed, "000.00.01.H43", "y");
    EXPECT_EQ(ask("send_status, error_text FROM document_status WHERE id = 1", 2), "-1|y [record_invalid]");
    EXPECT_THAT(listed(), IsEmpty());
}

TEST_F(mailbox_outbox, a_status_that_says_too_little_is_refused) {
    write_incoming(5);
    run("INSERT INTO document_status (incoming_id, status_code, reason, send_status) VALUES (5, '02', ' ', 0), "
        "(5, '77', 'x', 0), (NULL, '03', 'x', 0), (6, '03', 'x', 0)");
    EXPECT_EQ(refusal("status:1").code, errc::reason_missing);
    EXPECT_THAT(refusal("status:2").what, HasSubstr("column document_status.status_code of row 2"));
    EXPECT_THAT(refusal("status:3").what, HasSubstr("column document_status.incoming_id of row 3 is empty"));
    EXPECT_EQ(refusal("status:4").code, errc::record_invalid);
}

TEST_F(mailbox_outbox, no_kind_waits_behind_a_heap_of_another) {
    for (int id = 1; id <= 10; ++id) write_document(id);
    write_incoming(5);
    run("INSERT INTO document_status (incoming_id, status_code, send_status) VALUES (5, '03', 0)");
    EXPECT_THAT(listed(3), ElementsAre("document:1", "status:1", "document:2"));
}

TEST_F(mailbox_outbox, a_wait_ends_when_it_is_interrupted) {
    system_.outbox->interrupt();
    const auto before = std::chrono::steady_clock::now();
    system_.outbox->wait(std::chrono::seconds(10));
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(1));
}

class mailbox_paths : public mailbox_case {
  protected:
    mailbox_paths() : mailbox_case("attachment_root = \".\"\nlargest_attachments_mib = 1\n") {}
};

TEST_F(mailbox_paths, an_attachment_may_be_a_file) {
    write_document(1);
    run("UPDATE document_attachments SET content = NULL, path = 'a.pdf'");
    EXPECT_EQ(refusal("document:1").code, errc::attachment_mismatch);
    ASSERT_TRUE(write_file(dir_.path() / "a.pdf", "in a file"));
    EXPECT_EQ(document("document:1").attachments[0].bytes, "in a file");
}

TEST_F(mailbox_paths, attachments_together_have_a_limit) {
    write_document(1);
    run("UPDATE document_attachments SET content = zeroblob(600000)");
    run("INSERT INTO document_attachments (document_id, name, content) VALUES (1, 'b', zeroblob(600000))");
    EXPECT_EQ(refusal("document:1").code, errc::too_large);
}

class mailbox_other_names : public mailbox_case {
  protected:
    mailbox_other_names()
        : mailbox_case("[database.outbox]\nsubject = \"trich yeu\"\nplace = \"\"\nsecrecy = \"\"\ntruc_id = \"\"\n"
                       "[database.states]\nsent = \"2\"\n") {
        run("ALTER TABLE document_senders RENAME COLUMN subject TO \"trich yeu\"");
        run("ALTER TABLE document_senders DROP COLUMN place");
        run("ALTER TABLE document_senders DROP COLUMN do_mat");
        run("ALTER TABLE document_senders DROP COLUMN truc_id");
        run("INSERT INTO document_receivers (document_id, organ_code) VALUES (1, '000.00.02.H43')");
        run("INSERT INTO document_senders (id, number, notation, promulgation_date, \"trich yeu\") VALUES "
            "(1, '1', 'VP', '20/11/2026', 'V/v')");
    }
};

TEST_F(mailbox_other_names, another_schema_is_a_matter_of_configuration) {
    EXPECT_EQ(document("document:1").subject, "V/v");
    report("document:1", stage::accepted);
    EXPECT_EQ(ask("status FROM document_senders"), "2");
}

} // namespace

} // namespace truc::test
