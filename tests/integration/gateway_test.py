"""A gateway: a client that speaks for agencies of another network, and says itself which ones."""
import contextlib
import json
import threading
import unittest

from proton.utils import LinkDetached

import edxml
from agency_link import AgencyLink
from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION, INTERIOR, LABOUR, PLANNING, PROVINCE
from tree_case import TreeCase

OWN = "000.00.98.H43"      # the gateway's own agency
FIRST, SECOND, THIRD = "000.00.01.H02", "000.00.02.H02", "000.00.03.H02"
OTHERS = "000.00.01.H05"   # behind the other gateway
ELSEWHERE = "000.00.95.H43"


def entry(code, **members):
    return {"code": code, "name": "Cơ quan " + code, **members}


class GatewayCase(BrokerCase):
    @classmethod
    def prepare(cls, net):
        issuer = net.issuer()
        cls.gateway, cls.other, cls.away, cls.plain = (issuer.issue(n) for n in ("gateway", "other", "away", "plain"))

        def client(name, own, agency, **members):
            return {"client": {"id": name, "certificates": [own.digest], "agencies": [agency],
                               "entrances": ["http", "adapter"], "gateway": True, **members}}

        def change(records):
            home = next(r["agency"]["node"] for r in records if r.get("agency", {}).get("code") == INFORMATION)
            records.append({"node": {"name": "elsewhere", "http": "https://127.0.0.1:1"}})
            records.append({"agency": {"code": ELSEWHERE, "name": "Cổng khác", "node": "elsewhere"}})
            for code in (OWN, "000.00.97.H43"):
                records.append({"agency": {"code": code, "name": "Cổng liên thông", "node": home}})
            records.append(client("gateway", cls.gateway, OWN))
            records.append(client("other", cls.other, "000.00.97.H43"))
            records.append(client("away", cls.away, ELSEWHERE))
            records.append(client("plain", cls.plain, OWN, gateway=False, entrances=["http", "amqp"]))
        net.change_directory(change)

    def declare(self, *agencies, by=None, force=False):
        target = "/v1/gateway/agencies" + ("?close=many" if force else "")
        return self.client(by or self.gateway).call("PUT", target, json.dumps(agencies),
                                                    {"Content-Type": "application/json"})

    def declared(self, *agencies, **how):
        answer = self.declare(*agencies, **how)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def link(self, own=None):
        link = AgencyLink(self.network, own or self.gateway)
        self.addCleanup(link.close)
        return link

    def agency(self, code):
        return self.administrator().get("/v1/agencies/" + code).json

    def channels(self, told):
        rows = self.administrator().get(f"/v1/documents/{told['id']}/trace").json["items"]
        return {row["event"]: row.get("channel") for row in rows}


