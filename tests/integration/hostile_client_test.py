"""Clients that stop in the middle, send rubbish or too much: they harm nobody else and leave nothing behind."""
import contextlib
import socket
import threading
import unittest

from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION, PATIENCE, PLANNING


class HostileClient(BrokerCase):
    def state(self):
        admin = self.administrator()
        return (admin.get("/admin/books").json, admin.get("/v1/documents?max=1000").json,
                admin.get("/admin/ledger/check").json, self.network.content_files(),
                sorted(p.name for p in self.network.data.iterdir()))

    def begin_upload(self, message, length=None, chunked=False):
        connection = self.client(GOVERNMENT).connection()
        connection.putrequest("POST", "/v1/documents")
        connection.putheader("Content-Type", "application/xml")
        if chunked:
            connection.putheader("Transfer-Encoding", "chunked")
        else:
            connection.putheader("Content-Length", str(length or len(message)))
        connection.endheaders()
        return connection

    def is_alive(self):
        self.send(GOVERNMENT, INFORMATION)

    def test_an_aborted_upload_stores_nothing(self):
        self.is_alive()
        message = self.signed(GOVERNMENT, INFORMATION, attachment=b"x" * 500_000)
        before = self.state()
        connection = self.begin_upload(message)
        connection.send(message[:len(message) // 2])
        self.network.wait_until(lambda: self.network.open_spools() == 1)
        connection.close()
        for cut in (0, 1, 5000, len(message) // 2, len(message) - 1):
            connection = self.begin_upload(message)
            connection.send(message[:cut])
            connection.close()
            connection = self.begin_upload(message, chunked=True)
            connection.send(b"%x\r\n" % len(message) + message[:cut])
            connection.close()
        # The last chunk came, the end of the body did not.
        connection = self.begin_upload(message, chunked=True)
        connection.send(b"%x\r\n" % len(message) + message + b"\r\n")
        connection.sock.shutdown(socket.SHUT_WR)
        connection.close()
        self.assertEqual(self.state(), before)
        self.network.wait_until(lambda: self.network.open_spools() == 0)
        self.assertEqual(self.client(GOVERNMENT).submit(message).status, 201)

    def test_rubbish_instead_of_http(self):
        for rubbish in (b"\x16\x03\x01" * 100, b"GET\r\n\r\n", b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                        b"GET /v1/inbox HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost : b\r\n\r\n",
                        b"POST /v1/documents HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                        b"POST /v1/documents HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                        b"Transfer-Encoding: chunked\r\n\r\n",
                        b"GET /v1/inbox?a=%zz HTTP/1.1\r\nHost: a\r\n\r\n"):
            with self.subTest(rubbish[:40]):
                self.assert_problem(self.client(GOVERNMENT).send_raw(rubbish), "bad_request")
        overlong = b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000
        self.assert_problem(self.client(GOVERNMENT).send_raw(overlong), "header_too_large")
        self.is_alive()

    def test_bodies_that_are_framed_wrongly(self):
        self.is_alive()
        before = self.state()
        for body in (b"zz\r\nabc\r\n0\r\n\r\n", b"3\r\nabcdef\r\n0\r\n\r\n", b"ffffffffffffffffff\r\n"):
            with self.subTest(body):
                client = self.client(GOVERNMENT)
                connection = client.connection()
                connection.putrequest("POST", "/v1/documents")
                connection.putheader("Content-Type", "application/xml")
                connection.putheader("Transfer-Encoding", "chunked")
                connection.endheaders()
                connection.send(body)
                self.assert_problem(client.receive("POST", "/v1/documents"), "bad_request")
        self.assertEqual(self.state(), before)

    def test_connections_without_a_handshake_keep_nobody_out(self):
        with contextlib.ExitStack() as stack:
            for number in range(200):
                silent = stack.enter_context(socket.create_connection(("127.0.0.1", self.network.port), PATIENCE))
                if number % 2:
                    silent.sendall(b"\x16\x03\x01\x02\x00")
            self.is_alive()

    def test_slow_uploads_hold_up_nobody(self):
        message = self.signed(GOVERNMENT, INFORMATION)
        uploads = [self.begin_upload(message) for _ in range(30)]
        for connection in uploads:
            connection.send(message[:10])
        for _ in range(3):
            self.is_alive()
        uploads[0].send(message[10:])
        self.assertIn(uploads[0].getresponse().status, (200, 201))

    def test_readers_that_do_not_read_hold_up_nobody(self):
        told = self.send(GOVERNMENT, INFORMATION, attachment=b"x" * 6_000_000)
        target = f"/v1/inbox/{told['recipients'][0]['delivery_id']}/content"
        lazy = [self.client(INFORMATION) for _ in range(10)]
        for client in lazy:
            client.connection().request("GET", target)
        self.is_alive()
        self.assertEqual(lazy[-1].receive("GET", target).body, told["bytes"])

    def test_many_clients_at_once_good_and_bad(self):
        good = [self.signed(GOVERNMENT, INFORMATION, PLANNING) for _ in range(12)]
        seen, lock = [], threading.Lock()

        def work(number):
            client = self.network.client(GOVERNMENT)
            for message in good[number::4]:
                answers = [client.submit(message), client.submit(b"<edXML>" * number), client.submit(message[:-9])]
                with lock:
                    seen.append([a.status for a in answers])
            client.close()

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        self.assertEqual(seen, [[201, 400, 400]] * len(good))
        self.assertTrue(self.administrator().get("/admin/books").json["balance"])


if __name__ == "__main__":
    unittest.main()
