"""A node that is killed and started again, and connections to it."""
import collections
import http.client
import json
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import openapi  # pylint: disable=wrong-import-position

PATIENCE = 60  # seconds until what ought to happen soon is given up


class Deviation(Exception):
    """Something that must never happen; the text names it."""


class Unreachable(Exception):
    """There was no connection: the node knows nothing of the request."""


class LostAnswer(Exception):
    """The node went away before its answer was there: nobody knows what it did."""


class Answer:
    def __init__(self, status, body, headers):
        self.status = status
        self.body = body
        self.headers = headers

    @property
    def json(self):
        return json.loads(self.body)

    def __str__(self):
        return "%d %s" % (self.status, self.body[:500].decode("utf-8", "replace"))


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


class Caller:
    """One keep-alive connection. After a failure, Unreachable or LostAnswer, the next call connects anew.

    The first answers of each kind are compared with schemas/openapi.yaml; all of them would slow the load down."""
    COMPARED = 10
    kinds = collections.Counter()  # of all connections

    def __init__(self, make_connection):
        self.make_connection = make_connection
        self.connection = None

    def call(self, method, target, body=None, **headers):
        try:
            if self.connection is None:
                connection = self.make_connection()
                connection.connect()
                self.connection = connection
        except OSError as problem:
            raise Unreachable(str(problem)) from problem
        try:
            self.connection.request(method, target, body, headers)
            response = self.connection.getresponse()
            answer = Answer(response.status, response.read(), response.headers)
        except (OSError, http.client.HTTPException) as problem:
            self.close()
            raise LostAnswer(str(problem)) from problem
        self.compare(method, target, answer)
        return answer

    def compare(self, method, target, answer):
        kind = (openapi.operation_for(method, target)[1], method, answer.status)
        Caller.kinds[kind] += 1
        if Caller.kinds[kind] <= self.COMPARED:
            try:
                openapi.check(method, target, answer)
            except openapi.Undocumented as difference:
                raise Deviation(str(difference)) from difference

    def get(self, target):
        return self.call("GET", target)

    def expect(self, target):
        """The JSON of an answer that must be 200."""
        answer = self.get(target)
        if answer.status != 200:
            raise Deviation("%s: %s" % (target, answer))
        return answer.json

    def pages(self, target):
        """All items of a list."""
        items = []
        after = ""
        while True:
            page = self.expect(target + "?max=1000" + after)
            items += page["items"]
            # A feed always names its next cursor, other lists only while there is more.
            if not page["items"] or page["next"] is None:
                return items
            after = "&after=" + urllib.parse.quote(page["next"])

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Node:
    """trucd of one node of a network that `truc-bench pool` or `truc demo init` made; the first, unless another is named."""

    def __init__(self, programs, directory, name=None):
        self.network = json.loads((directory / "network.json").read_text())
        self.node = next(n for n in self.network["nodes"] if name in (None, n["name"]))
        self.program = str(programs / "trucd")
        self.log = open(directory / (self.node["name"] + ".log"), "ab")
        self.process = None
        self.contexts = {}
        for client in self.network["clients"]:
            context = ssl.create_default_context(cafile=self.network["ca"])
            context.load_cert_chain(client["certificate"], client["key"])
            self.contexts[client["id"]] = context

    @property
    def content(self):
        return pathlib.Path(self.node["data_dir"]) / "content"

    def start(self):
        self.process = subprocess.Popen([self.program, "--config", self.node["config"]], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)

    def wait_until_ready(self):
        where = urllib.parse.urlsplit(self.node["observe"])
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            self.require_running()
            try:
                if Caller(lambda: http.client.HTTPConnection(where.hostname, where.port, timeout=5)).get("/readyz").status == 200:
                    return
            except (Unreachable, LostAnswer):
                pass
            time.sleep(0.01)
        raise Deviation("trucd did not become ready")

    def require_running(self):
        if self.process.poll() is not None:
            raise Deviation("trucd of %s ended by itself with status %d" % (self.node["name"], self.process.returncode))

    def kill(self):
        self.require_running()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        if self.process.wait(PATIENCE) != 0:
            raise Deviation("trucd ended with status %d after SIGTERM" % self.process.returncode)

    def close(self):
        """Whatever happened before: nothing is left running."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def client(self, name):
        where = urllib.parse.urlsplit(self.node["http"])
        return Caller(lambda: http.client.HTTPSConnection(where.hostname, where.port, timeout=PATIENCE,
                                                          context=self.contexts[name]))

    def administrator(self):
        return Caller(lambda: UnixConnection(self.node["admin"]))
