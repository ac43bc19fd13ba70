"""Documents and evidence between running nodes, over good lines and bad ones, and who is let in."""
import contextlib
import json
import os
import socket
import ssl
import time
import unittest

import network
import tree
from agency_link import AgencyLink, Refused
from network import COMMUNE, DISTRICT, GOVERNMENT, INFORMATION, PATIENCE, PROVINCE
from tree_case import TreeCase


class TwoNodes(TreeCase):
    def test_a_document_arrives_byte_for_byte_and_its_evidence_comes_back(self):
        told = self.send(GOVERNMENT, PROVINCE)
        item = self.arrives(PROVINCE, told)
        self.assertEqual(item["delivery_id"], told["recipients"][0]["delivery_id"])
        self.accept(PROVINCE, item)
        self.ends(GOVERNMENT, told)
        feed = self.client(GOVERNMENT).get("/v1/receipts?max=1000").json["items"]
        own = [r for r in feed if told["id"] in r["xml"]]
        by_province = [r for r in own if r["event_id"].startswith("ninhthuan.")]
        self.assertEqual([r["event"] for r in by_province], ["RelayAcceptance", "ContentConsignment", "ContentHandover"])
        self.tree["vpcp"].verify_receipts(*(r["xml"] for r in own))
        trace = self.client(GOVERNMENT).get(f"/v1/documents/{told['id']}/trace").json["items"]
        self.assertEqual([(t["node"], t["event"]) for t in trace],
                         [("vpcp", "SubmissionAcceptance"), ("ninhthuan", "RelayAcceptance"),
                          ("ninhthuan", "ContentConsignment"), ("ninhthuan", "ContentHandover")])
        self.assert_books_balance()

    def test_the_refusal_of_the_recipients_system_comes_back(self):
        told = self.send(GOVERNMENT, PROVINCE)
        item = self.arrives(PROVINCE, told)
        self.client(PROVINCE).acknowledge(item["delivery_id"], "rejected", reason="full")
        self.ends(GOVERNMENT, told, "rejected")

    def test_a_status_goes_the_other_way(self):
        told = self.send(GOVERNMENT, PROVINCE)
        self.accept(PROVINCE, self.arrives(PROVINCE, told))
        status = network.edxml.status(PROVINCE, GOVERNMENT, told["document_id"])
        answer = self.client(PROVINCE).submit(self.tree["ninhthuan"].sign(status, PROVINCE))
        self.assertEqual(answer.status, 201, answer)
        [item] = self.eventually(lambda: self.inbox(GOVERNMENT, answer.json), bool)
        self.assertEqual((item["kind"], item["from"]), ("status", PROVINCE))

    def test_a_document_is_asked_back_and_the_recipient_answers(self):
        told = self.send(GOVERNMENT, PROVINCE)
        self.accept(PROVINCE, self.arrives(PROVINCE, told))

        def report(code, sender, other, description):
            status = network.edxml.status(sender, other, told["document_id"], code, description)
            return self.client(sender).submit(self.tree[self.tree.home(sender)].sign(status, sender))

        for code, sender, other in (("13", GOVERNMENT, PROVINCE), ("15", PROVINCE, GOVERNMENT),
                                    ("16", PROVINCE, GOVERNMENT)):
            with self.subTest(code):
                answer = report(code, sender, other, "Nhầm phụ lục")
                self.assertEqual((answer.status, answer.json["warnings"]), (201, []), answer)
                [item] = self.eventually(lambda to=other, told=answer.json: self.inbox(to, told), bool)
                self.assertEqual((item["kind"], item["from"]), ("status", sender))
                self.accept(other, item)
        self.assertEqual(report("13", INFORMATION, PROVINCE, "Của người khác").code, "recall_not_yours")
        self.assert_books_balance()

    def test_a_neighbour_that_was_killed_gets_everything_once_it_is_back(self):
        vpcp, province = self.tree["vpcp"], self.tree["ninhthuan"]
        before = self.send(GOVERNMENT, PROVINCE)
        province.kill()
        meanwhile = [self.send(GOVERNMENT, PROVINCE, attachment=os.urandom(size)) for size in (10, 200_000)]
        self.eventually(lambda: vpcp.neighbour("ninhthuan"), lambda n: not n["connected"])
        self.assertEqual(set(self.states(GOVERNMENT, meanwhile[0]).values()), {"queued"})
        self.tree.start("ninhthuan")
        for told in (before, *meanwhile):
            self.accept(PROVINCE, self.arrives(PROVINCE, told))
            self.ends(GOVERNMENT, told)
        self.assert_books_balance()

    def test_one_that_only_dials_is_reached_over_what_it_dialled(self):
        below, above = self.tree["vpcp"].neighbour("ninhthuan"), self.tree["ninhthuan"].neighbour("vpcp")
        self.assertEqual((below["connected"], below["dialled_by"], below["address"]), (True, "ninhthuan", ""))
        self.assertEqual((above["connected"], above["dialled_by"]), (True, "ninhthuan"))
        self.assertEqual(above["address"], "%s:%d" % self.tree["vpcp"].amqp)

    def test_a_ping_tells_what_the_neighbour_is_like_now(self):
        self.send(GOVERNMENT, GOVERNMENT)
        admin = self.tree["ninhthuan"].administrator()
        self.addCleanup(admin.close)

        def ping():
            answer = admin.post("/admin/neighbours/vpcp/ping")
            self.assertEqual(answer.status, 200, answer)
            return answer.json

        head = self.tree["vpcp"].look("/v1/ledger/head").body.decode()
        seen = self.eventually(ping, lambda n: f"<TreeSize>{n['ledger_size']}</TreeSize>" in head)
        self.assertEqual((seen["log"], seen["version"], seen["abilities"]), ("vpcp.1", 1, ["custody-1"]))
        self.assertLess(seen["round_trip_ms"], 5000)
        self.assertLess(abs(seen["clock_offset_ms"]), 5000)
        self.assertEqual(self.tree["ninhthuan"].alarms("head_inconsistent"), [])

    def test_an_agency_that_is_new_becomes_known_and_gets_documents(self):
        province = self.tree["ninhthuan"]
        code = "000.00.99.H43"
        self.assertFalse(self.tree["vpcp"].knows(code))

        def add(records):
            sample = next(r["agency"] for r in records if r.get("agency", {}).get("code") == PROVINCE)
            records.append({"agency": {"code": code, "name": "Mới", "node": "ninhthuan", "level": sample["level"]}})

        province.change_directory(add)
        province.hang_up()
        self.tree["vpcp"].wait_until(lambda: self.tree["vpcp"].knows(code))
        told = self.send(GOVERNMENT, code)
        self.eventually(lambda: self.states(GOVERNMENT, told)[code], lambda state: state == "relayed")


