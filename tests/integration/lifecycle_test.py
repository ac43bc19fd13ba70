"""SIGHUP, SIGTERM, restarts: what connections that are open at that moment get to see."""
import contextlib
import socket
import ssl
import subprocess
import time
import unittest

import credentials
import edxml
from broker_case import BrokerCase
from network import COMMUNE, GOVERNMENT, INFORMATION, PATIENCE, PLANNING, Network, program


class Reload(BrokerCase):
    @classmethod
    def prepare(cls, net):
        issuer = net.issuer()
        cls.issuer = issuer
        cls.fresh = issuer.issue("fresh")
        cls.revoked = issuer.issue("revoked")
        cls.list = issuer.directory / "list.pem"
        cls.list.write_text(issuer.revocation_list())
        net.configure("certificates", f'crl = "{cls.list}"')

        def change(records):
            for record in records:
                if record.get("agency", {}).get("code") == GOVERNMENT:
                    record["agency"]["certificates"].append(cls.revoked.digest)
                if record.get("client", {}).get("id") == "vpcp":
                    record["client"]["certificates"].append(cls.revoked.digest)

        net.change_directory(change)

    def disable(self, client, disabled):
        def change(records):
            next(r["client"] for r in records if r.get("client", {}).get("id") == client)["disabled"] = disabled

        self.network.change_directory(change)
        self.network.hang_up()

    def test_the_directory_while_a_client_is_connected(self):
        client = self.client(INFORMATION)
        connection = client.connection()
        self.assertEqual(client.get("/v1/inbox").status, 200)
        self.disable("so-tttt", True)
        self.assert_problem(client.get("/v1/inbox"), "credentials")
        self.disable("so-tttt", False)
        self.assertEqual(client.get("/v1/inbox").status, 200)
        self.assertIs(client._connection, connection)

    def test_a_new_client_certificate(self):
        client = self.client(self.fresh)
        self.assert_problem(client.get("/v1/inbox"), "credentials")

        def change(records):
            records.append({"client": {"id": "fresh", "certificates": [self.fresh.digest], "agencies": [COMMUNE],
                                       "entrances": ["http"]}})

        self.network.change_directory(change)
        self.network.hang_up()
        self.assertEqual(client.get("/v1/inbox").status, 200)

    def test_a_directory_that_cannot_be_used_changes_nothing(self):
        file = self.network.directory_file
        good = file.read_bytes()
        self.addCleanup(file.write_bytes, good)
        file.write_bytes(good + b"{")
        self.network.hang_up()
        self.assertIn(f"directory.jsonl:{good.count(10) + 1}: ", self.network.log())
        self.assertIn("What was in force stays", self.network.log())
        self.send(GOVERNMENT, INFORMATION)

    def test_a_revocation(self):
        message = self.network.sign(edxml.document(GOVERNMENT, INFORMATION), self.revoked)
        connected = self.client(self.revoked)
        self.assertEqual(connected.post("/v1/check", message).status, 200)
        # Revoked from the list's date on, which may lie in the second that has just begun.
        self.list.write_text(self.issuer.revocation_list(self.revoked))
        self.network.hang_up()
        another = self.client(GOVERNMENT)
        self.network.wait_until(lambda: another.submit(message).status == 422)
        self.assert_problem(another.submit(message), "certificate_revoked")
        for client in (connected, self.client(self.revoked)):
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                client.get("/v1/inbox")

    def test_a_new_server_certificate_while_a_client_is_connected(self):
        old = self.client(GOVERNMENT)
        connection = old.connection()
        before = connection.sock.getpeercert()["serialNumber"]
        home = self.network.config.parent
        ca = self.network.directory / "n"
        text = ("subjectAltName=URI:urn:truc:node:ninhthuan,IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\n"
                "keyUsage=critical,digitalSignature\n")
        (home / "node.ext").write_text(text)
        credentials.openssl("req", "-new", "-key", home / "node-key.pem", "-subj", "/CN=renewed", "-out", home / "csr")
        credentials.openssl("x509", "-req", "-in", home / "csr", "-CA", ca / "ca.pem", "-CAkey", ca / "ca-key.pem",
                            "-set_serial", "424242", "-days", "30", "-extfile", home / "node.ext", "-out",
                            home / "node.pem")
        self.network.hang_up()
        self.assertEqual(old.get("/v1/inbox").status, 200)
        self.assertIs(old._connection, connection)
        renewed = self.client(GOVERNMENT).connection().sock.getpeercert()["serialNumber"]
        self.assertEqual((int(renewed, 16), renewed == before), (424242, False))

    def test_the_log_level(self):
        self.network.config.write_text(self.network.config.read_text().replace('level = "info"', 'level = "debug"'))
        self.network.hang_up()
        socket.create_connection(("127.0.0.1", self.network.port)).close()
        self.network.wait_until(lambda: "handshake with" in self.network.log())


