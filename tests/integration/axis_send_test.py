"""Systems that use the SDK of the national axis send documents and statuses, and are refused in words that they show."""
import concurrent.futures
import hashlib
import socket
import unittest
import urllib.parse

import edxml
import network
import vxp
from broker_case import BrokerCase, ERRORS
from network import DISTRICT, GOVERNMENT, INFORMATION, INTERIOR, PLANNING, PROVINCE

DUMMY = "<Signature><SignedInfo/><SignatureValue>abc</SignatureValue></Signature>"


class AxisCase(BrokerCase):
    def service(self, code, system_id=None):
        service = vxp.of_network(self.network.description, code, system_id)
        self.addCleanup(service.close)
        return service

    def unsigned(self, sender, *recipients, **members):
        return edxml.document(sender, *recipients, **members).encode()

    def recipients(self, doc_id):
        trace = self.administrator().get(f"/v1/documents/{doc_id}").json
        return sorted(r["code"] for r in trace["recipients"])

    def receipt_of(self, answer):
        event = answer.description[answer.description.index("(biên nhận ") + len("(biên nhận "):-1]
        return self.administrator().get(f"/v1/receipts/{event}").body.decode()

    def assert_accepted(self, answer):
        self.assertTrue(answer.ok, answer)
        self.assertEqual(answer.description, "")
        return self.administrator().get(f"/v1/documents/{answer.doc_id}").json

    def assert_failure(self, answer, code):
        self.assertEqual((answer.status, answer.json["status"]), (200, "FAIL"), answer)
        self.assertEqual(answer.code, str(ERRORS[code]["axis"]), answer)
        self.assertTrue(answer.description.startswith(code + ": "), answer)
        return answer.description


