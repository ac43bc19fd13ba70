"""May this client send this to them? If not, the sender learns everything that is wrong at once."""
import unittest

import edxml
from broker_case import RefusalCase
from network import GOVERNMENT, INFORMATION, INTERIOR, LABOUR, PLANNING, PROVINCE

CLOSED = "000.00.90.H43"
SPLIT = "000.00.91.H43"
FUTURE = "000.00.92.H43"
ELSEWHERE = "000.00.93.H43"
LAX = PLANNING
STRICT = INTERIOR


class PolicyRefusal(RefusalCase):
    @classmethod
    def prepare(cls, net):
        def change(records):
            def agency(code, **members):
                records.append({"agency": {"code": code, "name": code, "node": "ninhthuan", **members}})

            past, later = "2025-03-01T00:00:00.000+07:00", "2099-01-01T00:00:00.000+07:00"
            records.append({"node": {"name": "elsewhere", "http": "https://127.0.0.1:1"}})
            agency(CLOSED, valid_to=past)
            agency(SPLIT, valid_to=past, successors=[INFORMATION, PLANNING])
            agency(FUTURE, valid_from=later)
            agency(ELSEWHERE, node="elsewhere")
            for record in records:
                own = record.get("agency", {})
                if own.get("code") == LAX:
                    own["documents"] = "if_present"
                if own.get("code") == STRICT:
                    own["statuses"] = "required"
                client = record.get("client", {})
                if client.get("id") == "ubnd-ninhthuan":
                    client["agencies"] += [CLOSED, ELSEWHERE]

        net.change_directory(change)

    # --- recipients --------------------------------------------------------------------------------------------------

    def test_every_recipient_that_is_not_acceptable_is_named_in_one_answer(self):
        bad = ["000.00.77.H43", CLOSED, "000.00.78.H43", SPLIT]
        message = self.signed(GOVERNMENT, bad[0], INFORMATION, *bad[1:])
        problem = self.assert_refused(message, "recipient_unknown")
        self.assertEqual([(c["code"], c["what"]) for c in problem["causes"]], [
            ("recipient_unknown", bad[0]), ("recipient_closed", CLOSED), ("recipient_unknown", bad[2]),
            ("recipient_closed", SPLIT)])
        for code in bad:
            self.assertIn(code, problem["detail"])
        self.assertEqual(problem["document_id"].split(",")[0], GOVERNMENT)

    def test_one_bad_recipient(self):
        for recipient, code in ((CLOSED, "recipient_closed"), (SPLIT, "recipient_closed"), (FUTURE, "recipient_closed"),
                                ("999.99.99.Z99", "recipient_unknown")):
            with self.subTest(recipient):
                self.assert_refused(self.signed(GOVERNMENT, recipient), code)

    def test_the_names_stand_as_the_sender_wrote_them(self):
        problem = self.assert_refused(self.signed(GOVERNMENT, "999-99-99-z99"), "recipient_unknown")
        self.assertEqual(problem["causes"][0]["what"], "999-99-99-z99")

    # --- senders -----------------------------------------------------------------------------------------------------

    def test_another_agency_in_from(self):
        self.assert_refused(self.signed(PLANNING, INFORMATION), "sender_not_yours")
        self.assert_refused(self.signed(PLANNING, INFORMATION, by=GOVERNMENT), "sender_not_yours")

    def test_an_unknown_agency_in_from(self):
        self.assert_refused(self.signed("999.99.99.Z99", INFORMATION, by=GOVERNMENT), "sender_unknown")

    def test_a_closed_agency_in_from(self):
        self.assert_refused(self.signed(CLOSED, INFORMATION, by=PROVINCE), "sender_closed", by=PROVINCE)

    def test_an_agency_of_another_node_in_from(self):
        problem = self.assert_refused(self.signed(ELSEWHERE, INFORMATION, by=PROVINCE), "wrong_node", by=PROVINCE)
        self.assertIn("https://127.0.0.1:1", problem["detail"])

    def test_an_alias_in_from_is_the_agency(self):
        told = self.client(GOVERNMENT).submit(self.signed("g22", INFORMATION, by=GOVERNMENT))
        self.assertEqual(told.status, 201, told)
        self.assertEqual(self.client(GOVERNMENT).get("/v1/documents/" + told.json["id"]).json["from"], GOVERNMENT)

    # --- contents ----------------------------------------------------------------------------------------------------

    def test_state_secrets(self):
        for subject in ("(MẬT) V/v kế hoạch", "[TỐI MẬT] V/v kế hoạch", "(TUYỆT MẬT)"):
            with self.subTest(subject):
                self.assert_refused(self.signed(GOVERNMENT, INFORMATION, subject=subject), "secret_document")
        self.send(GOVERNMENT, INFORMATION, subject="V/v bảo mật thông tin (MẬT khẩu)")

    def test_only_the_sender_recalls_updates_or_replaces_a_document(self):
        told = self.send(GOVERNMENT, INFORMATION)
        for business, code in ((1, "recall_not_yours"), (2, "update_not_yours"), (3, "replace_not_yours")):
            with self.subTest(business):
                message = self.signed(PLANNING, INFORMATION, business=business, acts_on=told["document_id"])
                self.assert_refused(message, code, by=PLANNING)

    # --- statuses ----------------------------------------------------------------------------------------------------

    def test_only_the_sender_asks_a_document_back_and_only_a_recipient(self):
        told = self.send(GOVERNMENT, INFORMATION)
        for sender, other, code in ((PLANNING, INFORMATION, "recall_not_yours"),
                                    (INFORMATION, GOVERNMENT, "recall_not_yours"),
                                    (GOVERNMENT, PLANNING, "status_not_recipient")):
            with self.subTest(sender=sender, other=other):
                status = edxml.status(sender, other, told["document_id"], "13", "Nhầm phụ lục")
                self.assert_refused(status.encode(), code, by=sender)
        status = edxml.status(GOVERNMENT, INFORMATION, told["document_id"], "13", "Nhầm phụ lục")
        answer = self.client(GOVERNMENT).submit(status.encode())
        self.assertEqual((answer.status, answer.json["warnings"]), (201, []), answer)
        for code in ("15", "16"):
            with self.subTest(code):
                status = edxml.status(PLANNING, GOVERNMENT, told["document_id"], code, "Đồng ý")
                self.assert_refused(status.encode(), "status_not_recipient", by=PLANNING)
                status = edxml.status(INFORMATION, GOVERNMENT, told["document_id"], code, "Đồng ý")
                answer = self.client(INFORMATION).submit(status.encode())
                self.assertEqual((answer.status, answer.json["warnings"]), (201, []), answer)

    def test_only_a_recipient_reports(self):
        told = self.send(GOVERNMENT, INFORMATION)
        for stranger in (PLANNING, PROVINCE):
            with self.subTest(stranger):
                status = edxml.status(stranger, GOVERNMENT, told["document_id"])
                self.assert_refused(status.encode(), "status_not_recipient", by=stranger)

    def test_the_sender_s_old_code_names_the_same_document(self):
        told = self.send(GOVERNMENT, INFORMATION)
        self.assert_refused(edxml.status(PLANNING, "G22", told["document_id"]).encode(), "status_not_recipient",
                            by=PLANNING)
        own = self.client(INFORMATION).submit(edxml.status(INFORMATION, "G22", told["document_id"]).encode())
        self.assertEqual((own.status, own.json["warnings"]), (201, []), own)

    def test_a_refusal_and_asking_back_need_a_reason(self):
        told = self.send(GOVERNMENT, INFORMATION)
        for code, sender, other in (("02", INFORMATION, GOVERNMENT), ("13", GOVERNMENT, INFORMATION)):
            for name, description in {"empty": "", "white space": " \n "}.items():
                with self.subTest(code=code, description=name):
                    status = edxml.status(sender, other, told["document_id"], code, description)
                    self.assert_refused(status.encode(), "reason_missing", by=sender)
            status = edxml.status(sender, other, told["document_id"], code, without=["Description"])
            self.assert_refused(status.encode(), "reason_missing", by=sender)

    def test_a_status_to_an_unknown_agency(self):
        status = edxml.status(INFORMATION, "999.99.99.Z99", "unheard-of")
        self.assert_refused(status.encode(), "recipient_unknown", by=INFORMATION)

    # --- what an agency's own policy changes -------------------------------------------------------------------------

    def test_an_agency_may_be_let_in_unsigned(self):
        answer = self.client(LAX).submit(edxml.document(LAX, INFORMATION).encode())
        self.assertEqual((answer.status, answer.json["signature"]), (201, "absent"), answer)
        self.assertIn("<Signature>absent</Signature>", answer.json["receipt"])
        forged = self.signed(LAX, INFORMATION).replace(b"V/v", b"V/w")
        self.assert_refused(forged, "signature_invalid", by=LAX)

    def test_an_agency_may_have_to_sign_its_statuses(self):
        told = self.send(GOVERNMENT, LABOUR)  # goes to INTERIOR
        status = edxml.status(STRICT, GOVERNMENT, told["document_id"])
        self.assert_refused(status.encode(), "signature_missing", by=STRICT)
        self.assertEqual(self.client(STRICT).submit(self.network.sign(status, STRICT)).status, 201)


if __name__ == "__main__":
    unittest.main()
