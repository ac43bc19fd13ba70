"""The liaison with the national axis: truc-adapter between a node and an axis, both running. The axis is the stand-in, with
and without its faults, and once the façade of another node."""
import base64
import contextlib
import hashlib
import json
import signal
import subprocess
import sys
import time
import unittest
import urllib.request

import edxml
import network
import ports
import vxp
from broker_case import BrokerCase
from network import COMMUNE, INFORMATION, INTERIOR, PATIENCE, PLANNING, Network

GATEWAY = INTERIOR  # its client is the gateway of these tests
CLIENT = "so-noivu"
OUTSIDE = "000.00.00.H37"  # a province without Truc
OUTSIDE_TOO = "000.00.01.H37"
SECRET, SECRET_OUTSIDE = "bí mật của cổng", "secret of H37"
CLINIC = "001.05.36.H43"  # below COMMUNE


def eventually(condition, what="", patience=PATIENCE):
    """What it gives once it is something."""
    deadline = time.monotonic() + patience
    while True:
        with contextlib.suppress(OSError):
            if found := condition():
                return found
        if time.monotonic() > deadline:
            raise TimeoutError(what() if callable(what) else what)
        time.sleep(0.02)


def make_gateway(net):
    def change(records):
        for record in records:
            if (client := record.get("client")) and client["id"] == CLIENT:
                client["gateway"] = True
                client["entrances"] = ["http", "amqp", "adapter"]
    net.change_directory(change)


class StandIn:
    """The axis as a process, and what tests say to it."""

    def __init__(self, directory, *arguments):
        self.port = ports.reserve()
        self.setup = directory / "setup.json"
        self.setup.write_text(json.dumps({
            "systems": [{"id": GATEWAY, "secret": SECRET}, {"id": "h37", "secret": SECRET_OUTSIDE}],
            "agencies": [{"code": OUTSIDE, "name": "UBND tỉnh Ninh Bình", "system": "h37"},
                         {"code": OUTSIDE_TOO, "name": "Sở Nội vụ Ninh Bình", "parent": OUTSIDE, "system": "h37"}]}))
        self.arguments = [sys.executable, "-B", str(network.SOURCE / "tests/support/axis_stand_in.py"), "--port", str(self.port),
                          "--dir", str(directory / "axis"), "--setup", str(self.setup), "--seed", "7", *arguments]
        self.process = None
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/vxp"

    def start(self):
        self.process = subprocess.Popen(self.arguments)
        eventually(self.books, "the stand-in does not answer")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=PATIENCE) as answer:
            return answer.read()

    def post(self, verb, **members):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_{verb}", json.dumps(members).encode(), PATIENCE) as answer:
            return json.load(answer)

    def books(self):
        return json.loads(self.get("_books"))

    def sends(self, content, to=INFORMATION, by=OUTSIDE, kind="edoc"):
        """As the system of that agency; gives DocId."""
        return self.post("send", **{"from": by, "to": [to], "messagetype": kind,
                                    "content": base64.b64encode(content).decode()})["DocId"]

    def copies(self, **members):
        """What lies there with these members."""
        return [d for d in self.books()["documents"] if all(d[name] == value for name, value in members.items())]

    def status(self, doc_id):
        return self.copies(doc_id=doc_id)[0]["status"]