class Sending:
    def test_the_document_is_the_file_and_not_its_line_end(self):
        message = self.signed(PROVINCE, GOVERNMENT, INFORMATION)
        row = self.assert_accepted(self.service(PROVINCE).send_edoc(message, PROVINCE, [GOVERNMENT, INFORMATION]))
        self.assertEqual((row["sha256"], row["size"]), (hashlib.sha256(message).hexdigest(), len(message)))
        self.assertEqual((row["signature"], row["entrance"]), ("valid", "axis"))
        stored = self.client(PROVINCE).get(f"/v1/documents/{row['id']}/content")
        self.assertEqual(stored.body, message)

    def test_the_same_again_is_the_same_document(self):
        service = self.service(PROVINCE)
        message = self.unsigned(PROVINCE, GOVERNMENT)
        first = service.send_edoc(message, PROVINCE, [GOVERNMENT])
        again = service.send_edoc(message, PROVINCE, [GOVERNMENT])
        self.assertEqual(self.assert_accepted(first)["id"], again.doc_id)
        self.assertEqual(self.service(PROVINCE).send_edoc(message, PROVINCE, [GOVERNMENT]).doc_id, first.doc_id)
        self.assertEqual(service.connection.opened, 1)

    def test_the_header_cuts_the_recipients_and_a_later_one_adds(self):
        service = self.service(PROVINCE)
        message = self.unsigned(PROVINCE, GOVERNMENT, INFORMATION, INTERIOR)
        first = service.send_edoc(message, PROVINCE, [INFORMATION])
        self.assertEqual(self.recipients(first.doc_id), [INFORMATION])
        second = service.send_edoc(message, PROVINCE, vxp.compact([GOVERNMENT, INFORMATION]))
        self.assertEqual(second.doc_id, first.doc_id)
        self.assertEqual(self.recipients(first.doc_id), sorted([GOVERNMENT, INFORMATION]))

    def test_a_recipient_that_the_document_does_not_name_is_refused(self):
        message = self.unsigned(PROVINCE, GOVERNMENT)
        answer = self.service(PROVINCE).send_edoc(message, PROVINCE, [GOVERNMENT, PLANNING])
        self.assertIn(PLANNING, self.assert_failure(answer, "recipient_unknown"))

    def test_hundreds_of_recipients_fit_into_the_headers(self):
        message = self.unsigned(PROVINCE, GOVERNMENT)
        answer = self.service(PROVINCE).send_edoc(message, PROVINCE, [f"000.{i // 99:02}.{i % 99:02}.H43" for i in range(2000)])
        self.assertIn("000.00.50.H43", self.assert_failure(answer, "recipient_unknown"))

    def test_a_form_with_the_file(self):
        message = self.unsigned(PROVINCE, GOVERNMENT, attachment=b"x" * 200_000)
        content_type, body = vxp.multipart(message)
        parameters = {"hash-file": vxp.hash_file(message), "to": vxp.compact([GOVERNMENT])}
        row = self.assert_accepted(self.service(PROVINCE).call("sendEdoc", content_type, body, **parameters))
        self.assertEqual(row["sha256"], hashlib.sha256(message).hexdigest())

    def test_a_body_in_chunks(self):
        message = self.unsigned(PROVINCE, GOVERNMENT, attachment=b"y" * 100_000)
        service = self.service(PROVINCE)
        service.parameters.update({"hash-file": vxp.hash_file(message), "to": vxp.compact([GOVERNMENT])})

        def chunked(fields):
            fields[:] = [f for f in fields if f[0] != "Content-Length"] + [("Transfer-Encoding", "chunked")]
        head = service.head("sendEdoc", vxp.OCTETS, 0, alter=chunked)
        pieces = [(message + b"\r\n")[at:at + 5_003] for at in range(0, len(message) + 2, 5_003)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        row = self.assert_accepted(service.connection.exchange(head, body))
        self.assertEqual(row["sha256"], hashlib.sha256(message).hexdigest())

    def test_content_decides_what_a_message_is_whatever_stale_headers_say(self):
        sent = self.send(GOVERNMENT, PROVINCE)
        service = self.service(PROVINCE)
        status = edxml.status(PROVINCE, GOVERNMENT, sent["document_id"]).encode()
        row = self.assert_accepted(service.send_edoc(status, "000.00.99.X99", [GOVERNMENT], "edoc"))
        self.assertEqual((row["kind"], row["from"]), ("status", PROVINCE))

    def test_a_body_that_the_hash_does_not_cover_is_refused_by_its_own_digest(self):
        service = self.service(PROVINCE)
        self.assertTrue(service.send_edoc(self.unsigned(PROVINCE, GOVERNMENT), PROVINCE, [GOVERNMENT]).ok)
        for message in (self.unsigned(PROVINCE, GOVERNMENT), self.unsigned(PROVINCE, GOVERNMENT)):
            stale = service.call("sendEdoc", vxp.OCTETS, message)  # hash-file is the first document's
            digest = hashlib.sha256(message).hexdigest()
            self.assertIn(digest, self.assert_failure(stale, "hash_mismatch"))
            self.assertIn(f"<Sha256>{digest}</Sha256>", self.receipt_of(stale))

    def test_without_recipients_in_the_headers_it_is_for_all(self):
        message = self.unsigned(PROVINCE, GOVERNMENT, INFORMATION)
        answer = self.service(PROVINCE).call("sendEdoc", vxp.OCTETS, message, **{"hash-file": vxp.hash_file(message)})
        self.assertEqual(self.recipients(answer.doc_id), sorted([GOVERNMENT, INFORMATION]))

    def test_agencies_and_clients_are_known_by_any_of_their_names(self):
        message = self.unsigned(PROVINCE, GOVERNMENT)
        names = (PROVINCE, PROVINCE.replace(".", "-"), self.network.agency(PROVINCE)["client"])
        answers = [self.service(PROVINCE, name).send_edoc(message, PROVINCE, [GOVERNMENT]) for name in names]
        self.assertTrue(all(a.ok for a in answers), answers)

    def test_many_at_once_keep_their_own_content(self):
        messages = [self.unsigned(PROVINCE, GOVERNMENT, attachment=bytes([i]) * 30_000) for i in range(40)]

        def send(message):
            service = vxp.of_network(self.network.description, PROVINCE)
            try:
                return service.send_edoc(message, PROVINCE, [GOVERNMENT])
            finally:
                service.close()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(send, messages))
        for message, answer in zip(messages, answers):
            self.assertEqual(self.assert_accepted(answer)["sha256"], hashlib.sha256(message).hexdigest())

    def test_a_client_that_goes_away_leaves_nothing(self):
        message = self.unsigned(PROVINCE, GOVERNMENT, attachment=b"z" * 300_000)
        service = self.service(PROVINCE)
        service.parameters["hash-file"] = vxp.hash_file(message)
        head = service.head("sendEdoc", vxp.OCTETS, len(message))
        books = self.administrator().get("/admin/books").json
        for part in (head, head + message[:200_000], head + message[:-1]):
            where = urllib.parse.urlsplit(self.network.node["vxp"])
            with socket.create_connection((where.hostname, where.port)) as link:
                link.sendall(part)
        self.network.wait_until(lambda: self.network.open_spools() == 0)
        self.assertEqual(self.administrator().get("/admin/books").json, books)


