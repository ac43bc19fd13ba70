"""What administrators do with deliveries, and how they find them, over the node's socket."""
import json
import unittest
import urllib.parse

from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION, INTERIOR, PLANNING, PROVINCE


class ActionCase(BrokerCase):
    def setUp(self):
        self.admin = self.administrator()

    def order(self, path, **body):
        return self.admin.post("/admin/" + path, json.dumps(body), "application/json")

    def changed(self, verb, **body):
        answer = self.order("deliveries/" + verb, **{"reason": "theo lệnh", **body})
        self.assertEqual(answer.status, 200, answer)
        return answer.json["changed"]

    def listed(self, **query):
        answer = self.admin.get("/admin/deliveries?" + urllib.parse.urlencode(query))
        self.assertEqual(answer.status, 200, answer)
        return answer.json["items"]

    def trace(self, told):
        return self.admin.get(f"/v1/documents/{told['id']}/trace").json["items"]


class Actions(ActionCase):
    def test_every_action_leaves_an_event_with_the_administrators_name(self):
        told = self.send(GOVERNMENT, INFORMATION)
        delivery = told["recipients"][0]["delivery_id"]
        self.assertEqual(self.changed("hold", id=delivery), 1)
        self.assertEqual(self.changed("release", id=delivery, reason="xong"), 1)
        self.assertEqual(self.changed("expire", id=delivery), 1)
        made = self.order("resend", id=delivery, reason="gửi lại")
        self.assertEqual(made.status, 201, made)
        self.assertEqual(self.order("legal-hold", id=told["id"], hold=True, reason="vụ án").status, 200)
        self.assertEqual(self.order("legal-hold", id=delivery, hold=False).json, {"id": told["id"], "hold": False})
        done = [(t["event"], t["reason"]) for t in self.trace(told) if t.get("channel", "").startswith("admin:")]
        self.assertEqual(done, [("Hold", "theo lệnh"), ("Release", "xong"), ("Expiry", "theo lệnh"), ("Resend", "gửi lại"),
                                ("LegalHold", "vụ án"), ("LegalRelease", "")])
        fed = [r["event"] for r in self.client(GOVERNMENT).get("/v1/receipts?max=1000").json["items"]
               if told["id"] in r["xml"]]
        self.assertEqual([name for name in fed if name in ("Hold", "Release", "Expiry", "Resend", "LegalHold")],
                         ["Hold", "Release", "Expiry", "Resend"])
        books = self.admin.get("/admin/books").json
        self.assertTrue(books["balance"] and books["end_to_end"]["balance"], books)

    def test_the_receipt_of_a_repetition_holds(self):
        told = self.send(GOVERNMENT, INFORMATION)
        delivery = told["recipients"][0]["delivery_id"]
        self.client(INFORMATION).acknowledge(delivery)
        made = self.order("resend", id=told["id"], reason="gửi lại").json
        self.assertEqual((made["recipient"], made["resent_from"]), (INFORMATION, delivery))
        resend = next(t for t in self.trace(told) if t["event"] == "Resend")
        self.network.verify_receipts(self.admin.get("/v1/receipts/" + resend["event_id"]).body)

    def test_a_held_item_is_nobodys_but_what_was_taken_out_before_counts(self):
        told = self.send(GOVERNMENT, INFORMATION)
        delivery = told["recipients"][0]["delivery_id"]
        client = self.client(INFORMATION)
        self.assertEqual(client.get(f"/v1/inbox/{delivery}/content").status, 200)
        self.assertEqual(self.changed("hold", ids=[delivery]), 1)
        self.assertNotIn(delivery, [i["delivery_id"] for i in client.inbox(max=1000)["items"]])
        self.assert_problem(client.get(f"/v1/inbox/{delivery}/content"), "not_found")
        [row] = self.client(GOVERNMENT).get("/v1/documents/" + told["id"]).json["recipients"]
        self.assertEqual((row["state"], row["held"], row["held_reason"]), ("consigned", "person", "theo lệnh"))
        self.assertEqual(client.acknowledge(delivery).status, 200)
        self.assert_problem(self.order("deliveries/release", id=delivery), "not_in_custody")

    def test_a_held_document_is_not_shown_to_its_recipient(self):
        told = self.send(GOVERNMENT, INFORMATION)
        delivery = told["recipients"][0]["delivery_id"]
        recipient, document = self.client(INFORMATION), "/v1/documents/" + told["id"]

        def listed():
            return told["id"] in [d["id"] for d in recipient.get("/v1/documents?max=1000").json["items"]]

        self.assertTrue(listed())
        self.assertEqual(recipient.get(document + "/content").body, told["bytes"])
        self.assertEqual(self.changed("hold", id=delivery), 1)
        self.assertFalse(listed())
        for rest in ("", "/content", "/receipts", "/trace"):
            self.assert_problem(recipient.get(document + rest), "not_found")
            self.assertEqual(self.client(GOVERNMENT).get(document + rest).status, 200)
        self.assert_problem(recipient.get("/v1/documents/" + delivery), "not_found")
        self.assertEqual(self.changed("release", id=delivery), 1)
        self.assertTrue(listed())
        self.assertEqual(recipient.acknowledge(delivery).status, 200)
        self.assertEqual(recipient.get(document + "/content").body, told["bytes"])

    def test_all_for_one_agency(self):
        first, second = (self.send(GOVERNMENT, INTERIOR) for _ in range(2))
        self.assertEqual(self.changed("hold", recipient=INTERIOR), 2)
        held = self.listed(held=1, recipient=INTERIOR)
        self.assertEqual([i["id"] for i in held], [first["id"], second["id"]])
        self.assertEqual({(i["held"], i["held_reason"]) for i in held}, {("person", "theo lệnh")})
        self.assertEqual(self.changed("hold", recipient=INTERIOR), 0)
        self.assertEqual(self.changed("release", recipient=INTERIOR), 2)
        self.assertEqual(self.listed(held=1, recipient=INTERIOR), [])
        self.assertEqual(self.changed("expire", recipient=INTERIOR), 2)
        self.assertEqual({i["state"] for i in self.listed(recipient=INTERIOR)}, {"expired"})

    def test_a_retry_leaves_an_event(self):
        size = self.admin.get("/admin/ledger/check").json["size"]
        self.assertEqual(self.order("retry").json, {"retried": []})
        self.assertEqual(self.admin.get("/admin/ledger/check").json["size"], size + 1)

    def test_what_cannot_be_done_is_told(self):
        told = self.send(GOVERNMENT, INFORMATION)
        delivery = told["recipients"][0]["delivery_id"]
        for body in ({}, {"id": delivery, "to": "x"}, {"ids": "x"}, {"ids": [1]}, {"id": 7}, {"recipient": []}):
            with self.subTest(body):
                self.assert_problem(self.order("deliveries/hold", **{"reason": "r", **body}), "bad_request")
        for verb in ("hold", "expire"):
            self.assert_problem(self.order("deliveries/" + verb, id=delivery), "bad_request")
            self.assert_problem(self.order("deliveries/" + verb, id=delivery, reason=" \t "), "bad_request")
        self.assert_problem(self.order("mode", read_only=True, reason="   "), "reason_missing")
        self.assert_problem(self.order("resend", id=delivery), "bad_request")
        self.assert_problem(self.order("legal-hold", id=delivery, hold=True), "bad_request")
        self.assert_problem(self.order("legal-hold", id=delivery, reason="r"), "bad_request")
        self.assert_problem(self.order("deliveries/hold", to="nowhere", reason="r"), "not_found")
        self.assert_problem(self.order("deliveries/dance", id=delivery, reason="r"), "not_found")
        for path in ("deliveries/hold", "resend"):
            self.assert_problem(self.order(path, id="x", reason="r"), "not_found")
        self.assert_problem(self.order("resend", id=delivery, reason="r"), "not_permitted")
        self.client(INFORMATION).acknowledge(delivery)
        for verb in ("hold", "expire"):
            self.assert_problem(self.order("deliveries/" + verb, id=delivery, reason="r"), "not_in_custody")
        two = self.send(GOVERNMENT, INFORMATION, PLANNING)
        self.assert_problem(self.order("resend", id=two["id"], reason="r"), "bad_request")


