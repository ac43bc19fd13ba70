"""An agency's system in Node.js with rhea, where both are installed (npm install rhea)."""
import os
import shutil
import subprocess
import unittest

import network
from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION

CLIENT = network.SOURCE / "tests/interop/rhea_client.js"


def has_rhea():
    node = shutil.which("node")
    return node and subprocess.run([node, "-e", "require('rhea')"], cwd=CLIENT.parent, capture_output=True,
                                   check=False).returncode == 0


@unittest.skipUnless(has_rhea(), "node finds no rhea; NODE_PATH may name where it is")
class Rhea(BrokerCase):
    def run_client(self, agency, message, identity):
        document = self.network.directory / "document.xml"
        document.write_bytes(message)
        run = subprocess.run(["node", str(CLIENT), str(self.network.directory / "n" / "network.json"), agency, str(document),
                              identity], capture_output=True, text=True, timeout=network.PATIENCE, check=False,
                             env={**os.environ, "NODE_NO_WARNINGS": "1"})
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return sorted(run.stdout.splitlines())

    def test_it_submits_receives_and_is_refused_by_certificate_and_by_password(self):
        for identity in ("certificate", "password"):
            with self.subTest(identity):
                told = self.send(INFORMATION, GOVERNMENT)
                delivery = told["recipients"][0]["delivery_id"]
                said = self.run_client(GOVERNMENT, self.signed(GOVERNMENT, INFORMATION), identity)
                self.assertEqual(said, ["document accepted", "garbage rejected truc:not_xml", "nowhere amqp:not-found",
                                        f"received edoc {delivery} {INFORMATION}"])


if __name__ == "__main__":
    unittest.main()
