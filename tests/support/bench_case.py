"""Test cases about the bench: it is run for a short while, and its figures are read."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

BENCH = pathlib.Path(os.environ["TRUC_BIN_DIR"]) / "truc-bench"
SHORT = ["--seconds", "1", "--waiting", "40", "--misbehaving", "80", "--backlog", "1000", "--events", "20000"]
PATIENCE = 200  # seconds


class BenchCase(unittest.TestCase):
    def figures(self, *measurements):
        """Value by name. The bench ends well, and leaves nothing behind."""
        with tempfile.TemporaryDirectory() as directory:
            done = subprocess.run([BENCH, "--json", *SHORT, "--directory", directory, "--only", ",".join(measurements)],
                                  capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(os.listdir(directory), [])
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return {line["name"]: line["value"] for line in lines}
