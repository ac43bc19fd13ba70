#!/usr/bin/env python3
"""The demonstration: written, run, its story played, stopped in order."""
import json
import os
import pathlib
import tempfile
import time
import unittest
import urllib.parse

import network_case
import ports
from network_case import TRUC, run


class Demo(network_case.NetworkCase):
    up_options = ()

    def test_the_story_is_played_again_and_again_and_the_network_stops_in_order(self):
        for turn, language in enumerate(["C.UTF-8", "vi_VN.UTF-8"]):
            before = time.monotonic()
            told = run(TRUC, "demo", "story", self.dir, LANG=language)
            self.assertEqual(told.returncode, 0, told.stdout + told.stderr)
            self.assertLess(time.monotonic() - before, 60)
            self.assertEqual(told.stdout.count("\n12. "), 1, told.stdout)
            self.assertIn(["The books balance.", "Sổ sách khớp."][turn], told.stdout)
        twice = run(TRUC, "demo", "up", self.dir)
        self.assertEqual((twice.returncode, "runs already" in twice.stderr), (1, True), twice.stderr)
        pids = [int((pathlib.Path(n["data_dir"]) / "trucd.pid").read_text()) for n in self.network["nodes"]]
        self.assertEqual(len(set(pids)), 4)
        self.assertEqual(self.stop(), 0)
        for pid in pids:
            with self.assertRaises(ProcessLookupError):
                os.kill(pid, 0)


class DemoInit(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="truc-")
        self.addCleanup(holder.cleanup)
        self.dir = pathlib.Path(holder.name) / "n"

    def test_nothing_is_overwritten(self):
        self.dir.mkdir()
        (self.dir / "mine").write_text("kept")
        refused = run(TRUC, "demo", "init", self.dir)
        self.assertEqual(refused.returncode, 1)
        self.assertEqual([p.name for p in self.dir.iterdir()], ["mine"])

    def test_private_keys_are_for_their_owner_only(self):
        self.assertEqual(run(TRUC, "demo", "init", self.dir).returncode, 0)
        keys = list(self.dir.rglob("*-key.pem"))
        self.assertGreater(len(keys), 8)
        for key in keys:
            self.assertEqual(key.stat().st_mode & 0o077, 0, key)

    def test_each_node_begins_with_its_own_section_only(self):
        self.assertEqual(run(TRUC, "demo", "init", self.dir).returncode, 0)
        network = json.loads((self.dir / "network.json").read_text(encoding="utf-8"))
        self.assertEqual([(n["name"], n["level"]) for n in network["nodes"]],
                         [("vpcp", "ministry"), ("ninhthuan", "province"), ("thuannam", "district"),
                          ("cana", "commune")])
        for node in network["nodes"]:
            file = pathlib.Path(node["config"]).parent / "directory.jsonl"
            records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
            own = {a["code"] for a in network["agencies"] if a["node"] == node["name"]}
            signing = {r["agency"]["code"] for r in records if r.get("agency", {}).get("certificates")}
            self.assertEqual(signing, own)
            self.assertEqual({r["client"]["agencies"][0] for r in records if "client" in r}, own)
            self.assertRegex(node["amqp"], r"^amqps://127\.0\.0\.1:\d+$")

    def test_no_two_listeners_share_a_port(self):
        for place, options in (("default", ()), ("based", ("--base-port", "41000"))):
            directory = self.dir / place
            self.assertEqual(run(TRUC, "demo", "init", directory, *options).returncode, 0)
            nodes = json.loads((directory / "network.json").read_text(encoding="utf-8"))["nodes"]
            used = [urllib.parse.urlsplit(n[entrance]).port for n in nodes for entrance in ("http", "amqp", "vxp", "observe")]
            self.assertEqual(len(set(used)), 4 * 4, used)

    def test_one_node_can_be_everybodys_home(self):
        self.assertEqual(run(TRUC, "demo", "init", self.dir, "--one-node").returncode, 0)
        network = json.loads((self.dir / "network.json").read_text(encoding="utf-8"))
        self.assertEqual([n["name"] for n in network["nodes"]], ["ninhthuan"])
        self.assertEqual({a["node"] for a in network["agencies"]}, {"ninhthuan"})
        story = run(TRUC, "demo", "story", self.dir)
        self.assertEqual((story.returncode, "four nodes" in story.stderr), (2, True), story.stderr)

    def test_a_directory_too_deep_for_sockets_is_refused(self):
        refused = run(TRUC, "demo", "init", self.dir / ("x" * 100))
        self.assertEqual(refused.returncode, 2)
        self.assertIn("too long", refused.stderr)

    def test_a_node_that_cannot_start_ends_the_network(self):
        run(TRUC, "demo", "init", self.dir, "--base-port", ports.reserve(4))
        config = next(self.dir.rglob("trucd.toml"))
        config.write_text(config.read_text() + "\nnonsense = 1\n")
        ended = run(TRUC, "demo", "up", self.dir)
        self.assertEqual(ended.returncode, 1, ended.stdout + ended.stderr)

    def test_without_a_network_there_is_no_story(self):
        self.assertEqual(run(TRUC, "demo", "story", self.dir).returncode, 2)
        run(TRUC, "demo", "init", self.dir, "--base-port", ports.reserve(4))
        self.assertEqual(run(TRUC, "demo", "story", self.dir).returncode, 1)


if __name__ == "__main__":
    unittest.main()
