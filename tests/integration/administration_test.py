"""What only administrators see and may do, over the node's socket; docs/admin-socket.md lists it."""
import json
import re
import unittest

import network
from broker_case import BrokerCase
from network import COMMUNE, DISTRICT, GOVERNMENT, INFORMATION, INTERIOR, LABOUR, PLANNING, PROVINCE

NEW = "000.00.50.H43"


class Books(BrokerCase):
    def test_they_balance_after_every_step(self):
        admin = self.administrator()

        def books():
            b = admin.get("/admin/books").json
            self.assertTrue(b["balance"])
            self.assertEqual(b["taken_in"], b["from_agencies"] + b["from_neighbours"] + b["resent"])
            self.assertEqual(b["taken_in"], sum(b[k] for k in ("handed_over", "passed_on", "rejected", "recalled",
                                                               "expired", "undeliverable", "in_custody")))
            return tuple(b[k] for k in ("taken_in", "in_custody", "handed_over", "rejected", "refused_at_door"))

        self.assertEqual(books(), (0, 0, 0, 0, 0))
        told = self.send(GOVERNMENT, INFORMATION, PLANNING, PROVINCE)
        self.assertEqual(books(), (3, 3, 0, 0, 0))
        first, second, _ = (r["delivery_id"] for r in told["recipients"])
        self.client(INFORMATION).acknowledge(first)
        self.assertEqual(books(), (3, 2, 1, 0, 0))
        self.client(PLANNING).acknowledge(second, "rejected", reason="full")
        self.assertEqual(books(), (3, 1, 1, 1, 0))
        self.client(GOVERNMENT).submit(b"<a/>")
        self.assertEqual(books(), (3, 1, 1, 1, 1))
        lines = {line["agency"]: line for line in admin.get("/admin/books?by=agency").json["items"]}
        self.assertEqual(lines[GOVERNMENT], {"agency": GOVERNMENT, "sent": 3, "received": 0, "handed_over": 0,
                                             "rejected": 0, "open": 0})
        self.assertEqual([lines[c]["handed_over"] for c in (INFORMATION, PLANNING, PROVINCE)], [1, 0, 0])
        self.assertEqual([lines[c]["rejected"] for c in (INFORMATION, PLANNING, PROVINCE)], [0, 1, 0])
        self.assertEqual([lines[c]["open"] for c in (INFORMATION, PLANNING, PROVINCE)], [0, 0, 1])
        day = self.client(GOVERNMENT).get("/v1/documents/" + told["id"]).json["accepted_at"][:10]
        self.assertEqual({e["agency"]: e for e in admin.get(f"/admin/books?by=agency&day={day}").json["items"]}, lines)
        self.assertEqual(admin.get("/admin/books?by=agency&day=2001-01-01").json["items"], [])
        self.assert_problem(admin.get("/admin/books?by=weather"), "bad_request")

        [row] = admin.get("/admin/queue").json["items"]
        self.assertEqual((row["recipient"], row["state"], row["count"]), (PROVINCE, "consigned", 1))
        self.assertEqual((row["destination"], row["attempts"]), ("inbox/" + PROVINCE, 0))
        self.assertEqual(row["oldest"], self.client(GOVERNMENT).get("/v1/documents/" + told["id"]).json["accepted_at"])



class EndToEnd(BrokerCase):
    def test_what_was_submitted_here_is_counted(self):
        admin = self.administrator()

        def origin():
            b = admin.get("/admin/books").json["end_to_end"]
            self.assertTrue(b.pop("balance"))
            return b

        before = origin()
        first, second = (r["delivery_id"] for r in self.send(GOVERNMENT, INFORMATION, PLANNING)["recipients"])
        self.client(INFORMATION).acknowledge(first)
        self.client(PLANNING).acknowledge(second, "rejected", reason="full")
        self.send(GOVERNMENT, PROVINCE)
        grown = {k: v - before[k] for k, v in origin().items()}
        self.assertEqual(grown, {"accepted": 3, "handed_over": 1, "rejected": 1, "recalled": 0, "expired": 0,
                                 "undeliverable": 0, "open": 1})