class Adapter:
    """truc-adapter of kind axis, in a directory of its own."""

    def __init__(self, net, directory, endpoint, system_id, secret, more=""):
        own = net.agency(GATEWAY)
        directory.mkdir()
        self.config, self.log_file = directory / "adapter.toml", directory / "log"
        (directory / "secret").write_text(secret + "\n")
        (directory / "secret").chmod(0o600)
        self.observe = ports.reserve()
        self.config.write_text(f'''name = "truc-quocgia"
kind = "axis"
data_dir = "{directory / "data"}"
[exchange]
amqp = "{net.node["amqp"].removeprefix("amqps://")}"
http = "{net.node["http"]}"
ca = "{net.description["ca"]}"
certificate = "{own["certificate"]}"
key = "{own["key"]}"
[[agencies]]
code = "{GATEWAY}"
name = "Cổng liên thông"
sign = "never"
[observe]
listen = "127.0.0.1:{self.observe}"
[axis]
endpoint = "{endpoint}"
system_id = "{system_id}"
secret_file = "secret"
poll_least_ms = 100
poll_most_ms = 300
settle_ms = 1000
answer_seconds = 2
{more}''', encoding="utf-8")
        self.process = None

    def start(self):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen([network.program("truc-adapter"), "--config", str(self.config)], stdout=log,
                                            stderr=log)
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        process, self.process = self.process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        if process.wait(PATIENCE) not in (0, -signal.SIGKILL):
            raise RuntimeError(f"truc-adapter ended with {process.returncode}:\n{self.log()}")

    def log(self):
        return self.log_file.read_text(errors="replace")

    def items(self, state):
        connection = network.SocketConnection(str(self.config.parent / "data/admin.sock"))
        with contextlib.closing(connection):
            connection.request("GET", "/v1/items?state=" + state)
            return json.loads(connection.getresponse().read())["items"]

    def metric(self, series):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.observe}/metrics", timeout=PATIENCE) as page:
            lines = (line.rpartition(" ") for line in page.read().decode().splitlines())
            return next((float(value) for name, _, value in lines if name == series), 0.0)


class LiaisonCase(BrokerCase):
    """Node and axis for the class, an adapter between them."""

    @classmethod
    def prepare(cls, net):
        make_gateway(net)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.axis = StandIn(cls.network.directory)
        cls.addClassCleanup(cls.axis.kill)
        register = "".join(f'[[axis.register]]\ncode = "{code}"\nname = "Đơn vị {code}"\n' for code in (INFORMATION, PLANNING))
        cls.adapter = Adapter(cls.network, cls.network.directory / "liaison", cls.axis.url, GATEWAY, SECRET, register).start()
        cls.addClassCleanup(cls.adapter.stop)
        node = Network.client(cls.network, INFORMATION)
        with contextlib.closing(node):
            eventually(lambda: node.get(f"/v1/agencies/{OUTSIDE}").status == 200, cls.adapter.log)
        eventually(lambda: cls.axis.books()["agencies"] == 4, cls.adapter.log)

    def inbox(self, code=INFORMATION):
        """What lies there, by DocumentId and kind, a list each."""
        items = {}
        for item in self.client(code).get("/v1/inbox?max=1000").json["items"]:
            items.setdefault((item["document_id"], item["kind"]), []).append(item)
        return items

    def arrives(self, document_id, kind="edoc", code=INFORMATION):
        """The one item with that DocumentId."""
        items = eventually(lambda: self.inbox(code).get((document_id, kind)), self.adapter.log)
        self.assertEqual(len(items), 1, items)
        return items[0]

    def goes_out(self, patience=PATIENCE, **members):
        copies = eventually(lambda: self.axis.copies(**members), lambda: self.adapter.log() + str(members), patience)
        self.assertEqual(len(copies), 1, copies)
        return copies[0]

    def outgoing(self, **members):
        """A signed document of INFORMATION to the agency outside."""
        return self.send(INFORMATION, OUTSIDE, **members)


