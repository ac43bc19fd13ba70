#!/usr/bin/env python3
"""Clients as administrators add and change them: what they are given opens the entrances they may use, and nothing else;
it can be renewed with and without overlap; and who is disabled is out at once."""
import contextlib
import json
import os
import pathlib
import re
import stat
import subprocess
import threading
import time
import unittest

from proton import Timeout

from agency_link import Refused
from clients_case import ClientsCase
from network import COMMUNE, GOVERNMENT, INFORMATION, INTERIOR, PATIENCE, PLANNING, program


class Clients(ClientsCase):
    ELSEWHERE = "000.00.98.H43"
    NINH_HAI = "000.00.33.H43"

    @classmethod
    def prepare(cls, net):
        """An agency that is at home at another node."""
        net.change_directory(lambda records: records.extend([
            {"node": {"name": "elsewhere", "parent": "ninhthuan"}},
            {"agency": {"code": cls.ELSEWHERE, "name": "Elsewhere", "node": "elsewhere"}}]))

    # --- adding -------------------------------------------------------------------------------------------------------

    def test_what_it_was_given_opens_each_entrance_it_may_use(self):
        own = self.certificate("new-one")
        new = self.added("new-one", PLANNING, certificates=[self.pem(own)], password=True, secret=True)
        self.assertEqual(new["entrances"], ["http", "amqp", "axis"])
        self.assertEqual(new["certificates"], [own.digest])
        self.assertEqual(self.by_http(own).status, 200)
        self.link(who=own).receiver("inbox")
        self.link(password=("new-one", new["new_password"])).receiver("inbox")
        self.assertEqual(self.by_axis("new-one", new["new_secret"]), "0")
        self.assertEqual(self.by_axis("new-one", new["new_secret"] + "x"), "15")

    def test_two_clients_of_one_agency_may_both_call_themselves_by_its_code(self):
        first = self.network.secret(self.network.agency(self.NINH_HAI)["client"])
        second = self.added("second", self.NINH_HAI, secret=True)["new_secret"]
        for secret in (first, second):
            self.assertEqual(self.by_axis(self.NINH_HAI, secret), "0")
        self.assertEqual(self.by_axis(self.NINH_HAI, "x" + second), "15")
        self.changed("/second/disable")
        self.assertEqual((self.by_axis(self.NINH_HAI, first), self.by_axis(self.NINH_HAI, second)), ("0", "15"))

    def test_it_submits_for_its_agency_and_for_no_other(self):
        secret = self.added("sender", INFORMATION, secret=True)["new_secret"]
        service = self.service("sender", secret)
        self.assertTrue(service.send_edoc(self.signed(INFORMATION, GOVERNMENT), INFORMATION, [GOVERNMENT]).ok)
        self.assertEqual(service.send_edoc(self.signed(INTERIOR, GOVERNMENT), INTERIOR, [GOVERNMENT]).code, "19")

    def test_elsewhere_it_is_refused(self):
        own = self.certificate("only-axis")
        new = self.added("only-axis", PLANNING, entrances=["axis"], certificates=[self.pem(own)], password=True,
                         secret=True)
        self.assert_problem(self.by_http(own), "not_permitted")
        self.assert_out_at_amqp("not_permitted", who=own)
        self.assert_out_at_amqp("not_permitted", password=("only-axis", new["new_password"]))
        self.assertEqual(self.by_axis("only-axis", new["new_secret"]), "0")
        other = self.added("only-amqp", PLANNING, entrances=["amqp"], password=True, secret=True)
        self.link(password=("only-amqp", other["new_password"])).receiver("inbox")
        self.assertEqual(self.by_axis("only-amqp", other["new_secret"]), "23")

    def test_without_a_word_about_entrances_it_gets_those_that_it_can_open(self):
        self.assertEqual(self.added("with-password", PLANNING, password=True)["entrances"], ["amqp"])
        self.assertEqual(self.added("with-secret", PLANNING, secret=True)["entrances"], ["axis"])
        own = self.certificate("with-certificate")
        new = self.added("with-certificate", PLANNING, certificates=[self.pem(own)])
        self.assertEqual(new["entrances"], ["http", "amqp"])
        self.assertNotIn("new_password", new)
        self.assertNotIn("new_secret", new)

    def test_what_cannot_be_is_refused_and_changes_nothing(self):
        files = [self.network.directory_file, self.file("passwords.jsonl"), self.file("secrets.jsonl")]
        before = [f.read_bytes() for f in files]
        taken = pathlib.Path(self.network.agency(GOVERNMENT)["certificate"]).read_text()
        for code, body in (
                ("bad_request", {"id": "", "agencies": [PLANNING], "secret": True}),
                ("bad_request", {"id": "a b", "agencies": [PLANNING], "secret": True}),
                ("bad_request", {"id": "x", "agencies": [], "secret": True}),
                ("bad_request", {"id": "x", "agencies": PLANNING, "secret": True}),
                ("bad_request", {"id": "x", "agencies": [PLANNING], "secret": "yes"}),
                ("bad_request", {"id": "x", "agencies": [PLANNING]}),
                ("bad_request", {"id": "x", "agencies": [PLANNING], "entrances": ["relay"], "secret": True}),
                ("bad_request", {"id": "x", "agencies": [PLANNING], "certificates": ["no PEM"]}),
                ("bad_request", {"id": "so-tttt", "agencies": [PLANNING], "secret": True}),
                ("not_found", {"id": "x", "agencies": ["000.00.99.H99"], "secret": True}),
                ("wrong_node", {"id": "x", "agencies": [PLANNING, self.ELSEWHERE], "secret": True}),
                ("bad_directory", {"id": "x", "agencies": [PLANNING], "certificates": [taken], "password": True,
                                   "secret": True})):
            with self.subTest(body=body):
                self.assert_problem(self.change("", **body), code)
        self.assertEqual([f.read_bytes() for f in files], before)
        self.assert_problem(self.administration.get("/admin/clients/x"), "not_found")

    def test_a_line_of_an_earlier_attempt_lets_nobody_in_and_goes_with_the_next(self):
        """As after a node that died between its two files."""
        password = self.added("half", PLANNING, password=True)["new_password"]
        self.network.change_directory(
            lambda records: records.remove(next(r for r in records if r.get("client", {}).get("id") == "half")))
        self.network.hang_up()
        self.assert_out_at_amqp(password=("half", password))
        again = self.added("half", PLANNING, secret=True)
        self.assertNotIn('"half"', self.file("passwords.jsonl").read_text())
        self.assert_out_at_amqp(password=("half", password))
        self.assertEqual(self.by_axis("half", again["new_secret"]), "0")

    def test_lines_of_others_stay_and_the_files_are_their_owners_alone(self):
        names = ("passwords.jsonl", "secrets.jsonl")
        for name in names:
            with open(self.file(name), "a", encoding="utf-8") as text:
                text.write("# a word of the administrator\n")
        before = {n: self.file(n).read_text() for n in names}
        self.added("polite", PLANNING, password=True, secret=True)
        for name in names:
            self.assertTrue(self.file(name).read_text().startswith(before[name]))
            self.assertEqual(stat.S_IMODE(self.file(name).stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.file("secrets.key").stat().st_mode), 0o600)

    def test_no_answer_but_the_first_and_no_log_line_tells_what_was_made(self):
        new = self.added("quiet", PLANNING, password=True, secret=True)
        shown = self.administration.get("/admin/clients/quiet")
        self.assertTrue(shown.json["password"] and shown.json["secret"])
        everywhere = [shown.body.decode(), self.administration.get("/admin/clients").body.decode(), self.network.log(),
                      *(f.read_text() for f in self.network.config.parent.glob("*.jsonl")),
                      pathlib.Path(f"/proc/{self.network.process.pid}/cmdline").read_text()]
        for made in (new["new_password"], new["new_secret"]):
            self.assertRegex(made, "^[0-9a-f]{40}$")
            for text in everywhere:
                self.assertNotIn(made, text)
        self.assertRegex(self.network.log(), r"administrator \S+ added the client quiet")

    def test_each_change_stands_in_the_log_once(self):
        def said():
            return len(re.findall(r"administrator \S+(?: added|:)", self.network.log()))
        before = said()
        self.added("logged", PLANNING, secret=True)
        self.assertEqual(said(), before + 1)
        self.changed("/logged/rotate", secret=True)
        self.changed("/logged/disable")
        self.assertEqual(said(), before + 3)

    # --- renewing -----------------------------------------------------------------------------------------------------

    def test_a_secret_with_overlap_and_without(self):
        first = self.added("turning", PLANNING, secret=True)["new_secret"]
        second = self.changed("/turning/rotate", secret=True)["new_secret"]
        self.assertEqual([self.by_axis("turning", s) for s in (first, second)], ["0", "0"])
        self.assertIn("old_secret_until", self.administration.get("/admin/clients/turning").json)
        third = self.changed("/turning/rotate", secret=True, keep_old_hours=0)["new_secret"]
        self.assertEqual([self.by_axis("turning", s) for s in (first, second, third)], ["15", "15", "0"])
        self.assertNotIn("old_secret_until", self.administration.get("/admin/clients/turning").json)

    def test_a_password_with_overlap_and_without(self):
        first = self.added("word", PLANNING, password=True)["new_password"]
        second = self.changed("/word/rotate", password=True, keep_old_hours=1)["new_password"]
        for word in (first, second):
            self.link(password=("word", word)).receiver("inbox")
        link = self.link(password=("word", second))
        self.assertEqual(link.submit(self.signed(PLANNING, GOVERNMENT)), ("accepted", None))
        third = self.changed("/word/rotate", password=True, keep_old_hours=0)["new_password"]
        with contextlib.suppress(Refused):  # the link may have been ended
            self.assertNotEqual(link.submit(self.signed(PLANNING, GOVERNMENT))[0], "accepted")
        for word in (first, second):
            self.assert_out_at_amqp(password=("word", word))
        self.link(password=("word", third)).receiver("inbox")

    def test_what_it_gets_later_opens_an_entrance_as_well(self):
        own, other = self.certificate("grown"), self.certificate("grown-too")
        self.added("grown", PLANNING, certificates=[self.pem(own)], entrances=["http"])
        made = self.changed("/grown/rotate", secret=True)
        self.assertEqual((made["new_entrances"], made["entrances"]), (["axis"], ["http", "axis"]))
        self.assertEqual(self.by_axis("grown", made["new_secret"]), "0")
        self.assertNotIn("new_entrances", self.changed("/grown/rotate", secret=True))
        made = self.changed("/grown/rotate", password=True)
        self.assertEqual(made["new_entrances"], ["amqp"])
        self.link(password=("grown", made["new_password"])).receiver("inbox")
        self.added("plain-sdk", PLANNING, secret=True)
        made = self.changed("/plain-sdk/rotate", certificate=self.pem(other))
        self.assertEqual(made["new_entrances"], ["http", "amqp"])
        self.assertEqual(self.by_http(other).status, 200)

    def test_a_certificate_in_place_of_another_opens_no_more_than_that(self):
        first, second = self.certificate("narrow"), self.certificate("narrow-too")
        self.added("narrow", PLANNING, certificates=[self.pem(first)], entrances=["adapter"])
        made = self.changed("/narrow/rotate", certificate=self.pem(second))
        self.assertEqual(made["entrances"], ["adapter"])
        self.assert_problem(self.by_http(second), "not_permitted")

    def test_what_was_replaced_ends_by_itself(self):
        first = self.added("ending", PLANNING, secret=True)["new_secret"]
        second = self.changed("/ending/rotate", secret=True)["new_secret"]
        file = self.file("secrets.jsonl")
        file.write_text(re.sub(r'("client":"ending".*"until":")[^"]*', r"\g<1>2020-01-01T00:00:00.000+07:00",
                               file.read_text()))
        self.network.hang_up()
        self.assertEqual([self.by_axis("ending", s) for s in (first, second)], ["15", "0"])

    def test_a_certificate_is_added_and_the_old_one_dropped(self):
        old, new, last = (self.certificate(name) for name in ("old", "new", "last"))
        self.added("certified", PLANNING, certificates=[self.pem(old)])
        self.changed("/certified/rotate", certificate=self.pem(new))
        self.assertEqual([self.by_http(c).status for c in (old, new)], [200, 200])
        self.assertEqual(self.changed("/certified/drop", certificate=old.digest)["certificates"], [new.digest])
        self.assertEqual([self.by_http(c).status for c in (old, new)], [401, 200])
        self.assert_problem(self.change("/certified/drop", certificate=old.digest), "not_found")
        self.assert_problem(self.change("/certified/drop", certificate="x"), "bad_request")
        self.changed("/certified/rotate", certificate=self.pem(last), keep_old_hours=0)
        self.assertEqual([self.by_http(c).status for c in (new, last)], [401, 200])

    def test_what_cannot_be_is_refused(self):
        for code, path, body in (("bad_request", "/so-tttt/rotate", {}),
                                 ("bad_request", "/so-tttt/rotate", {"secret": True, "password": True}),
                                 ("bad_request", "/so-tttt/rotate", {"secret": True, "keep_old_hours": -1}),
                                 ("bad_request", "/so-tttt/rotate", {"secret": True, "keep_old_hours": "1"}),
                                 ("bad_request", "/so-tttt/rotate", {"certificate": "x"}),
                                 ("not_found", "/nobody/rotate", {"secret": True}),
                                 ("not_found", "/nobody/disable", {}),
                                 ("not_found", "/so-tttt/dance", {})):
            with self.subTest(path, body=body):
                self.assert_problem(self.change(path, **body), code)

    # --- disabling ----------------------------------------------------------------------------------------------------

    def test_who_is_disabled_is_out_at_every_entrance_until_enabled(self):
        own = self.certificate("switched")
        new = self.added("switched", PLANNING, certificates=[self.pem(own)], password=True, secret=True)
        self.assertTrue(self.changed("/switched/disable")["disabled"])
        self.assert_problem(self.by_http(own), "credentials")
        self.assert_out_at_amqp("", who=own)
        self.assert_out_at_amqp(password=("switched", new["new_password"]))
        self.assertEqual(self.by_axis("switched", new["new_secret"]), "15")
        self.assertFalse(self.changed("/switched/enable")["disabled"])
        self.assertEqual(self.by_http(own).status, 200)
        self.assertEqual(self.by_axis("switched", new["new_secret"]), "0")

    def test_connections_that_are_open_serve_it_no_more(self):
        own = self.certificate("open")
        new = self.added("open", INTERIOR, certificates=[self.pem(own)], password=True, secret=True)
        caller = self.client(own)
        self.assertEqual(caller.get("/v1/inbox").status, 200)
        service = self.service("open", new["new_secret"])
        self.assertTrue(service.get_sent_edoc_list("edoc").ok)
        link = self.link(password=("open", new["new_password"]))
        receiver = link.receiver("inbox", credit=10)
        self.assertEqual(link.submit(self.signed(INTERIOR, GOVERNMENT)), ("accepted", None))
        self.changed("/open/disable")
        self.assert_problem(caller.get("/v1/inbox"), "credentials")
        self.assertEqual(service.get_sent_edoc_list("edoc").code, "15")
        with contextlib.suppress(Refused):  # the link may have been ended
            self.assertNotEqual(link.submit(self.signed(INTERIOR, GOVERNMENT))[0], "accepted")
        late = self.send(GOVERNMENT, INTERIOR)["id"]
        with contextlib.suppress(Refused, Timeout):
            while True:
                self.assertNotEqual(receiver.next(1).properties["truc-id"], late)

    def test_a_long_poll_that_waits_brings_nothing_more(self):
        own = self.certificate("waiting")
        self.added("waiting", COMMUNE, certificates=[self.pem(own)])
        caller = self.client(own)
        self.assertEqual(caller.inbox()["items"], [])
        answers = []
        poll = threading.Thread(target=lambda: answers.append(caller.get("/v1/inbox?wait=20")))
        poll.start()
        time.sleep(0.5)
        self.changed("/waiting/disable")
        self.send(GOVERNMENT, COMMUNE)
        poll.join(PATIENCE)
        self.assert_problem(answers[0], "credentials")
        self.assert_problem(caller.get("/v1/inbox"), "credentials")

    # --- the files ----------------------------------------------------------------------------------------------------

    def test_a_secret_written_by_hand_counts_after_sighup(self):
        first = self.added("by-hand", PLANNING, secret=True)["new_secret"]
        kept = self.file("secrets.jsonl").read_text()
        second = self.changed("/by-hand/rotate", secret=True, keep_old_hours=0)["new_secret"]
        self.file("secrets.jsonl").write_text(kept)
        self.assertEqual([self.by_axis("by-hand", s) for s in (first, second)], ["15", "0"])
        self.network.hang_up()
        self.assertEqual([self.by_axis("by-hand", s) for s in (first, second)], ["0", "15"])

    def test_a_file_that_cannot_be_used_leaves_the_old_in_force(self):
        secret = self.added("steady", PLANNING, secret=True)["new_secret"]
        good = self.file("secrets.jsonl").read_text()
        swapped = good.replace('"steady"', '"other"')
        for text, mode, said in ((swapped, 0o600, "sealed with another key"), (good, 0o640, "others than its owner")):
            with self.subTest(said):
                self.file("secrets.jsonl").write_text(text)
                self.file("secrets.jsonl").chmod(mode)
                self.network.hang_up()
                self.assertIn(said, self.network.log())
                self.assertEqual(self.by_axis("steady", secret), "0")
                self.assert_problem(self.change("/steady/rotate", secret=True), "bad_configuration")
        self.file("secrets.jsonl").write_text(good)
        self.file("secrets.jsonl").chmod(0o600)
        self.network.hang_up()

    def test_what_a_failed_rotation_wrote_is_taken_back(self):
        secret = self.added("careful", PLANNING, secret=True)["new_secret"]
        before = self.file("secrets.jsonl").read_text()
        passwords = self.file("passwords.jsonl")
        good = passwords.read_text()
        self.addCleanup(passwords.write_text, good)
        passwords.write_text(good + "nonsense\n")
        self.assert_problem(self.change("/careful/rotate", secret=True, keep_old_hours=0), "bad_configuration")
        passwords.write_text(good)
        self.assertEqual(self.file("secrets.jsonl").read_text(), before)
        self.network.hang_up()
        self.assertEqual(self.by_axis("careful", secret), "0")

    # --- the command line ---------------------------------------------------------------------------------------------

    def truc(self, *arguments, language="C.UTF-8", code=0):
        environment = {**os.environ, "LANG": language, "LC_ALL": language}
        run = subprocess.run([program("truc"), "--network", self.network.directory / "n/network.json", *arguments],
                             capture_output=True, text=True, check=False, timeout=PATIENCE, env=environment)
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        return run.stdout + run.stderr

    def test_the_life_of_a_client(self):
        own = self.certificate("cli")
        said = self.truc("client", "add", "cli", "--agency", PLANNING, "--cert", own.certificate, "--secret",
                         "--password")
        secret = re.search("^  secret=(.*)$", said, re.M).group(1)
        for line in (f"  service.endpoint={self.network.vxp}", "  systemid=cli"):
            self.assertIn(line + "\n", said)
        self.assertEqual(self.by_axis("cli", secret), "0")
        self.link(password=("cli", re.search("password  (.*)", said).group(1))).receiver("inbox")
        self.assertIn("certificate, password, secret", self.truc("client", "show"))
        self.assertIn(own.digest, self.truc("client", "show", "cli"))
        made = json.loads(self.truc("--json", "client", "rotate", "cli", "--secret", "--keep-old", "0"))
        self.assertEqual([self.by_axis("cli", s) for s in (secret, made["new_secret"])], ["15", "0"])
        new = self.certificate("cli-new")
        self.assertIn("truc client drop cli", self.truc("client", "rotate", "cli", "--cert", new.certificate))
        self.truc("client", "drop", "cli", "--cert", own.certificate)
        self.assertEqual([self.by_http(c).status for c in (own, new)], [401, 200])
        self.truc("client", "disable", "cli")
        self.assertEqual(self.by_http(new).status, 401)
        self.assertIn("lại được kết nối", self.truc("client", "enable", "cli", language="vi_VN.UTF-8"))
        self.assertEqual(self.by_http(new).status, 200)

    def test_the_list_says_what_each_is_known_by_on_lines_of_80_columns(self):
        name = "van-thu-lien-thong-2"
        self.truc("client", "add", name, "--agency", PLANNING, "--agency", INTERIOR, "--agency", INFORMATION,
                  "--cert", self.certificate(name).certificate, "--password", "--secret")
        self.truc("client", "rotate", name, "--secret")
        self.truc("client", "disable", name)
        for language, title, disabled in (("C.UTF-8", "KNOWN BY", "gets in nowhere"),
                                          ("vi_VN.UTF-8", "NHẬN BIẾT BẰNG", "bị khóa")):
            lines = self.truc("client", "show", language=language).splitlines()
            self.assertIn(title, lines[0])
            self.assertLessEqual(max(map(len, lines)), 80)
            row = next(i for i, line in enumerate(lines) if line.startswith(name))
            self.assertIn(disabled, lines[row + 1])

    def test_what_is_wrong_is_said(self):
        self.assertIn("--cert", self.truc("client", "rotate", "so-tttt", code=2))
        self.assertIn("nobody", self.truc("client", "disable", "nobody", code=1))
        self.assertIn("000.00.99.H99", self.truc("client", "add", "x", "--agency", "000.00.99.H99", "--secret", code=1))


class WithoutFiles(ClientsCase):
    @classmethod
    def prepare(cls, net):
        text = net.config.read_text()
        net.config.write_text("".join(line for line in text.splitlines(True)
                                      if not line.startswith(("passwords", "secrets"))))

    def test_the_answer_names_the_key_of_the_configuration(self):
        for member, key in (("password", "[amqp] passwords"), ("secret", "[vxp] secrets")):
            answer = self.change("", id="x", agencies=[PLANNING], **{member: True})
            self.assertIn(key, self.assert_problem(answer, "bad_configuration")["detail"])
        own = self.certificate("plain")
        self.added("plain", PLANNING, certificates=[self.pem(own)])
        self.assertEqual(self.by_http(own).status, 200)


if __name__ == "__main__":
    unittest.main()
