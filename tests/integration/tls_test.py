"""The handshake: sessions that are taken up again, certificates that are refused and what the log says of them, and new
certificates and revocation lists for a node that is running."""
import datetime
import pathlib
import shutil
import socket
import ssl
import subprocess
import threading
import time
import unittest
import urllib.parse

import credentials
import tls
from agency_link import AgencyLink, Refused
from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION, PATIENCE, PLANNING, PROVINCE

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


class TlsCase(BrokerCase):
    def eventually(self, look):
        until = time.monotonic() + PATIENCE
        while not (seen := look()):
            self.assertLess(time.monotonic(), until, self.network.log())
            time.sleep(0.02)
        return seen

    def log_of(self, text):
        """The lines of the log that say so, once there is one."""
        return self.eventually(lambda: [line for line in self.network.log().splitlines() if text in line])

    @property
    def amqp_port(self):
        return urllib.parse.urlsplit(self.network.node["amqp"]).port


class Sessions(TlsCase):
    @classmethod
    def prepare(cls, net):
        cls.issuer = net.issuer()
        cls.list = cls.issuer.directory / "list.pem"
        cls.list.write_text(cls.issuer.revocation_list())
        net.configure("certificates", f'crl = "{cls.list}"')
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=6)
        cls.brief = {version: cls.issuer.issue(f"brief-{version.name}", not_after=soon.strftime("%Y%m%d%H%M%SZ"))
                     for version in VERSIONS}
        cls.end = soon
        cls.lost = {version: cls.issuer.issue("lost-" + version.name) for version in VERSIONS}
        net.change_directory(lambda records: records.append({"client": {
            "id": "lost", "agencies": [INFORMATION], "entrances": ["http", "amqp"],
            "certificates": [lost.digest for lost in cls.lost.values()]}}))

    def test_a_session_keeps_its_client(self):
        for version in VERSIONS:
            with self.subTest(version.name):
                resumed = self.network.metric('truc_tls_resumed_total{listener="http"}')
                client = tls.Client(self.network, PLANNING, version)
                with client.connect() as first:
                    self.assertEqual((first.get("/v1/inbox")[0], first.resumed), (200, False))
                with client.connect(first.session) as second:
                    self.assertTrue(second.resumed)
                    status, body = second.get("/v1/inbox?agency=" + PLANNING)
                    self.assertEqual(status, 200, body)
                    status, body = second.get("/v1/inbox?agency=" + PROVINCE)
                    self.assertIn(b"sender_not_yours", body)
                self.assertEqual(self.network.metric('truc_tls_resumed_total{listener="http"}'), resumed + 1)

    def test_a_session_without_a_certificate_stays_without(self):
        client = tls.Client(self.network)
        with client.connect() as first:
            first.get("/v1/inbox")
        with client.connect(first.session) as second:
            self.assertTrue(second.resumed)
            self.assertEqual(second.get("/v1/inbox")[0], 401)

    def test_a_session_of_one_listener_is_worth_nothing_at_another(self):
        for version in VERSIONS:
            with self.subTest(version.name):
                client = tls.Client(self.network, GOVERNMENT, version)
                with client.connect() as first:
                    first.get("/v1/inbox")
                with client.connect(first.session, port=self.amqp_port) as other:
                    self.assertFalse(other.resumed)
                with client.connect(first.session) as again:
                    self.assertTrue(again.resumed)

    def test_a_reload_ends_sessions_and_a_ticket_helps_nobody_who_is_revoked(self):
        kept, open_ones = {}, {}
        for version in VERSIONS:
            lost = self.lost[version]
            for who in (lost, INFORMATION):
                client = tls.Client(self.network, who, version)
                with client.connect() as first:
                    first.get("/v1/inbox")
                kept[version, who] = (client, first.session)
            open_ones[lost] = (tls.Client(self.network, lost, version).connect(), AgencyLink(self.network, lost))
            self.list.write_text(self.issuer.revocation_list(lost))
        self.assertEqual([https.get("/v1/inbox")[0] for https, _ in open_ones.values()], [200, 200])
        self.network.hang_up()
        for https, link in open_ones.values():
            with self.assertRaises(OSError), https:
                https.get("/v1/inbox")
            with self.assertRaises(Refused):
                link.receiver("inbox")
        for (version, who), (client, session) in kept.items():
            with self.subTest(version.name, who=who):
                if who is INFORMATION:
                    with client.connect(session) as again:
                        self.assertFalse(again.resumed)
                        self.assertEqual(again.get("/v1/inbox")[0], 200)
                else:
                    self.assertIn("CERTIFICATE_REVOKED", client.is_refused(session))
                    self.assertIn("CERTIFICATE_REVOKED", client.is_refused())

    def test_a_session_ends_with_its_certificate(self):
        clients = {version: tls.Client(self.network, who, version) for version, who in self.brief.items()}
        sessions = {}
        for version, client in clients.items():
            with client.connect() as first:
                self.assertEqual(first.get("/v1/inbox")[0], 401, "good, but of no client")
            with client.connect(first.session) as second:
                self.assertTrue(second.resumed)
                sessions[version] = first.session
        time.sleep(max(0, (self.end - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) + 1.1)
        for version, client in clients.items():
            with self.subTest(version.name):
                self.assertIn("CERTIFICATE_EXPIRED", client.is_refused(sessions[version]))

    def test_no_early_data_and_no_renegotiation(self):
        ca, session = self.network.description["ca"], self.network.directory / "session.pem"
        where = ["-connect", f"127.0.0.1:{self.network.port}", "-CAfile", ca]
        own = self.network.agency(GOVERNMENT)
        certificate = ["-cert", own["certificate"], "-key", own["key"]]
        request = b"GET /v1/inbox HTTP/1.1\r\nHost: truc\r\nConnection: close\r\n\r\n"

        def s_client(*options, said=request):
            # A client that ends its side at once would not wait for the session.
            run = subprocess.run(["openssl", "s_client", "-ign_eof", *where, *certificate, *options], input=said,
                                 capture_output=True, timeout=PATIENCE, check=False)
            return (run.stdout + run.stderr).decode(errors="replace")

        self.assertIn("200 OK", s_client("-tls1_3", "-sess_out", str(session)))
        early = self.network.directory / "early"
        early.write_bytes(request)
        said = s_client("-tls1_3", "-sess_in", str(session), "-early_data", str(early))
        self.assertIn("Reused, TLSv1.3", said)
        self.assertNotIn("Early data was accepted", said)
        run = subprocess.run(["openssl", "s_client", *where, *certificate, "-tls1_2"], input=b"R\n", capture_output=True,
                             timeout=PATIENCE, check=False)
        self.assertIn(b"no renegotiation", run.stdout + run.stderr)


class Refusals(TlsCase):
    """Who is not let in, and what the administrator reads."""

    @classmethod
    def prepare(cls, net):
        issuer = net.issuer()
        cls.good, cls.revoked = issuer.issue("Sở Mới"), issuer.issue("revoked")
        cls.expired = issuer.expired("expired")
        cls.stranger = credentials.self_signed(issuer.directory, "stranger")
        cls.server_only = issuer.issue("server", usage="serverAuth")
        cls.node = credentials.Credentials(net.config.parent / "node.pem", net.config.parent / "node-key.pem")
        cls.list = issuer.directory / "list.pem"
        cls.list.write_text(issuer.revocation_list(cls.revoked))
        net.configure("certificates", f'crl = "{cls.list}"')

    def refused(self, who, reason, alert, *words):
        """Refused twice; counted twice; told to the client, and once in the log."""
        series = f'truc_tls_refused_total{{listener="http",reason="{reason}"}}'
        counted = self.network.metric(series)
        for version in VERSIONS:
            self.assertIn(alert, tls.Client(self.network, who, version).is_refused())
        self.eventually(lambda: self.network.metric(series) == counted + 2)
        digest = credentials.digest_of(who.certificate)
        [line] = self.log_of(digest)
        for word in ("at the http listener", "127.0.0.1:", "issuer", "serial", *words):
            self.assertIn(word, line)

    def test_expired(self):
        self.refused(self.expired, "expired", "CERTIFICATE_EXPIRED", '"expired"', "expired on 2021-01-01T07:00:00.000+07:00")

    def test_revoked(self):
        self.refused(self.revoked, "revoked", "CERTIFICATE_REVOKED", '"revoked"', "revoked by ", " on 20")

    def test_of_another_authority(self):
        self.refused(self.stranger, "unknown_authority", "UNKNOWN_CA", '"stranger"', "agency_ca")

    def test_for_another_use(self):
        self.refused(self.server_only, "wrong_usage", "UNSUPPORTED_CERTIFICATE", "does not allow client authentication")

    def test_good_but_of_no_client(self):
        for version in VERSIONS:
            with tls.Client(self.network, self.good, version).connect() as connection:
                status, body = connection.get("/v1/inbox")
            self.assertEqual(status, 401, body)
        [line] = self.log_of(self.good.digest)
        for word in ('"Sở Mới"', "no client in the directory", "at HTTPS", "truc client"):
            self.assertIn(word, line)

    def test_tls_1_1_and_weak_ciphers(self):
        for alert, prepare in (("PROTOCOL_VERSION", lambda c: setattr(c, "maximum_version", ssl.TLSVersion.TLSv1_1)),
                               ("HANDSHAKE_FAILURE", lambda c: c.set_ciphers("AES256-SHA:@SECLEVEL=0"))):
            with self.subTest(alert):
                client = tls.Client(self.network, GOVERNMENT, ssl.TLSVersion.TLSv1_2)
                client.context.set_ciphers("DEFAULT:@SECLEVEL=0")
                client.context.minimum_version = ssl.TLSVersion.TLSv1
                prepare(client.context)
                self.assertIn(alert, client.is_refused())
        self.log_of("neither TLS 1.2 nor TLS 1.3")
        self.log_of("no cipher that is good enough")

    def test_http_without_tls(self):
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", self.network.port), timeout=PATIENCE) as plain:
                plain.sendall(b"GET /v1/inbox HTTP/1.1\r\nHost: truc\r\n\r\n")
                while plain.recv(1000):
                    pass
        self.assertEqual(len(self.log_of("without TLS; its address has to begin with https://")), 1)

    def test_a_chain_without_end(self):
        chain = self.network.directory / "long.pem"
        pem = pathlib.Path(self.good.certificate).read_text()
        chain.write_text(pem * 100)
        long = credentials.Credentials(chain, self.good.key)
        for version in VERSIONS:
            with self.subTest(version.name), self.assertRaises((ssl.SSLError, ConnectionError)):
                with tls.Client(self.network, long, version).connect() as connection:
                    connection.get("/v1/inbox")

    def test_unknown_protocols_by_alpn_are_not_agreed_upon(self):
        client = tls.Client(self.network, GOVERNMENT)
        client.context.set_alpn_protocols(["h2", "\x7f" * 255])
        with client.connect() as connection:
            self.assertIsNone(connection.sock.selected_alpn_protocol())
            self.assertEqual(connection.get("/v1/inbox")[0], 200)


class Renewal(TlsCase):
    """A new certificate of the node's, while it runs."""

    def renew(self):
        """The PEM file of a new certificate for the same node and key pair of its own."""
        home, ca = self.network.config.parent, pathlib.Path(self.network.description["ca"])
        key, request, extensions = (self.network.directory / f"new{end}" for end in ("-key.pem", ".csr", ".ext"))
        credentials.make_key(key, "ec")
        key.chmod(0o600)
        name = self.network.node["name"]
        extensions.write_text(f"subjectAltName = URI:urn:truc:node:{name}, DNS:localhost, IP:127.0.0.1\n"
                              "keyUsage = critical,digitalSignature\nextendedKeyUsage = serverAuth,clientAuth\n")
        credentials.openssl("req", "-new", "-key", key, "-subj", f"/CN={name} anew", "-out", request)
        credentials.openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca.with_name("ca-key.pem"), "-days", "30",
                            "-CAcreateserial", "-extfile", extensions, "-out", self.network.directory / "new.pem")
        for new, old in ((key, home / "node-key.pem"), (self.network.directory / "new.pem", home / "node.pem")):
            shutil.copy(new, old.with_suffix(".tmp"))
            old.with_suffix(".tmp").chmod(0o600)
            old.with_suffix(".tmp").replace(old)

    def test_no_connection_is_lost(self):
        idle, poll, upload = (tls.Client(self.network, who).connect() for who in (GOVERNMENT, PLANNING, GOVERNMENT))
        with idle, poll, upload, AgencyLink(self.network, INFORMATION) as link:
            idle.get("/v1/inbox")
            before = idle.server_certificate
            answered = []
            waiting = threading.Thread(target=lambda: answered.append(poll.get("/v1/inbox?wait=30")))
            waiting.start()
            message = self.signed(GOVERNMENT, PLANNING, INFORMATION, attachment=b"x" * 200_000)
            upload.sock.sendall(b"POST /v1/documents HTTP/1.1\r\nHost: truc\r\nContent-Type: application/xml\r\n"
                                b"Content-Length: %d\r\n\r\n" % len(message) + message[:100_000])
            receiver = link.receiver("inbox")

            self.renew()
            self.network.hang_up()

            self.assertEqual(idle.get("/v1/inbox")[0], 200)
            upload.sock.sendall(message[100_000:])
            self.assertTrue(upload.sock.recv(1000).startswith(b"HTTP/1.1 201"))
            waiting.join(PATIENCE)
            self.assertEqual([status for status, _ in answered], [200])
            self.assertIn(b"delivery_id", answered[0][1])
            item = receiver.next()
            self.assertEqual(item.body, message)
            item.accept()
            self.assertEqual(link.submit(self.signed(INFORMATION, GOVERNMENT)), ("accepted", None))
            for port in (self.network.port, self.amqp_port):
                with tls.Client(self.network, GOVERNMENT).connect(port=port) as fresh:
                    self.assertNotEqual(fresh.server_certificate, before)