class Liaison(LiaisonCase):
    def test_a_document_from_outside_arrives_byte_for_byte_and_is_done_there(self):
        content = edxml.document(OUTSIDE, INFORMATION, attachment=b"%PDF" * 50_000).encode()
        doc_id = self.axis.sends(content)
        item = self.arrives(self.axis.copies(doc_id=doc_id)[0]["document_id"])
        self.assertEqual((item["from"], item["sha256"]), (OUTSIDE, hashlib.sha256(content).hexdigest()))
        eventually(lambda: self.axis.status(doc_id) == "done", self.adapter.log)
        trace = self.client(INFORMATION).get(f"/v1/documents/{item['id']}/trace").json
        self.assertIn("SubmissionAcceptance", json.dumps(trace))

    def test_a_document_to_outside_arrives_there_as_it_was_signed_and_its_sender_gets_the_evidence(self):
        sent = self.outgoing()
        copy = self.goes_out(document_id=sent["document_id"])
        self.assertEqual((copy["sender"], copy["recipient"], copy["kind"]), (INFORMATION, OUTSIDE, "edoc"))
        self.assertEqual(copy["sha256"], hashlib.sha256(sent["bytes"]).hexdigest())
        eventually(lambda: "ContentHandover" in self.client(INFORMATION).get(f"/v1/documents/{sent['id']}/trace").body.decode(),
                   self.adapter.log)

    def test_statuses_go_both_ways(self):
        sent = self.outgoing()
        self.goes_out(document_id=sent["document_id"])
        self.axis.sends(edxml.status(OUTSIDE, INFORMATION, sent["document_id"], "03").encode(), kind="status")
        self.arrives(sent["document_id"], "status")

        content = edxml.document(OUTSIDE, INFORMATION).encode()
        document_id = self.axis.copies(doc_id=self.axis.sends(content))[0]["document_id"]
        self.arrives(document_id)
        told = edxml.status(INFORMATION, OUTSIDE, document_id, "01").encode()
        self.assertEqual(self.client(INFORMATION).submit(told).status, 201)
        copy = self.goes_out(document_id=document_id, kind="status")
        self.assertEqual((copy["status_code"], copy["recipient"]), ("01", OUTSIDE))

    def test_what_cannot_be_understood_fails_there_and_blocks_nothing(self):
        bad = edxml.document(OUTSIDE, INFORMATION, without=("Subject",)).encode()
        doc_id = self.axis.sends(bad)
        good = edxml.document(OUTSIDE, INFORMATION).encode()
        self.arrives(self.axis.copies(doc_id=self.axis.sends(good))[0]["document_id"])
        eventually(lambda: self.axis.status(doc_id) == "fail", self.adapter.log)
        row = next(i for i in self.adapter.items("quarantined") if i["key"] == self.axis.copies(doc_id=doc_id)[0]["receiver"])
        self.assertEqual(row["code"], "schema", row)

    def test_what_comes_back_is_done_and_not_delivered(self):
        sent = self.outgoing()
        self.goes_out(document_id=sent["document_id"])
        returned = self.adapter.metric("truc_axis_returned_total")
        doc_id = self.axis.sends(sent["bytes"], PLANNING, INFORMATION)
        eventually(lambda: self.axis.status(doc_id) == "done", self.adapter.log)
        self.assertEqual(self.adapter.metric("truc_axis_returned_total"), returned + 1)
        self.assertNotIn((sent["document_id"], "edoc"), self.inbox(PLANNING))

    def test_an_agency_that_the_axis_locked_is_refused_with_its_reason(self):
        self.axis.post("agency", code=OUTSIDE_TOO, name="Sở Nội vụ Ninh Bình", parent=OUTSIDE, system="h37", locked=True)
        sent = self.send(INFORMATION, OUTSIDE_TOO)
        eventually(lambda: "đang bị khóa" in self.adapter.log(), self.adapter.log)
        self.assertEqual(self.axis.copies(document_id=sent["document_id"]), [])
        after = self.outgoing()
        self.goes_out(document_id=after["document_id"])


