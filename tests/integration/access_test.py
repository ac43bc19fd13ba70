"""Who may connect, for whom a client speaks, and what it is told when it may not."""
import ssl
import unittest

import credentials
import edxml
from broker_case import BrokerCase
from network import COMMUNE, DISTRICT, GOVERNMENT, INFORMATION, PLANNING, PROVINCE

HOMELESS = "000.00.93.H43"


class Access(BrokerCase):
    @classmethod
    def prepare(cls, net):
        issuer = net.issuer()
        names = ("shared", "disabled", "elsewhere", "nobody", "doorless", "unregistered")
        cls.own = {name: issuer.issue(name) for name in names}
        cls.expired = issuer.expired("expired")
        cls.stranger = credentials.self_signed(issuer.directory)

        def change(records):
            def client(name, *agencies, **members):
                records.append({"client": {"id": name, "certificates": [cls.own[name].digest], "agencies": agencies,
                                           "entrances": ["http"], **members}})

            records.append({"node": {"name": "elsewhere", "http": "https://127.0.0.1:1"}})
            records.append({"agency": {"code": HOMELESS, "name": "Sở khác", "node": "elsewhere"}})
            client("shared", INFORMATION, PLANNING, HOMELESS)
            client("disabled", INFORMATION, disabled=True)
            client("elsewhere", HOMELESS)
            client("nobody")
            client("doorless", INFORMATION, entrances=["amqp"])

        net.change_directory(change)

    def test_without_a_certificate(self):
        client = self.client(None)
        for target in ("/v1/inbox", "/v1/documents", "/v1/agencies", "/v1/nothing"):
            self.assert_problem(client.get(target), "credentials")
        self.assert_problem(client.submit(self.signed(GOVERNMENT, INFORMATION)), "credentials")

    def test_failures_before_authentication_are_no_events(self):
        admin = self.administrator()
        size = admin.get("/admin/ledger/check").json["size"]
        refused = admin.get("/admin/books").json["refused_at_door"]
        for who in (None, self.own["unregistered"], self.own["disabled"]):
            self.assert_problem(self.client(who).submit(self.signed(GOVERNMENT, INFORMATION)), "credentials")
        self.assertEqual(admin.get("/admin/ledger/check").json["size"], size)
        self.assertEqual(admin.get("/admin/books").json["refused_at_door"], refused)

    def test_a_certificate_that_nobody_registered(self):
        problem = self.assert_problem(self.client(self.own["unregistered"]).get("/v1/inbox"), "credentials")
        self.assertIn(self.own["unregistered"].digest, problem["detail"])

    def test_a_disabled_client(self):
        problem = self.assert_problem(self.client(self.own["disabled"]).get("/v1/inbox"), "credentials")
        self.assertIn("disabled", problem["detail"])

    def test_a_client_that_may_not_use_this_door(self):
        self.assert_problem(self.client(self.own["doorless"]).get("/v1/inbox"), "not_permitted")

    def test_certificates_of_strangers_and_expired_ones_end_the_handshake(self):
        for who in (self.stranger, self.expired):
            with self.subTest(who.certificate), self.assertRaises((ssl.SSLError, ConnectionError)):
                self.client(who).get("/v1/inbox")

    def test_an_agency_of_another_node_is_sent_there(self):
        client = self.client(self.own["elsewhere"])
        for answer in (client.get("/v1/inbox"), client.get("/v1/documents")):
            self.assertIn("elsewhere (https://127.0.0.1:1)", self.assert_problem(answer, "wrong_node")["detail"])

    def test_a_client_without_agencies_sees_nothing(self):
        told = self.send(GOVERNMENT, INFORMATION)
        client = self.client(self.own["nobody"])
        for target in ("/v1/documents", "/v1/inbox", "/v1/receipts", "/v1/documents/" + told["id"]):
            self.assert_problem(client.get(target), "not_permitted")

    def test_a_client_of_several_agencies_speaks_for_all_or_for_one(self):
        client = self.client(self.own["shared"])
        for item in client.inbox(max=1000)["items"]:
            client.acknowledge(item["delivery_id"])
        cursor = client.get(f"/v1/receipts?max=1000&agency={PLANNING}").json["next"]
        listed = {d["id"] for d in client.get("/v1/documents?max=1000").json["items"]}
        first, second = self.send(GOVERNMENT, INFORMATION), self.send(GOVERNMENT, PLANNING, priority=4)
        expected = {first["id"], second["id"]}
        first, second = (told["recipients"][0]["delivery_id"] for told in (first, second))
        foreign = self.send(GOVERNMENT, DISTRICT)

        def waiting(**query):
            return [(i["to"], i["delivery_id"]) for i in client.inbox(max=1000, **query)["items"]]

        self.assertEqual(waiting(), [(PLANNING, second), (INFORMATION, first)])
        self.assertEqual(waiting(agency=INFORMATION), [(INFORMATION, first)])
        self.assertEqual(waiting(agency="h43-03"), [(PLANNING, second)])
        for target in ("/v1/inbox", "/v1/documents", "/v1/receipts"):
            for code in (DISTRICT, "999.99.99.Z99", "", "*"):
                self.assert_problem(client.get(f"{target}?agency={code}"), "sender_not_yours")
        self.assert_problem(client.get(f"/v1/inbox?agency={HOMELESS}"), "wrong_node")
        self.assertEqual({d["id"] for d in client.get("/v1/documents?max=1000").json["items"]} - listed, expected)
        own = {d["id"] for d in client.get(f"/v1/documents?max=1000&agency={PLANNING}").json["items"]} - listed
        self.assertEqual(len(own), 1)
        self.assert_problem(client.get("/v1/documents/" + foreign["id"]), "not_found")
        self.assert_problem(client.get("/v1/receipts"), "bad_request")
        self.assertEqual(client.get(f"/v1/receipts?agency={PLANNING}&after={cursor}").json["items"], [])
        # An answer that speaks for the one agency does not answer for the other.
        ack = client.post(f"/v1/inbox/{second}/ack?agency={INFORMATION}", '{"outcome": "accepted"}', "application/json")
        self.assert_problem(ack, "not_found")
        self.assertEqual(client.acknowledge(second).status, 200)
        self.assertEqual(client.acknowledge(first).status, 200)

    def test_a_client_of_several_agencies_sends_for_each(self):
        client = self.client(self.own["shared"])
        for sender in (INFORMATION, PLANNING):
            answer = client.submit(self.signed(sender, COMMUNE))
            self.assertEqual(answer.status, 201, answer)
            self.assertIn("http:shared", answer.json["receipt"])
            seen = self.client(sender).get("/v1/documents/" + answer.json["id"]).json
            self.assertEqual((seen["from"], seen["client"]), (sender, "shared"))
        self.assert_problem(client.submit(self.signed(PROVINCE, COMMUNE)), "sender_not_yours")

    def test_a_status_between_two_agencies_of_one_client(self):
        client = self.client(self.own["shared"])
        told = client.submit(self.signed(INFORMATION, PLANNING)).json
        answer = client.submit(edxml.status(PLANNING, INFORMATION, told["document_id"]).encode())
        self.assertEqual((answer.status, answer.json["warnings"]), (201, []), answer)

    def test_methods_that_there_are_not(self):
        client = self.client(GOVERNMENT)
        for method in ("PUT", "DELETE", "PATCH", "TRACE"):
            with self.subTest(method):
                self.assert_problem(client.call(method, "/v1/documents"), "method_not_allowed")
        self.assert_problem(client.post("/v1/inbox", b""), "method_not_allowed")
        self.assert_problem(client.post("/v1/outbox", b""), "not_found")

    def test_bytes_of_no_encoding_come_back_as_text(self):
        client = self.client(GOVERNMENT)
        for target in ("/v1/agencies/%ff%fe", "/v1/%c3", "/v1/documents/%80", "/v1/inbox?agency=%ff",
                       "/v1/inbox?kind=%ff", "/v1/agencies/%01%1f", "/v1/documents?since=%ff", "/v1/receipts/%ff"):
            with self.subTest(target):
                answer = client.get(target)
                self.assertGreaterEqual(answer.status, 400)
                answer.body.decode("utf-8")
        answer = client.post("/v1/documents", b"<a/>", "application/\xff")
        self.assert_problem(answer, "content_type")
        answer.body.decode("utf-8")


if __name__ == "__main__":
    unittest.main()