class Refusals:
    def test_a_refusal_names_its_receipt(self):
        answer = self.service(PROVINCE).send_edoc(self.unsigned(PROVINCE, "000.00.99.H43"), PROVINCE, ["000.00.99.H43"])
        self.assert_failure(answer, "recipient_unknown")
        receipt = self.receipt_of(answer)
        self.assertIn("<Name>SubmissionRejection</Name>", receipt)
        self.assertIn("<Reason>recipient_unknown", receipt)
        self.network.verify_receipts(receipt)

    def test_in_english_where_it_is_asked_for(self):
        def english(fields):
            fields.append(("Accept-Language", "en"))
        answer = self.service(PROVINCE).send_edoc(self.unsigned(PROVINCE, "000.00.99.H43"), PROVINCE, ["000.00.99.H43"],
                                                  alter=english)
        self.assertIn("(receipt ", self.assert_failure(answer, "recipient_unknown"))

    def test_nobody_sends_for_another_agency(self):
        for sender in (GOVERNMENT, INFORMATION):
            message = self.unsigned(sender, PLANNING)
            self.assert_failure(self.service(PROVINCE).send_edoc(message, sender, [PLANNING]), "sender_not_yours")
            self.assert_failure(self.service(PROVINCE).send_edoc(message, PROVINCE, [PLANNING]), "sender_not_yours")
            signed = self.signed(sender, PLANNING)
            self.assert_failure(self.service(PROVINCE).send_edoc(signed, PROVINCE, [PLANNING]), "sender_not_yours")

    def test_signatures_of_old_kits_are_accepted_as_not_verifiable(self):
        good = self.signed(PROVINCE, GOVERNMENT).decode()
        plain = edxml.document(PROVINCE, GOVERNMENT)
        sha1 = good.replace(edxml.RSA, edxml.DSIG + "rsa-sha1").replace(edxml.ECDSA, edxml.DSIG + "rsa-sha1")
        messages = {
            "dummy": plain.replace(edxml.HEADER_END, DUMMY + edxml.HEADER_END),
            "SHA-1 digest": self.signed(PROVINCE, GOVERNMENT).decode().replace("http://www.w3.org/2001/04/xmlenc#sha256",
                                                                               edxml.DSIG + "sha1"),
            "SHA-1 signature": sha1,
        }
        for name, text in messages.items():
            with self.subTest(name):
                row = self.assert_accepted(self.service(PROVINCE).send_edoc(text.encode(), PROVINCE, [GOVERNMENT]))
                self.assertEqual(row["signature"], "not_verifiable")

    def test_no_signature_is_told_apart(self):
        answer = self.service(PROVINCE).send_edoc(self.unsigned(PROVINCE, GOVERNMENT), PROVINCE, [GOVERNMENT])
        self.assertEqual(self.assert_accepted(answer)["signature"], "absent")

    def test_an_invalid_signature_is_accepted_nowhere(self):
        good = self.signed(PROVINCE, GOVERNMENT)
        for forged in (good.replace(b"V/v", b"V/w"), good.replace(b"<DigestValue>", b"<DigestValue>AA")):
            self.assertNotEqual(forged, good)
            answer = self.service(PROVINCE).send_edoc(forged, PROVINCE, [GOVERNMENT])
            self.assert_failure(answer, "signature_invalid")
        other = self.network.sign(edxml.document(PROVINCE, GOVERNMENT), PLANNING)
        self.assert_failure(self.service(PROVINCE).send_edoc(other, PROVINCE, [GOVERNMENT]), "certificate_of_other_agency")

    def test_what_is_no_document_is_refused_for_good(self):
        cases = {b"<a/>": "layout_unknown", b"": "not_xml", b"<a": "not_xml", b"\xff\xfe<\0a\0": "encoding",
                 b"<!DOCTYPE a><a/>": "doctype_forbidden", b"<a>" * 1000: "too_deep"}
        for content, code in cases.items():
            with self.subTest(content[:20]):
                answer = self.service(PROVINCE).send_edoc(content, PROVINCE, [GOVERNMENT])
                self.assertNotIn(answer.code, ("20", "21"), answer)
                self.assertEqual(answer.code, "22", answer)

    def test_too_large(self):
        answer = self.service(PROVINCE).send_edoc(b"<a>" + b"x" * (73 << 20), PROVINCE, [GOVERNMENT])
        self.assert_failure(answer, "too_large")