class Declaring(GatewayCase):
    def setUp(self):
        self.declared(force=True)

    def test_the_list_is_what_is_behind_it(self):
        told = self.declared(entry(FIRST, mail="a@b.vn"), entry(SECOND, parent=FIRST), entry(THIRD, parent="no.body"))
        self.assertEqual((told["declared"], told["closed"]), (3, 0))
        first = self.agency(FIRST)
        self.assertEqual((first["gateway"], first["mail"], first["name"]), ("gateway", "a@b.vn", "Cơ quan " + FIRST))
        self.assertEqual(first["node"], self.agency(OWN)["node"])
        self.assertEqual((self.agency(SECOND)["parent"], self.agency(THIRD)["parent"]), (FIRST, ""))

        told = self.declared(entry(FIRST), entry(SECOND, parent=FIRST))
        self.assertEqual((told["changed"], told["kept"], told["closed"]), (1, 1, 1))
        self.assertIn("valid_to", self.agency(THIRD))
        told = self.declared(entry(FIRST), entry(SECOND, parent=FIRST), entry(THIRD))
        self.assertEqual((told["reopened"], told["kept"]), (1, 2))
        self.assertNotIn("valid_to", self.agency(THIRD))

    def test_the_same_list_again_changes_nothing(self):
        agencies = [entry(FIRST), entry(SECOND)]
        self.declared(*agencies)
        before, signed = self.network.directory_file.read_bytes(), self.network.log().count("directory section was signed")
        self.assertEqual(self.declared(*agencies)["kept"], 2)
        self.assertEqual(self.network.directory_file.read_bytes(), before)
        self.assertEqual(self.network.log().count("directory section was signed"), signed)

    def test_json_lines_are_a_list_too_and_bad_entries_are_named(self):
        body = "\n".join(json.dumps(e) for e in (entry(FIRST), {"code": "?"}, {"name": "x"}, entry(SECOND)))
        told = self.client(self.gateway).call("PUT", "/v1/gateway/agencies", body,
                                              {"Content-Type": "application/x-ndjson"}).json
        self.assertEqual((told["declared"], told["not_understood"]), (2, 2))
        self.assertIn("entry 2", told["remarks"][0])

    def test_nobody_takes_what_the_tree_or_another_gateway_has(self):
        self.declared(entry(OTHERS), by=self.other)
        known = [self.agency(code) for code in (INFORMATION, LABOUR, OTHERS, ELSEWHERE)]
        told = self.declared(entry(FIRST), entry(INFORMATION), entry(LABOUR), entry(OTHERS), entry(ELSEWHERE))
        self.assertEqual((told["declared"], told["left_out"]), (1, 4))
        self.declared(force=True)
        self.assertEqual([self.agency(code) for code in (INFORMATION, LABOUR, OTHERS, ELSEWHERE)], known)
        self.declared(by=self.other, force=True)

    def test_only_a_gateway_of_this_node_may(self):
        self.assert_problem(self.declare(entry(FIRST), by=self.plain), "not_permitted")
        self.assert_problem(self.declare(entry(FIRST), by=INFORMATION), "not_permitted")
        self.assert_problem(self.declare(entry(FIRST), by=self.away), "wrong_node")
        self.assertEqual(self.administrator().get("/v1/agencies/" + FIRST).json.get("gateway", "gateway"), "gateway")

    def test_a_list_that_looks_cut_off_changes_nothing_until_somebody_says_so(self):
        many = [entry(f"000.00.{n:02}.H09") for n in range(40)]
        self.declared(*many)
        before = self.network.directory_file.read_bytes()
        for cut in ([], many[:28]):
            problem = self.assert_problem(self.declare(*cut), "gateway_list_shrinks")
            self.assertIn(f"close {40 - len(cut)} of 40", problem["detail"])
        self.assertEqual(self.network.directory_file.read_bytes(), before)
        alarms = [a for a in self.administrator().get("/admin/alarms").json["items"]
                  if a["kind"] == "gateway_list_shrinks"]
        self.assertEqual([(a["subject"], a["count"]) for a in alarms], [("gateway", 2)])
        self.assertEqual(self.declared(*many[:28], force=True)["closed"], 12)
        self.assertNotIn("gateway_list_shrinks", self.administrator().get("/admin/alarms").body.decode())

    def test_what_is_no_list_changes_nothing(self):
        self.declared(entry(FIRST))
        before = self.network.directory_file.read_bytes()
        client = self.client(self.gateway)
        for body in ("[", "nonsense", '[{"code": "x"', "[1]"):
            self.assert_problem(client.call("PUT", "/v1/gateway/agencies", body), "bad_request")
        self.assert_problem(client.call("PUT", "/v1/gateway/agencies?close=all", "[]"), "bad_request")
        self.assert_problem(client.call("PUT", "/v1/gateway/agencies", None,
                                        {"Content-Length": str(65 << 20), "Expect": "100-continue"}), "too_large")
        self.assertEqual(self.network.directory_file.read_bytes(), before)

    def test_what_people_wrote_into_the_file_stays(self):
        self.network.directory_file.write_text(self.network.directory_file.read_text() + "# our own note\n")
        self.declared(entry(FIRST))
        self.assertIn("# our own note\n", self.network.directory_file.read_text())


