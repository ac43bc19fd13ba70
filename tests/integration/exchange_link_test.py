"""The connection that adapters have to their node: submitting, receiving and evidence through the death of the node."""
import json
import pathlib
import subprocess
import tempfile
import time
import unittest
import urllib.parse

import network
from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION, INTERIOR, PATIENCE, PLANNING

PATIENCE_MS = PATIENCE * 1000


class Link:
    """An agency's system on an exchange_link."""

    def __init__(self, net, who, *evidence_of):
        own = net.agency(who) if isinstance(who, str) else vars(who)
        address = urllib.parse.urlsplit(net.node["amqp"])
        self._process = subprocess.Popen(
            [network.program("exchange_link_client"), address.hostname, str(address.port), net.description["ca"],
             str(own["certificate"]), str(own["key"]), *evidence_of],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._files = tempfile.TemporaryDirectory()
        self._count = 0

    def close(self):
        self._process.stdin.close()
        status = self._process.wait(PATIENCE)
        self._process.stdout.close()
        self._files.cleanup()
        if status != 0:
            raise RuntimeError(f"exchange_link_client ended with {status}")

    def begin(self, *words):
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()

    def end(self):
        return json.loads(self._process.stdout.readline())

    def do(self, *words):
        self.begin(*words)
        return self.end()

    def file(self, content):
        self._count += 1
        path = pathlib.Path(self._files.name) / str(self._count)
        path.write_bytes(content)
        return path

    def begin_submit(self, messages, patience=PATIENCE_MS):
        """`messages`: name → bytes."""
        self.begin("submit", patience, *(f"{name}={self.file(content)}" for name, content in messages.items()))

    def submit(self, messages, patience=PATIENCE_MS):
        self.begin_submit(messages, patience)
        return self.end()["answers"]

    def receive(self, most=100, wait=PATIENCE_MS):
        return self.do("receive", most, wait)

    def read_evidence(self, enough):
        """Reads until `enough(items)`."""
        items = []
        while not enough(items):
            items += self.do("evidence", 100, 200)
        return items

    def state(self):
        return self.do("state")


class LinkCase(BrokerCase):
    def setUp(self):
        for code in (INFORMATION, PLANNING):  # each test begins with empty inboxes
            client = self.client(code)
            while items := client.inbox(max=1000)["items"]:
                for item in items:
                    client.acknowledge(item["delivery_id"])

    def link(self, who=GOVERNMENT, *evidence_of):
        link = Link(self.network, who, *evidence_of)
        self.addCleanup(link.close)
        return link

    def outcomes(self, answers):
        return [(a["outcome"], a["code"]) for a in answers]

    def eventually(self, look, expected):
        until = time.monotonic() + PATIENCE
        while (seen := look()) != expected:
            if time.monotonic() > until:
                self.fail(f"not in time: {seen}")
            time.sleep(0.02)

    def state_of(self, sender, document):
        [seen] = self.client(sender).get(f"/v1/documents?document_id={document}").json["items"]
        return {r["code"]: r["state"] for r in seen["recipients"]}

    def kill_node(self):
        self.network.process.kill()
        self.network.process.wait()


class Exchanging(LinkCase):
    def test_every_submission_gets_its_own_answer(self):
        good = self.signed(GOVERNMENT, INFORMATION)
        answers = self.link().submit({"a": good, "b": b"<edXML", "c": self.signed(GOVERNMENT, "000.99.99.H99"), "d": good})
        self.assertEqual(self.outcomes(answers), [("accepted", ""), ("refused", "not_xml"), ("refused", "recipient_unknown"),
                                                  ("accepted", "")])
        self.assertIn("000.99.99.H99", answers[2]["why"])

    def test_many_more_than_the_nodes_credit_go_at_once(self):
        messages = dict.fromkeys(map(str, range(200)), self.signed(GOVERNMENT, PLANNING))
        self.assertEqual(self.outcomes(self.link().submit(messages)), [("accepted", "")] * 200)

    def test_twenty_megabytes_go_both_ways(self):
        message = self.signed(GOVERNMENT, INTERIOR, attachment=bytes(15_000_000))
        self.assertEqual(self.outcomes(self.link().submit({"large": message})), [("accepted", "")])
        link = self.link(INTERIOR)
        file = link.file(b"")
        [item] = link.do("receive", 1, PATIENCE_MS, file)
        self.assertEqual(file.read_bytes(), message)
        link.do("accept", item["delivery_id"])

    def test_what_is_received_is_what_the_node_lists_and_ends_as_it_is_settled(self):
        told = [self.send(PLANNING, INFORMATION, priority=3) for _ in range(2)]
        listed = self.client(INFORMATION).inbox()["items"]
        link = self.link(INFORMATION)
        items = []
        while len(items) < len(listed):
            items += link.receive()
        for seen, known in zip(items, listed):
            self.assertEqual({**seen, "size": 0}, {"size": 0, **{k: known[k] for k in seen if k != "size"}})
        for item in items:
            link.do("accept" if item["id"] != told[1]["id"] else "reject", item["delivery_id"], "không phải của chúng tôi")
        self.eventually(lambda: self.client(INFORMATION).inbox()["items"], [])
        wanted = {told[0]["id"]: "handed_over", told[1]["id"]: "rejected"}
        for item in items:
            if item["id"] in wanted:
                self.eventually(lambda i=item: self.state_of(PLANNING, i["document_id"]), {INFORMATION: wanted[item["id"]]})

    def test_evidence_bears_the_name_and_goes_on_from_a_cursor(self):
        link = self.link(INTERIOR, INTERIOR)
        link.submit({"van-thu:17": self.signed(INTERIOR, PLANNING), "van-thu:18": self.signed(INTERIOR, PLANNING)})
        items = link.read_evidence(lambda seen: {"van-thu:17", "van-thu:18"} <= {e["submission"] for e in seen})
        self.assertEqual({e["agency"] for e in items}, {INTERIOR})
        other = self.link(INTERIOR, INTERIOR)
        other.do("follow", INTERIOR, items[0]["cursor"])
        self.assertEqual(other.read_evidence(bool)[0], items[1])

    def test_who_is_not_let_in_is_told_why(self):
        link = self.link(self.network.issuer().issue("stranger"))
        self.eventually(lambda: "amqp:unauthorized-access" in link.state()["fault"], True)
        self.assertEqual(self.outcomes(link.submit({"a": b"<edXML"}, 300)), [("later", "")])
        self.assertEqual(link.receive(wait=100), [])

    def test_evidence_of_others_is_refused_and_the_rest_goes_on(self):
        link = self.link(INTERIOR, PLANNING)
        link.do("evidence", 1, 0)
        self.eventually(lambda: "truc:sender_not_yours" in link.state()["fault"], True)
        self.assertTrue(link.state()["connected"])
        self.assertEqual(self.outcomes(link.submit({"a": self.signed(INTERIOR, PLANNING)})), [("accepted", "")])


class NodeDies(LinkCase):
    def test_what_was_sent_when_the_node_died_is_sent_again_and_arrives_once(self):
        link = self.link(GOVERNMENT)
        messages = {str(n): self.signed(GOVERNMENT, INFORMATION) for n in range(80)}
        link.begin_submit(messages)
        self.network.wait_until(lambda: len(self.client(INFORMATION).inbox(max=1000)["items"]) > 10)
        self.kill_node()
        self.network.start()
        answers = self.outcomes(link.end()["answers"])
        self.assertEqual({outcome for outcome, _ in answers} - {"accepted", "unknown"}, set())
        again = {name: m for (name, m), (outcome, _) in zip(messages.items(), answers) if outcome == "unknown"}
        self.assertEqual(self.outcomes(link.submit(again)), [("accepted", "")] * len(again))

        receiver = self.link(INFORMATION)
        seen = []
        while len(seen) < len(messages):
            items = receiver.receive()
            seen += items
            for item in items:
                receiver.do("accept", item["delivery_id"])
        self.assertEqual(len({i["document_id"] for i in seen}), len(messages))
        self.assertEqual(receiver.receive(wait=500), [])

    def test_what_the_caller_works_on_when_the_node_dies_does_not_come_a_second_time(self):
        link = self.link(PLANNING)
        told = self.send(GOVERNMENT, PLANNING)
        [item] = link.receive()
        self.kill_node()
        self.eventually(lambda: link.state()["connected"], False)
        self.network.start()
        self.eventually(lambda: link.state()["connected"], True)
        self.assertEqual(link.receive(wait=1000), [], "it is parked")
        link.do("accept", item["delivery_id"])
        self.eventually(lambda: self.state_of(GOVERNMENT, item["document_id"]), {PLANNING: "handed_over"})
        self.assertEqual(told["id"], item["id"])

    def test_what_is_settled_while_the_node_is_down_comes_again(self):
        link = self.link(PLANNING)
        self.send(GOVERNMENT, PLANNING)
        [item] = link.receive()
        self.kill_node()
        self.eventually(lambda: link.state()["connected"], False)
        link.do("accept", item["delivery_id"])
        self.network.start()
        self.assertEqual(link.receive(), [item])
        link.do("accept", item["delivery_id"])
        self.eventually(lambda: self.state_of(GOVERNMENT, item["document_id"]), {PLANNING: "handed_over"})

    def test_evidence_goes_on_behind_what_was_read(self):
        link = self.link(INTERIOR, INTERIOR)
        link.submit({"first": self.signed(INTERIOR, PLANNING)})
        before = link.read_evidence(lambda seen: "first" in {e["submission"] for e in seen})
        self.kill_node()
        self.network.start()
        self.assertEqual(self.outcomes(link.submit({"second": self.signed(INTERIOR, PLANNING)})), [("accepted", "")])
        after = link.read_evidence(lambda seen: "second" in {e["submission"] for e in seen})
        cursors = [int(e["cursor"]) for e in before + after]
        self.assertEqual(cursors, sorted(set(cursors)))


if __name__ == "__main__":
    unittest.main()