class Watch(TlsCase):
    """Files that another program replaces, without a signal."""

    @classmethod
    def prepare(cls, net):
        cls.issuer = net.issuer()
        cls.list = cls.issuer.directory / "list.pem"
        cls.list.write_text(cls.issuer.revocation_list())
        net.configure("certificates", f'crl = "{cls.list}"\nwatch_seconds = 1')

    def alarms(self):
        return [a for a in self.administrator().get("/admin/alarms").json["items"] if a["kind"] == "reload_failed"]

    def replace(self, text):
        fresh = self.list.with_suffix(".new")
        fresh.write_text(text)
        fresh.replace(self.list)

    def test_a_connection_ends_with_its_certificate(self):
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
        brief = self.issuer.issue("brief", not_after=soon.strftime("%Y%m%d%H%M%SZ"))
        with tls.Client(self.network, brief).connect() as ends, tls.Client(self.network, PLANNING).connect() as stays:
            self.assertEqual((ends.get("/v1/inbox")[0], stays.get("/v1/inbox")[0]), (401, 200))
            ends.sock.settimeout(PATIENCE)
            self.assertEqual(ends.sock.recv(1), b"", "the node says good-bye")
            self.assertEqual(stays.get("/v1/inbox")[0], 200)

    def test_a_new_list_counts_and_a_broken_one_changes_nothing(self):
        one, other = (tls.Client(self.network, self.issuer.issue(name)) for name in ("one", "other"))
        self.assertIsNone(one.is_refused())
        self.replace(self.issuer.revocation_list(credentials.Credentials(self.issuer.directory / "one.pem", "")))
        self.eventually(lambda: "CERTIFICATE_REVOKED" in (one.is_refused() or ""))
        self.assertIsNone(other.is_refused())

        self.replace("-----BEGIN X509 CRL-----\nbroken\n")
        [alarm] = self.eventually(self.alarms)
        self.assertIn(str(self.list), alarm["text"])
        self.assertIn("CERTIFICATE_REVOKED", one.is_refused())
        self.assertIsNone(other.is_refused())

        self.replace(self.issuer.revocation_list(credentials.Credentials(self.issuer.directory / "other.pem", "")))
        self.eventually(lambda: not self.alarms())
        self.assertIn("CERTIFICATE_REVOKED", other.is_refused())

    def test_a_new_list_counts_as_soon_as_what_stood_in_its_way_is_mended(self):
        third = tls.Client(self.network, self.issuer.issue("third"))
        directory = self.network.config.parent / "directory.jsonl"
        good = directory.read_text()
        directory.write_text(good + "no JSON\n")
        self.replace(self.issuer.revocation_list(credentials.Credentials(self.issuer.directory / "third.pem", "")))
        [alarm] = self.eventually(self.alarms)
        self.assertIn(str(directory), alarm["text"])
        self.assertIsNone(third.is_refused())
        directory.write_text(good)
        self.eventually(lambda: "CERTIFICATE_REVOKED" in (third.is_refused() or ""))
        self.assertEqual(self.alarms(), [])
        self.assertEqual(self.network.log().count("alarm reload_failed"), self.network.log().count("is over") * 2,
                         "once when it begins, once when it ends")


if __name__ == "__main__":
    unittest.main()
