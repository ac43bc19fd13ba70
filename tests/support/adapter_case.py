"""Test cases with a node, and an adapter between it and a legacy system."""
import contextlib
import json
import pathlib
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import network
import ports
from broker_case import BrokerCase
from network import PATIENCE, program


class Adapter:
    """A truc-adapter for one agency. `kind_table` is the part of the configuration that its kind reads."""

    def __init__(self, net, agency, kind, kind_table, directory, more="", sign="if_unsigned"):
        own = net.agency(agency)
        address = urllib.parse.urlsplit(net.node["amqp"]).netloc
        self.directory = pathlib.Path(directory)
        self.port = ports.reserve()
        self.socket = self.directory / "td.sock"
        self.config = self.directory / "td.toml"
        self.config.write_text(f"""name = "td"
kind = "{kind}"
data_dir = "data"
{more}
[exchange]
amqp = "{address}"
ca = "{net.description['ca']}"
certificate = "{own['certificate']}"
key = "{own['key']}"
[[agencies]]
code = "{agency}"
name = "{own['name']}"
sign = "{sign}"
certificate = "{own['certificate']}"
key = "{own['key']}"
[observe]
listen = "127.0.0.1:{self.port}"
[admin]
socket = "{self.socket}"
{kind_table}""", encoding="utf-8")
        self.process = None

    def start(self, ready=True):
        with open(self.directory / "adapter.log", "ab") as log:
            self.process = subprocess.Popen([program("truc-adapter"), "--config", str(self.config)], stdout=log, stderr=log)
        if ready:
            self.wait_until(lambda: self.page("/readyz")[0] == 200)
        return self

    def log(self):
        return (self.directory / "adapter.log").read_text(errors="replace")

    def wait_until(self, condition, patience=PATIENCE):
        deadline = time.monotonic() + patience
        while True:
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError(f"truc-adapter ended with {self.process.returncode}:\n{self.log()}")
            with contextlib.suppress(OSError):
                if found := condition():
                    return found
            if time.monotonic() > deadline:
                raise TimeoutError(self.log())
            time.sleep(0.02)

    def page(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()

    def truc(self, *arguments, expect=0):
        """The objects that `truc adapter …` prints."""
        run = subprocess.run([program("truc"), "--json", "adapter", *arguments, "--run-dir", str(self.directory)],
                             capture_output=True, text=True, timeout=PATIENCE, check=False)
        if run.returncode != expect:
            raise AssertionError(f"ended with {run.returncode}: {run.stdout}{run.stderr}")
        return [json.loads(line) for line in run.stdout.splitlines()]

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self):
        """SIGTERM; what does not end well is an error."""
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        status = process.wait(PATIENCE)
        if status != 0:
            raise RuntimeError(f"truc-adapter ended with {status}:\n{self.log()}")


class AdapterCase(BrokerCase):
    """`AGENCY` has the legacy system; its client may come in as an adapter."""

    AGENCY = network.INFORMATION

    @classmethod
    def prepare(cls, net):
        own = net.agency(cls.AGENCY)["client"]

        def let_in(records):
            for record in records:
                if record.get("client", {}).get("id") == own:
                    record["client"]["entrances"] = ["http", "amqp", "adapter"]

        net.change_directory(let_in)

    def place(self):
        made = tempfile.TemporaryDirectory(prefix="truc-td-")
        self.addCleanup(made.cleanup)
        return pathlib.Path(made.name)

    def drain(self, code):
        client = self.client(code)
        while items := client.inbox(max=1000)["items"]:
            for item in items:
                client.acknowledge(item["delivery_id"])
