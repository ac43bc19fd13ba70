"""A wrong configuration of an adapter is refused at start, with file, line and what was expected.

In tests/data/adapter_configurations the line with the mistake carries, behind `#>`, what is to be said about it.
"""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import credentials
import network
from network import PATIENCE, program

MISTAKES = sorted((network.SOURCE / "tests/data/adapter_configurations").glob("*.toml"))
GOOD = """name = "td"
kind = "tdoffice-folder"
data_dir = "data"
[exchange]
ca = "ca.pem"
certificate = "client.pem"
key = "client-key.pem"
[[agencies]]
code = "000.00.36.H43"
name = "UBND huyện Thuận Nam"
certificate = "agency.pem"
key = "agency-key.pem"
[folder]
outbox = "out"
inbox = "in"
"""


def adapter(*arguments):
    return subprocess.run([program("truc-adapter"), *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE,
                          check=False)


class AdapterConfiguration(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """The directory holds everything that a good configuration names."""
        place = tempfile.TemporaryDirectory(prefix="truc-adapter-")
        cls.addClassCleanup(place.cleanup)
        cls.place = pathlib.Path(place.name)
        for name in ("client", "agency", "ca"):
            credentials.self_signed(cls.place, name)
            (cls.place / f"{name}-key.pem").chmod(0o600)
        cls.file = cls.place / "good.toml"
        cls.file.write_text(GOOD, encoding="utf-8")

    def refused(self, file, *options):
        """What the adapter says about that file; it must not have started."""
        run = adapter("--config", file, *options)
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertEqual(run.stdout, "")
        return run.stderr

    def test_each_mistake_is_named_with_its_line_and_what_was_expected(self):
        self.assertGreater(len(MISTAKES), 25)
        for mistake in MISTAKES:
            lines = mistake.read_text(encoding="utf-8").splitlines()
            [(number, line)] = [(n, text) for n, text in enumerate(lines, 1) if "#>" in text]
            expected = line.partition("#>")[2].strip()
            file = pathlib.Path(shutil.copy(mistake, self.place))
            for options in ([], ["--check"]):
                with self.subTest(mistake.stem, options=options):
                    self.assertIn(f"{file}:{number}: {expected}", self.refused(file, *options))
        self.assertFalse((self.place / "data").exists(), "nothing was begun")

    def test_a_good_one(self):
        run = adapter("--config", self.file, "--check")
        self.assertEqual((run.returncode, run.stderr), (0, "truc-adapter: the configuration is good\n"))

    def test_a_key_that_others_can_read(self):
        key = self.place / "agency-key.pem"
        key.chmod(0o640)
        self.addCleanup(key.chmod, 0o600)
        self.assertIn("agency-key.pem", self.refused(self.file, "--check"))
        self.assertIn("agency-key.pem", self.refused(self.file))

    def test_a_key_that_is_not_of_the_certificate(self):
        file = self.place / "other.toml"
        file.write_text(GOOD.replace('"agency-key.pem"', '"client-key.pem"'), encoding="utf-8")
        self.assertIn("client-key.pem", self.refused(file, "--check"))

    def test_a_certificate_that_signs_and_has_expired(self):
        request, key = self.place / "expired.csr", self.place / "agency-key.pem"
        subprocess.run(["openssl", "req", "-new", "-key", key, "-subj", "/CN=expired", "-out", request], check=True,
                       capture_output=True)
        subprocess.run(["openssl", "x509", "-req", "-in", request, "-signkey", key, "-days", "-1", "-out",
                        self.place / "expired.pem"], check=True, capture_output=True)
        file = self.place / "expired.toml"
        file.write_text(GOOD.replace('"agency.pem"', '"expired.pem"'), encoding="utf-8")
        self.assertIn("the certificate that signs for 000.00.36.H43 is not valid now", self.refused(file, "--check"))

    def test_a_configuration_that_does_not_exist(self):
        self.assertIn("nowhere.toml", self.refused("nowhere.toml"))

    def test_the_sample_is_toml_and_names_keys_that_exist(self):
        """Its files are not here: the first of them is what is missed."""
        sample = network.SOURCE / "conf/truc-adapter.toml"
        self.assertIn("exchange.ca: expected a file that exists", self.refused(sample, "--check"))
        text = sample.read_text(encoding="utf-8").replace("/etc/truc/adapters", "/etc/truc")
        for wanted, made in (("exchange-ca.pem", "ca.pem"), ("thuannam-key.pem", "client-key.pem"), ("thuannam.pem", "client.pem"),
                             ("000.00.36.H43-key.pem", "agency-key.pem"), ("000.00.36.H43.pem", "agency.pem")):
            text = text.replace(f"/etc/truc/{wanted}", str(self.place / made))
        file = self.place / "sample.toml"
        file.write_text(text.replace("/var/lib/truc-adapter", str(self.place)), encoding="utf-8")
        run = adapter("--config", file, "--check")
        self.assertEqual((run.returncode, run.stderr), (0, "truc-adapter: the configuration is good\n"))


if __name__ == "__main__":
    unittest.main()
