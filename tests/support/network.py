"""A demonstration network of one node in a directory of its own, the node running, and connections to it.

    network = Network()                    # truc demo init --one-node, on free ports
    network.start()                        # trucd; waits until it is ready
    vpcp = network.client(GOVERNMENT)      # a connection with that agency's certificate
    answer = vpcp.post("/v1/documents", network.sign(document(...), GOVERNMENT))
    network.close()                        # SIGTERM; a node that did not end well is an error

Programs are found through TRUC_BIN_DIR. Every answer of the node is compared with schemas/openapi.yaml on the way.
"""
import contextlib
import functools
import http.client
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import credentials
import demonstration
import edxml
import openapi
import ports

SOURCE = pathlib.Path(os.environ.get("TRUC_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
PATIENCE = 60  # seconds until a test gives up on something that ought to happen at once

GOVERNMENT = "000.00.00.G22"
PROVINCE = "000.00.00.H43"
INFORMATION = "000.00.12.H43"
PLANNING = "000.00.03.H43"
INTERIOR = "000.00.07.H43"
LABOUR = "000.00.08.H43"  # closed; its successor is INTERIOR
DISTRICT = "000.00.36.H43"
COMMUNE = "000.05.36.H43"


def program(name):
    return os.path.join(os.environ["TRUC_BIN_DIR"], name)


class Answer:
    """What the node said to one request."""

    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body.decode("utf-8"))

    @property
    def code(self):
        """Of a problem document."""
        return self.json["code"]

    def __repr__(self):
        return f"{self.status} {self.body[:600]!r}"


class Caller:
    """Requests on one kept connection, which is opened anew when it was closed. One thread at a time."""

    def __init__(self, make_connection):
        self._make = make_connection
        self._connection = None

    def call(self, method, target, body=None, headers=None):
        if self._connection is None:
            self._connection = self._make()
        self._connection.request(method, target, body, headers or {})
        return self.receive(method, target)

    def receive(self, method, target):
        """The answer to what was sent on `connection()`."""
        response = self._connection.getresponse()
        answer = Answer(response, response.read())
        if response.will_close:
            self.close()
        openapi.check(method, target, answer)
        return answer

    def send_raw(self, data):
        """Bytes as they are, on a new connection; the answer to them."""
        connection = self.connection()
        connection.sock.sendall(data)
        response = http.client.HTTPResponse(connection.sock)
        response.begin()
        answer = Answer(response, response.read())
        self.close()
        openapi.check("GET", "/", answer)
        return answer

    def connection(self):
        """For what no well-behaved client would send."""
        self.close()
        self._connection = self._make()
        self._connection.connect()
        return self._connection

    def get(self, target, **headers):
        return self.call("GET", target, None, {k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, target, body=b"", content_type="application/xml", **headers):
        fields = {k.replace("_", "-"): v for k, v in headers.items()}
        return self.call("POST", target, body, {"Content-Type": content_type, **fields})

    def submit(self, message, **headers):
        return self.post("/v1/documents", message, **headers)

    def acknowledge(self, delivery, outcome="accepted", **members):
        body = json.dumps({"outcome": outcome, **members})
        return self.post(f"/v1/inbox/{delivery}/ack", body, "application/json")

    def inbox(self, **query):
        return self.get("/v1/inbox?" + urllib.parse.urlencode(query)).json

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Network:
    """The network of `truc demo init` and its node."""

    def __init__(self):
        self._closing = contextlib.ExitStack()
        try:
            self.directory = pathlib.Path(self._closing.enter_context(tempfile.TemporaryDirectory(prefix="truc-")))
            demonstration.make(program("truc"), self.directory / "n", ports.reserve(1, self._closing), "--one-node")
        except BaseException:
            self._closing.close()
            raise
        self.description = json.loads((self.directory / "n" / "network.json").read_text())
        self.node = self.description["nodes"][0]
        self.config = pathlib.Path(self.node["config"])
        self.data = pathlib.Path(self.node["data_dir"])
        self.directory_file = self.config.parent / "directory.jsonl"
        self.process = None

    # --- the node --------------------------------------------------------------------------------------------------

    def start(self):
        log = open(self.directory / "trucd.log", "ab")
        with log:
            self.process = subprocess.Popen([program("trucd"), "--config", str(self.config)], stdout=log, stderr=log)
        self.wait_until(lambda: self.page("/readyz")[0] == 200)
        return self

    def wait_until(self, condition):
        """Asks until it is so. A node that ends meanwhile is an error."""
        deadline = time.monotonic() + PATIENCE
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"trucd ended with {self.process.returncode}:\n{self.log()}")
            with contextlib.suppress(OSError):
                if condition():
                    return
            if time.monotonic() > deadline:
                raise TimeoutError(self.log())
            time.sleep(0.02)

    def log(self):
        return (self.directory / "trucd.log").read_text(errors="replace")

    def stop(self):
        """SIGTERM. Raises if the node did not end well (sanitizers end it badly)."""
        process, self.process = self.process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        if status != 0:
            raise RuntimeError(f"trucd ended with {status}:\n{self.log()}")

    def close(self):
        try:
            self.stop()
        finally:
            self._closing.close()

    def hang_up(self):
        """SIGHUP; returns when the node has reread everything, or says that it could not."""
        before = self.log().count("anew") + self.log().count("reload: ")
        self.process.send_signal(signal.SIGHUP)
        self.wait_until(lambda: self.log().count("anew") + self.log().count("reload: ") > before)

    # --- connections -----------------------------------------------------------------------------------------------

    @property
    def port(self):
        return urllib.parse.urlsplit(self.node["http"]).port

    @property
    def vxp(self):
        """Where the operations of the axis SDK are."""
        return self.node["vxp"]

    @property
    def vxp_port(self):
        return urllib.parse.urlsplit(self.vxp).port

    def secret(self, client):
        """With which a client, by its id, signs its headers for the façade."""
        return next(c["vxp_secret"] for c in self.description["clients"] if c["id"] == client)

    def agency(self, code):
        return next(a for a in self.description["agencies"] if a["code"] == code)

    def client(self, who):
        """Connections of an agency, with other credentials, or with none (None)."""
        own = self.agency(who) if isinstance(who, str) else who and {"certificate": who.certificate, "key": who.key}
        context = ssl.create_default_context(cafile=self.description["ca"])
        if own:
            context.load_cert_chain(own["certificate"], own["key"])
        return Caller(functools.partial(http.client.HTTPSConnection, "127.0.0.1", self.port, timeout=PATIENCE,
                                        context=context))

    def administrator(self):
        return Caller(lambda: SocketConnection(self.node["admin"]))

    def page(self, path):
        """(status, text) of a page of the observe listener."""
        observe = urllib.parse.urlsplit(self.node["observe"])
        caller = Caller(lambda: http.client.HTTPConnection(observe.hostname, observe.port, timeout=PATIENCE))
        with contextlib.closing(caller):
            answer = caller.get(path)
        return answer.status, answer.body.decode()

    def metric(self, series):
        """The value of one line of /metrics, 0 when there is none."""
        for line in self.page("/metrics")[1].splitlines():
            name, _, value = line.rpartition(" ")
            if name == series:
                return float(value)
        return 0.0

    # --- documents, certificates, the directory, the configuration ---------------------------------------------------

    def sign(self, text, who):
        """Signed by an agency or with other credentials."""
        own = self.agency(who) if isinstance(who, str) else vars(who)
        return edxml.sign(text, own["certificate"], own["key"])

    def issuer(self):
        return credentials.Issuer(self.description["agency_ca"], self.description["agency_ca_key"],
                                  tempfile.mkdtemp(dir=self.directory))

    def change_directory(self, change):
        """`change` gets the list of records, e.g. {"agency": {…}}, and alters it in place. Takes effect on reload."""
        file = self.directory_file
        records = [json.loads(line) for line in file.read_text().splitlines()]
        change(records)
        file.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records))

    def configure(self, section, line):
        """Adds a line to a section of the configuration, or to its top."""
        text = self.config.read_text()
        head = f"[{section}]\n"
        self.config.write_text(text.replace(head, f"{head}{line}\n") if head in text else f"{line}\n{text}")

    def verify_receipts(self, *receipts):
        """By foreign tools alone. Returns the lines that were printed; raises if one does not hold."""
        verifier = [sys.executable, str(SOURCE / "tests/interop/verify_receipt.py"), "--ca", self.description["ca"]]
        with tempfile.TemporaryDirectory() as place:
            files = []
            for number, receipt in enumerate(receipts):
                files.append(pathlib.Path(place) / f"{number}.xml")
                files[-1].write_bytes(receipt.encode() if isinstance(receipt, str) else receipt)
            run = subprocess.run([*verifier, *map(str, files)], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise AssertionError(run.stdout + run.stderr)
        return run.stdout.splitlines()

    def open_spools(self):
        """How many files without a name the node holds open in its data directory: messages under way."""
        links = []
        for descriptor in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                links.append(os.readlink(descriptor))
        return sum(link.startswith(str(self.data)) and link.endswith("(deleted)") for link in links)

    def content_files(self):
        """What documents left on disk beside the database."""
        return sorted(f.name for f in (self.data / "content").rglob("*") if f.is_file())