class Finding(ActionCase):
    def test_deliveries_by_what_is_known_of_them(self):
        first = self.send(GOVERNMENT, INFORMATION, PLANNING)
        second = self.send(PROVINCE, PLANNING)
        self.client(INFORMATION).acknowledge(first["recipients"][0]["delivery_id"])
        moment = self.admin.get("/v1/documents/" + second["id"]).json["accepted_at"]
        of = lambda **query: [(i["id"], i["to"]) for i in self.listed(**query)]
        self.assertEqual(of(recipient=PLANNING), [(first["id"], PLANNING), (second["id"], PLANNING)])
        self.assertEqual(of(sender=PROVINCE), [(second["id"], PLANNING)])
        self.assertEqual(of(state="handed_over"), [(first["id"], INFORMATION)])
        self.assertEqual(of(since=moment), [(second["id"], PLANNING)])
        self.assertEqual(of(until=moment), [(first["id"], INFORMATION), (first["id"], PLANNING)])
        [item] = self.listed(sender=PROVINCE)
        self.assertEqual((item["document_id"], item["from"], item["state"], item["held"], item["attempts"], item["next_at"]),
                         (second["document_id"], PROVINCE, "consigned", None, 0, None))
        page = self.admin.get("/admin/deliveries?max=2").json
        self.assertEqual(len(page["items"]), 2)
        rest = self.admin.get(f"/admin/deliveries?max=2&after={page['next']}").json
        self.assertEqual(([i["id"] for i in rest["items"]], rest["next"]), ([second["id"]], None))
        for query in ("state=lost", "since=yesterday", "until=x", "max=x"):
            self.assert_problem(self.admin.get("/admin/deliveries?" + query), "bad_request")

        found = self.admin.get(f"/v1/documents?recipient={INFORMATION}").json["items"]
        self.assertEqual([d["id"] for d in found], [first["id"]])
        found = self.admin.get("/v1/documents?until=" + urllib.parse.quote(moment)).json["items"]
        self.assertEqual([d["id"] for d in found], [first["id"]])
        self.assert_problem(self.admin.get("/v1/documents?until=x"), "bad_request")
        # Who else got a document is not an agency's business.
        found = self.client(PLANNING).get(f"/v1/documents?recipient={INFORMATION}").json["items"]
        self.assertEqual(len(found), 2)


if __name__ == "__main__":
    unittest.main()
