// The accept pipeline without any socket: what is let in, what is refused with which code, and that nothing else is
// stored.
#include "pipeline_case.hpp"

namespace truc {
namespace {

using test::department;
using test::edxml_document;
using test::edxml_status;
using test::pipeline_test;
using test::province;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(pipeline_test, accepts_a_signed_document_and_keeps_its_bytes) {
    const auto bytes = signed_by(province_key_, build(edxml_document()));
    const auto a = send(bytes, channel("ubnd"));
    ASSERT_TRUE(a) << explain(a.error(), language::english);
    EXPECT_EQ(a->signature, signature_outcome::valid);
    EXPECT_EQ(a->recipients.at(0).code, department);
    EXPECT_EQ(s_->open_content(a->sha256)->view(), bytes);
}

TEST_F(pipeline_test, reads_codes_in_every_form_and_follows_the_one_successor) {
    edxml_document d;
    d.to = {"h43-12", "000.00.02.H43"};
    const auto a = send(signed_by(province_key_, build(d)), channel("ubnd"));
    ASSERT_TRUE(a) << explain(a.error(), language::english);
    ASSERT_EQ(a->recipients.size(), 1u);
    EXPECT_EQ(a->recipients[0].code, department);
    EXPECT_THAT(a->warnings, ElementsAre("redirected_to_successor"));
}

TEST_F(pipeline_test, names_every_bad_recipient_in_one_refusal) {
    edxml_document d;
    d.to = {department, "000.00.99.H43", "000.00.01.H43", "000.00.36.H43"};
    EXPECT_EQ(refusal(signed_by(province_key_, build(d))), errc::recipient_unknown);
    ASSERT_EQ(last_.causes.size(), 2u);
    EXPECT_EQ(last_.causes[0].code, errc::recipient_unknown);
    EXPECT_EQ(last_.causes[1].code, errc::recipient_closed);
    EXPECT_EQ(last_.what, "000.00.99.H43, 000.00.01.H43");
}

TEST_F(pipeline_test, a_recipient_whose_home_is_another_node_waits_to_be_passed_on) {
    edxml_document d;
    d.to = {department, "000.00.36.H43"};
    const auto examined = examine(signed_by(province_key_, build(d)), channel("ubnd"));
    ASSERT_TRUE(examined) << explain(examined.error(), language::english);
    EXPECT_THAT(examined->dispatch().recipients, ElementsAre(department, "000.00.36.H43"));
    EXPECT_THAT(examined->dispatch().elsewhere, ElementsAre("000.00.36.H43"));
    const auto a = send(signed_by(province_key_, build(d)), channel("ubnd"));
    ASSERT_TRUE(a) << explain(a.error(), language::english);
    const auto row = s_->find_dispatch(a->id);
    ASSERT_TRUE(row);
    for (const auto& one : row->deliveries)
        EXPECT_EQ(one.state, one.recipient == department ? delivery_state::consigned : delivery_state::queued);
}

TEST_F(pipeline_test, an_unsigned_document_is_refused_where_signatures_are_required) {
    EXPECT_EQ(refusal(build(edxml_document())), errc::signature_missing);
}

TEST_F(pipeline_test, the_old_axis_entrance_takes_an_unsigned_document_and_says_so) {
    const auto a = send(build(edxml_document()), channel("ubnd", entrance::axis));
    ASSERT_TRUE(a);
    EXPECT_EQ(a->signature, signature_outcome::absent);
    const auto event = ledger::verify_receipt(a->receipt, s_.authorities());
    ASSERT_TRUE(event);
    EXPECT_EQ(event->event.signature, signature_outcome::absent);
    EXPECT_EQ(event->event.channel, "axis:ubnd");
}

TEST_F(pipeline_test, a_document_changed_after_signing_is_refused_at_every_entrance) {
    auto bytes = signed_by(province_key_, build(edxml_document()));
    bytes.replace(bytes.find("liên thông"), 4, "LIÊN");
    EXPECT_EQ(refusal(bytes), errc::signature_invalid);
    EXPECT_EQ(examine(bytes, channel("ubnd", entrance::axis)).error().code, errc::signature_invalid);
}

TEST_F(pipeline_test, anothers_key_is_refused_although_its_certificate_is_good) {
    EXPECT_EQ(refusal(signed_by(department_key_, build(edxml_document()))), errc::certificate_of_other_agency);
    EXPECT_EQ(refusal(signed_by(stranger_key_, build(edxml_document()))), errc::certificate_unknown);
}

TEST_F(pipeline_test, nobody_sends_for_an_agency_that_is_not_his) {
    EXPECT_EQ(refusal(signed_by(province_key_, build(edxml_document())), "so-tttt"), errc::sender_not_yours);
    edxml_document d;
    d.from = "000.00.77.H43";
    EXPECT_EQ(refusal(signed_by(province_key_, build(d))), errc::sender_unknown);
    d.from = "000.00.01.H43";
    EXPECT_EQ(refusal(signed_by(province_key_, build(d))), errc::sender_closed);
    d.from = "000.00.36.H43";
    EXPECT_EQ(refusal(signed_by(province_key_, build(d))), errc::wrong_node);
    EXPECT_THAT(last_.what, HasSubstr("https://127.0.0.1:2"));
}

TEST_F(pipeline_test, a_status_needs_no_signature_but_an_invalid_one_is_refused) {
    ASSERT_TRUE(send(signed_by(province_key_, build(edxml_document())), channel("ubnd")));
    const auto status = send(build(edxml_status()), channel("so-tttt"));
    ASSERT_TRUE(status) << explain(status.error(), language::english);
    EXPECT_EQ(status->signature, signature_outcome::absent);
    EXPECT_EQ(status->recipients.at(0).code, province);
    auto bytes = signed_by(department_key_, build(edxml_status()));
    bytes.replace(bytes.find("Văn bản"), 4, "VĂN");
    EXPECT_EQ(refusal(bytes, "so-tttt"), errc::signature_invalid);
}

TEST_F(pipeline_test, a_refusal_by_status_and_asking_a_document_back_need_their_reason) {
    for (const char* code : {"02", "13"}) {
        edxml_status st;
        st.code = code;
        st.description = "";
        EXPECT_EQ(refusal(build(st), "so-tttt"), errc::reason_missing) << code;
    }
}

TEST_F(pipeline_test, who_signed_for_the_agency_stands_in_the_evidence) {
    intake::wishes on_behalf;
    on_behalf.signed_on_behalf = true;
    const auto states_it = [&](const std::string& bytes, entrance door) {
        const auto a = send(bytes, channel("ubnd", door), on_behalf);
        if (!a) return testing::AssertionFailure() << explain(a.error(), language::english);
        const auto r = ledger::verify_receipt(a->receipt, s_.authorities());
        return r->event.signed_on_behalf ? testing::AssertionSuccess() : testing::AssertionFailure();
    };
    edxml_document d;
    EXPECT_TRUE(states_it(signed_by(province_key_, build(d)), entrance::adapter));
    d.number = "316";
    EXPECT_FALSE(states_it(signed_by(province_key_, build(d)), entrance::amqp)) << "no adapter comes in there";
    edxml_status st;
    st.from = province;
    st.to = department;
    EXPECT_FALSE(states_it(build(st), entrance::adapter)) << "nobody signed";
}

TEST_F(pipeline_test, a_mark_of_secrecy_is_refused_and_the_word_in_a_sentence_is_not) {
    edxml_document d;
    d.subject = "(TỐI MẬT) V/v kế hoạch";
    EXPECT_EQ(refusal(signed_by(province_key_, build(d))), errc::secret_document);
    d.subject = "V/v bảo mật thông tin và bí mật nhà nước";
    EXPECT_TRUE(send(signed_by(province_key_, build(d)), channel("ubnd")));
}

TEST_F(pipeline_test, attachments_must_be_what_they_say) {
    edxml_document d;
    d.attachments.push_back({"1", "tep.pdf", "application/zip", "no zip at all"});
    EXPECT_EQ(refusal(signed_by(province_key_, build(d))), errc::attachment_mismatch);
}

TEST_F(pipeline_test, a_fault_in_the_xml_still_leaves_the_digest_of_the_whole) {
    const std::string bad = "<!DOCTYPE a><a>" + std::string(200'000, 'x') + "</a>";
    EXPECT_EQ(refusal(bad), errc::doctype_forbidden);
    EXPECT_EQ(reception_->digest(), sha256(bad));
}

TEST_F(pipeline_test, too_large_a_message_is_cut_off) {
    reception_ = std::make_unique<intake::reception>(*pipeline_->begin(channel("ubnd")));
    const std::string piece(1 << 20, ' ');
    result<void> fed;
    for (int i = 0; i < 100 && fed; ++i) fed = reception_->feed(piece);
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, errc::too_large);
    EXPECT_LE(reception_->size(), intake::rules_of(entrance::http).largest_message + piece.size());
}

TEST_F(pipeline_test, a_refusal_is_proven_counted_and_stores_nothing_else) {
    const auto bytes = build(edxml_document());
    ASSERT_EQ(refusal(bytes), errc::signature_missing);
    std::promise<result<store::refusal_record>> answer;
    pipeline_->refuse(*reception_, last_, [&](result<store::refusal_record> r) { answer.set_value(std::move(r)); });
    const auto record = answer.get_future().get();
    ASSERT_TRUE(record);
    const auto r = ledger::verify_receipt(record->receipt, s_.authorities());
    ASSERT_TRUE(r);
    EXPECT_EQ(r->event.name, event_name::submission_rejection);
    EXPECT_EQ(r->event.sha256, sha256(bytes));
    EXPECT_EQ(r->event.from, province);
    EXPECT_EQ(r->event.reason, "signature_missing");
    EXPECT_EQ(s_->read_feed({province}, 0, 10).size(), 1u);
    EXPECT_EQ(s_->list_dispatches({}).size(), 0u);
    EXPECT_FALSE(s_->open_content(sha256(bytes)));
    EXPECT_THAT(metrics_.expose(), HasSubstr("truc_refused_total{code=\"signature_missing\"} 1"));
}

TEST_F(pipeline_test, bytes_accepted_once_keep_their_answer_when_the_world_has_changed) {
    const auto bytes = signed_by(province_key_, build(edxml_document()));
    const auto first = send(bytes, channel("ubnd"));
    ASSERT_TRUE(first);
    s_.clock().advance(std::chrono::hours(24 * 365 * 40)); // the certificate has expired long since
    EXPECT_EQ(refusal(bytes), errc::certificate_expired);
    const auto answer = pipeline_->recall_answer(*reception_);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->receipt, first->receipt);
    EXPECT_EQ(refusal(bytes, "so-tttt"), errc::certificate_expired);
    EXPECT_FALSE(pipeline_->recall_answer(*reception_)) << "somebody else's document";
}

/// Of what there is no space for only what fits into memory is read.
TEST_F(pipeline_test, bytes_accepted_once_keep_their_answer_while_nothing_new_may_come_in) {
    const auto bytes = signed_by(province_key_, build(edxml_document()));
    auto other = edxml_document();
    other.subject = "another";
    const auto fresh = signed_by(province_key_, build(other));
    const auto first = send(bytes, channel("ubnd"));
    ASSERT_TRUE(first);
    const auto expect_only_the_first = [&](errc code) {
        EXPECT_EQ(refusal(bytes), code);
        const auto answer = pipeline_->recall_answer(*reception_);
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->receipt, first->receipt);
        EXPECT_EQ(refusal(fresh), code);
        EXPECT_FALSE(pipeline_->recall_answer(*reception_));
    };
    s_->keep_free(std::uint64_t{1} << 60);
    expect_only_the_first(errc::no_space);
    auto large = pipeline_->begin(channel("ubnd"));
    ASSERT_TRUE(large);
    EXPECT_TRUE(large->feed(std::string(spool::inline_limit, ' ')));
    EXPECT_EQ(large->feed(" ").error().code, errc::no_space);
    s_->keep_free(0);
    pipeline_ = std::make_unique<intake::pipeline>(
        intake::pipeline::options{&*s_, test::schemas(), "ninhthuan", &s_.clock(), nullptr,
                                  [] { return result<void>(fail(errc::read_only, "maintenance")); }},
        around());
    expect_only_the_first(errc::read_only);
}

