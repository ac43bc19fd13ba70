// The accept pipeline without any socket: what is let in, what is refused with which code, and that nothing else is
// stored.
#include "edxml_builder.hpp"
#include "small_store.hpp"

#include <truc/directory/directory.hpp>
#include <truc/dsig/signer.hpp>
#include <truc/intake/pipeline.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc {
namespace {

using test::edxml_document;
using test::edxml_status;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto province = "000.00.00.H43";
constexpr auto department = "000.00.12.H43";

std::shared_ptr<const xml::schema_registry> schemas() {
    static const auto registry = std::make_shared<const xml::schema_registry>(TRUC_SOURCE_DIR "/schemas/edxml");
    return registry;
}

class pipeline_test : public testing::Test {
  protected:
    pipeline_test() {
        const auto now = test::test_pki::now();
        s_.clock().advance(now - s_.clock().now());
        pipeline_ = std::make_unique<intake::pipeline>(
            intake::pipeline::options{&*s_, schemas(), "ninhthuan", &s_.clock(), &metrics_}, around());
    }

    static std::string line(std::string_view kind, const std::string& members) {
        return "{\"" + std::string(kind) + "\": {" + members + "}}\n";
    }
    std::string agency(const std::string& code, const test::identity* key, const std::string& more = {}) const {
        return line("agency", "\"code\": \"" + code + "\", \"name\": \"" + code + "\", \"node\": \"ninhthuan\"" +
                                  (key ? ", \"certificates\": [\"" + key->digest.hex() + "\"]" : "") + more);
    }
    intake::surroundings around() const {
        std::string text =
            line("node", R"("name": "ninhthuan", "level": "province", "http": "https://127.0.0.1:1")") +
            line("node",
                 R"("name": "thuannam", "level": "district", "parent": "ninhthuan", "http": "https://127.0.0.1:2")");
        text += agency(province, &province_key_) + agency(department, &department_key_, R"(, "aliases": ["H43.12"])") +
                agency("000.00.03.H43", nullptr) +
                agency("000.00.01.H43", nullptr, R"(, "valid_to": "2021-01-01T00:00:00+07:00")") +
                agency("000.00.02.H43", nullptr,
                       R"(, "valid_to": "2021-01-01T00:00:00+07:00", "successors": ["000.00.12.H43"])");
        text += line("agency", R"("code": "000.00.36.H43", "name": "Thuận Nam", "node": "thuannam")");
        text += line(
            "client",
            R"("id": "ubnd", "agencies": ["000.00.00.H43", "000.00.01.H43", "000.00.36.H43"], "entrances": ["http"])");
        text += line("client", R"("id": "so-tttt", "agencies": ["000.00.12.H43"], "entrances": ["http"])");
        text += line("client", R"("id": "so-khdt", "agencies": ["000.00.03.H43"], "entrances": ["http"])");
        auto d = directory::directory::parse(text, "test");
        if (!d) throw std::runtime_error(d.error().what);
        const auto certificates =
            std::make_shared<const trust::certificate_store>(pki_.agency_ca(), std::filesystem::path());
        return {std::make_shared<const directory::directory>(std::move(*d)),
                std::make_shared<const dsig::verifier>(certificates)};
    }

    intake::channel channel(const char* client, entrance door = entrance::http) const {
        intake::channel c;
        c.directory = pipeline_->current_directory();
        c.client = c.directory->find_client(client);
        c.entrance = door;
        return c;
    }
    std::string signed_by(const test::identity& who, const std::string& xml) const {
        auto text = dsig::sign(xml, *who.signing_key());
        if (!text) throw std::runtime_error(explain(text.error(), language::english));
        return *text;
    }
    result<intake::verified_dispatch> examine(std::string_view bytes, intake::channel from) {
        reception_ = std::make_unique<intake::reception>(*pipeline_->begin(std::move(from)));
        for (std::size_t at = 0; at < bytes.size(); at += 1000)
            if (auto fed = reception_->feed(bytes.substr(at, 1000)); !fed) return fail(fed.error());
        if (auto arrived = reception_->finish(); !arrived) return fail(arrived.error());
        return pipeline_->examine(*reception_);
    }
    result<store::acceptance> send(std::string_view bytes, intake::channel from) {
        auto d = examine(bytes, std::move(from));
        if (!d) return fail(d.error());
        std::promise<result<store::acceptance>> answer;
        pipeline_->accept(std::move(*d), [&](result<store::acceptance> a) { answer.set_value(std::move(a)); });
        return answer.get_future().get();
    }
    /// The code with which a message of the province is refused.
    errc refusal(std::string_view bytes, const char* client = "ubnd") {
        const auto d = examine(bytes, channel(client));
        if (d) {
            ADD_FAILURE() << "was accepted";
            return errc::internal;
        }
        last_ = d.error();
        return last_.code;
    }

    test::small_store s_;
    test::test_pki pki_;
    test::identity province_key_ = pki_.agency("ubnd");
    test::identity department_key_ = pki_.agency("so-tttt");
    test::identity stranger_key_ = pki_.agency("stranger");
    metrics_registry metrics_;
    std::unique_ptr<intake::pipeline> pipeline_;
    std::unique_ptr<intake::reception> reception_;
    error last_{errc::internal};
};

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

TEST_F(pipeline_test, what_acts_on_another_document_is_not_supported_yet_and_said_so) {
    for (const int business : {1, 2, 3}) {
        edxml_document d;
        d.business = business;
        EXPECT_EQ(refusal(signed_by(province_key_, build(d))), errc::not_supported) << business;
    }
    for (const char* code : {"13", "15", "16"}) {
        edxml_status st;
        st.code = code;
        EXPECT_EQ(refusal(build(st), "so-tttt"), errc::not_supported) << code;
    }
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

TEST_F(pipeline_test, a_refusal_by_status_needs_its_reason) {
    edxml_status st;
    st.code = "02";
    st.description = "";
    EXPECT_EQ(refusal(build(st), "so-tttt"), errc::reason_missing);
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
