"""A demonstration network of four nodes of its own for a test, on free ports of 127.0.0.1, stopped and removed at the end."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.request

import demonstration
import ports

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("TRUC_BIN_DIR", SOURCE / "build" / "release" / "bin"))
TRUC = str(BIN / "truc")
START_TIME = 60  # seconds; sanitizers on a busy machine are slow

OFFICE = "000.00.00.G22"
PROVINCE = "000.00.00.H43"
DEPARTMENT = "000.00.12.H43"
PLANNING = "000.00.03.H43"
DISTRICT = "000.00.36.H43"
COMMUNE = "000.05.36.H43"


def environment(**more):
    clean = {k: v for k, v in os.environ.items() if k not in ("TRUC_NETWORK", "LC_ALL", "LC_MESSAGES")}
    return {**clean, "LANG": "C.UTF-8", **more}


def run(*arguments, **options):
    """The program's end: returncode, stdout, stderr (text)."""
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, timeout=120,
                          env=environment(**options))


class NetworkCase(unittest.TestCase):
    """One network for all tests of a class; without adapters, unless it says otherwise."""
    up_options = ("--nodes-only",)

    @classmethod
    def setUpClass(cls):
        # A short name: sockets lie in it.
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="truc-"))
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        cls.dir = cls.home / "n"
        held = contextlib.ExitStack()
        cls.addClassCleanup(held.close)
        demonstration.make(TRUC, cls.dir, ports.reserve(4, held))
        cls.file = cls.dir / "network.json"
        cls.network = json.loads(cls.file.read_text(encoding="utf-8"))
        cls.nodes = {n["name"]: n for n in cls.network["nodes"]}
        cls.node = cls.nodes["ninhthuan"]
        cls.log = open(cls.home / "up.log", "w+", encoding="utf-8")
        cls.addClassCleanup(cls.log.close)
        cls.up = subprocess.Popen([TRUC, "demo", "up", *cls.up_options, str(cls.dir)], stdout=cls.log, stderr=cls.log, env=environment())
        cls.addClassCleanup(cls.stop)
        cls.wait_until_ready()

    @classmethod
    def wait_until_ready(cls):
        """Each node serves, and knows every agency and its neighbours."""
        until = time.monotonic() + START_TIME
        while time.monotonic() < until and cls.up.poll() is None:
            if all(cls.is_ready(n) for n in cls.network["nodes"]):
                return
            time.sleep(0.1)
        raise RuntimeError("the network did not start: " + (cls.home / "up.log").read_text(encoding="utf-8"))

    @classmethod
    def is_ready(cls, node):
        try:
            with urllib.request.urlopen(node["observe"] + "/readyz", timeout=2) as answer:
                if answer.status != 200:
                    return False
        except OSError:
            return False
        agencies = run(TRUC, "--json", "--socket", node["admin"], "agency", "list").stdout.splitlines()
        neighbours = run(TRUC, "--json", "--socket", node["admin"], "node", "list").stdout.splitlines()
        return (len(agencies) >= len(cls.network["agencies"]) and neighbours
                and all(json.loads(n)["connected"] for n in neighbours))

    @classmethod
    def stop(cls):
        """Asks the network to stop; its exit status tells whether every node ended in order."""
        if cls.up.poll() is None:
            cls.up.terminate()
        try:
            return cls.up.wait(timeout=START_TIME)
        except subprocess.TimeoutExpired:
            cls.up.kill()
            return cls.up.wait()

    def truc(self, *arguments, as_=None, at=None, expect=0, **options):
        """Runs a verb on the network, as an agency at its node or as the administrator of a node, the province's unless
        told otherwise; its standard output."""
        who = ["--as", as_] if as_ else ["--at", at or "ninhthuan"]
        done = run(TRUC, "--network", self.file, *who, *arguments, **options)
        self.assertEqual(done.returncode, expect, f"truc {arguments}\n{done.stdout}{done.stderr}")
        return done.stdout

    def objects(self, *arguments, **options):
        """The same with --json: the objects."""
        return [json.loads(line) for line in self.truc("--json", *arguments, **options).splitlines()]

    def agency(self, code):
        return next(a for a in self.network["agencies"] if a["code"] == code)

    def eventually(self, look, good, *arguments):
        """Looks until it is good; what was seen."""
        until = time.monotonic() + START_TIME
        while True:
            seen = look(*arguments)
            if good(seen):
                return seen
            if time.monotonic() > until:
                self.fail(f"not in time: {seen}")
            time.sleep(0.05)

    def path(self, name):
        """A file for this test alone."""
        folder = self.home / self.id().rsplit(".", 1)[-1]
        folder.mkdir(exist_ok=True)
        return folder / name