TEST_F(pipeline_test, a_large_status_by_a_stranger_leaves_no_file) {
    ASSERT_TRUE(send(signed_by(province_key_, build(edxml_document())), channel("ubnd")));
    edxml_status st;
    st.from = "000.00.03.H43";
    st.description = std::string(100'000, 'x');
    const auto refused = send(build(st), channel("so-khdt"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::status_not_recipient);
    for (const auto& e : std::filesystem::recursive_directory_iterator(s_.directory() / "content"))
        EXPECT_FALSE(e.is_regular_file()) << e.path();
}

TEST_F(pipeline_test, an_agency_may_be_let_in_unsigned_by_the_directory) {
    auto now = around();
    auto text = agency(province, &province_key_, R"(, "documents": "if_present")") + agency(department, nullptr) +
                line("node", R"("name": "ninhthuan", "level": "province")") +
                line("client", R"("id": "ubnd", "agencies": ["000.00.00.H43"], "entrances": ["http"])");
    auto d = directory::directory::parse(text, "test");
    ASSERT_TRUE(d) << d.error().what;
    now.directory = std::make_shared<const directory::directory>(std::move(*d));
    pipeline_->reload(now);
    const auto a = send(build(edxml_document()), channel("ubnd"));
    ASSERT_TRUE(a) << explain(a.error(), language::english);
    EXPECT_EQ(a->signature, signature_outcome::absent);
}

} // namespace
} // namespace truc