class Exchanging(GatewayCase):
    def setUp(self):
        self.declared(entry(FIRST), entry(SECOND), entry(THIRD))
        self.declared(entry(OTHERS), by=self.other)
        for gateway in (self.gateway, self.other):  # what earlier tests have left there
            for item in self.client(gateway).inbox(max=1000)["items"]:
                self.client(gateway).acknowledge(item["delivery_id"])

    def test_what_is_for_an_agency_behind_it_comes_into_its_inbox(self):
        inbox = self.link().receiver("inbox", credit=10)
        self.assertTrue(inbox.is_silent())
        told = self.send(GOVERNMENT, SECOND)  # pushed at once, though nobody waits for SECOND by name
        item = inbox.next(patience=5)
        self.assertEqual((item.properties["truc-to"], item.properties["truc-from"]), (SECOND, GOVERNMENT))
        self.assertEqual(item.body, told["bytes"])
        item.accept()
        self.network.wait_until(lambda: "ContentHandover" in self.channels(told))
        self.assertEqual(self.channels(told)["ContentHandover"], "adapter:gateway")

    def test_over_http_it_is_the_same(self):
        told = self.send(GOVERNMENT, THIRD)
        delivery = told["recipients"][0]["delivery_id"]
        gateway = self.client(self.gateway)
        self.assertIn((delivery, THIRD), [(i["delivery_id"], i["to"]) for i in gateway.inbox()["items"]])
        self.assertEqual([i["delivery_id"] for i in gateway.inbox(agency=THIRD)["items"]], [delivery])
        self.assertEqual(gateway.inbox(agency=SECOND)["items"], [])
        self.assertEqual(gateway.get(f"/v1/inbox/{delivery}/content").body, told["bytes"])
        seen = [d["id"] for d in gateway.get("/v1/documents?max=1000").json["items"]]
        self.assertIn(told["id"], seen)
        self.assertEqual(gateway.get("/v1/documents/" + told["id"]).status, 200)
        self.assertEqual(gateway.acknowledge(delivery, "released").status, 200)
        self.assertEqual(gateway.acknowledge(delivery).json["state"], "handed_over")

    def test_a_long_poll_wakes_for_what_is_behind_it(self):
        gateway, answers = self.client(self.gateway), []
        poll = threading.Thread(target=lambda: answers.append(gateway.inbox(wait=50, kind="edoc")))
        poll.start()
        told = self.send(GOVERNMENT, FIRST)
        poll.join(10)
        self.assertIn(FIRST, [i["to"] for i in answers[0]["items"]])
        gateway.acknowledge(told["recipients"][0]["delivery_id"])

    def test_it_sends_for_those_behind_it_without_a_signature(self):
        link = self.link()
        self.assertEqual(link.submit(edxml.document(FIRST, INFORMATION).encode()), ("accepted", None))
        receipt = link.receiver("receipts/" + FIRST).next()
        self.assertEqual(receipt.subject, "SubmissionAcceptance")
        self.assertIn(b"adapter:gateway", receipt.body)

    def test_it_sends_for_nobody_else(self):
        link = self.link()
        own = edxml.document(INFORMATION, PLANNING).encode()
        others = edxml.document(OTHERS, PLANNING).encode()
        for message in (own, others):
            self.assertEqual(link.submit(message), ("rejected", "truc:sender_not_yours"))
            self.assert_problem(self.client(self.gateway).submit(message), "sender_not_yours")
        plain = edxml.document(FIRST, PLANNING).encode()
        self.assert_problem(self.client(self.plain).submit(plain), "sender_not_yours")
        self.assert_problem(self.client(self.other).submit(plain), "sender_not_yours")
        self.assert_problem(self.client(INTERIOR).submit(plain), "sender_not_yours")

    def test_nobody_else_has_what_is_for_them(self):
        told = self.send(GOVERNMENT, FIRST)
        delivery = told["recipients"][0]["delivery_id"]
        for stranger in (self.other, self.plain, INTERIOR):
            with self.subTest(stranger):
                client = self.client(stranger)
                self.assertNotIn(delivery, [i["delivery_id"] for i in client.inbox(max=1000)["items"]])
                self.assert_problem(client.get("/v1/inbox?agency=" + FIRST), "sender_not_yours")
                self.assert_problem(client.get("/v1/receipts?agency=" + FIRST), "sender_not_yours")
                for target in (f"/v1/inbox/{delivery}/content", "/v1/documents/" + told["id"],
                               f"/v1/documents/{told['id']}/content"):
                    self.assert_problem(client.get(target), "not_found")
                self.assert_problem(client.acknowledge(delivery), "not_found")
                self.assertNotIn(told["id"], [d["id"] for d in client.get("/v1/documents?max=1000").json["items"]])
        link = self.link(self.other)
        self.assertTrue(link.receiver("inbox", credit=10).is_silent())
        with self.assertRaises(LinkDetached) as refusal:
            link.receiver("inbox/" + FIRST)
        self.assertIn("sender_not_yours", str(refusal.exception))

    def test_only_an_adapter_may_say_that_it_signed(self):
        claim = {"truc-signed-on-behalf": True}
        plain = AgencyLink(self.network, INFORMATION)
        self.addCleanup(plain.close)
        signed = self.signed(INFORMATION, PLANNING)
        self.assertEqual(plain.submit(signed, properties=claim), ("rejected", "truc:not_permitted"))
        self.assertEqual(plain.submit(signed), ("accepted", None))
        self.assertEqual(self.link().submit(edxml.document(FIRST, PLANNING).encode(), properties=claim),
                         ("accepted", None))

    def test_a_gateway_that_is_disabled_is_out_of_everything(self):
        admin = self.administrator()
        inbox = self.link(self.other).receiver("inbox", credit=1)
        admin.post("/admin/clients/other/disable")
        with contextlib.suppress(LinkDetached):
            self.send(GOVERNMENT, OTHERS)
            self.assertTrue(inbox.is_silent())
        self.assert_problem(self.declare(entry(OTHERS), by=self.other), "credentials")
        admin.post("/admin/clients/other/enable")

    def test_a_new_gateway_is_added_by_an_administrator(self):
        added = self.administrator().post("/admin/clients", json.dumps(
            {"id": "third", "agencies": [OWN], "gateway": True, "password": True,
             "entrances": ["adapter"]}), "application/json")
        self.assertEqual(added.status, 201, added)
        self.assertTrue(added.json["gateway"])
        with AgencyLink(self.network, password=("third", added.json["new_password"])) as link:
            link.receiver("inbox", credit=0).close()
        renewed = self.administrator().post("/admin/clients/third/rotate", '{"password": true}', "application/json")
        self.assertEqual(renewed.json["entrances"], ["adapter"])  # the password opens what it opened before


