"""Runs a lint on a small tree made for one test, as tools/dev does."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

LINTS = pathlib.Path(__file__).resolve().parents[2] / "tools" / "lint"
sys.path.insert(0, str(LINTS))


class LintCase(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = pathlib.Path(holder.name)
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def lint(self, name, *options):
        """The lines that the lint printed; its exit status must agree with them."""
        done = subprocess.run([sys.executable, str(LINTS / f"{name}.py"), str(self.root), *options],
                              capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode, 1 if done.stdout else 0)
        return done.stdout.splitlines()