class Door:
    def strangers(self):
        return self.network.metric("truc_signed_headers_refused_total")

    def test_unknown_names_and_wrong_secrets_get_the_same_answer(self):
        known, unknown, wrong = self.service(PROVINCE), self.service(PROVINCE, "nobody"), self.service(PROVINCE)
        wrong.secret += "x"
        other = self.service(PROVINCE, GOVERNMENT)  # signed with the secret of another
        self.assertTrue(known.get_agencies_list().ok)
        before = self.strangers()
        said = {self.assert_failure(s.get_agencies_list(), "credentials") for s in (unknown, wrong, other)}
        self.assertEqual(len(said), 1)
        self.assertEqual(self.strangers(), before + 3)
        self.assertNotIn(known.secret, self.network.log())

    def test_a_refusal_before_authentication_leaves_no_evidence(self):
        service = self.service(PROVINCE)
        service.secret += "x"
        size = self.administrator().get("/admin/ledger/check").json["size"]
        self.assert_failure(service.send_edoc(self.unsigned(PROVINCE, GOVERNMENT), PROVINCE, [GOVERNMENT]), "credentials")
        self.assertEqual(self.administrator().get("/admin/ledger/check").json["size"], size)

    def test_who_has_proven_itself_learns_what_differs(self):
        def forge(fields):
            at = next(i for i, (name, _) in enumerate(fields) if name == "XroadVnpt-to")
            fields[at] = ("XroadVnpt-to", vxp.compact([PLANNING]))
        answer = self.service(PROVINCE).send_edoc(self.unsigned(PROVINCE, GOVERNMENT), PROVINCE, [GOVERNMENT], alter=forge)
        self.assertIn("XroadVnpt-to", self.assert_failure(answer, "credentials"))

    def test_a_clock_may_be_a_day_off(self):
        for hours, good in ((-23, True), (23, True), (-26, False), (26, False)):
            service = self.service(PROVINCE)
            service.parameters["timestamp"] = vxp.timestamp(vxp.datetime.datetime.now(vxp.VIETNAM)
                                                            + vxp.datetime.timedelta(hours=hours))
            answer = service.get_received_edoc_list()
            self.assertEqual(answer.ok, good, (hours, answer))
            if not good:
                self.assertRegex(self.assert_failure(answer, "credentials"), "(chậm|nhanh) hơn .* 2[56] giờ")

    def test_other_paths_and_methods_are_explained(self):
        service = self.service(PROVINCE)
        for operation in ("sendedoc", "getDocuments", "sendEdoc/x", ""):
            self.assert_failure(service.ask(operation), "not_found")
        head = service.head("getAgenciesList", vxp.JSON, 0).replace(b"POST", b"GET", 1)
        self.assert_failure(service.connection.exchange(head, b""), "method_not_allowed")

    def test_what_is_no_http_gets_no_answer_of_the_sdk_s(self):
        where = urllib.parse.urlsplit(self.network.node["vxp"])
        for said, status in ((b"hello\r\n\r\n", b"400"), (b"POST / HTTP/1.1\r\nX: " + b"x" * 300_000, b"431")):
            with socket.create_connection((where.hostname, where.port), network.PATIENCE) as link:
                link.sendall(said)
                self.assertTrue(link.recv(100).startswith(b"HTTP/1.1 " + status))

    def test_the_log_says_why_and_only_a_few_times_a_minute(self):
        service = self.service(PROVINCE, "nobody-at-all")
        for _ in range(30):
            service.get_agencies_list()
        lines = [line for line in self.network.log().splitlines() if "the axis entrance refused" in line]
        self.assertLessEqual(len(lines), 12)
        self.assertTrue(lines)


    def test_noise_neither_hides_others_nor_fills_the_log(self):
        for number in range(8):
            name = f"XroadVnpt-{number}" + "x" * 20_000

            def double(fields, name=name):
                fields.extend([(name, "1"), (name, "2")])
            noise = self.service(PROVINCE, f"noise-{number}")
            self.assert_failure(noise.call("getReceivedEdocList", vxp.JSON, b"", alter=double), "credentials")
        late = self.service(INFORMATION)
        for hours in range(48, 56):
            late.parameters["timestamp"] = vxp.timestamp(vxp.datetime.datetime.now(vxp.VIETNAM)
                                                         - vxp.datetime.timedelta(hours=hours))
            self.assert_failure(late.get_received_edoc_list(), "credentials")
        lines = [line for line in self.network.log().splitlines() if "the axis entrance refused" in line]
        client = self.network.agency(INFORMATION)["client"]
        self.assertEqual(len([line for line in lines if f'refused "{client}"' in line and "48 hours behind" in line]), 1)
        self.assertEqual(len([line for line in lines if f'refused "{client}"' in line]), 1, "one for all of its kind")
        self.assertLess(max(len(line) for line in lines), 1000)


