"""A demonstration network of its own for a test, on free ports of 127.0.0.1, stopped and removed at the end."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("TRUC_BIN_DIR", SOURCE / "build" / "release" / "bin"))
TRUC = str(BIN / "truc")
START_TIME = 60  # seconds; sanitizers on a busy machine are slow

OFFICE = "000.00.00.G22"
PROVINCE = "000.00.00.H43"
DEPARTMENT = "000.00.12.H43"
PLANNING = "000.00.03.H43"


def free_base_port():
    """The first of ten ports in a row that nobody listens on."""
    for base in range(20000 + os.getpid() % 500 * 20, 60000, 10):
        try:
            for port in range(base, base + 10):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return base
        except OSError:
            continue
    raise RuntimeError("no free ports")


def environment(**more):
    clean = {k: v for k, v in os.environ.items() if k not in ("TRUC_NETWORK", "LC_ALL", "LC_MESSAGES")}
    return {**clean, "LANG": "C.UTF-8", **more}


def run(*arguments, **options):
    """The program's end: returncode, stdout, stderr (text)."""
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, timeout=120,
                          env=environment(**options))


class NetworkCase(unittest.TestCase):
    """One network for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        # A short name: sockets lie in it.
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="truc-"))
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        cls.dir = cls.home / "n"
        made = run(TRUC, "demo", "init", cls.dir, "--base-port", free_base_port())
        if made.returncode != 0:
            raise RuntimeError(made.stdout + made.stderr)
        cls.file = cls.dir / "network.json"
        cls.network = json.loads(cls.file.read_text(encoding="utf-8"))
        cls.node = cls.network["nodes"][0]
        cls.log = open(cls.home / "up.log", "w+", encoding="utf-8")
        cls.addClassCleanup(cls.log.close)
        cls.up = subprocess.Popen([TRUC, "demo", "up", str(cls.dir)], stdout=cls.log, stderr=cls.log, env=environment())
        cls.addClassCleanup(cls.stop)
        cls.wait_until_ready()

    @classmethod
    def wait_until_ready(cls):
        until = time.monotonic() + START_TIME
        while time.monotonic() < until and cls.up.poll() is None:
            try:
                with urllib.request.urlopen(cls.node["observe"] + "/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the network did not start: " + (cls.home / "up.log").read_text(encoding="utf-8"))

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

    def truc(self, *arguments, as_=None, expect=0, **options):
        """Runs a verb on the network; its standard output."""
        who = ["--as", as_] if as_ else []
        done = run(TRUC, "--network", self.file, *who, *arguments, **options)
        self.assertEqual(done.returncode, expect, f"truc {arguments}\n{done.stdout}{done.stderr}")
        return done.stdout

    def objects(self, *arguments, **options):
        """The same with --json: the objects."""
        return [json.loads(line) for line in self.truc("--json", *arguments, **options).splitlines()]

    def agency(self, code):
        return next(a for a in self.network["agencies"] if a["code"] == code)

    def path(self, name):
        """A file for this test alone."""
        folder = self.home / self.id().rsplit(".", 1)[-1]
        folder.mkdir(exist_ok=True)
        return folder / name
