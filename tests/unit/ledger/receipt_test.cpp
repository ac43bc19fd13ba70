#include "sample_log.hpp"

#include <truc/ledger/receipt.hpp>
#include <truc/xml/document.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace truc::ledger {
namespace {

class receipt : public testing::Test {
  protected:
    /// Before any thread starts, as in every program: libxml2 makes its locks by and by otherwise, and some twice.
    static void SetUpTestSuite() { xml::initialise(); }

    std::string signed_head(std::uint64_t size) const { return head_signer(key_).sign(log_.head(size)).value(); }
    std::string good() const { return log_.receipt(3, 7, signed_head(7)); }

    /// By every way there is: they must not differ.
    result<verified_receipt> verify(std::string_view text) const {
        auto checked = verify_receipt(text, *authorities_);
        for (const auto* verifier : {&fresh_, &practised_}) {
            const auto again = verifier->verify(text);
            const auto code = [](const auto& r) {
                return r ? std::string_view("verified") : describe(r.error().code).name;
            };
            EXPECT_EQ(code(again), code(checked)) << text;
        }
        return checked;
    }
    /// The code's name and what it says, or "verified".
    std::string outcome_of(std::string_view text) const {
        const auto checked = verify(text);
        if (checked) return "verified";
        return fmt::format("{}: {}", describe(checked.error().code).name, checked.error().what);
    }
    std::string code_of(std::string_view text) const {
        const auto outcome = outcome_of(text);
        return outcome.substr(0, outcome.find(':'));
    }

    static std::string replaced(std::string text, std::string_view from, std::string_view to) {
        const auto at = text.find(from);
        if (at == std::string::npos) throw std::logic_error("nothing to replace");
        return text.replace(at, from.size(), to);
    }
    static std::string part(const std::string& text, std::string_view begin, std::string_view end) {
        const auto from = text.find(begin);
        const auto to = text.find(end, from);
        return text.substr(from, to + end.size() - from);
    }

    test::test_pki pki_;
    test::identity node_ = pki_.node("ninhthuan");
    std::shared_ptr<const trust::signing_key> key_ = node_.signing_key();
    std::shared_ptr<const trust::certificate_store> authorities_ =
        std::make_shared<const trust::certificate_store>(pki_.node_ca(), std::filesystem::path());
    sample_log log_{"ninhthuan", 20};
    receipt_verifier fresh_{authorities_, 0}; ///< forgets at once
    receipt_verifier practised_{authorities_};
};

TEST_F(receipt, a_verifier_that_knows_the_head_answers_the_same) {
    ASSERT_TRUE(practised_.verify(good()));
    EXPECT_EQ(outcome_of(log_.receipt(5, 7, signed_head(7))), "verified");
    const auto head = signed_head(7);
    ASSERT_TRUE(practised_.verify(log_.receipt(3, 7, head)));
    const auto text = log_.receipt(6, 7, head);
    EXPECT_EQ(outcome_of(text), "verified");
    EXPECT_EQ(code_of(replaced(text, "000.00.00.G22", "000.00.00.G23")), "receipt_invalid");
    EXPECT_EQ(code_of(log_.receipt(6, 8, head)), "receipt_invalid");
    EXPECT_EQ(code_of(replaced(text, "</Receipt>", " </Receipt>")), "verified");
    EXPECT_EQ(code_of(replaced(text, "<SignedTreeHead", "<!-- <SignedTreeHead")), "not_xml");
    EXPECT_EQ(code_of(replaced(text, "<SignedTreeHead", "<![CDATA[<SignedTreeHead")), "not_xml");
}

TEST_F(receipt, a_head_is_good_for_the_certificates_it_was_verified_by) {
    const test::test_pki others;
    const auto strangers = std::make_shared<const trust::certificate_store>(others.node_ca(), std::filesystem::path());
    ASSERT_TRUE(practised_.verify(good()));
    const auto refused = receipt_verifier(strangers).verify(good());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::certificate_unknown);
}