class LiaisonWithFaults(LiaisonCase):
    """An axis that fails in every way it knows, and an adapter and an axis that are killed meanwhile."""
    FAULTS = "latency=0.05,error20=0.1,after20=0.08,lost=0.03,cut=0.08,busy=0.04,repeated=0.2,encoding=0.2"
    ROUNDS = 12

    def test_everything_arrives_once_in_both_directions(self):
        self.axis.post("faults", spec=self.FAULTS)
        incoming, outgoing = {}, {}
        for number in range(self.ROUNDS):
            content = edxml.document(OUTSIDE, INFORMATION).encode()
            doc_id = self.axis.sends(content)
            incoming[self.axis.copies(doc_id=doc_id)[0]["document_id"]] = hashlib.sha256(content).hexdigest()
            sent = self.outgoing()
            outgoing[sent["document_id"]] = hashlib.sha256(sent["bytes"]).hexdigest()
            if number % 4 == 2:
                self.adapter.kill()
                self.adapter.start()
            if number % 6 == 4:
                self.axis.kill()
                self.axis.start()
                self.axis.post("faults", spec=self.FAULTS)
            time.sleep(0.2)
        eventually(lambda: incoming.keys() <= {document_id for document_id, _ in self.inbox()}, self.adapter.log)
        eventually(lambda: outgoing.keys() <= {d["document_id"] for d in self.axis.books()["documents"]}, self.adapter.log)
        self.axis.post("faults", spec="")
        eventually(lambda: all(d["status"] == "done" for d in self.axis.copies(sender=OUTSIDE)), self.adapter.log)
        for document_id, digest in incoming.items():
            self.assertEqual([item["sha256"] for item in self.inbox()[document_id, "edoc"]], [digest])
        for document_id, digest in outgoing.items():
            self.assertEqual({d["sha256"] for d in self.axis.copies(document_id=document_id)}, {digest})
        twice = sum(len(self.axis.copies(document_id=document_id)) - 1 for document_id in outgoing)
        self.assertEqual(twice, 0, self.axis.books()["faults"])


class LiaisonWithTruc(BrokerCase):
    """The axis is the façade of another exchange, in which COMMUNE is at home."""

    @classmethod
    def prepare(cls, net):
        make_gateway(net)

        def change(records):
            gone = {COMMUNE, CLINIC}
            records[:] = [r for r in records if r.get("agency", {}).get("code") not in gone
                          and not gone & set(r.get("client", {}).get("agencies", []))]
        net.change_directory(change)

    def setUp(self):
        self.other = Network()
        self.addCleanup(self.other.close)
        self.other.start()
        self.adapter = Adapter(self.network, self.network.directory / "liaison", self.other.vxp, INFORMATION,
                               self.other.secret("so-tttt")).start()
        self.addCleanup(self.adapter.stop)
        eventually(lambda: self.client(INFORMATION).get(f"/v1/agencies/{COMMUNE}").status == 200, self.adapter.log)

    def test_documents_pass_between_two_exchanges(self):
        # Unsigned: the other exchange does not know the certificates of this one.
        content = edxml.document(INFORMATION, COMMUNE).encode()
        information = vxp.of_network(self.network.description, INFORMATION)
        self.addCleanup(information.close)
        self.assertTrue(information.send_edoc(content, INFORMATION, [COMMUNE]).ok)
        commune = vxp.of_network(self.other.description, COMMUNE)
        self.addCleanup(commune.close)
        item = eventually(lambda: commune.get_received_edoc_list().data, self.adapter.log)[0]
        self.assertEqual(commune.get_edoc(item["docId"]).document, content)
        self.assertTrue(commune.update_status(item["docId"], "done").ok)

        answer = edxml.document(COMMUNE, INFORMATION).encode()
        self.assertTrue(commune.send_edoc(answer, COMMUNE, [INFORMATION]).ok)
        items = eventually(lambda: self.client(INFORMATION).get("/v1/inbox").json["items"], self.adapter.log)
        self.assertEqual([i["sha256"] for i in items], [hashlib.sha256(answer).hexdigest()])
        there = vxp.of_network(self.other.description, INFORMATION)
        self.addCleanup(there.close)
        eventually(lambda: not there.get_received_edoc_list().data, self.adapter.log)


if __name__ == "__main__":
    unittest.main()