class Stop(unittest.TestCase):
    def setUp(self):
        self.network = Network()
        self.addCleanup(self.network.close)
        self.network.start()

    def client(self, who):
        caller = self.network.client(who)
        self.addCleanup(caller.close)
        return caller

    def message(self, **members):
        return self.network.sign(edxml.document(GOVERNMENT, INFORMATION, **members), GOVERNMENT)

    def terminate(self):
        """SIGTERM; returns when the node says that it is stopping."""
        self.network.process.terminate()
        self.network.wait_until(lambda: self.network.page("/readyz") == (503, "stopping\n"))

    def continue_sending(self, connection):
        """Ends the header and waits until the node asks for the body."""
        connection.putheader("Expect", "100-continue")
        connection.endheaders()
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.sock.recv(1)
        self.assertEqual(head.split(b"\r\n")[0], b"HTTP/1.1 100 Continue")

    def test_a_request_under_way_is_finished_and_an_idle_poll_is_answered(self):
        message = self.message(attachment=b"%PDF" * 50_000)
        sender, poll = self.client(GOVERNMENT), self.client(INFORMATION)
        target = "/v1/inbox?wait=50"
        poll.connection().request("GET", target)
        connection = sender.connection()
        connection.putrequest("POST", "/v1/documents")
        connection.putheader("Content-Type", "application/xml")
        connection.putheader("Content-Length", str(len(message)))
        # A request that has not been taken up yet would be refused, as it should be: wait until this one is.
        self.continue_sending(connection)
        connection.send(message[:100_000])
        # The poll came first; another connection's handshake takes several turns of the node's loop more.
        self.assertEqual(self.client(PLANNING).get("/v1/inbox").status, 200)
        self.terminate()
        self.assertEqual(self.network.page("/healthz"), (200, "alive\n"))
        with self.assertRaises(OSError):
            self.client(PLANNING).get("/v1/inbox")
        begin = time.monotonic()
        answer = poll.receive("GET", target)
        self.assertEqual((answer.status, answer.json["items"]), (200, []))
        self.assertLess(time.monotonic() - begin, 45)
        connection.send(message[100_000:])
        answer = sender.receive("POST", "/v1/documents")
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(answer.headers["Connection"], "close")
        self.assertEqual(self.network.process.wait(PATIENCE), 0)
        self.network.stop()
        # It was kept.
        self.network.start()
        again = self.client(GOVERNMENT).submit(message)
        self.assertEqual((again.status, again.body), (200, answer.body))
        delivery = answer.json["recipients"][0]["delivery_id"]
        self.assertEqual(self.client(INFORMATION).get(f"/v1/inbox/{delivery}/content").body, message)

    def test_one_that_does_not_finish_is_cut_off(self):
        self.network.stop()
        self.network.configure("", "drain_seconds = 1")
        self.network.start()
        connection = self.client(GOVERNMENT).connection()
        connection.putrequest("POST", "/v1/documents")
        connection.putheader("Content-Type", "application/xml")
        connection.putheader("Content-Length", "1000")
        self.continue_sending(connection)
        connection.send(b"<edXML")
        self.network.process.terminate()
        self.assertEqual(self.network.process.wait(PATIENCE), 0)
        self.network.stop()

    def test_after_a_kill_everything_that_was_answered_is_there(self):
        client = self.client(GOVERNMENT)
        answers = [client.submit(self.message(attachment=b"x" * size)) for size in (10, 200_000)]
        recipient = self.client(INFORMATION)
        delivery = answers[0].json["recipients"][0]["delivery_id"]
        handed_over = recipient.acknowledge(delivery)
        self.network.process.kill()
        self.network.process.wait()
        self.network.process = None
        client.close()
        recipient.close()
        self.network.start()
        for answer in answers:
            seen = client.get("/v1/documents/" + answer.json["id"]).json
            self.assertEqual(seen["sha256"], answer.json["sha256"])
            receipts = client.get(f"/v1/documents/{answer.json['id']}/receipts").json["items"]
            self.assertEqual(receipts[0]["xml"], answer.json["receipt"])
        self.assertEqual(recipient.acknowledge(delivery).body, handed_over.body)
        self.assertEqual(len(recipient.inbox()["items"]), 1)
        with contextlib.closing(self.network.administrator()) as admin:
            self.assertTrue(admin.get("/admin/books").json["balance"])
            self.assertTrue(admin.get("/admin/ledger/check").json["consistent"])

    def test_one_process_at_a_time(self):
        copy = self.network.directory / "second.toml"
        text = self.network.config.read_text().replace(str(self.network.port), "0")
        copy.write_text(text.replace(str(self.network.port + 3), "0").replace("admin.sock", "second.sock"))
        run = subprocess.run([program("trucd"), "--config", copy], capture_output=True, text=True, timeout=PATIENCE,
                             check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn("cannot start", run.stderr)
        self.assertEqual(self.client(GOVERNMENT).get("/v1/inbox").status, 200)

    def test_the_pid_file_names_the_process(self):
        file = self.network.data / "trucd.pid"
        self.network.wait_until(lambda: int(file.read_text()) == self.network.process.pid)


if __name__ == "__main__":
    unittest.main()