class Waiting(BrokerCase):
    def why(self, id_, **headers):
        return self.administrator().get("/admin/why/" + id_, **headers).json

    def test_why_has_a_sentence_for_each_open_delivery(self):
        told = self.send(GOVERNMENT, INFORMATION, PLANNING)
        first, second = (r["delivery_id"] for r in told["recipients"])
        answer = self.why(told["id"])
        self.assertEqual((answer["id"], answer["document_id"], answer["node"], answer["origin"]),
                         (told["id"], told["document_id"], "ninhthuan", "ninhthuan"))
        self.assertEqual([(i["delivery_id"], i["recipient"], i["state"], i["who"], i["next_at"])
                          for i in answer["items"]],
                         [(first, INFORMATION, "consigned", "recipient", None),
                          (second, PLANNING, "consigned", "recipient", None)])
        self.assertIn("is in its inbox here since", answer["items"][0]["text"])
        self.client(INFORMATION).acknowledge(first)
        self.assertEqual([i["recipient"] for i in self.why(told["id"])["items"]], [PLANNING])
        [ended] = self.why(first, Accept_Language="vi")["items"]
        self.assertIn("hệ thống của bên nhận đã nhận lúc", ended["text"])
        self.client(PLANNING).acknowledge(second, "rejected", reason="full")
        [both] = self.why(told["id"])["items"]
        self.assertEqual((both["state"], both["who"], both["text"]),
                         ("ended", None, "All 2 deliveries have ended: 1 handed over, 1 rejected."))

    def test_why_of_what_nobody_knows_is_not_found(self):
        self.assert_problem(self.administrator().get("/admin/why/0193a5f2-7d00-7abc-8def-0123456789ab"), "not_found")
        self.assert_problem(self.administrator().get("/admin/why/x"), "not_found")

    def test_the_shape_is_destination_by_age(self):
        self.send(GOVERNMENT, COMMUNE)
        self.send(GOVERNMENT, COMMUNE)
        shape = {i["destination"]: i for i in self.administrator().get("/admin/shape").json["items"]}
        self.assertEqual(shape["inbox/" + COMMUNE], {
            "destination": "inbox/" + COMMUNE, "total": 2,
            "ages": {"1m": 2, "5m": 0, "15m": 0, "1h": 0, "4h": 0, "1d": 0, "1d+": 0}})

    def test_a_node_without_neighbours_lists_none_and_retries_nothing(self):
        admin = self.administrator()
        self.assertEqual(admin.get("/admin/neighbours").json["items"], [])
        self.assertEqual(admin.get("/admin/alarms").json["items"], [])
        self.assertEqual(admin.post("/admin/retry", b"{}").json, {"retried": []})
        delivery = self.send(GOVERNMENT, DISTRICT)["recipients"][0]["delivery_id"]
        self.assertEqual(admin.post("/admin/retry", json.dumps({"id": delivery}).encode()).json, {"retried": []})
        for body, code in ((b'{"to": "nowhere"}', "not_found"), (b'{"id": "x"}', "not_found"), (b"[]", "bad_request"),
                           (b'{"to": 5}', "bad_request"), (b"{", "bad_request")):
            with self.subTest(body):
                self.assert_problem(admin.post("/admin/retry", body), code)
        self.assert_problem(admin.post("/admin/neighbours/nowhere/ping"), "not_found")


class Viewing(BrokerCase):
    def test_an_administrator_sees_everything(self):
        told = self.send(GOVERNMENT, INFORMATION, PLANNING)
        other = self.send(PROVINCE, DISTRICT)
        admin = self.administrator()
        self.assertEqual([d["id"] for d in admin.get("/v1/documents").json["items"]], [told["id"], other["id"]])
        self.assertEqual(len(admin.get("/v1/documents/" + told["id"]).json["recipients"]), 2)
        self.assertEqual(len(admin.get(f"/v1/documents/{told['id']}/trace").json["items"]), 3)
        self.assertEqual(len(admin.get(f"/v1/documents/{told['id']}/receipts").json["items"]), 3)
        self.assertEqual(admin.get(f"/v1/documents/{told['id']}/content").body, told["bytes"])

    def test_but_acts_for_nobody(self):
        admin = self.administrator()
        delivery = self.send(GOVERNMENT, INFORMATION)["recipients"][0]["delivery_id"]
        for target in ("/v1/documents", "/v1/check", f"/v1/inbox/{delivery}/ack"):
            self.assert_problem(admin.post(target, b'{"outcome": "accepted"}'), "not_found")
        self.assert_problem(admin.get("/v1/inbox"), "not_found")

    def test_clients_and_methods(self):
        admin = self.administrator()
        listed = admin.get("/admin/clients").json["items"]
        self.assertEqual([c["id"] for c in listed if c["id"] == "vpcp"], ["vpcp"])
        shown = admin.get("/admin/clients/vpcp").json
        self.assertIn(shown, listed)
        self.assertEqual((shown["agencies"], shown["entrances"], shown["disabled"]), ([GOVERNMENT], ["http", "amqp", "axis"], False))
        for target in ("/admin/clients/nobody", "/admin", "/admin/nothing", "/", "/v1/nothing", "/admin/ledger"):
            self.assert_problem(admin.get(target), "not_found")
        self.assert_problem(admin.call("DELETE", "/admin/clients/vpcp"), "method_not_allowed")

    def test_what_is_documented_is_there_and_nothing_else(self):
        text = (network.SOURCE / "docs/admin-socket.md").read_text(encoding="utf-8")
        calls = set(re.findall(r"`(GET|POST) (/admin/[^`?\s]*)", text))
        self.assertEqual(calls, {
            ("GET", "/admin/books"), ("GET", "/admin/queue"), ("GET", "/admin/shape"), ("GET", "/admin/why/{id}"),
            ("GET", "/admin/neighbours"), ("GET", "/admin/alarms"), ("GET", "/admin/clients"),
            ("GET", "/admin/clients/{id}"), ("GET", "/admin/ledger/check"), ("POST", "/admin/agencies"),
            ("POST", "/admin/agencies/{code}/close"), ("GET", "/admin/proposals"), ("POST", "/admin/proposals/{number}"),
            ("POST", "/admin/clients"), ("POST", "/admin/clients/{id}/rotate"), ("POST", "/admin/clients/{id}/drop"),
            ("POST", "/admin/clients/{id}/disable"), ("POST", "/admin/retry"),
            ("POST", "/admin/neighbours/{name}/ping"), ("POST", "/admin/reload"),
            ("GET", "/admin/backup"), ("GET", "/admin/certs"), ("GET", "/admin/deliveries"),
            ("GET", "/admin/doctor"), ("GET", "/admin/mode"), ("GET", "/admin/report"), ("POST", "/admin/backup"),
            ("POST", "/admin/deliveries/hold"), ("POST", "/admin/legal-hold"), ("POST", "/admin/mode"),
            ("POST", "/admin/resend")})


