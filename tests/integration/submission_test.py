"""What an agency hands over is accepted, proven, and recognised when it comes again."""
import gzip
import hashlib
import unittest

import edxml
from broker_case import BrokerCase
from network import COMMUNE, DISTRICT, GOVERNMENT, INFORMATION, INTERIOR, LABOUR, PLANNING, PROVINCE


class Submission(BrokerCase):
    def test_a_signed_document_is_accepted_with_a_receipt_that_foreign_tools_verify(self):
        message = self.signed(GOVERNMENT, INFORMATION, COMMUNE, document_id="a,2026/11/02,1/Đ & <b>")
        answer = self.client(GOVERNMENT).submit(message)
        self.assertEqual(answer.status, 201, answer)
        told = answer.json
        self.assertEqual(told["sha256"], hashlib.sha256(message).hexdigest())
        self.assertEqual(told["document_id"], "a,2026/11/02,1/Đ & <b>")
        self.assertEqual(told["signature"], "valid")
        self.assertEqual([r["code"] for r in told["recipients"]], [INFORMATION, COMMUNE])
        self.assertEqual(told["warnings"], [])
        [line] = self.network.verify_receipts(told["receipt"])
        self.assertIn("SubmissionAcceptance", line)
        for fact in (told["id"], told["sha256"], f"<From>{GOVERNMENT}</From>", f"<To>{COMMUNE}</To>"):
            self.assertIn(fact, told["receipt"])

    def test_the_same_bytes_again_get_the_same_answer(self):
        message = self.signed(PROVINCE, GOVERNMENT)
        client = self.client(PROVINCE)
        books = self.administrator()
        first = client.submit(message)
        before = books.get("/admin/books").json
        again = [client.submit(message) for _ in range(3)]
        self.assertEqual(first.status, 201)
        for answer in again:
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.body, first.body)
        self.assertEqual(books.get("/admin/books").json, before)
        self.assertEqual(len([i for i in self.client(GOVERNMENT).inbox(max=1000)["items"]
                              if i["id"] == first.json["id"]]), 1)

    def test_the_same_bytes_at_the_same_time_are_one_dispatch(self):
        message = self.signed(PROVINCE, GOVERNMENT)
        clients = [self.client(PROVINCE) for _ in range(8)]
        for client in clients:
            client.connection().request("POST", "/v1/documents", message, {"Content-Type": "application/xml"})
        answers = [client.receive("POST", "/v1/documents") for client in clients]
        self.assertEqual(sorted(a.status for a in answers), [200] * 7 + [201])
        self.assertEqual(len({a.body for a in answers}), 1)

    def test_each_level_may_write_to_each_other(self):
        for sender in (GOVERNMENT, PROVINCE, PLANNING, DISTRICT, COMMUNE):  # RSA and ECDSA keys
            recipients = [c for c in (GOVERNMENT, PROVINCE, PLANNING, DISTRICT, COMMUNE) if c != sender]
            with self.subTest(sender=sender):
                self.assertEqual([r["code"] for r in self.send(sender, *recipients)["recipients"]], recipients)

    def test_a_large_document_arrives_byte_for_byte_chunked_or_not(self):
        message = self.signed(GOVERNMENT, INFORMATION, attachment=bytes(range(256)) * 1200)
        client = self.client(GOVERNMENT)
        pieces = (message[i:i + 9001] for i in range(0, len(message), 9001))
        first = client.submit(pieces)  # an iterator has no length: http.client sends chunks
        self.assertEqual(first.status, 201, first)
        again = client.submit(message)
        self.assertEqual(again.status, 200)
        delivery = first.json["recipients"][0]["delivery_id"]
        content = self.client(INFORMATION).get(f"/v1/inbox/{delivery}/content")
        self.assertEqual(content.body, message)
        self.assertIn(first.json["sha256"], self.network.content_files())

    def test_the_sender_may_wait_for_100_continue(self):
        client = self.client(GOVERNMENT)
        message = self.signed(GOVERNMENT, INFORMATION)
        connection = client.connection()
        connection.putrequest("POST", "/v1/documents")
        for name, value in (("Content-Type", "application/xml"), ("Expect", "100-continue"),
                            ("Content-Length", str(len(message)))):
            connection.putheader(name, value)
        connection.endheaders()
        self.assertEqual(connection.sock.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.send(message)
        self.assertEqual(client.receive("POST", "/v1/documents").status, 201)

    def test_a_recipient_that_is_named_twice_gets_one_delivery(self):
        told = self.send(GOVERNMENT, INFORMATION, INFORMATION.replace(".", "-").lower(), "H43.12")
        self.assertEqual([r["code"] for r in told["recipients"]], [INFORMATION])

    def test_a_closed_agency_s_mail_goes_to_its_one_successor(self):
        told = self.send(GOVERNMENT, LABOUR)
        self.assertEqual([r["code"] for r in told["recipients"]], [INTERIOR])
        self.assertEqual(told["warnings"], ["redirected_to_successor"])

    def test_numbers_that_were_used_before_are_warned_of(self):
        first = self.send(GOVERNMENT, INFORMATION, number="W1", document_id="w-1")
        self.assertEqual(first["warnings"], [])
        self.assertEqual(self.send(GOVERNMENT, INFORMATION, number="W1", document_id="w-2")["warnings"],
                         ["number_reused"])
        self.assertEqual(self.send(GOVERNMENT, INFORMATION, number="W2", document_id="w-1")["warnings"],
                         ["document_id_reused"])
        # Nobody occupies another agency's numbers.
        self.assertEqual(self.send(PROVINCE, INFORMATION, number="W1", document_id="w-1")["warnings"], [])

    def test_text_xml_and_a_charset_are_understood(self):
        client = self.client(GOVERNMENT)
        for content_type in ("text/xml", "Application/XML; charset=UTF-8"):
            with self.subTest(content_type):
                answer = client.post("/v1/documents", self.signed(GOVERNMENT, INFORMATION), content_type)
                self.assertEqual(answer.status, 201, answer)

    def test_what_is_compressed_on_the_way_is_refused(self):
        client = self.client(GOVERNMENT)
        message = self.signed(GOVERNMENT, INFORMATION)
        problem = self.assert_problem(client.submit(gzip.compress(message), Content_Encoding="gzip"), "content_type")
        self.assertIn("Content-Encoding gzip", problem["detail"])
        self.assertEqual(client.submit(message, Content_Encoding="identity").status, 201)

    def test_a_byte_order_mark_is_kept(self):
        message = b"\xef\xbb\xbf" + self.signed(GOVERNMENT, INFORMATION)
        answer = self.client(GOVERNMENT).submit(message)
        self.assertEqual(answer.status, 201, answer)
        delivery = answer.json["recipients"][0]["delivery_id"]
        self.assertEqual(self.client(INFORMATION).get(f"/v1/inbox/{delivery}/content").body, message)


class Statuses(BrokerCase):
    def test_statuses_of_a_recipient_reach_the_sender_unsigned(self):
        told = self.send(GOVERNMENT, INFORMATION)
        clerk = self.client(INFORMATION)
        for code in ("01", "03", "06"):
            answer = clerk.submit(edxml.status(INFORMATION, GOVERNMENT, told["document_id"], code).encode())
            self.assertEqual(answer.status, 201, answer)
            self.assertEqual(answer.json["signature"], "absent")
            self.assertEqual([r["code"] for r in answer.json["recipients"]], [GOVERNMENT])
            seen = clerk.get("/v1/documents/" + answer.json["id"]).json
            self.assertEqual((seen["kind"], seen["status_code"]), ("status", code))

    def test_a_signed_status_is_verified(self):
        told = self.send(GOVERNMENT, INFORMATION)
        status = edxml.status(INFORMATION, GOVERNMENT, told["document_id"])
        answer = self.client(INFORMATION).submit(self.network.sign(status, INFORMATION))
        self.assertEqual((answer.status, answer.json["signature"]), (201, "valid"), answer)

    def test_a_status_on_a_document_that_never_passed_is_passed_on_with_a_warning(self):
        answer = self.client(INFORMATION).submit(edxml.status(INFORMATION, GOVERNMENT, "unheard-of").encode())
        self.assertEqual((answer.status, answer.json["warnings"]), (201, ["document_not_seen"]))

    def test_the_successor_reports_for_the_agency_it_took_over(self):
        told = self.send(GOVERNMENT, LABOUR)
        answer = self.client(INTERIOR).submit(edxml.status(INTERIOR, GOVERNMENT, told["document_id"]).encode())
        self.assertEqual((answer.status, answer.json["warnings"]), (201, []), answer)

    def test_a_refusal_with_its_reason_is_passed_on(self):
        told = self.send(GOVERNMENT, INFORMATION)
        status = edxml.status(INFORMATION, GOVERNMENT, told["document_id"], "02", "Sai thể thức")
        self.assertEqual(self.client(INFORMATION).submit(status.encode()).status, 201)


class Check(BrokerCase):
    def assert_nothing_changes(self, ask):
        admin = self.administrator()

        def state():
            return [admin.get(p).json for p in ("/admin/books", "/v1/documents?max=1000", "/admin/ledger/check")]

        before = state(), self.network.content_files()
        answer = ask()
        self.assertEqual((state(), self.network.content_files()), before)
        return answer

    def test_what_would_happen(self):
        self.send()  # the log has a head
        message = self.signed(GOVERNMENT, INFORMATION, LABOUR, attachment=b"%PDF" * 40_000)
        answer = self.assert_nothing_changes(lambda: self.client(GOVERNMENT).post("/v1/check", message))
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["recipients"], [{"code": INFORMATION, "would": "deliver"},
                                                     {"code": INTERIOR, "would": "deliver"}])
        self.assertEqual(answer.json["warnings"], ["redirected_to_successor"])
        self.assertFalse(answer.json["repeated"])

    def test_what_has_happened(self):
        told = self.send()
        answer = self.assert_nothing_changes(lambda: self.client(GOVERNMENT).post("/v1/check", told["bytes"]))
        self.assertTrue(answer.json["repeated"])
        self.assertEqual((answer.json["id"], answer.json["receipt"]), (told["id"], told["receipt"]))

    def test_a_refusal_leaves_no_trace(self):
        self.send()
        document = edxml.document(GOVERNMENT, INFORMATION).encode()
        answer = self.assert_nothing_changes(lambda: self.client(GOVERNMENT).post("/v1/check", document))
        self.assertNotIn("receipt", self.assert_problem(answer, "signature_missing"))

    def test_it_refuses_and_warns_as_a_submission_would(self):
        told = self.send(GOVERNMENT, INFORMATION, number="C1", document_id="c-1")
        clerk = self.client(PLANNING)
        foreign = edxml.status(PLANNING, GOVERNMENT, told["document_id"]).encode()
        self.assert_problem(self.assert_nothing_changes(lambda: clerk.post("/v1/check", foreign)),
                            "status_not_recipient")
        unheard = edxml.status(PLANNING, GOVERNMENT, "unheard-of").encode()
        self.assertEqual(clerk.post("/v1/check", unheard).json["warnings"], ["document_not_seen"])
        again = self.signed(GOVERNMENT, INFORMATION, number="C1", document_id="c-2")
        self.assertEqual(self.client(GOVERNMENT).post("/v1/check", again).json["warnings"], ["number_reused"])


if __name__ == "__main__":
    unittest.main()
