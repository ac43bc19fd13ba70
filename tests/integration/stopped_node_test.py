"""The store of a node that does not run: looked at by the same verbs, changed by none, and none the worse for it."""
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import unittest

from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION, PATIENCE, PROVINCE, SOURCE, Caller, SocketConnection, program

DOCUMENT_SIZE = 300_000  # beyond what stands in the database: a content file


def truc(*arguments, expect=0, language="C.UTF-8"):
    """(objects, standard error) of a verb with --json."""
    clean = {k: v for k, v in os.environ.items() if k not in ("TRUC_NETWORK", "LC_ALL", "LC_MESSAGES")}
    done = subprocess.run([program("truc"), "--json", *map(str, arguments)], capture_output=True, text=True,
                          timeout=PATIENCE, env={**clean, "LANG": language})
    assert expect is None or done.returncode == expect, (arguments, done)
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def answers(path):
    """Whether somebody accepts connections there."""
    with socket.socket(socket.AF_UNIX) as tried:
        return tried.connect_ex(str(path)) == 0


def children_of(process):
    found = subprocess.run(["ps", "--ppid", str(process), "-o", "pid="], capture_output=True, text=True)
    return [int(pid) for pid in found.stdout.split()]


class Stopped(BrokerCase):
    """A node that was killed in the middle of its work, with a journal that nobody has taken in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        cls.sent = case.send(GOVERNMENT, INFORMATION, PROVINCE, attachment=b"x" * DOCUMENT_SIZE)
        client = cls.network.client(INFORMATION)
        client.acknowledge(cls.sent["recipients"][0]["delivery_id"])
        client.close()
        case.doCleanups()
        cls.where = ["--network", cls.network.directory / "n" / "network.json"]
        cls.looks = [["trace", cls.sent["id"]], ["trace", cls.sent["document_id"]], ["receipts", cls.sent["id"]],
                     ["why", cls.sent["id"]], ["queue"], ["shape"], ["books"], ["books", "--by", "agency"],
                     ["ledger", "check"], ["ledger", "head"], ["agency", "list"], ["client", "list"]]
        cls.alive = [truc(*cls.where, *look)[0] for look in cls.looks]
        cls.network.process.kill()
        cls.network.process.wait()
        cls.network.process = None

    def files(self):
        """What the data is, by digest; `-shm` is an index that SQLite makes of it."""
        return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in self.network.data.rglob("*")
                if f.is_file() and not f.name.endswith("-shm")}

    def test_it_shows_what_the_running_node_showed(self):
        before = self.files()
        self.assertGreater((self.network.data / "truc.db-wal").stat().st_size, 0)
        for look, alive in zip(self.looks, self.alive):
            with self.subTest(look):
                told, note = truc(*self.where, *look)
                for object in told + alive:  # how old a thing is depends on when one looks
                    object.pop("ages", None)
                self.assertEqual(told, alive)
                self.assertIn("is not running", note)
        self.assertEqual(self.files(), before)

    def test_it_can_be_examined(self):
        self.assertIn(GOVERNMENT, [i.get("agency") for i in truc(*self.where, "report")[0]])
        self.assertIn("node", [c["which"] for c in truc(*self.where, "certs")[0]])
        # What the machine is like, a disk in memory perhaps, decides how it ends.
        checks = {c["check"]: c for c in truc(*self.where, "doctor", expect=None)[0]}
        self.assertEqual([checks[name]["state"] for name in ("database", "ledger", "contents")], ["ok"] * 3)
        for name in ("neighbours", "neighbour_clocks", "alarms"):  # are matters of a running node
            self.assertEqual((checks[name]["state"], checks[name]["found"]),
                             ("ok", "Not examined: the node is not running."))
        self.assertEqual(len(truc(*self.where, "queue", "--recipient", PROVINCE)[0]), 1)

    def test_it_takes_nothing(self):
        self.assertFalse(truc(*self.where, "mode")[0][0]["running"])

    def test_the_configuration_alone_is_enough(self):
        told, note = truc("--config", self.network.config, "books")
        self.assertTrue(told[0]["balance"])
        self.assertIn("is not running", note)
        _, note = truc("--config", self.network.config, "books", language="vi_VN.UTF-8")
        self.assertIn("không chạy", note)

    def test_without_a_configuration_it_says_what_to_do(self):
        told, _ = truc("--socket", self.network.node["admin"], "books", expect=3)
        self.assertEqual(told[0]["code"], "unreachable")
        self.assertIn("--config", told[0]["advice"])

    def test_nothing_can_be_changed(self):
        before = self.files()
        lines = self.network.directory / "agencies.jsonl"
        lines.write_text(json.dumps({"agency": {"code": "000.00.51.H43", "name": "x", "node": "ninhthuan"}}))
        for change in (["retry", "--all"], ["agency", "import", lines], ["agency", "close", PROVINCE],
                       ["client", "disable", "vpcp"], ["node", "ping", "vpcp"],
                       ["hold", self.sent["id"], "--reason", "x"], ["mode", "read-only", "--reason", "x"]):
            with self.subTest(change):
                told, _ = truc(*self.where, *change, expect=3)
                self.assertEqual(told[-1]["code"], "not_ready")
        self.assertEqual(self.files(), before)

    def test_the_door_itself_refuses_changes(self):
        with tempfile.TemporaryDirectory(prefix="truc-") as place:
            door = pathlib.Path(place) / "s"
            shown = subprocess.Popen([program("trucd"), "--config", self.network.config, "--look", door])
            self.addCleanup(shown.wait)
            self.addCleanup(shown.terminate)
            until = time.monotonic() + PATIENCE
            while not answers(door) and time.monotonic() < until:
                time.sleep(0.01)
            admin = Caller(lambda: SocketConnection(door))
            self.addCleanup(admin.close)
            self.assertEqual(door.stat().st_mode & 0o777, 0o600)
            documented = (SOURCE / "docs/admin-socket.md").read_text(encoding="utf-8")
            for line in documented.splitlines():
                if not line.startswith("| `POST "):
                    continue
                target = line.split("`")[1].removeprefix("POST ").replace("{", "").replace("}", "")
                with self.subTest(target):
                    self.assert_problem(admin.post(target, b"{}"), "not_ready")
            self.assertEqual(admin.get("/admin/books").status, 200)
            self.assertFalse((self.network.data / "trucd.pid").read_text() == str(shown.pid))

    def test_a_store_of_another_version_is_refused_with_what_to_do(self):
        for version, words in ((5, "until then use the program"), (99, "use the newer program")):
            with self.subTest(version), tempfile.TemporaryDirectory(prefix="truc-") as place:
                data = pathlib.Path(place) / "data"
                shutil.copytree(self.network.data, data, ignore=shutil.ignore_patterns("*.sock"))
                db = sqlite3.connect(data / "truc.db")
                db.execute(f"PRAGMA user_version = {version}")
                db.close()
                told, _ = truc("--config", self.configuration(place, data), "books", expect=3)
                self.assertIn(words, told[0]["detail"])

    def test_where_no_node_ever_ran_there_is_no_store(self):
        with tempfile.TemporaryDirectory(prefix="truc-") as place:
            data = pathlib.Path(place) / "none"
            told, _ = truc("--config", self.configuration(place, data), "books", expect=3)
            self.assertIn("holds no store", told[0]["detail"])
            self.assertFalse(data.exists())

    def configuration(self, place, data):
        """The node's, with another data_dir."""
        lines = [f'data_dir = "{data}"' if line.startswith("data_dir") else line
                 for line in self.network.config.read_text().splitlines() if not line.startswith("socket")]
        file = self.network.config.parent / f"{pathlib.Path(place).name}.toml"
        self.addCleanup(file.unlink)
        file.write_text("\n".join(lines))
        return file

    def test_whoever_looks_leaves_nothing_behind(self):
        with tempfile.TemporaryDirectory(prefix="truc-") as place:
            environment = {**os.environ, "XDG_RUNTIME_DIR": place}
            subprocess.run([program("truc"), *map(str, self.where), "books"], check=True, capture_output=True,
                           env=environment)
            self.assertEqual(os.listdir(place), [])
            # Killed while it looks: what it has started ends as well.
            looker = subprocess.Popen([program("truc"), *map(str, self.where), "ledger", "check"],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
            until = time.monotonic() + PATIENCE
            while not (started := children_of(looker.pid)) and looker.poll() is None and time.monotonic() < until:
                time.sleep(0.001)
            looker.send_signal(signal.SIGKILL)
            looker.wait()
            while any(pathlib.Path(f"/proc/{pid}").exists() for pid in started):
                self.assertLess(time.monotonic(), until)
                time.sleep(0.01)


class AfterTheLook(BrokerCase):
    def test_a_node_that_was_killed_and_looked_at_starts_and_goes_on(self):
        sent = self.send(GOVERNMENT, INFORMATION)
        where = ["--config", self.network.config]
        for end in (lambda p: p.kill(), lambda p: p.terminate()):
            end(self.network.process)
            self.network.process.wait()
            self.network.process = None
            truc(*where, "trace", sent["id"])
            truc(*where, "ledger", "check")
            self.network.start()
            again = self.client(GOVERNMENT).submit(sent["bytes"])
            self.assertEqual((again.status, again.json["receipt"]), (200, sent["receipt"]))
            self.send(GOVERNMENT, PROVINCE)
            self.assertTrue(truc(*where, "ledger", "check")[0][0]["consistent"])
            self.assertTrue(truc(*where, "books")[0][0]["balance"])

    def test_looking_while_the_node_runs_is_harmless(self):
        with tempfile.TemporaryDirectory(prefix="truc-") as place:
            door = pathlib.Path(place) / "s"
            shown = subprocess.Popen([program("trucd"), "--config", self.network.config, "--look", door])
            self.addCleanup(shown.wait)
            self.addCleanup(shown.kill)
            self.network.wait_until(lambda: answers(door))
            looking = Caller(lambda: SocketConnection(door))
            self.addCleanup(looking.close)
            for _ in range(5):
                sent = self.send(GOVERNMENT, INFORMATION)
                self.assertEqual(looking.get(f"/v1/documents/{sent['id']}").json["document_id"], sent["document_id"])
                self.assertTrue(looking.get("/admin/ledger/check").json["consistent"])
            self.network.stop()
            self.network.start()
            self.assertTrue(looking.get("/admin/books").json["balance"])
            sent = self.send(GOVERNMENT, INFORMATION)
            self.assertEqual(looking.get(f"/v1/documents/{sent['id']}").status, 200)


if __name__ == "__main__":
    unittest.main()