TEST_F(receipt, many_threads_share_one_verifier) {
    const receipt_verifier verifier(authorities_, 3);
    std::vector<std::string> texts;
    for (std::uint64_t size = 4; size < 20; ++size) texts.push_back(log_.receipt(3, size, signed_head(size)));
    std::atomic<int> verified = 0;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (std::size_t i = 0; i < 200; ++i) verified += verifier.verify(texts[(i * (t + 1)) % 16]) ? 1 : 0;
        });
    for (auto& t : threads) t.join();
    EXPECT_EQ(verified, 800);
}

TEST_F(receipt, of_a_newer_node_verifies_and_keeps_its_words) {
    event e = log_.event_at(0);
    std::string text;
    append_text(e, text);
    text = replaced(text, "LogOpened", "LogSealed");
    text = replaced(text, "</Event>", "<Seal xmlns=\"urn:truc:receipt:2\" kind=\"1\">x</Seal></Event>");
    tree_head head = log_.head(1);
    head.root = leaf_hash(text);
    const auto whole = receipt_text(text, 0, 1, {}, head_signer(key_).sign(head).value());
    const auto checked = verify(whole);
    ASSERT_TRUE(checked) << outcome_of(whole);
    EXPECT_EQ(checked->event.name, event_name::other);
    EXPECT_EQ(checked->event.name_text(), "LogSealed");
}

TEST_F(receipt, of_every_leaf_verifies) {
    for (std::uint64_t size = 1; size <= 20; ++size) {
        const auto head = signed_head(size);
        for (std::uint64_t leaf = 0; leaf < size; ++leaf) {
            const auto text = log_.receipt(leaf, size, head);
            const auto checked = verify(text);
            ASSERT_TRUE(checked) << outcome_of(text);
            EXPECT_EQ(checked->event.id(), "ninhthuan.1." + std::to_string(leaf));
            EXPECT_EQ(checked->event.document_id, log_.event_at(leaf).document_id);
            EXPECT_EQ(checked->head.size, size);
            EXPECT_EQ(checked->head.root, log_.head(size).root);
            EXPECT_EQ(checked->head.time, sample_log::head_time());
            EXPECT_EQ(checked->signer, node_.digest);
        }
    }
}

TEST_F(receipt, is_canonical_but_for_the_namespaces_that_its_parts_repeat) {
    const auto text = good();
    const auto doc = xml::document::parse(text);
    ASSERT_TRUE(doc);
    for (auto* child = doc->root()->children; child; child = child->next) {
        const auto canonical = xml::canonical(child);
        ASSERT_TRUE(canonical);
        if (xml::is_element(child, receipt_namespace, "InclusionProof")) continue;
        EXPECT_NE(text.find(*canonical), std::string::npos) << *canonical;
    }
}

