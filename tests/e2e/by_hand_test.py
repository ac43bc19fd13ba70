#!/usr/bin/env python3
"""A document signed by xmlsec1 and sent with curl arrives byte for byte, and its receipts verify without our programs."""
import json
import subprocess
import sys
import types
import unittest

import network_case
import openapi
from network_case import DEPARTMENT, OFFICE, SOURCE

TEMPLATE = SOURCE / "tests" / "data" / "tour" / "cong-van.edxml"
VERIFY_RECEIPT = SOURCE / "tests" / "interop" / "verify_receipt.py"


class ByHand(network_case.NetworkCase):
    def curl(self, agency, path, *options):
        """Status and body (bytes) of one call with the agency's certificate."""
        who = self.agency(agency)
        home = self.nodes[who["node"]]["http"]
        done = subprocess.run(
            ["curl", "-sS", "--max-time", "60", "--cacert", self.network["ca"], "--cert", who["certificate"], "--key",
             who["key"], "-w", "\n%{http_code} %{content_type}", *[str(o) for o in options], home + path],
            capture_output=True, check=True)
        body, said = done.stdout.rsplit(b"\n", 1)
        status, _, media = said.decode().partition(" ")
        answer = types.SimpleNamespace(status=int(status), headers={"Content-Type": media or None}, body=body)
        openapi.check("POST" if {"--data", "--data-binary"} & set(options) else "GET", path, answer)
        return answer.status, body

    def post(self, agency, file):
        return self.curl(agency, "/v1/documents", "-H", "Content-Type: application/xml", "--data-binary", f"@{file}")

    def sign(self, name, text):
        """Fills in the template's empty signature with the xmlsec1 program."""
        plain, signed = self.path(name + ".plain"), self.path(name)
        plain.write_text(text, encoding="utf-8")
        who = self.agency(DEPARTMENT)
        subprocess.run(["xmlsec1", "--sign", "--privkey-pem", f"{who['key']},{who['certificate']}", "--output",
                        str(signed), str(plain)], check=True, capture_output=True)
        return signed

    def verify(self, receipts):
        """By lxml, hashlib, xmlsec1 and openssl alone."""
        files = []
        for number, xml in enumerate(receipts):
            files.append(self.path(f"receipt-{number}.xml"))
            files[-1].write_text(xml, encoding="utf-8")
        done = subprocess.run([sys.executable, str(VERIFY_RECEIPT), "--ca", self.network["ca"], *map(str, files)],
                              capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def test_signed_by_xmlsec1_sent_by_curl_received_byte_for_byte_and_proven(self):
        signed = self.sign("signed.edxml", TEMPLATE.read_text(encoding="utf-8"))
        status, body = self.post(DEPARTMENT, signed)
        self.assertEqual(status, 201, body)
        accepted = json.loads(body)
        self.assertEqual(accepted["signature"], "valid")

        again, same = self.post(DEPARTMENT, signed)
        self.assertEqual((again, same), (200, body))

        item = self.eventually(
            lambda: next((i for i in json.loads(self.curl(OFFICE, "/v1/inbox")[1])["items"]
                          if i["id"] == accepted["id"]), None), bool)
        status, content = self.curl(OFFICE, f"/v1/inbox/{item['delivery_id']}/content")
        self.assertEqual((status, content), (200, signed.read_bytes()))
        status, part = self.curl(OFFICE, f"/v1/inbox/{item['delivery_id']}/content", "-r", "100-199")
        self.assertEqual((status, part), (206, signed.read_bytes()[100:200]))
        status, body = self.curl(OFFICE, f"/v1/inbox/{item['delivery_id']}/ack", "-H", "Content-Type: application/json",
                                 "--data", '{"outcome": "accepted"}')
        self.assertEqual(status, 200, body)

        receipts = self.eventually(
            lambda: json.loads(self.curl(DEPARTMENT, f"/v1/documents/{accepted['id']}/receipts")[1])["items"],
            lambda items: len(items) == 4)
        self.assertEqual([(r["event"], r["event_id"].split(".")[0]) for r in receipts],
                         [("SubmissionAcceptance", "ninhthuan"), ("RelayAcceptance", "vpcp"),
                          ("ContentConsignment", "vpcp"), ("ContentHandover", "vpcp")])
        self.assertEqual(receipts[0]["xml"], accepted["receipt"])
        end, told = self.verify([r["xml"] for r in receipts])
        self.assertEqual(end, 0, told)
        forged = receipts[0]["xml"].replace(accepted["sha256"], accepted["sha256"][::-1])
        self.assertNotEqual(self.verify([forged])[0], 0)

    def test_a_changed_byte_is_refused_with_a_receipt_that_verifies(self):
        text = TEMPLATE.read_text(encoding="utf-8").replace(",815/", ",816/")
        changed = self.sign("changed.edxml", text)
        changed.write_bytes(changed.read_bytes().replace("bốn cấp".encode(), "ba cấp".encode()))
        status, body = self.post(DEPARTMENT, changed)
        refusal = json.loads(body)
        self.assertEqual((status, refusal["code"], refusal["who"]), (422, "signature_invalid", "sender"))
        end, told = self.verify([refusal["receipt"]])
        self.assertEqual(end, 0, told)

    def test_another_agencys_client_may_not_send_it(self):
        signed = self.sign("foreign.edxml", TEMPLATE.read_text(encoding="utf-8").replace(",815/", ",817/"))
        status, body = self.post(OFFICE, signed)
        self.assertEqual((status, json.loads(body)["code"]), (403, "sender_not_yours"))


if __name__ == "__main__":
    unittest.main()