class BadLine(TreeCase):
    @classmethod
    def prepare(cls):
        cls.wire = tree.Wire(cls.tree["vpcp"].amqp)
        cls.addClassCleanup(cls.wire.close)
        cls.tree["ninhthuan"].neighbour_at("vpcp", cls.wire.address)

    def test_a_leg_whose_answer_was_lost_is_offered_again_and_arrives_once(self):
        self.wire.swallow_answers()
        told = self.send(GOVERNMENT, PROVINCE)
        item = self.arrives(PROVINCE, told)  # committed there, and nobody here knows
        self.assertEqual(set(self.states(GOVERNMENT, told).values()), {"queued"})
        self.wire.cut()
        self.eventually(lambda: self.states(GOVERNMENT, told)[PROVINCE], lambda state: state == "relayed")
        self.assertEqual(self.inbox(PROVINCE, told), [item])
        self.accept(PROVINCE, item)
        self.ends(GOVERNMENT, told)
        self.assert_books_balance()

    def test_a_line_that_breaks_again_and_again_loses_and_doubles_nothing(self):
        told = []
        for size in (10, 300_000, 3_000_000, 10, 1_000_000):
            told.append(self.send(GOVERNMENT, PROVINCE, attachment=os.urandom(size)))
            time.sleep(0.02)
            self.wire.cut()
        for one in told:
            self.accept(PROVINCE, self.arrives(PROVINCE, one))
            self.ends(GOVERNMENT, one)
        self.assert_books_balance()


class Strangers(TreeCase):
    def connection(self, certificate, key):
        """TLS to the node's AMQP listener; the socket."""
        context = ssl.create_default_context(cafile=self.tree.description["ca"])
        context.check_hostname = False
        if certificate:
            context.load_cert_chain(certificate, key)
        plain = socket.create_connection(self.tree["vpcp"].amqp, PATIENCE)
        secure = context.wrap_socket(plain)
        self.addCleanup(secure.close)
        return secure

    def assert_hung_up(self, certificate, key):
        """The other side ends the connection without a word of AMQP."""
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            secure = self.connection(certificate, key)
            secure.sendall(b"AMQP\x03\x01\x00\x00")
            self.assertEqual(secure.recv(100), b"")

    def mechanisms(self, certificate, key):
        """What the node offers of SASL."""
        secure = self.connection(certificate, key)
        secure.sendall(b"AMQP\x03\x01\x00\x00")
        seen = b""
        while not seen.endswith((b"PLAIN", b"EXTERNAL")):
            seen += (more := secure.recv(100))
            self.assertTrue(more, seen)
        return seen

    def test_who_has_no_certificate_of_a_node_is_no_neighbour(self):
        vpcp = self.tree["vpcp"]
        stranger = network.credentials.self_signed(self.tree.directory)
        self.assert_hung_up(stranger.certificate, stranger.key)
        # The listener serves agencies too: without a certificate a password is the only way in.
        self.assertNotIn(b"EXTERNAL", self.mechanisms(None, None))
        pretender = vpcp.issuer().issue("ninhthuan", uri="urn:truc:node:ninhthuan")
        self.assertNotIn(b"EXTERNAL", self.mechanisms(pretender.certificate, pretender.key))
        with AgencyLink(vpcp, GOVERNMENT) as link:
            for address in ("relay", "neighbour"):
                with self.assertRaisesRegex(Refused, "amqp:not-found"):
                    link.sender(address)
        self.assertEqual([(n["name"], n["connected"]) for n in vpcp.ask("/admin/neighbours")["items"]], [("ninhthuan", True)])
        self.arrives(PROVINCE, self.send(GOVERNMENT, PROVINCE))

    def test_a_node_that_is_no_neighbour_is_told_so(self):
        commune = self.tree["cana"]
        commune.neighbour_at("thuannam", "%s:%d" % self.tree["vpcp"].amqp)
        commune.start()
        self.addCleanup(commune.stop)
        # It expected thuannam there.
        seen = self.eventually(lambda: commune.neighbour("thuannam"), lambda n: n["last_error"])
        self.assertIn("its certificate is that of the node vpcp", seen["last_error"])
        commune.stop()
        commune.config.write_text(commune.config.read_text().replace('name = "thuannam"', 'name = "vpcp"'))
        commune.start()
        seen = self.eventually(lambda: commune.neighbour("vpcp"), lambda n: "not a neighbour" in n["last_error"])
        self.assertFalse(seen["connected"])
        self.assertEqual([n["name"] for n in self.tree["vpcp"].ask("/admin/neighbours")["items"]], ["ninhthuan"])


