"""A signature that does not hold, or a certificate that does not vouch for the sender, is accepted nowhere."""
import unittest

import credentials
import edxml
from broker_case import RefusalCase
from network import GOVERNMENT, INFORMATION, PLANNING, PROVINCE


def record_of(records, code):
    return next(r["agency"] for r in records if r.get("agency", {}).get("code") == code)


class SignatureRefusal(RefusalCase):
    @classmethod
    def prepare(cls, net):
        issuer = net.issuer()
        cls.unregistered = issuer.issue("unregistered", "rsa")
        cls.expired = issuer.expired("expired")
        cls.future = issuer.issue("future", "ec", "20350101000000Z")
        cls.revoked = issuer.issue("revoked")
        cls.second = issuer.issue("second")
        cls.stranger = credentials.self_signed(issuer.directory, kind="rsa")
        cls.impostor = credentials.self_signed(issuer.directory, "impostor")
        lists = issuer.directory / "revoked-list.pem"
        lists.write_text(issuer.revocation_list(cls.revoked))
        net.configure("certificates", f'crl = "{lists}"')
        registered = (cls.expired, cls.future, cls.revoked, cls.second, cls.impostor)
        net.change_directory(lambda records: record_of(records, GOVERNMENT)["certificates"].extend(
            c.digest for c in registered))

    def document(self, **members):
        return edxml.document(GOVERNMENT, INFORMATION, **members)

    def test_a_second_registered_certificate_is_good(self):
        message = self.network.sign(self.document(), self.second)
        self.assertEqual(self.client(GOVERNMENT).submit(message).status, 201)

    def test_no_signature(self):
        self.assert_refused(self.document().encode(), "signature_missing")

    def test_one_changed_byte(self):
        message = self.signed(GOVERNMENT, INFORMATION, attachment=b"%PDF-1.4 original")
        changes = {
            "subject": (b"V/v", b"V/w"),
            "recipient": (INFORMATION.encode(), PLANNING.encode()),
            "attachment": (b"<ContentTransferEncoded>JV", b"<ContentTransferEncoded>JW"),
            "digest": (b"<DigestValue>", b"<DigestValue>AA"),
            "white space": (b"<edXML:Subject>", b"<edXML:Subject> "),
        }
        self.assertEqual(self.client(GOVERNMENT).post("/v1/check", message).status, 200)
        for name, (old, new) in changes.items():
            with self.subTest(name):
                self.assert_refused(message.replace(old, new, 1), "signature_invalid")

    def test_an_element_that_was_added_after_signing(self):
        message = self.signed(GOVERNMENT, INFORMATION)
        extra = edxml.organization("To", PLANNING).encode()
        self.assert_refused(message.replace(b"<edXML:To>", extra + b"<edXML:To>", 1), "signature_invalid")

    def test_the_attacker_s_key_in_the_message(self):
        """A verifier that believes KeyValue would find this signature good."""
        own = self.stranger
        for name, info in {"alone": "<KeyValue/>", "beside a certificate": "<KeyValue/><X509Data/>"}.items():
            with self.subTest(name):
                message = edxml.sign(self.document(), own.certificate, own.key, info)
                self.assertIn(b"<Modulus>", message)
                self.assert_refused(message, "signature_invalid")

    def test_the_attacker_s_key_beside_the_sender_s_certificate(self):
        own = self.stranger
        theirs = open(self.network.agency(GOVERNMENT)["certificate"], encoding="ascii").read()
        body = "".join(line for line in theirs.splitlines() if "-----" not in line)
        info = f"<X509Data><X509Certificate>{body}</X509Certificate></X509Data>"
        message = edxml.sign(self.document(), own.certificate, own.key, "<X509Data/>")
        begin, end = message.index(b"<X509Data"), message.index(b"</X509Data>") + len(b"</X509Data>")
        self.assert_refused(message[:begin] + info.encode() + message[end:], "signature_invalid")

    def test_signatures_in_odd_places_or_numbers(self):
        message = self.signed(GOVERNMENT, INFORMATION).decode()
        begin, end = message.index("<Signature"), message.index("</Signature>") + len("</Signature>")
        signature, rest = message[begin:end], message[:begin] + message[end:]
        cases = {
            "two": message.replace("</Signature>", "</Signature>" + signature, 1),
            "inside MessageHeader": rest.replace("</edXML:MessageHeader>", signature + "</edXML:MessageHeader>"),
            "inside Subject": rest.replace("V/v", signature),
        }
        for name, text in cases.items():
            with self.subTest(name):
                self.assert_refused(text.encode(), "signature_invalid")

    def test_weak_and_foreign_algorithms(self):
        message = self.signed(GOVERNMENT, INFORMATION).decode()
        xslt = '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/></Transforms>'
        cases = {
            "rsa-sha1": message.replace(edxml.RSA, "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
            "sha1": message.replace("http://www.w3.org/2001/04/xmlenc#sha256", edxml.DSIG + "sha1"),
            "hmac": message.replace(edxml.RSA, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
            "xslt": message.replace("</Transforms>", xslt),
            "a file": message.replace('URI=""', 'URI="file:///etc/passwd"'),
            "another document": message.replace('URI=""', 'URI="http://127.0.0.1/"'),
        }
        for name, text in cases.items():
            with self.subTest(name):
                self.assertNotEqual(text, message)
                self.assert_refused(text.encode(), "signature_invalid")

    def test_the_dummy_signatures_of_old_kits_do_not_count(self):
        dummy = "<Signature><SignedInfo/><SignatureValue>abc</SignatureValue></Signature>"
        text = self.document().replace(edxml.HEADER_END, dummy + edxml.HEADER_END)
        self.assert_refused(text.encode(), "signature_invalid")

    def test_certificates_that_do_not_vouch(self):
        cases = {
            "certificate_unknown": [self.unregistered, self.stranger, self.impostor],
            "certificate_expired": [self.expired, self.future],
            "certificate_revoked": [self.revoked],
            "certificate_of_other_agency": [PLANNING, PROVINCE],
        }
        for code, signers in cases.items():
            for signer in signers:
                with self.subTest(code, signer=getattr(signer, "certificate", signer)):
                    self.assert_refused(self.network.sign(self.document(), signer), code)

    def test_an_unsigned_status_may_pass_but_one_with_a_bad_signature_may_not(self):
        status = edxml.status(INFORMATION, GOVERNMENT, "unheard-of")
        self.assertEqual(self.client(INFORMATION).submit(status.encode()).status, 201)
        forged = self.network.sign(status, INFORMATION).replace(b"<edXML:StatusCode>01", b"<edXML:StatusCode>06")
        self.assert_refused(forged, "signature_invalid", by=INFORMATION)
        self.assert_refused(self.network.sign(status, PLANNING), "certificate_of_other_agency", by=INFORMATION)
        self.assert_refused(self.network.sign(status, self.unregistered), "certificate_unknown", by=INFORMATION)


if __name__ == "__main__":
    unittest.main()
