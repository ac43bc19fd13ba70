"""Tries every cell of the table in docs/security.md: who may do what at each entrance."""
import contextlib
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import unittest
import urllib.parse

from proton import ConnectionException, Timeout
from proton.utils import LinkDetached

import credentials
import network
import vxp
from agency_link import AgencyLink
from broker_case import BrokerCase
from network import INFORMATION, PLANNING, PROVINCE

ELSEWHERE = "000.00.93.H43"
ENTRANCES = {"HTTPS": "http", "AMQP": "amqp", "SDK": "axis"}
# Clients of the demonstration that play somebody else here.
DOORLESS = {"HTTPS": "huyen-ninhhai", "AMQP": "huyen-ninhphuoc", "SDK": "phong-vhtt"}
DISABLED = "tp-phanrang"
AWAY = "tramyte"


def read_table():
    """{row: {column: cell}} of the one table with many columns in docs/security.md."""
    lines = [line for line in (network.SOURCE / "docs/security.md").read_text().splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    begin = next(i for i, row in enumerate(cells) if row[:2] == ["what", "the agency's client"])
    columns = cells[begin][1:]
    rows = {}
    for row in cells[begin + 2:]:
        if len(row) != len(columns) + 1:
            raise AssertionError(f"a row that does not fit: {row}")
        rows[row[0]] = dict(zip(columns, row[1:]))
    return columns, rows


class Asker:
    """Somebody who comes with a certificate or none, a name, a secret and a password, right or wrong, and what he asks
    about: an agency and its documents."""

    def __init__(self, own, agency=INFORMATION, name="nobody", secret="guessed", password="guessed"):
        self.own = own
        self.agency = agency
        self.name, self.secret, self.password = name, secret, password


class Table(BrokerCase):
    @classmethod
    def prepare(cls, net):
        issuer = net.issuer()
        ca = pathlib.Path(net.description["ca"])
        (exchange := net.directory / "exchange").mkdir()
        nodes = credentials.Issuer(ca, ca.with_name("ca-key.pem"), exchange)
        neighbour, stranger = (nodes.issue(name, uri="urn:truc:node:" + name) for name in ("thuannam", "stranger"))
        unregistered = issuer.issue("unregistered")
        net.change_directory(cls.recast)
        net.config.write_text(net.config.read_text() + '\n[[neighbours]]\nname = "thuannam"\n')
        clients = {c["id"]: c for c in net.description["clients"]}

        def client(name, agency=INFORMATION):
            own = clients[name]
            return Asker(credentials.Credentials(own["certificate"], own["key"]), agency, name, own["vxp_secret"],
                         own["amqp_password"])

        cls.askers = {
            "the agency's client": lambda door: client(net.agency(INFORMATION)["client"]),
            "another agency's": lambda door: client(net.agency(PLANNING)["client"]),
            "without this entrance": lambda door: client(DOORLESS[door]),
            "disabled": lambda door: client(DISABLED),
            "at home at another node": lambda door: client(AWAY, ELSEWHERE),
            "a neighbour": lambda door: Asker(neighbour, name="thuannam"),
            "another node": lambda door: Asker(stranger, name="stranger"),
            "nobody": lambda door: Asker(None),
            "not registered": lambda door: Asker(unregistered, name="unregistered"),
        }

    @classmethod
    def recast(cls, records):
        """Gives clients of the demonstration their parts."""
        for client in (r["client"] for r in records if "client" in r):
            for door, name in DOORLESS.items():
                if client["id"] == name:
                    client.update(agencies=[INFORMATION], entrances=[e for d, e in ENTRANCES.items() if d != door])
            if client["id"] == DISABLED:
                client.update(agencies=[INFORMATION], disabled=True)
            if client["id"] == AWAY:
                client.update(agencies=[ELSEWHERE])
        records.append({"node": {"name": "elsewhere", "http": "https://127.0.0.1:1"}})
        records.append({"agency": {"code": ELSEWHERE, "name": "Sở khác", "node": "elsewhere"}})
        records.append({"node": {"name": "thuannam", "parent": "ninhthuan", "http": "https://127.0.0.1:1"}})

    def setUp(self):
        """What the agency has sent and received, and what is submitted in its name."""
        self.sent = self.send(INFORMATION, PROVINCE)
        self.received = self.send(PROVINCE, INFORMATION)
        self.delivery = self.received["recipients"][0]["delivery_id"]
        receipts = self.client(INFORMATION).get(f"/v1/documents/{self.sent['id']}/receipts").json["items"]
        self.event = receipts[0]["event_id"]

    def document(self, asker):
        if asker.agency == INFORMATION:
            return self.signed(INFORMATION, PROVINCE)
        return self.network.sign(network.edxml.document(asker.agency, PROVINCE), asker.own)

    # --- what happens ------------------------------------------------------------------------------------------------

    def rest(self, asker, method, target, body=None, kind="application/xml"):
        caller = self.client(asker.own)
        try:
            answer = caller.call(method, target, body, {"Content-Type": kind} if body is not None else {})
        except (ssl.SSLError, ConnectionError):
            return "no TLS"
        return "yes" if answer.status < 400 else answer.code

    def amqp(self, asker, use, **login):
        """`use` gets the link; what it answers, or why it could not."""
        try:
            with AgencyLink(self.network, **(login or {"who": asker.own})) as link:
                return use(link)
        except LinkDetached as refusal:
            return refusal.condition.removeprefix("truc:")
        except ConnectionException as refusal:
            said = str(refusal)
            if "amqp:unauthorized-access" in said or "no mechanism available" in said:
                return "no login"
            name = next((c for c in ("truc:credentials", "truc:not_permitted", "amqp:not-allowed") if c in said), said)
            return name.removeprefix("truc:")

    def submit(self, asker, **login):
        def use(link):
            outcome, condition = link.submit(self.document(asker))
            return "yes" if outcome == "accepted" else (condition or outcome).removeprefix("truc:")
        return self.amqp(asker, use, **login)

    def receive(self, asker, address):
        def use(link):
            link.receiver(address, credit=0).close()
            return "yes"
        return self.amqp(asker, use)

    def receive_all(self, asker):
        def use(link):
            receiver = link.receiver("inbox", credit=1000)
            with contextlib.suppress(Timeout):
                while True:
                    item = receiver.next(patience=1)
                    if item.id == self.delivery:
                        return "yes"
            return "its own"
        return self.amqp(asker, use)

    def relay(self, asker):
        def use(link):
            link.sender("relay")
            return "yes"
        return self.amqp(asker, use)

    def observe(self, *pages):
        """Nobody is asked who he is."""
        seen = [self.network.page(page)[0] for page in pages]
        return "yes" if set(seen) == {200} else str(seen)

    def sdk(self, asker, call, seen=None):
        """`call` gets a service object. `seen` says whether the agency's documents are in the answer's list."""
        service = vxp.Service(self.network.node["vxp"], asker.name, asker.secret)
        self.addCleanup(service.close)
        answer = call(service)
        if not answer.ok:
            return answer.description.partition(":")[0]
        return "yes" if seen is None or seen(answer.data) else "its own"

    # --- the rows ----------------------------------------------------------------------------------------------------

    def rows(self):
        def get(target):
            return "HTTPS", lambda asker: self.rest(asker, "GET", target(asker) if callable(target) else target)

        def post(target, body, kind="application/xml"):
            return "HTTPS", lambda asker: self.rest(asker, "POST", target, body(asker), kind)

        released = json.dumps({"outcome": "released"})
        document = "/v1/documents/" + self.sent["id"]
        return {
            "`POST /v1/documents`": post("/v1/documents", self.document),
            "`POST /v1/check`": post("/v1/check", self.document),
            "`GET /v1/documents`": get(lambda asker: "/v1/documents?agency=" + asker.agency),
            "`GET /v1/documents/{id}`": get(document),
            "`GET /v1/documents/{id}/content`": get(document + "/content"),
            "`GET /v1/documents/{id}/trace`": get(document + "/trace"),
            "`GET /v1/documents/{id}/receipts`": get(document + "/receipts"),
            "`GET /v1/inbox`": get(lambda asker: "/v1/inbox?agency=" + asker.agency),
            "`GET /v1/inbox/{delivery_id}/content`": get(f"/v1/inbox/{self.delivery}/content"),
            "`POST /v1/inbox/{delivery_id}/ack`":
                post(f"/v1/inbox/{self.delivery}/ack", lambda asker: released, "application/json"),
            "`GET /v1/receipts`": get(lambda asker: "/v1/receipts?agency=" + asker.agency),
            "`GET /v1/receipts/{event_id}`": get("/v1/receipts/" + self.event),
            "`GET /v1/agencies`": get("/v1/agencies"),
            "`GET /v1/agencies/{code}`": get("/v1/agencies/" + INFORMATION),
            "`PUT /v1/gateway/agencies`":
                ("HTTPS", lambda asker: self.rest(asker, "PUT", "/v1/gateway/agencies", "[]", "application/json")),
            "`GET /v1/ledger/head`": get("/v1/ledger/head"),
            "`GET /v1/ledger/proof`": get("/v1/ledger/proof?leaf=0&size=1"),
            "`GET /v1/ledger/consistency`": get("/v1/ledger/consistency?from=1&to=1"),
            "`GET /docs`": get("/docs"),
            "`/admin/…` over HTTPS": get("/admin/books"),
            "AMQP `submit`": ("AMQP", self.submit),
            "AMQP `submit` by password":
                ("AMQP", lambda asker: self.submit(asker, password=(asker.name, asker.password))),
            "AMQP `inbox`": ("AMQP", self.receive_all),
            "AMQP `inbox/<code>`": ("AMQP", lambda asker: self.receive(asker, "inbox/" + asker.agency)),
            "AMQP `receipts/<code>`": ("AMQP", lambda asker: self.receive(asker, "receipts/" + asker.agency)),
            "AMQP `relay`": ("AMQP", self.relay),
            **self.sdk_rows(),
            "`/healthz`, `/readyz`": ("HTTPS", lambda asker: self.observe("/healthz", "/readyz")),
            "`/metrics`": ("HTTPS", lambda asker: self.observe("/metrics")),
        }

    def sdk_rows(self):
        def row(call, seen=None):
            return "SDK", lambda asker: self.sdk(asker, lambda service: call(service, asker), seen)

        def send(service, asker):
            content = network.edxml.document(asker.agency, PROVINCE).encode()
            return service.send_edoc(content, asker.agency, [PROVINCE])

        return {
            "`sendEdoc`": row(send),
            "`getReceivedEdocList`": row(lambda service, _: service.get_received_edoc_list(),
                                         lambda items: self.delivery in {i["docId"] for i in items}),
            "`getSentEdocList`": row(lambda service, _: service.get_sent_edoc_list(),
                                     lambda items: self.sent["id"] in {i["senderDocId"] for i in items}),
            "`getEdoc`": row(lambda service, _: service.get_edoc(self.delivery)),
            "`updateStatus`": row(lambda service, _: service.update_status(self.delivery, "processing")),
            "`registerAgency`": row(lambda service, _: service.register_agency(id="1", code="000.99.12.H43", name="Phòng mới",
                                                                               pcode=INFORMATION)),
            "`deleteAgency`": row(lambda service, asker: service.delete_agency(asker.agency)),
            "`getAgenciesList`": row(lambda service, _: service.get_agencies_list()),
            "`getSynchronizeUnit`": row(lambda service, _: service.get_synchronize_unit()),
        }

    def test_every_cell(self):
        columns, table = read_table()
        rows = self.rows()
        self.assertEqual(set(columns), set(self.askers))
        self.assertEqual(set(table), set(rows))
        for name, (door, attempt) in rows.items():
            for column, make in self.askers.items():
                with self.subTest(row=name, column=column):
                    self.assertEqual(attempt(make(door)), table[name][column])

    def test_only_who_may_open_the_file_reaches_the_administrators_socket(self):
        path = self.network.node["admin"]
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        if os.geteuid() != 0:
            return
        attempt = f"import socket; socket.socket(socket.AF_UNIX).connect({path!r})"
        run = subprocess.run([sys.executable, "-c", attempt], user=65534, capture_output=True, text=True, check=False)
        self.assertIn("PermissionError", run.stderr)

    def test_listeners_without_tls_are_on_loopback(self):
        """Unless the configuration says otherwise."""
        where = urllib.parse.urlsplit(self.network.node["observe"])
        others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {"127.0.0.1"}
        for address in others:
            with self.subTest(address), self.assertRaises(OSError):
                socket.create_connection((address, where.port), timeout=5).close()


if __name__ == "__main__":
    unittest.main()
