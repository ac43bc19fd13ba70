"""Every kind of client exchanges documents and statuses with every other kind, through the network of four nodes.

The commune's old system speaks the axis SDK's protocol, the Government Office uses curl, the others AMQP by three libraries.
Each sends one document to all others; each answers every document with a status 01. Everything arrives once, as it was sent.
"""
import collections
import contextlib
import hashlib
import json
import pathlib
import subprocess
import tempfile
import time
import unittest

import edxml
import network
import tree
import vxp
from network import COMMUNE, DISTRICT, GOVERNMENT, INFORMATION, PATIENCE, PROVINCE

INTEROP = network.SOURCE / "tests/interop"


class Kind:
    """A client of one agency. `send` returns when the message is safe; `receive` waits for so many messages, takes them for
    good, and gives what each is known by: its delivery id."""

    def __init__(self, net, code, place):
        self.description = net.description
        self.code = code
        self.agency = net[net.home(code)].agency(code)
        self.node = net[net.home(code)].node
        self.place = place / self.agency["client"]
        self.place.mkdir()
        self.sent = 0

    def file_of(self, message):
        self.sent += 1
        file = self.place / f"sent{self.sent}.xml"
        file.write_bytes(message)
        return file

    def close(self):
        pass


class Axis(Kind):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.service = vxp.of_network(self.description, self.code)

    def send(self, message, recipients, kind):
        answer = self.service.send_edoc(message, self.code, recipients, kind)
        if not answer.ok:
            raise AssertionError(answer)

    def receive(self, count):
        taken = []
        until = time.monotonic() + PATIENCE
        while len(taken) < count and time.monotonic() < until:
            for kind in ("edoc", "status"):
                for item in self.service.get_received_edoc_list(kind).data:
                    content = self.service.get_edoc(item["docId"]).document
                    if not self.service.update_status(item["docId"], "done").ok:
                        raise AssertionError(item)
                    taken.append((item["docId"], len(content)))
            time.sleep(0.05)
        return taken

    def close(self):
        self.service.close()


class Curl(Kind):
    def call(self, target, *arguments):
        done = subprocess.run(["curl", "--silent", "--show-error", "--fail-with-body", "--cacert", self.description["ca"], "--cert",
                               self.agency["certificate"], "--key", self.agency["key"], *arguments, self.node["http"] + target],
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        return done.stdout

    def send(self, message, _recipients, _kind):
        self.call("/v1/documents", "-H", "Content-Type: application/xml", "--data-binary", f"@{self.file_of(message)}")

    def receive(self, count):
        taken = []
        until = time.monotonic() + PATIENCE
        while len(taken) < count and time.monotonic() < until:
            for item in json.loads(self.call("/v1/inbox?wait=10"))["items"]:
                content = self.call(f"/v1/inbox/{item['delivery_id']}/content")
                if hashlib.sha256(content).hexdigest() != item["sha256"]:
                    raise AssertionError(item)
                self.call(f"/v1/inbox/{item['delivery_id']}/ack", "-H", "Content-Type: application/json", "--data",
                          '{"outcome": "accepted"}')
                taken.append((item["delivery_id"], len(content)))
        return taken


class Amqp(Kind):
    """The libraries' programs of tests/interop; amqp_clients_test.py says how they are asked."""
    program = []

    def ask(self, *task):
        identity = f"certificate:{self.agency['certificate']}:{self.agency['key']}"
        done = subprocess.run([*self.program, self.node["amqp"], self.description["ca"], identity, *task], capture_output=True,
                              text=True, timeout=PATIENCE, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        return [line.split() for line in done.stdout.splitlines()]

    def send(self, message, _recipients, _kind):
        file = self.file_of(message)
        if self.ask("send", str(file)) != [[file.stem, "accepted"]]:
            raise AssertionError(file)

    def receive(self, count):
        return [(delivery, int(size)) for _, delivery, _, size in self.ask("receive", str(count))]


class ProtonPython(Amqp):
    program = ["/usr/bin/python3", "-B", str(INTEROP / "proton_python_client.py")]


class ProtonCpp(Amqp):
    program = [network.program("proton_cpp_client")]


class Rhea(Amqp):
    program = ["node", str(INTEROP / "rhea_client.js")]


PLAYERS = {COMMUNE: Axis, GOVERNMENT: Curl, PROVINCE: ProtonPython, DISTRICT: Rhea, INFORMATION: ProtonCpp}


class EveryKind(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tree = tree.Tree()
        cls.addClassCleanup(cls.tree.close)
        cls.tree.start("vpcp", "ninhthuan", "thuannam", "cana")

    def setUp(self):
        place = pathlib.Path(tempfile.mkdtemp(dir=self.tree.directory))
        self.kinds = {code: kind(self.tree, code, place) for code, kind in PLAYERS.items()}
        for kind in self.kinds.values():
            self.addCleanup(kind.close)

    def dispatches(self, code):
        """What an agency sent, as its node tells it."""
        with contextlib.closing(self.tree.client(code)) as client:
            return [d for d in client.get("/v1/documents?max=1000").json["items"] if d["from"] == code]

    def expected_at(self, kind):
        """What each agency should have received of that kind: delivery ids and sizes, by the senders' nodes."""
        expected = collections.defaultdict(set)
        for sender in self.kinds:
            for dispatch in self.dispatches(sender):
                if dispatch["kind"] == kind:
                    for recipient in dispatch["recipients"]:
                        expected[recipient["code"]].add((recipient["delivery_id"], dispatch["size"]))
        return expected

    def assert_all_arrived(self, kind, each):
        expected = self.expected_at(kind)
        for code, client in self.kinds.items():
            with self.subTest(kind=kind, client=type(client).__name__):
                taken = client.receive(each)
                self.assertEqual(len(taken), each)
                self.assertEqual(set(taken), expected[code])

    def wait_for_ends(self):
        """Until every sender's node has the proof that everything was handed over."""
        until = time.monotonic() + PATIENCE
        while True:
            states = collections.Counter(r["state"] for sender in self.kinds for d in self.dispatches(sender)
                                         for r in d["recipients"])
            if set(states) == {"handed_over"}:
                return states["handed_over"]
            self.assertLess(time.monotonic(), until, states)
            time.sleep(0.1)

    def test_each_sends_to_each_other_and_answers_each(self):
        others = len(self.kinds) - 1
        ids = {}
        for number, (code, client) in enumerate(self.kinds.items(), 300):
            recipients = [c for c in self.kinds if c != code]
            ids[code] = f"{code},2026/11/02,{number}/TEST"
            message = self.tree[self.tree.home(code)].sign(
                edxml.document(code, *recipients, number=number, document_id=ids[code]), code)
            client.send(message, recipients, "edoc")
        self.assert_all_arrived("edoc", others)
        for code, client in self.kinds.items():
            for sender, document in ids.items():
                if sender != code:
                    client.send(edxml.status(code, sender, document).encode(), [sender], "status")
        self.assert_all_arrived("status", others)
        self.assertEqual(self.wait_for_ends(), 2 * len(self.kinds) * others)
        for node in self.tree.nodes.values():
            self.assertTrue(node.ask("/admin/books")["balance"], node.name)
        self.assert_evidence_verifies()

    def assert_evidence_verifies(self):
        for code in self.kinds:
            with contextlib.closing(self.tree.client(code)) as client:
                receipts = [r["xml"] for r in client.get("/v1/receipts?max=1000").json["items"]]
            self.tree[self.tree.home(code)].verify_receipts(*receipts[::5])


if __name__ == "__main__":
    unittest.main()
