"""schemas/openapi.yaml by a linter that is not ours (Redocly's)."""
import os
import pathlib
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("TRUC_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
DESCRIPTION = SOURCE / "schemas/openapi.yaml"


def lint(file):
    """What it finds, a line each."""
    run = subprocess.run(["node", str(SOURCE / "tests/npm/lint_openapi.js"), str(file)], capture_output=True, text=True,
                         timeout=50, check=False)
    if run.stderr or run.returncode != bool(run.stdout):
        raise RuntimeError(f"the linter failed ({run.returncode}); did tools/dev setup run? {run.stderr}")
    return run.stdout.splitlines()


class Lint(unittest.TestCase):
    def test_it_finds_nothing(self):
        self.assertEqual(lint(DESCRIPTION), [])

    def test_it_would_find_what_is_wrong(self):
        text = DESCRIPTION.read_text(encoding="utf-8")
        for wrong, rule in (("operationId: submit", "operation-operationId-unique"), ("securty: []", "struct")):
            with self.subTest(rule), tempfile.TemporaryDirectory() as directory:
                file = pathlib.Path(directory) / "openapi.yaml"
                file.write_text(text.replace("operationId: check", wrong), encoding="utf-8")
                self.assertIn(rule, "\n".join(lint(file)))


if __name__ == "__main__":
    unittest.main()