class Directory(BrokerCase):
    def lines(self, *agencies):
        return "".join(json.dumps({"agency": a}, ensure_ascii=False) + "\n" for a in agencies).encode()

    def test_every_form_of_a_code_is_understood(self):
        client = self.client(COMMUNE)
        whole = client.get("/v1/agencies/" + INFORMATION).json
        self.assertEqual((whole["name"], whole["parent"], whole["aliases"]),
                         ("Sở Thông tin và Truyền thông", PROVINCE, ["H43.12"]))
        for form in ("000-00-12-H43", "000.00.12.h43", "H43.12", "h43-12", "000%2E00%2E12%2EH43"):
            with self.subTest(form):
                self.assertEqual(client.get("/v1/agencies/" + form).json, whole)
        for unknown in ("999.99.99.Z99", "H43.", "*", "%20"):
            with self.subTest(unknown):
                self.assert_problem(client.get("/v1/agencies/" + unknown), "not_found")
        closed = client.get("/v1/agencies/" + LABOUR).json
        self.assertEqual((closed["successors"], closed["valid_to"]), ([INTERIOR], "2025-03-01T00:00:00.000+07:00"))

    def test_the_directory_is_searched_without_diacritics_and_page_by_page(self):
        client = self.client(COMMUNE)

        def codes(query):
            return [a["code"] for a in client.get("/v1/agencies?" + query).json["items"]]

        for query in ("q=ca na", "q=C%C3%A0 N%C3%A1", "q=CA+NA", "q=h43.36.05", "q=000.05.36"):
            with self.subTest(query):
                self.assertEqual(codes(query.replace(" ", "%20")), [COMMUNE])
        self.assertEqual(codes("q=nowhere"), [])
        every = codes("max=1000")
        self.assertEqual(every, sorted(every))
        pages, cursor = [], ""
        while cursor is not None:
            page = client.get(f"/v1/agencies?max=3&after={cursor}").json
            pages += [a["code"] for a in page["items"]]
            cursor = page["next"]
        self.assertEqual(pages, every)

    def test_importing_an_agency_opens_its_inbox(self):
        admin, sender = self.administrator(), self.client(GOVERNMENT)
        message = self.signed(GOVERNMENT, NEW)
        self.assert_problem(sender.submit(message), "recipient_unknown")
        agency = {"code": NEW, "name": "Ban Quản lý mới", "node": "ninhthuan", "level": "department"}
        answer = admin.post("/admin/agencies", b"# new\n  # indented\n\n" + self.lines(agency))
        self.assertEqual((answer.status, answer.json), (200, {"imported": 1}))
        self.assertEqual(self.client(COMMUNE).get("/v1/agencies/" + NEW).json["name"], "Ban Quản lý mới")
        self.assertEqual(sender.submit(message).status, 201)
        # Again, with a change: replaced, not doubled.
        answer = admin.post("/admin/agencies", self.lines({**agency, "name": "Ban Quản lý khác"}))
        self.assertEqual(answer.status, 200)
        found = self.client(COMMUNE).get("/v1/agencies?q=ban%20quan%20ly").json["items"]
        self.assertEqual([a["name"] for a in found], ["Ban Quản lý khác"])
        # It stands in the file: a restart does not lose it.
        self.network.stop()
        self.network.start()
        self.assertEqual(self.client(COMMUNE).get("/v1/agencies/" + NEW).json["name"], "Ban Quản lý khác")

    def test_an_import_is_taken_whole_or_not_at_all(self):
        admin = self.administrator()
        file = self.network.directory_file
        before = file.read_bytes()
        good = self.lines({"code": "000.00.51.H43", "name": "Tốt", "node": "ninhthuan"})
        cases = {
            "not JSON": b"{",
            "a client": b'{"client": {"id": "x"}}\n',
            "no name": self.lines({"code": "000.00.52.H43", "node": "ninhthuan"}),
            "an alias of another agency": self.lines({"code": "000.00.52.H43", "name": "x", "node": "ninhthuan",
                                                      "aliases": ["G22"]}),
            "an unknown node": self.lines({"code": "000.00.52.H43", "name": "x", "node": "nowhere"}),
        }
        for name, bad in cases.items():
            with self.subTest(name):
                problem = self.assert_problem(admin.post("/admin/agencies", good + bad), "bad_directory")
                self.assertRegex(problem["detail"], r"(?:line |:)\d+: ")
                self.assertEqual(file.read_bytes(), before)
                self.assert_problem(admin.get("/v1/agencies/000.00.51.H43"), "not_found")

    def test_closing_an_agency_with_and_without_a_successor(self):
        admin, sender = self.administrator(), self.client(GOVERNMENT)
        waiting = self.send(GOVERNMENT, PLANNING)["recipients"][0]["delivery_id"]
        answer = admin.post(f"/admin/agencies/{PLANNING}/close", b'{"successor": "h43.12"}')
        self.assertEqual((answer.status, answer.json["code"]), (200, PLANNING))
        told = sender.submit(self.signed(GOVERNMENT, PLANNING)).json
        self.assertEqual([r["code"] for r in told["recipients"]], [INFORMATION])
        self.assertEqual(told["warnings"], ["redirected_to_successor"])
        # What it has received stays its own; it sends nothing more.
        self.assertEqual(self.client(PLANNING).acknowledge(waiting).status, 200)
        self.assert_problem(self.client(PLANNING).submit(self.signed(PLANNING, GOVERNMENT)), "sender_closed")

        earlier = self.send(GOVERNMENT, DISTRICT)
        self.assertEqual(admin.post(f"/admin/agencies/{DISTRICT}/close").status, 200)
        again = sender.submit(earlier["bytes"])  # what was accepted stays accepted
        self.assertEqual((again.status, again.json["receipt"]), (200, earlier["receipt"]))
        self.assert_problem(sender.submit(self.signed(GOVERNMENT, DISTRICT)), "recipient_closed")
        self.assertEqual(self.client(COMMUNE).get("/v1/agencies/" + DISTRICT).json["successors"], [])

        for target, body, code in (("999.99.99.Z99", b"", "not_found"), (INTERIOR, b"[]", "bad_request"),
                                   (INTERIOR, b"{", "bad_request"), (INTERIOR, b'{"successor": "?"}', "bad_request"),
                                   (INTERIOR, b'{"successor": 5}', "bad_request"),
                                   (INTERIOR, b'{"successor": "999.99.99.Z99"}', "bad_directory")):
            with self.subTest(target, body=body):
                self.assert_problem(admin.post(f"/admin/agencies/{target}/close", body), code)
        self.assertNotIn("valid_to", self.client(COMMUNE).get("/v1/agencies/" + INTERIOR).json)

    def test_reload_says_what_is_wrong_and_keeps_what_is_in_force(self):
        admin = self.administrator()
        file = self.network.directory_file
        good = file.read_bytes()
        self.addCleanup(file.write_bytes, good)
        self.assertEqual(admin.post("/admin/reload").json, {"reloaded": True})
        file.write_bytes(good + b'{"agency": {"code": 5}}\n')
        problem = self.assert_problem(admin.post("/admin/reload"), "bad_directory")
        self.assertIn(f"directory.jsonl:{good.count(10) + 1}:", problem["detail"])
        self.assertEqual(self.client(COMMUNE).get("/v1/agencies/" + COMMUNE).status, 200)


if __name__ == "__main__":
    unittest.main()
