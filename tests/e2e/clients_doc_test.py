"""The examples of docs/clients.md are run as they stand there, against a node, by the tools that they name."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import network
from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION

PAGE = network.SOURCE / "docs/clients.md"
EXAMPLE = re.compile(r"^```(?:\w+) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUNNERS = {".sh": ["bash"], ".py": ["/usr/bin/python3"], ".js": ["node"]}


class Examples(BrokerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.examples = dict(EXAMPLE.findall(PAGE.read_text(encoding="utf-8")))

    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(dir=self.network.directory))
        self.drain(GOVERNMENT)

    def drain(self, code):
        client = self.client(code)
        while items := client.inbox(max=1000)["items"]:
            for item in items:
                client.acknowledge(item["delivery_id"])

    def environment(self, who):
        own = self.network.agency(who)
        return {**os.environ, "TRUC": self.network.node["http"], "TRUC_AMQP": self.network.node["amqp"].replace("127.0.0.1", "localhost"),
                "CA": self.network.description["ca"], "CERT": own["certificate"], "KEY": own["key"],
                "PATIENCE": "1", "NODE_NO_WARNINGS": "1"}

    def command(self, name):
        file = self.place / name
        file.write_text(self.examples[name], encoding="utf-8")
        if file.suffix != ".cpp":
            return [*RUNNERS[file.suffix], str(file)]
        program = file.with_suffix("")
        subprocess.run(["g++", "-std=c++17", str(file), "-o", str(program), "-lqpid-proton-cpp"], check=True)
        return [str(program)]

    def run_example(self, name, who):
        run = subprocess.run(self.command(name), cwd=self.place, env=self.environment(who), capture_output=True, text=True,
                             timeout=network.PATIENCE, check=False)
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        return run.stdout

    def write_document(self, message):
        (self.place / "document.xml").write_bytes(message)
        return message

    def waiting(self, code):
        return self.client(code).inbox(max=1000)["items"]

    def assert_received(self, message):
        [file] = [f for f in self.place.glob("*.xml") if f.name not in ("document.xml", "receipt.xml")]
        self.assertEqual(file.read_bytes(), message)
        self.assertEqual(self.waiting(GOVERNMENT), [])

    def test_every_example_is_run_here(self):
        here = pathlib.Path(__file__).read_text(encoding="utf-8")
        self.assertEqual([name for name in self.examples if f'"{name}"' not in here], [])

    def test_curl_sends_receives_and_asks(self):
        message = self.write_document(self.signed(INFORMATION, GOVERNMENT))
        said = self.run_example("send.sh", INFORMATION).splitlines()
        [item] = self.waiting(GOVERNMENT)
        self.assertEqual(said, [item["id"], item["delivery_id"]])
        self.network.verify_receipts((self.place / "receipt.xml").read_text().rstrip("\n"))
        self.run_example("receive.sh", GOVERNMENT)
        self.assert_received(message)
        trace = self.run_example("where.sh", INFORMATION)
        self.assertIn("ContentHandover", trace)

    def test_curl_says_why_a_document_is_refused(self):
        self.write_document(b"<a/>")
        run = subprocess.run(self.command("send.sh"), cwd=self.place, env=self.environment(INFORMATION), capture_output=True,
                             text=True, check=False)
        self.assertNotEqual(run.returncode, 0)
        self.assertIn('"code":"', run.stderr)

    def test_python_sends_and_receives(self):
        for name in ("send_amqp.py", "send_rest.py"):
            with self.subTest(name):
                self.setUp()
                message = self.write_document(self.signed(INFORMATION, GOVERNMENT))
                self.assertRegex(self.run_example(name, INFORMATION), "^accepted: ")
                self.assertRegex(self.run_example("receive_amqp.py", GOVERNMENT), f"^edoc [-0-9a-f]+ from {INFORMATION}$")
                self.assert_received(message)

    def test_python_is_refused(self):
        self.write_document(b"<a/>")
        self.assertRegex(self.run_example("send_amqp.py", INFORMATION), "^refused: truc:")
        self.assertRegex(self.run_example("send_rest.py", INFORMATION), "^refused: .*do not retry$")

    def exchange(self, name):
        """The example sends one document and receives one, here its own."""
        message = self.write_document(self.signed(GOVERNMENT, GOVERNMENT))
        said = self.run_example(name, GOVERNMENT).splitlines()
        self.assertEqual(said[0], "accepted: it is safe")
        self.assertRegex(said[1], "^edoc ")
        self.assert_received(message)
        self.write_document(b"<a/>")
        self.assertRegex(self.run_example(name, GOVERNMENT), "^refused")

    def test_node_js_sends_and_receives(self):
        self.exchange("exchange.js")

    def test_cpp_sends_and_receives(self):
        self.exchange("exchange.cpp")


if __name__ == "__main__":
    unittest.main()
