"""Other people's AMQP clients with a running node: each submits, receives, is refused, and comes back after the node was
away. All are started alike:

    CLIENT URL CA certificate:FILE:KEY|password:NAME:WORD TASK
    send FILE…        submits the files; "NAME accepted", "NAME released", "NAME rejected CONDITION" of each
    receive COUNT     accepts so many from its inbox; "SUBJECT ID FROM SIZE" of each
    attach ADDRESS    "attached", or "refused CONDITION"
They print "lost …" when the connection ends otherwise, and connect again.
"""
import os
import subprocess
import threading
import unittest

import network
from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION, PATIENCE

HERE = network.SOURCE / "tests/interop"


class Lines:
    """What a client prints, a line at a time."""

    def __init__(self, command):
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                         env={**os.environ, "NODE_NO_WARNINGS": "1"})
        self._patience = threading.Timer(PATIENCE, self._process.kill)
        self._patience.start()

    def next(self):
        """The next line that tells of no lost connection."""
        for line in self._process.stdout:
            if not line.startswith("lost "):
                return line.rstrip("\n")
        raise EOFError(self._process.stderr.read())

    def rest(self):
        out, err = self._process.communicate()
        self._patience.cancel()
        if self._process.returncode != 0 or err:
            raise RuntimeError(f"{self._process.returncode}: {out}{err}")
        return [line for line in out.splitlines() if not line.startswith("lost ")]

    def close(self):
        self._patience.cancel()
        self._process.kill()
        self._process.communicate()


class Client:
    """The same for every library."""
    command = None
    rejected = "rejected {}"  # how it says why

    def start(self, who, *task, password=False):
        agency = self.network.agency(who)
        identity = f"certificate:{agency['certificate']}:{agency['key']}"
        if password:
            client = next(c for c in self.network.description["clients"] if c["id"] == agency["client"])
            identity = f"password:{client['id']}:{client['amqp_password']}"
        lines = Lines([*self.command, self.network.node["amqp"], self.network.description["ca"], identity, *task])
        self.addCleanup(lines.close)
        return lines

    def file(self, name, content):
        file = self.network.directory / f"{name}.xml"
        file.write_bytes(content)
        return str(file)

    def expected(self, told):
        return f"edoc {told['recipients'][0]['delivery_id']} {GOVERNMENT} {len(told['bytes'])}"

    def restart(self):
        self.network.stop()
        self.network.start()

    def test_it_submits_by_certificate_and_by_password(self):
        for password in (False, True):
            documents = [self.signed(GOVERNMENT, INFORMATION) for _ in range(3)]
            files = [self.file(f"document{n}", d) for n, d in enumerate(documents)]
            said = self.start(GOVERNMENT, "send", *files, password=password).rest()
            self.assertEqual(sorted(said), [f"document{n} accepted" for n in range(3)])
            for document in documents:
                self.assertEqual(self.client(GOVERNMENT).submit(document).status, 200, "it was there before")

    def test_its_documents_are_refused_with_a_reason(self):
        unknown = self.file("unknown", self.signed(GOVERNMENT, "000.99.99.H99"))
        said = self.start(GOVERNMENT, "send", self.file("garbage", b"<edXML"), unknown).rest()
        self.assertEqual(sorted(said), [f"garbage {self.rejected}".format("truc:not_xml"),
                                        f"unknown {self.rejected}".format("truc:recipient_unknown")])

    def test_its_links_are_refused_with_a_reason(self):
        self.assertEqual(self.start(GOVERNMENT, "attach", "receipts").rest(), ["attached"])
        self.assertEqual(self.start(GOVERNMENT, "attach", "nowhere").rest(), ["refused amqp:not-found"])
        self.assertEqual(self.start(GOVERNMENT, "attach", "inbox/" + INFORMATION).rest(),
                         ["refused truc:sender_not_yours"])

    def test_it_receives_and_comes_back_when_the_node_was_away(self):
        first = self.send(GOVERNMENT, INFORMATION)
        receiver = self.start(INFORMATION, "receive", "2")
        self.assertEqual(receiver.next(), self.expected(first))
        self.restart()
        second = self.send(GOVERNMENT, INFORMATION)
        self.assertEqual(receiver.next(), self.expected(second))
        self.assertEqual(receiver.rest(), [])
        self.network.wait_until(lambda: not self.client(INFORMATION).inbox()["items"])

    def test_it_submits_as_soon_as_the_node_is_there(self):
        document = self.file("patient", self.signed(GOVERNMENT, INFORMATION))
        self.network.stop()
        sender = self.start(GOVERNMENT, "send", document)
        self.network.start()
        self.assertEqual(sender.rest(), ["patient accepted"])

    def tearDown(self):
        client = self.client(INFORMATION)
        for item in client.inbox(max=1000)["items"]:
            client.acknowledge(item["delivery_id"])


class ProtonCpp(Client, BrokerCase):
    command = [network.program("proton_cpp_client")]
    rejected = "rejected"  # the binding does not tell


class ProtonPython(Client, BrokerCase):
    command = ["/usr/bin/python3", "-B", str(HERE / "proton_python_client.py")]


class Rhea(Client, BrokerCase):
    command = ["node", str(HERE / "rhea_client.js")]


if __name__ == "__main__":
    unittest.main()