class OneNode(Sending, Refusals, Door, AxisCase):
    """They share a node."""


class WhoMayComeIn(AxisCase):
    """The entrance speaks TLS here, and without a client's certificate."""

    @classmethod
    def prepare(cls, net):
        net.configure("vxp", "tls = true")
        net.node["vxp"] = net.node["vxp"].replace("http:", "https:")

        def change(records):
            for client in (r["client"] for r in records if "client" in r):
                if client["agencies"] == [PLANNING]:
                    client["entrances"] = ["http"]
                if client["agencies"] == [INTERIOR]:
                    client["disabled"] = True
        net.change_directory(change)
        with net.config.open("a") as config:
            config.write("\n[limits]\nrequests_per_second = 1\nburst = 5\n")

    def test_documents_come_in_over_tls(self):
        message = self.unsigned(DISTRICT, GOVERNMENT, attachment=b"t" * 200_000)
        row = self.assert_accepted(self.service(DISTRICT).send_edoc(message, DISTRICT, [GOVERNMENT]))
        self.assertEqual(row["sha256"], hashlib.sha256(message).hexdigest())

    def test_a_client_without_this_entrance_is_told_so(self):
        self.assert_failure(self.service(PLANNING).get_received_edoc_list(), "not_permitted")

    def test_a_disabled_client_is_told_so(self):
        self.assert_failure(self.service(INTERIOR).get_received_edoc_list(), "credentials")

    def test_who_asks_too_much_is_told_to_come_back(self):
        service = self.service(PROVINCE)
        answers = [service.get_received_edoc_list() for _ in range(30)]
        refused = [a for a in answers if not a.ok]
        self.assertTrue(refused)
        self.assertTrue(answers[0].ok)
        for answer in refused:
            self.assert_failure(answer, "rate_limited")
            self.assertEqual(answer.code, "20")
            self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
        self.assertTrue(self.service(INFORMATION).get_received_edoc_list().ok, "others have limits of their own")
        self.assertEqual(service.connection.opened, 1)


if __name__ == "__main__":
    unittest.main()