class OwnFile(TreeCase):
    def test_at_start_a_file_that_claims_what_another_has_does_not_count(self):
        province, government = self.tree["ninhthuan"], self.tree["vpcp"]
        good = province.directory_file.read_text()
        lines = [line for line in good.splitlines() if f'"code":"{GOVERNMENT}"' not in line]
        lines.append(json.dumps({"agency": {"code": GOVERNMENT, "name": "x", "node": "ninhthuan"}}))
        province.stop()
        province.directory_file.write_text("\n".join(lines) + "\n")
        self.tree.start("ninhthuan")
        [alarm] = province.alarms("section_refused")
        self.assertEqual(alarm["subject"], "ninhthuan")
        self.assertIn(f"{GOVERNMENT} belongs to node vpcp", alarm["text"])
        self.accept(GOVERNMENT, self.arrives(GOVERNMENT, self.send(PROVINCE, GOVERNMENT)))
        self.assertEqual(government.alarms("section_refused"), [])
        province.directory_file.write_text(good)
        province.hang_up()
        self.assertEqual(province.alarms("section_refused"), [])


class FourLevels(TreeCase):
    RUNNING = ("vpcp", "ninhthuan", "thuannam", "cana")

    def test_down_to_every_level_and_up_again(self):
        told = self.send(GOVERNMENT, PROVINCE, DISTRICT, COMMUNE)
        for code in (PROVINCE, DISTRICT, COMMUNE):
            self.accept(code, self.arrives(code, told))
        self.ends(GOVERNMENT, told)
        report = self.send(COMMUNE, GOVERNMENT)
        self.accept(GOVERNMENT, self.arrives(GOVERNMENT, report))
        self.ends(COMMUNE, report)
        trace = self.client(COMMUNE).get(f"/v1/documents/{report['id']}/trace").json["items"]
        self.assertEqual([(t["node"], t["event"]) for t in trace],
                         [("cana", "SubmissionAcceptance"), ("thuannam", "RelayAcceptance"),
                          ("ninhthuan", "RelayAcceptance"), ("vpcp", "RelayAcceptance"),
                          ("vpcp", "ContentConsignment"), ("vpcp", "ContentHandover")])
        self.assert_books_balance()

    def test_what_is_under_way_waits_for_a_node_in_the_middle(self):
        self.tree["thuannam"].kill()
        told = [self.send(GOVERNMENT, COMMUNE, PROVINCE) for _ in range(5)]
        for one in told:  # the other branch does not suffer
            self.accept(PROVINCE, self.arrives(PROVINCE, one))
        self.tree.start("thuannam")
        for one in told:
            self.accept(COMMUNE, self.arrives(COMMUNE, one))
            self.ends(GOVERNMENT, one)
        self.assert_books_balance()

    def test_a_document_of_50_MB_crosses_in_bounded_memory(self):
        told = self.send(GOVERNMENT, COMMUNE, attachment=os.urandom(37_000_000))
        self.assertGreater(len(told["bytes"]), 49_000_000)
        self.accept(COMMUNE, self.arrives(COMMUNE, told))
        self.ends(GOVERNMENT, told)
        for name in ("ninhthuan", "thuannam", "cana"):
            if not self.tree[name].is_sanitized():
                with self.subTest(name):
                    self.assertLess(self.tree[name].peak_memory(), 200)

    def test_heads_are_remembered_and_extend_each_other(self):
        for _ in range(3):
            self.accept(COMMUNE, self.arrives(COMMUNE, self.send(GOVERNMENT, COMMUNE)))
            with contextlib.closing(self.tree["cana"].administrator()) as admin:
                self.assertEqual(admin.post("/admin/neighbours/thuannam/ping").status, 200)
        size = self.tree["cana"].neighbour("thuannam")["ledger_size"]
        self.assertGreater(size, 5)
        for node in self.tree.nodes.values():
            self.assertEqual(node.ask("/admin/alarms")["items"], [])


if __name__ == "__main__":
    unittest.main()
