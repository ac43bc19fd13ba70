"""What is not a message of edXML within the limits is refused with its own code, and leaves nothing but that event."""
import http.client
import unittest

import edxml
from broker_case import RefusalCase
from network import GOVERNMENT, INFORMATION, PLANNING

LARGEST = 72 << 20


class NotAMessage(RefusalCase):
    def document(self, **members):
        return edxml.document(GOVERNMENT, INFORMATION, **members)

    def test_not_xml(self):
        text = self.document()
        cases = {
            "nothing at all": b"",
            "white space": b" \n ",
            "words": "Kính gửi: Sở Thông tin".encode(),
            "PDF": b"%PDF-1.4\n",
            "cut off": text[:len(text) // 2].encode(),
            "two roots": (text + text[text.index("<edXML"):]).encode(),
            "wrong nesting": text.replace("</edXML:Subject>", "</edXML:Subjects>").encode(),
            "From inside From": text.replace("<edXML:To>", "<edXML:To><edXML:From>", 1).encode(),
            "undeclared prefix": text.replace("<edXML:Subject>", '<edXML:Subject xlink:href="a">').encode(),
            "undeclared entity": text.replace("V/v", "&nbsp;").encode(),
            "NUL": text.replace("V/v", "V\0v").encode(),
            "TCVN3 bytes": text.encode().replace("V/v kiểm tra".encode(), b"V/v ki\xd3m tra"),
            "a surrogate": text.encode().replace(b"V/v", b"\xed\xa0\x80"),
            "processing instruction": text.replace("<edXML xmlns", "<?php evil()?><edXML xmlns", 1).encode(),
            "XML 1.1": text.replace('version="1.0"', 'version="1.1"', 1).encode(),
        }
        for name, message in cases.items():
            with self.subTest(name):
                self.assert_refused(message, "not_xml")

    def test_a_fault_is_shown_by_line_and_column(self):
        text = self.document().replace("V/v", "\n\nÂ&nbsp;")
        line = text[:text.index("&nbsp;")].count("\n") + 1
        problem = self.assert_refused(text.encode(), "not_xml")
        self.assertEqual(problem["line"], line)

    def test_other_encodings(self):
        text = self.document()
        cases = {
            "UTF-16": text.replace("UTF-8", "UTF-16").encode("utf-16"),
            "UTF-16 big endian": b"\xfe\xff" + text.encode("utf-16-be"),
            "UTF-32": text.encode("utf-32"),
            "TCVN3": text.replace("UTF-8", "TCVN-5712").encode().replace("ể".encode(), b"\xd3"),
            "windows-1258": text.replace("UTF-8", "windows-1258").encode(),
        }
        for name, message in cases.items():
            with self.subTest(name):
                self.assert_refused(message, "encoding")

    def test_doctype(self):
        text = self.document()
        for doctype in ('<!DOCTYPE edXML>', '<!DOCTYPE edXML SYSTEM "file:///etc/passwd">',
                        '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>'):
            with self.subTest(doctype):
                self.assert_refused(text.replace("<edXML xmlns", doctype + "<edXML xmlns", 1).encode(),
                                    "doctype_forbidden")

    def test_structures_beyond_the_limits(self):
        text = self.document()
        attributes = " ".join(f'a{n}="x"' for n in range(100))
        cases = {
            "too deep": text.replace("V/v", "<a>" * 100 + "</a>" * 100),
            "too many elements": text.replace("V/v", "<a/>" * 110_000),
            "too many attributes": text.replace("<edXML:Subject>", f"<edXML:Subject {attributes}>"),
            "a name too long": text.replace("V/v", f"<{'a' * 200}/>"),
            "an attribute too long": text.replace("<edXML:Subject>", f'<edXML:Subject a="{"x" * 20_000}">'),
        }
        for name, message in cases.items():
            with self.subTest(name):
                self.assert_refused(message.encode(), "too_deep")

    def test_too_large_by_its_length_is_refused_before_it_is_sent(self):
        client = self.client(GOVERNMENT)
        kept, refused, size = self.kept()
        connection = client.connection()
        connection.putrequest("POST", "/v1/documents")
        connection.putheader("Content-Type", "application/xml")
        connection.putheader("Content-Length", str(LARGEST + 1))
        connection.endheaders()
        problem = self.assert_problem(client.receive("POST", "/v1/documents"), "too_large")
        self.assertEqual(self.kept(), (kept, refused + 1, size + 1))
        self.network.verify_receipts(problem["receipt"])

    def test_too_large_while_it_streams(self):
        client = self.client(GOVERNMENT)
        kept, refused, _ = self.kept()
        head, tail = self.document().encode().split(b"V/v", 1)
        piece = b"x" * (1 << 20)

        def stream():
            yield head
            sent = len(head)
            while sent <= LARGEST:
                yield piece
                sent += len(piece)
            yield tail

        try:
            answer = client.submit(stream())
        except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected):
            self.fail("the refusal must be readable by a client that sends on for a while")
        self.assert_problem(answer, "too_large")
        after, counted, _ = self.kept()
        self.assertEqual((after, counted), (kept, refused + 1))

    def test_the_largest_is_not_too_large(self):
        client = self.client(GOVERNMENT)
        connection = client.connection()
        connection.putrequest("POST", "/v1/documents")
        for name, value in (("Content-Type", "application/xml"), ("Content-Length", str(LARGEST)),
                            ("Expect", "100-continue")):
            connection.putheader(name, value)
        connection.endheaders()
        self.assertEqual(connection.sock.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")


class NotEdXml(RefusalCase):
    def test_missing_elements_of_a_document(self):
        for name in ("From", "To", "DocumentId", "Code", "Subject"):
            with self.subTest(name):
                text = edxml.document(GOVERNMENT, INFORMATION, without=[name])
                self.assert_refused(self.network.sign(text, GOVERNMENT), "schema")

    def test_missing_elements_of_a_status(self):
        for name in ("From", "ResponseFor"):
            with self.subTest(name):
                self.assert_refused(edxml.status(INFORMATION, GOVERNMENT, "a", without=[name]).encode(), "schema",
                                    by=INFORMATION)

    def test_other_vocabularies(self):
        for uri in ("http://www.e-doc.vn/Schema/", "http://www.go.vn/eDoc", "urn:other"):
            with self.subTest(uri):
                text = edxml.document(GOVERNMENT, INFORMATION).replace(edxml.NAMESPACE, uri)
                self.assert_refused(text.encode(), "layout_unknown")

    def test_a_code_of_no_agency_form(self):
        text = edxml.document(GOVERNMENT, "Sở Thông tin")
        self.assert_refused(self.network.sign(text, GOVERNMENT), "schema")

    def test_attachments_that_cannot_be_decoded(self):
        whole = edxml.document(GOVERNMENT, INFORMATION, attachment=b"%PDF-1.4")
        begin = whole.index("<AttachmentEncoded>")
        end = whole.index("</AttachmentEncoded>") + len("</AttachmentEncoded>")
        cases = {
            "not base64": whole.replace("<ContentTransferEncoded>", "<ContentTransferEncoded>*!*"),
            "not there": whole[:begin] + whole[end:],
            "another one": whole[:begin] + whole[begin:].replace("cid:1", "cid:2"),
        }
        for name, text in cases.items():
            with self.subTest(name):
                self.assert_refused(self.network.sign(text, GOVERNMENT), "attachment_mismatch")


class TheRefusal(RefusalCase):
    def test_the_same_refusal_has_the_same_receipt_and_is_counted(self):
        message = edxml.document(GOVERNMENT, INFORMATION).encode()
        client = self.client(GOVERNMENT)
        first = self.assert_refused(message, "signature_missing")
        _, refused, size = self.kept()
        again = self.assert_problem(client.submit(message), "signature_missing")
        self.assertEqual((again["id"], again["receipt"]), (first["id"], first["receipt"]))
        self.assertEqual(self.kept()[1:], (refused + 1, size))

    def test_another_client_s_refusal_is_another(self):
        message = edxml.document(GOVERNMENT, INFORMATION).encode()
        own = self.assert_refused(message, "signature_missing")
        other = self.assert_refused(message, "sender_not_yours", by=PLANNING)
        self.assertNotEqual(own["id"], other["id"])

    def test_its_receipt_is_in_the_feed_of_the_agency_and_of_no_other(self):
        problem = self.assert_refused(edxml.document(GOVERNMENT, INFORMATION).encode(), "signature_missing")
        own, other = self.client(GOVERNMENT), self.client(PLANNING)
        self.assertEqual(own.get("/v1/receipts?max=1000").json["items"][-1],
                         {"event_id": problem["id"], "event": "SubmissionRejection", "xml": problem["receipt"]})
        self.assertEqual(own.get("/v1/receipts/" + problem["id"]).body.decode(), problem["receipt"])
        self.assertEqual(other.get("/v1/receipts?max=1000").json["items"], [])
        self.assert_problem(other.get("/v1/receipts/" + problem["id"]), "not_found")

    def test_somebody_else_s_agency_in_from_gets_nothing_into_its_feed(self):
        problem = self.assert_refused(edxml.document(PLANNING, INFORMATION).encode(), "sender_not_yours")
        self.assertNotIn(problem["id"],
                         [r["event_id"] for r in self.client(PLANNING).get("/v1/receipts?max=1000").json["items"]])

    def test_it_is_told_in_vietnamese_to_those_who_ask(self):
        message = edxml.document(GOVERNMENT, INFORMATION).encode()
        answer = self.client(GOVERNMENT).submit(message, Accept_Language="vi-VN,vi;q=0.9,en;q=0.5")
        self.assertEqual(answer.headers["Content-Language"], "vi")
        self.assertEqual(answer.json["title"], "Thiếu chữ ký số")
        self.assertEqual(self.client(GOVERNMENT).submit(message).headers["Content-Language"], "en")

    def test_what_a_stranger_wrote_is_shown_as_text(self):
        """Markup, line ends and overlong names end up in receipts and answers only as characters."""
        recipients = ("<b>&amp;", "x" * 3000, "à" * 1999)
        for name in recipients:
            with self.subTest(name[:10]):
                text = edxml.document(GOVERNMENT, INFORMATION, document_id=name)
                self.assert_refused(text.encode(), "signature_missing")

    def test_the_connection_lives_on(self):
        client = self.client(GOVERNMENT)
        connection = client.connection()
        for _ in range(3):
            self.assertEqual(client.submit(edxml.document(GOVERNMENT, INFORMATION).encode()).status, 422)
            self.assertEqual(client.submit(self.signed(GOVERNMENT, INFORMATION)).status, 201)
        self.assertIs(client._connection, connection)


class ContentType(RefusalCase):
    def test_other_types_are_not_read(self):
        message = self.signed(GOVERNMENT, INFORMATION)
        kept = self.kept()
        client = self.client(GOVERNMENT)
        for content_type in ("application/pdf", "application/json", "", "text/html; charset=UTF-8"):
            with self.subTest(content_type):
                self.assert_problem(client.post("/v1/documents", message, content_type), "content_type")
                self.assert_problem(client.post("/v1/check", message, content_type), "content_type")
        self.assertEqual(self.kept(), kept)

    def test_packages_are_not_supported_yet(self):
        kept = self.kept()
        answer = self.client(GOVERNMENT).post("/v1/documents", b"PK\3\4", "application/vnd.etsi.asic-e+zip")
        self.assert_problem(answer, "not_supported")
        self.assertEqual(self.kept(), kept)


if __name__ == "__main__":
    unittest.main()