class OfTheTree(TreeCase):
    """The gateway is at the Government Office; a province knows what is behind it by the office's section."""

    @classmethod
    def prepare(cls):
        office = cls.tree["vpcp"]
        cls.gateway = office.issuer().issue("gateway")
        records = [
            {"agency": {"code": OWN, "name": "Cổng liên thông", "node": "vpcp"}},
            {"client": {"id": "gateway", "certificates": [cls.gateway.digest], "agencies": [OWN],
                        "entrances": ["http", "adapter"], "gateway": True}}]
        office.change_directory(lambda all_records: all_records.extend(records))

    def declare(self, *codes):
        caller = self.tree["vpcp"].client(self.gateway)
        self.addCleanup(caller.close)
        answer = caller.call("PUT", "/v1/gateway/agencies", json.dumps([entry(c) for c in codes]))
        self.assertEqual(answer.status, 200, answer)

    def test_a_document_goes_through_the_tree_to_the_gateway_and_is_over_when_the_list_says_so(self):
        province = self.tree["ninhthuan"]
        self.declare(FIRST, SECOND)
        self.eventually(lambda: province.knows(FIRST), bool)
        self.assertEqual(province.ask("/v1/agencies/" + FIRST)["gateway"], "gateway")

        told = self.send(PROVINCE, FIRST)
        link = AgencyLink(self.tree["vpcp"], self.gateway)
        self.addCleanup(link.close)
        item = link.receiver("inbox").next()
        self.assertEqual((item.properties["truc-to"], item.body), (FIRST, told["bytes"]))
        item.accept()
        self.ends(PROVINCE, told)
        trace = self.client(PROVINCE).get(f"/v1/documents/{told['id']}/trace").json["items"]
        self.assertIn("adapter:gateway", [row.get("channel") for row in trace])

        self.declare(SECOND)
        self.eventually(lambda: "valid_to" in province.ask("/v1/agencies/" + FIRST), bool)
        late = province.sign(edxml.document(PROVINCE, FIRST), PROVINCE)
        self.assertEqual(self.client(PROVINCE).submit(late).code, "recipient_closed")


if __name__ == "__main__":
    unittest.main()
