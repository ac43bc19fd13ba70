"""A wrong configuration is refused at start, with file, line and what was expected.

In tests/data/configurations the line with the mistake carries, behind `#>`, what is to be said about it.
"""
import pathlib
import shutil
import subprocess
import unittest

import credentials
import network
from network import PATIENCE, program

MISTAKES = sorted((network.SOURCE / "tests/data/configurations").glob("*.toml"))


def trucd(*arguments):
    return subprocess.run([program("trucd"), *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE,
                          check=False)


class Configuration(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """The directory holds everything that a good configuration names."""
        cls.network = network.Network()
        cls.addClassCleanup(cls.network.close)
        cls.place = cls.network.directory / "n"
        for name in ("node.pem", "node-key.pem", "directory.jsonl", "passwords.jsonl", "secrets.jsonl", "secrets.key"):
            shutil.copy(cls.network.config.parent / name, cls.place / name)

    def refused(self, file, *options):
        """What trucd says about that file; it must not have started."""
        run = trucd("--config", file, *options)
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertEqual(run.stdout, "")
        return run.stderr

    def test_each_mistake_is_named_with_its_line_and_what_was_expected(self):
        self.assertGreater(len(MISTAKES), 25)
        for mistake in MISTAKES:
            lines = mistake.read_text().splitlines()
            [(number, line)] = [(n, text) for n, text in enumerate(lines, 1) if "#>" in text]
            expected = line.partition("#>")[2].strip()
            file = pathlib.Path(shutil.copy(mistake, self.place))
            for options in ([], ["--check"]):
                with self.subTest(mistake.stem, options=options):
                    self.assertIn(f"{file}:{number}: {expected}", self.refused(file, *options))

    def write(self, name, old="", new=""):
        text = self.network.config.read_text()
        self.assertIn(old, text)
        file = self.place / f"{name}.toml"
        file.write_text(text.replace(old, new))
        return file

    def test_files_whose_content_is_of_no_use_are_named(self):
        stranger = credentials.self_signed(self.place)
        home = self.network.config.parent
        (self.place / "empty.pem").write_text("")
        (self.place / "broken.jsonl").write_text('{"node": {"name": "ninhthuan"}}\n{"agency": {}}\n')
        (self.place / "other.jsonl").write_text('{"node": {"name": "elsewhere"}}\n')
        vpcp = self.network.agency(network.GOVERNMENT)
        cases = {
            "certificate of nobody": ("/node.pem", stranger.certificate, "CN=stranger"),
            "certificate is empty": ("/node.pem", self.place / "empty.pem", "empty.pem"),
            "key of another": ("/node-key.pem", stranger.key, "stranger-key.pem"),
            "key is a certificate": ("/node-key.pem", home / "node.pem", "node.pem"),
            "authority is empty": (f"{self.place}/agency-ca.pem", self.place / "empty.pem", "empty.pem"),
            "authority is no authority": (f"{self.place}/ca.pem", vpcp["certificate"], "vpcp.pem"),
            "authority is another": (f"{self.place}/ca.pem", self.place / "agency-ca.pem", "node.pem"),
            "directory is broken": ("/directory.jsonl", self.place / "broken.jsonl", "broken.jsonl:2: "),
            "directory without the node": ("/directory.jsonl", self.place / "other.jsonl", "ninhthuan"),
            "certificate of another node": ('node = "ninhthuan"', 'node = "elsewhere"', "elsewhere"),
        }
        for name, (old, new, named) in cases.items():
            with self.subTest(name):
                if old.startswith("/") and not old.startswith(str(self.place)):
                    old = next(line.split('"')[1] for line in self.network.config.read_text().splitlines()
                               if old in line)
                file = self.write("content", str(old), str(new))
                for options in ([], ["--check"]):
                    self.assertIn(named, self.refused(file, *options))

    def test_holidays_that_are_no_days(self):
        holidays = self.place / "holidays.txt"
        holidays.write_text("2026-01-01 # New Year\n2026-02-30\n")
        file = self.write("holidays")
        file.write_text(f'{file.read_text()}\n[clocks]\nholidays = "{holidays}"\n')
        self.assertIn("holidays.txt:2: ", self.refused(file, "--check"))

    def test_a_key_that_others_can_read(self):
        key = self.network.config.parent / "node-key.pem"
        key.chmod(0o644)
        self.addCleanup(key.chmod, 0o600)
        self.assertIn("node-key.pem", self.refused(self.network.config, "--check"))

    def test_passwords_that_others_can_read_or_that_are_none(self):
        passwords = self.network.config.parent / "passwords.jsonl"
        good = passwords.read_text()
        self.addCleanup(passwords.write_text, good)
        passwords.write_text(good + '{"client": "x"}\n')
        line = len(good.splitlines()) + 1
        self.assertIn(f"passwords.jsonl:{line}: ", self.refused(self.network.config, "--check"))
        passwords.write_text(good)
        passwords.chmod(0o640)
        self.addCleanup(passwords.chmod, 0o600)
        self.assertIn("passwords.jsonl: others than its owner", self.refused(self.network.config, "--check"))

    def test_secrets_that_others_can_read_or_that_their_key_does_not_open(self):
        home = self.network.config.parent
        for name in ("secrets.jsonl", "secrets.key"):
            (home / name).chmod(0o604)
            self.addCleanup((home / name).chmod, 0o600)
            self.assertIn(f"{name}: others than its owner", self.refused(self.network.config, "--check"))
            (home / name).chmod(0o600)
        key = (home / "secrets.key").read_text()
        self.addCleanup((home / "secrets.key").write_text, key)
        (home / "secrets.key").write_text("00" * 32 + "\n")
        self.assertIn("secrets.jsonl:1: secret/sealed: changed, sealed with another key",
                      self.refused(self.network.config, "--check"))
        (home / "secrets.key").write_text("short\n")
        self.assertIn("secrets.key: expected a key of 64", self.refused(self.network.config, "--check"))

    def test_plain_http_where_nobody_else_listens_in_or_where_it_is_allowed(self):
        """Refused ones are among the mistakes."""
        port = self.network.vxp_port
        here = f'127.0.0.1:{port}"'
        for address, more in (("10.1.2.3", ""), ("172.16.0.1", ""), ("172.31.255.255", ""), ("192.168.3.4", ""),
                              ("169.254.1.1", ""), ("[::1]", ""), ("[fd00::1]", ""), ("[fe80::1]", ""),
                              ("[::ffff:10.0.0.1]", ""), ("localhost", ""), ("0.0.0.0", "allow_plain_http = true"),
                              ("192.0.2.1", "tls = true")):
            with self.subTest(address):
                file = self.write("plain", here, f'{address}:{port}"\n{more}')
                run = trucd("--config", file, "--check")
                self.assertEqual((run.returncode, run.stderr), (0, "trucd: the configuration is good\n"))

    def test_addresses_that_cannot_be_listened_on(self):
        for address in ("127.0.0.1:%d" % (self.network.port + 9), "no.such.host.invalid:0", "192.0.2.1:0"):
            with self.subTest(address):
                file = self.write("address", f"127.0.0.1:{self.network.port}\"", f'{address}"')
                self.assertIn(address.partition(":")[0], self.refused(file))

    def test_a_configuration_that_does_not_exist(self):
        self.assertIn("nowhere.toml", self.refused("nowhere.toml"))

    def test_good_ones(self):
        run = trucd("--config", self.network.config, "--check")
        self.assertEqual((run.returncode, run.stderr), (0, "trucd: the configuration is good\n"))
        self.assertFalse((self.network.data / "trucd.pid").exists())

    def test_the_sample_in_conf_names_every_key(self):
        """Only the paths of the sample are missing on this machine."""
        text = (network.SOURCE / "conf/trucd.toml").read_text(encoding="utf-8")
        file = self.place / "sample.toml"
        paths = {"/var/lib/truc": self.place / "data", "/etc/truc/directory.jsonl": self.place / "directory.jsonl",
                 "/etc/truc/node.pem": self.place / "node.pem", "/etc/truc/node-key.pem": self.place / "node-key.pem",
                 "/etc/truc/exchange-ca.pem": self.place / "ca.pem",
                 "/etc/truc/agency-ca.pem": self.place / "agency-ca.pem",
                 "/etc/truc/passwords.jsonl": self.place / "passwords.jsonl",
                 "/etc/truc/secrets.jsonl": self.place / "secrets.jsonl",
                 "/etc/truc/secrets.key": self.place / "secrets.key",
                 "/usr/share/truc/holidays-vn.txt": network.SOURCE / "conf/holidays-vn.txt",
                 "/etc/ssl/certs/ca-certificates.crt": self.place / "ca.pem",
                 "/usr/local/bin/tell-the-duty": "/bin/true",
                 "<data_dir>/admin.sock": "admin.sock"}
        for old, new in paths.items():
            text = text.replace(old, str(new))
        skipped = ("# schemas", "# crl")  # defaults that are not here
        file.write_text("\n".join(
            line[2:] if line.startswith("# ") and (" = " in line or "# [[" in line) and not line.startswith(skipped)
            else line
            for line in text.splitlines()))
        run = trucd("--config", file, "--check")
        self.assertEqual((run.returncode, run.stderr), (0, "trucd: the configuration is good\n"))

    def test_usage(self):
        for arguments in ([], ["--nonsense"], ["--config"]):
            with self.subTest(arguments):
                self.assertNotEqual(trucd(*arguments).returncode, 0)
        self.assertIn("--config", trucd("--help").stdout)


if __name__ == "__main__":
    unittest.main()