TEST_F(receipt, may_be_laid_out_for_people) {
    auto text = replaced(good(), "<Event", "\n  <Event");
    text = replaced(text, "<InclusionProof", "<!-- the path -->\n  <InclusionProof");
    text = replaced(text, "</Receipt>", "\r\n</Receipt>\n");
    EXPECT_EQ(outcome_of("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + text), "verified");
}

TEST_F(receipt, any_change_of_the_event_is_noticed) {
    const auto text = good();
    for (const auto& [from, to] :
         {std::pair("<From>000.00.00.G22", "<From>000.00.00.G23"), std::pair("<To>H43.12</To>", ""),
          std::pair("ContentHandover", "ContentConsignment"), std::pair("<Signature>valid", "<Signature>absent"),
          std::pair("<Channel>", "<Unknown/><Channel>"), std::pair("</Event>", " </Event>"), std::pair("&#xD;", "")})
        EXPECT_EQ(outcome_of(replaced(text, from, to)),
                  "receipt_invalid: the inclusion path does not lead from the event to SignedTreeHead/RootHash")
            << from;
}

TEST_F(receipt, any_change_of_the_head_is_noticed) {
    const auto text = good();
    const auto root = log_.head(7).root.hex();
    EXPECT_EQ(code_of(replaced(text, "<RootHash>" + root, "<RootHash>" + log_.head(8).root.hex())),
              "signature_invalid");
    EXPECT_EQ(code_of(replaced(text, "<TreeSize>7", "<TreeSize>8")), "signature_invalid");
    EXPECT_EQ(code_of(replaced(text, "<LogId>ninhthuan.1", "<LogId>ninhthuan.2")), "signature_invalid");
    EXPECT_EQ(code_of(replaced(text, "16:27:10.358+07:00</Timestamp>", "16:27:10.359+07:00</Timestamp>")),
              "signature_invalid");
    EXPECT_EQ(code_of(replaced(text, "<ds:SignatureValue>", "<ds:SignatureValue>AAAA")), "signature_invalid");
    EXPECT_EQ(code_of(replaced(text, part(text, "<ds:Signature xmlns", "</ds:Signature>"), "")), "receipt_invalid");
}

TEST_F(receipt, any_change_of_the_proof_is_noticed) {
    const auto text = good();
    const auto first = log_.path(3, 7).front().hex();
    const std::string path =
        "receipt_invalid: the inclusion path does not lead from the event to SignedTreeHead/RootHash";
    EXPECT_EQ(outcome_of(replaced(text, first, sha256("x").hex())), path);
    EXPECT_EQ(outcome_of(replaced(text, "<Node>" + first + "</Node>", "")), path);
    EXPECT_EQ(outcome_of(replaced(text, "<Node>" + first, "<Node>" + first + "</Node><Node>" + first)), path);
    EXPECT_EQ(outcome_of(replaced(text, "leafIndex=\"3\"", "leafIndex=\"2\"")),
              "receipt_invalid: Event/@Id names another leaf than InclusionProof/@leafIndex");
    EXPECT_EQ(outcome_of(replaced(text, "treeSize=\"7\"", "treeSize=\"6\"")),
              "receipt_invalid: InclusionProof/@treeSize is not SignedTreeHead/TreeSize");
    for (const auto* number : {"", "03", "+3", " 3", "3.0", "-3", "0x3", "18446744073709551616"})
        EXPECT_EQ(outcome_of(replaced(text, "leafIndex=\"3\"", fmt::format("leafIndex=\"{}\"", number))),
                  "receipt_invalid: InclusionProof/@leafIndex")
            << number;
    EXPECT_EQ(outcome_of(replaced(text, " treeSize=\"7\"", "")), "receipt_invalid: form of InclusionProof");
    EXPECT_EQ(outcome_of(replaced(text, first, first.substr(1))), "receipt_invalid: InclusionProof/Node");
}

TEST_F(receipt, a_path_longer_than_any_tree_is_high_is_refused) {
    const std::vector<sha256_digest> path(65);
    const auto text = receipt_text(log_.text(3), 3, 7, path, signed_head(7));
    EXPECT_EQ(outcome_of(text), "receipt_invalid: InclusionProof/Node");
}

TEST_F(receipt, parts_of_different_receipts_do_not_make_one) {
    const auto head = signed_head(7);
    EXPECT_EQ(outcome_of(receipt_text(log_.text(4), 3, 7, log_.path(3, 7), head)),
              "receipt_invalid: Event/@Id names another leaf than InclusionProof/@leafIndex");
    EXPECT_EQ(code_of(log_.receipt(3, 8, head)), "receipt_invalid");

    // The same events in the log of another node.
    const sample_log other("cana", 7);
    const auto other_head = head_signer(pki_.node("cana").signing_key()).sign(other.head(7)).value();
    EXPECT_EQ(outcome_of(log_.receipt(3, 7, other_head)),
              "receipt_invalid: Event/@Id names another log than SignedTreeHead/LogId");
}

TEST_F(receipt, has_no_room_for_a_second_part) {
    const auto text = good();
    const auto event = part(text, "<Event", "</Event>");
    const auto head = part(text, "<SignedTreeHead", "</SignedTreeHead>");
    const auto proof = part(text, "<InclusionProof", "</InclusionProof>");
    const std::string several = "receipt_invalid: Receipt must hold Event, InclusionProof, SignedTreeHead";
    EXPECT_EQ(outcome_of(replaced(text, "<Event", event + "<Event")), several);
    EXPECT_EQ(outcome_of(replaced(text, "</Receipt>", event + "</Receipt>")), several);
    EXPECT_EQ(outcome_of(replaced(text, "</Receipt>", head + "</Receipt>")), several);
    EXPECT_EQ(outcome_of(replaced(text, proof, "")), several);
    EXPECT_EQ(outcome_of(replaced(text, proof + head, head + proof)), "receipt_invalid: Receipt/InclusionProof");
    EXPECT_EQ(outcome_of(replaced(text, head, "<Wrapper>" + head + "</Wrapper>")),
              "receipt_invalid: Receipt/SignedTreeHead");
    EXPECT_EQ(outcome_of("<Receipts xmlns=\"urn:truc:receipt:1\">" + text + "</Receipts>"),
              "receipt_invalid: expected Receipt");
    EXPECT_EQ(outcome_of(replaced(text, "<Event", "text<Event")), "receipt_invalid: form of Receipt");
    EXPECT_EQ(outcome_of(replaced(text, "<Event", "<![CDATA[]]>x<Event")), "receipt_invalid: form of Receipt");
    EXPECT_EQ(outcome_of(replaced(text, "<Receipt ", "<Receipt Id=\"sth\" ")), "receipt_invalid: form of Receipt");
    EXPECT_EQ(outcome_of(replaced(text, "receipt:1\"><Event xmlns=\"urn:truc:receipt:1\"",
                                  "receipt:1\"><Event xmlns=\"urn:other\"")),
              "receipt_invalid: Receipt/Event");
    EXPECT_EQ(outcome_of(replaced(text, "<TreeSize>", "<TreeSize>9</TreeSize><TreeSize>")),
              "receipt_invalid: SignedTreeHead/Timestamp");
    EXPECT_EQ(outcome_of(replaced(text, "<TreeSize>7", "<TreeSize><!-- 1 -->7")),
              "receipt_invalid: SignedTreeHead/TreeSize");
    EXPECT_EQ(outcome_of(replaced(text, "</ds:Signature>", "</ds:Signature><More/>")),
              "receipt_invalid: SignedTreeHead/Signature");
}

TEST_F(receipt, a_signature_hidden_elsewhere_is_refused) {
    const auto text = good();
    const auto signature = part(text, "<ds:Signature xmlns", "</ds:Signature>");
    EXPECT_EQ(code_of(replaced(text, "</Event>", signature + "</Event>")), "signature_invalid");
}

TEST_F(receipt, hostile_bytes_are_refused_at_the_door) {
    const auto text = good();
    EXPECT_EQ(code_of(""), "not_xml");
    EXPECT_EQ(code_of(text.substr(0, text.size() / 2)), "not_xml");
    EXPECT_EQ(code_of("<!DOCTYPE Receipt [<!ENTITY x \"y\">]>" + text), "doctype_forbidden");
    EXPECT_EQ(code_of(replaced(text, "</Event>", std::string(2 << 20, ' ') + "</Event>")), "too_large");
    std::string deep;
    for (int i = 0; i < 40; ++i) deep += "<a>";
    for (int i = 0; i < 40; ++i) deep += "</a>";
    EXPECT_EQ(code_of(replaced(text, "</Event>", deep + "</Event>")), "too_deep");
}

TEST_F(receipt, of_any_node_of_the_exchange_verifies) {
    const sample_log log("cana", 7);
    const auto head = head_signer(pki_.node("cana").signing_key()).sign(log.head(7)).value();
    EXPECT_EQ(outcome_of(log.receipt(3, 7, head)), "verified");
}

TEST_F(receipt, a_certificate_of_another_authority_is_refused_whatever_it_says) {
    auto request = test::test_pki::request("Nút ninhthuan");
    request.uris = {"urn:truc:node:ninhthuan"};
    const auto stranger = pki_.make(pki_.agency_authority(), "stranger", request);
    const auto text = log_.receipt(3, 7, head_signer(stranger.signing_key()).sign(log_.head(7)).value());
    EXPECT_EQ(code_of(text), "certificate_unknown");
}

TEST_F(receipt, the_certificate_is_judged_for_the_time_of_the_head) {
    auto request = test::test_pki::request("Nút ninhthuan");
    request.uris = {"urn:truc:node:ninhthuan"};
    request.not_after = test::test_pki::moment("2022-01-01T00:00:00+07:00"); // long ago
    const auto node = pki_.make(pki_.node_authority(), "expired", request);
    auto head = log_.head(7);
    const head_signer signer(node.signing_key());
    EXPECT_EQ(code_of(log_.receipt(3, 7, signer.sign(head).value())), "certificate_expired");
    head.time = test::test_pki::moment("2021-12-31T23:59:59+07:00");
    EXPECT_EQ(outcome_of(log_.receipt(3, 7, signer.sign(head).value())), "verified");
}

TEST_F(receipt, a_signer_signs_for_its_own_node_only) {
    const sample_log other("cana", 3);
    const auto refused = head_signer(key_).sign(other.head(3));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::not_ready);
    EXPECT_FALSE(head_signer(pki_.agency("so-tttt").signing_key()).sign(log_.head(3)));
}

TEST_F(receipt, the_name_in_the_certificate_must_be_the_logs) {
    // The head is cana's own and truly signed; only its log's name was another when it was written.
    const auto cana = pki_.node("cana");
    const auto honest = log_.head(7);
    const std::string beginning =
        fmt::format("<SignedTreeHead xmlns=\"urn:truc:receipt:1\" Id=\"sth\"><LogId>{}</LogId><TreeSize>7</TreeSize>"
                    "<Timestamp>{}</Timestamp><RootHash>{}</RootHash>",
                    honest.log.str(), to_rfc3339(honest.time), honest.root.hex());
    // Take the form of a genuine signature and put digest, value and certificate of the forgery into it.
    auto head = signed_head(7);
    const auto digest = to_base64(sha256(beginning + "</SignedTreeHead>").view());
    ASSERT_NE(head.find(digest), std::string::npos); // the digest is over the text as it stands
    const auto info = part(head, "<ds:SignedInfo>", "</ds:SignedInfo>");
    const auto apex =
        replaced(info, "<ds:SignedInfo>", "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">");
    const auto value = to_base64(cana.signing_key()->sign_ecdsa_p256(apex).value());
    head = replaced(head, part(head, "<ds:SignatureValue>", "</ds:SignatureValue>"),
                    "<ds:SignatureValue>" + value + "</ds:SignatureValue>");
    head = replaced(head, to_base64(key_->certificate_der()), to_base64(cana.der));
    EXPECT_EQ(outcome_of(log_.receipt(3, 7, head)),
              "receipt_invalid: the log of ninhthuan is signed with the certificate of cana");
}

TEST_F(receipt, lone_heads_verify) {
    const auto text = signed_head(7);
    const auto head = verify_head(text, *authorities_);
    ASSERT_TRUE(head) << head.error().what;
    EXPECT_EQ(head->log.str(), "ninhthuan.1");
    EXPECT_EQ(head->size, 7u);
    EXPECT_EQ(head->root, log_.head(7).root);
    EXPECT_EQ(verify_head(good(), *authorities_).error().code, errc::receipt_invalid);
    EXPECT_EQ(verify_head(replaced(text, "<TreeSize>7", "<TreeSize>6"), *authorities_).error().code,
              errc::signature_invalid);
    const auto empty = verify_head(signed_head(0), *authorities_);
    ASSERT_TRUE(empty);
    EXPECT_EQ(empty->root, sha256(""));
}

TEST_F(receipt, a_large_one_verifies) {
    event e = log_.event_at(0);
    for (int i = 0; i < 5000; ++i) e.to.push_back(fmt::format("{:03}.{:02}.{:02}.H43", i % 1000, i % 100, i % 97));
    std::string text;
    append_text(e, text);
    tree_head head = log_.head(1);
    head.root = leaf_hash(text);
    const auto whole = receipt_text(text, 0, 1, {}, head_signer(key_).sign(head).value());
    const auto checked = verify(whole);
    ASSERT_TRUE(checked) << outcome_of(whole);
    EXPECT_EQ(checked->event.to.size(), 5000u);
}

} // namespace
} // namespace truc::ledger
