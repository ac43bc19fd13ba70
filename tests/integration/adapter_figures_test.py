#!/usr/bin/env python3
"""The bench of the adapters comes to its end and tells every figure; without the axis, whose agencies take a minute to be
known. No time is judged here."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

BENCH = pathlib.Path(os.environ["TRUC_SOURCE_DIR"]) / "tests/bench/adapters.py"
ADAPTERS = ("folder", "database", "soap")
NODES = ("ninhthuan", "thuannam")
MANY = ("documents_per_minute", "statuses_per_minute", "documents_per_minute_370KiB", "cpu_nodes")


def names():
    for direction in ("out", "in"):
        for kind in ("", "_status"):
            for part in ("p50", "p99"):
                yield from ("adapter_%s_%s%s_delay_%s" % (a, direction, kind, part) for a in ADAPTERS)
                yield from ("direct_%s_%s%s_took_%s" % (n, direction, kind, part) for n in NODES)
        for figure in MANY:
            yield from ("adapter_%s_%s_%s" % (a, direction, figure) for a in ADAPTERS)
            yield from ("direct_%s_%s_%s" % (n, direction, figure) for n in NODES)
        yield from ("adapter_%s_%s_cpu_adapter" % (a, direction) for a in ADAPTERS)
        yield "adapter_soap_%s_cpu_stand_in" % direction


class AdapterFigures(unittest.TestCase):
    def test_every_figure_is_told_once(self):
        run = subprocess.run([sys.executable, "-B", BENCH, "--json", "--documents", "3", "--rounds", "1",
                              "--only", ",".join(ADAPTERS + NODES), "--bin", os.environ["TRUC_BIN_DIR"]],
                             capture_output=True, text=True, timeout=240, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        figures = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual(sorted(f["name"] for f in figures), sorted(names()))
        for figure in figures:
            self.assertEqual(figure["unit"], "/min" if "per_minute" in figure["name"] else "ms")
            if "per_minute" in figure["name"]:
                self.assertGreater(figure["value"], 0, figure["name"])


if __name__ == "__main__":
    unittest.main()
