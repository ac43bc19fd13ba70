"""The administrator's verbs of `truc` on a running node: what they do, what stands in the ledger afterwards, how they look on
a terminal, and what they say when they cannot."""
import fcntl
import getpass
import json
import os
import pathlib
import pty
import socket
import struct
import subprocess
import termios
import threading
import unicodedata
import unittest

from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION, INTERIOR, PATIENCE, PLANNING, PROVINCE, program

ENGLISH, VIETNAMESE = "C.UTF-8", "vi_VN.UTF-8"
NOWHERE = "00000000-0000-7000-8000-000000000000"


def environment(language=ENGLISH, **more):
    clean = {k: v for k, v in os.environ.items() if k not in ("TRUC_NETWORK", "LC_ALL", "LC_MESSAGES", "COLUMNS")}
    return {**clean, "LANG": language, **more}


def width_of(text):
    """Columns on a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def on_terminal(command, columns, language):
    """What it prints on a terminal of that width."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environment(language))
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the terminal was hung up: the program has ended
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    process.wait(PATIENCE)
    return said.decode().replace("\r\n", "\n")


class CliCase(BrokerCase):
    def setUp(self):
        self.where = ["--network", str(self.network.directory / "n" / "network.json")]

    def run_truc(self, *arguments, language=ENGLISH):
        return subprocess.run([program("truc"), *self.where, *map(str, arguments)], capture_output=True, text=True,
                              timeout=PATIENCE, env=environment(language))

    def truc(self, *arguments, expect=0):
        """The objects of a verb."""
        done = self.run_truc("--json", *arguments)
        self.assertEqual(done.returncode, expect, f"truc {arguments}\n{done.stdout}{done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def delivery(self, sent):
        return sent["recipients"][0]["delivery_id"]

    def inbox(self, code):
        return [i["delivery_id"] for i in self.client(code).inbox(max=1000)["items"]]

    def events(self, sent):
        """(event, channel, reason) of what administrators did."""
        return [(e["event"], e["channel"], e["reason"]) for e in self.truc("trace", sent["id"])
                if e.get("channel", "").startswith("admin:")]


class Actions(CliCase):
    administrator = "admin:" + getpass.getuser()

    def test_what_is_held_is_in_no_inbox_until_it_is_released(self):
        sent = self.send(GOVERNMENT, INFORMATION)
        delivery = self.delivery(sent)
        self.assertEqual(self.truc("hold", delivery, "--reason", "chờ xác minh"), [{"changed": 1, "in_doubt": 0}])
        self.assertNotIn(delivery, self.inbox(INFORMATION))
        held = next(d for d in self.truc("queue", "--held") if d["delivery_id"] == delivery)
        self.assertEqual((held["held"], held["held_reason"], held["to"]), ("person", "chờ xác minh", INFORMATION))
        table = self.run_truc("queue", "--held").stdout
        self.assertIn("chờ xác minh", table)
        self.assertIn("held already", self.run_truc("hold", delivery, "--reason", "again").stdout)
        self.truc("release", sent["document_id"])
        self.assertIn(delivery, self.inbox(INFORMATION))
        self.assertEqual(self.events(sent), [("Hold", self.administrator, "chờ xác minh"),
                                             ("Release", self.administrator, "")])
        shown = self.run_truc("trace", sent["id"]).stdout
        self.assertIn(f"{getpass.getuser()}: chờ xác minh", shown)

    def test_all_of_a_recipient_is_held_and_released_at_once(self):
        sent = [self.send(GOVERNMENT, PLANNING) for _ in range(3)]
        self.assertEqual(self.truc("hold", "--recipient", PLANNING, "--reason", "x")[0]["changed"], 3)
        self.assertEqual(self.inbox(PLANNING), [])
        listed = self.truc("queue", "--held", "--recipient", PLANNING)
        self.assertEqual([d["id"] for d in listed], [s["id"] for s in sent])
        self.assertEqual(self.truc("release", "--recipient", PLANNING)[0]["changed"], 3)
        self.assertEqual(self.truc("queue", "--held", "--recipient", PLANNING), [])
        self.truc("release", "--recipient", PLANNING, expect=1)

    def test_what_is_expired_has_ended_and_is_sent_once_more(self):
        sent = self.send(GOVERNMENT, INTERIOR)
        old = self.delivery(sent)
        self.assertEqual(self.truc("expire", old, "--reason", "nhầm nơi nhận")[0]["changed"], 1)
        self.assertNotIn(old, self.inbox(INTERIOR))
        self.assertEqual(self.truc("queue", "--recipient", INTERIOR, "--state", "expired")[0]["delivery_id"], old)
        again = self.truc("resend", old, "--reason", "đã xác minh")[0]
        self.assertNotEqual(again["delivery_id"], old)
        self.network.wait_until(lambda: self.inbox(INTERIOR) == [again["delivery_id"]])
        self.assertTrue(self.truc("books")[0]["balance"])
        self.assertGreaterEqual(self.truc("books")[0]["resent"], 1)

    def test_of_a_document_with_several_deliveries_the_recipient_tells_which_is_sent_again(self):
        sent = self.send(GOVERNMENT, INFORMATION, PLANNING)
        self.truc("expire", sent["id"], "--reason", "x")
        *listed, refused = self.truc("resend", sent["id"], "--reason", "x", expect=1)
        self.assertEqual(refused["code"], "ambiguous")
        self.assertEqual([d["delivery_id"] for d in listed], [r["delivery_id"] for r in sent["recipients"]])
        again = self.truc("resend", sent["document_id"], "--recipient", PLANNING, "--reason", "x")[0]
        self.assertEqual(again["resent_from"], sent["recipients"][1]["delivery_id"])
        *listed, _ = self.truc("resend", sent["id"], "--recipient", PLANNING, "--reason", "x", expect=1)
        self.assertEqual([d["delivery_id"] for d in listed], [again["resent_from"], again["delivery_id"]])

    def test_content_is_kept_for_the_law(self):
        sent = self.send(GOVERNMENT, INFORMATION)
        self.truc("hold", "--legal", sent["id"], "--reason", "thanh tra")
        self.truc("release", "--legal", sent["id"], "--reason", "xong")
        self.assertEqual([e[0] for e in self.events(sent)], ["LegalHold", "LegalRelease"])

    def test_the_node_is_closed_for_new_documents_and_opened_again(self):
        message = self.signed(GOVERNMENT, INFORMATION)
        self.assertFalse(self.truc("mode")[0]["read_only"])
        self.addCleanup(self.truc, "mode", "normal")
        closed = self.truc("mode", "read-only", "--reason", "chuyển máy chủ")[0]
        self.assertEqual((closed["read_only"], closed["reason"]), (True, "chuyển máy chủ"))
        self.assert_problem(self.client(GOVERNMENT).submit(message), "read_only")
        self.assertIn("chuyển máy chủ", " ".join(self.run_truc("mode").stdout.split()))
        self.assertFalse(self.truc("mode", "normal")[0]["read_only"])
        self.assertEqual(self.client(GOVERNMENT).submit(message).status, 201)


class Looking(CliCase):
    def test_every_name_of_a_document_and_what_else_is_known_of_it_leads_to_it(self):
        self.send(GOVERNMENT, INFORMATION)
        sent = self.send(GOVERNMENT, PLANNING)
        event = self.truc("trace", sent["id"])[0]["event_id"]
        for name in ([sent["id"]], [self.delivery(sent)], [sent["document_id"]], [event],
                     ["--recipient", PLANNING], ["--recipient", PLANNING, "--since", "1h"],
                     ["--from", GOVERNMENT, "--recipient", PLANNING, "--until", "2100-01-01"]):
            with self.subTest(name):
                self.assertEqual({e["id"] for e in self.truc("trace", *name)}, {sent["id"]})
                self.truc("why", *name)
        self.truc("trace", "--recipient", PLANNING, "--until", "1d", expect=1)
        listed = self.truc("trace", "--from", GOVERNMENT, expect=1)
        self.assertGreaterEqual(len(listed), 3)
        self.assertEqual(listed[-1]["code"], "ambiguous")

    def test_deliveries_are_listed_by_recipient_sender_state_and_time(self):
        sent = self.send(GOVERNMENT, PROVINCE)
        self.client(PROVINCE).acknowledge(self.delivery(sent))
        for asked, there in ((["--recipient", PROVINCE], True), (["--sender", GOVERNMENT], True),
                             (["--state", "handed_over"], True), (["--state", "consigned"], False),
                             (["--since", "1h"], True), (["--until", "1h"], False), (["--all"], True),
                             (["--since", "2026-01-01", "--recipient", INTERIOR], False)):
            with self.subTest(asked):
                done = self.run_truc("--json", "queue", *asked)
                found = [json.loads(line)["delivery_id"] for line in done.stdout.splitlines()]
                self.assertEqual(self.delivery(sent) in found, there)
                self.assertEqual(done.returncode, 0 if found else 1)

    def test_report_certificates_and_examination(self):
        self.send(GOVERNMENT, INFORMATION)
        self.assertIn(GOVERNMENT, [i.get("agency") for i in self.truc("report")])
        self.assertEqual(self.truc("report", "--day", "2001-01-01"), [])
        self.assertIn("node", [c["which"] for c in self.truc("certs")])
        examined = self.run_truc("--json", "doctor")
        checks = {c["check"]: c for c in map(json.loads, examined.stdout.splitlines())}
        self.assertEqual(examined.returncode, int(any(c["state"] == "bad" for c in checks.values())))
        self.assertEqual(checks["ledger"]["state"], "ok")  # what the machine is like is not ours to say
        self.assertIn("ledger", self.run_truc("doctor").stdout)

    def test_a_copy_is_made_while_the_node_runs_and_becomes_a_data_directory(self):
        self.send(GOVERNMENT, INFORMATION)
        copy, restored = self.network.directory / "copy", self.network.directory / "restored"
        self.assertEqual(self.truc("backup", copy)[0]["state"], "done")
        self.assertTrue((copy / "manifest.json").exists())
        self.assertEqual(self.truc("backup", copy, expect=1)[0]["code"], "bad_configuration")
        told = self.truc("restore", copy, restored)[0]
        self.assertEqual((told["node"], told["former_log"]), ("ninhthuan", "ninhthuan.1"))
        self.assertTrue((restored / "truc.db").exists())
        self.assertEqual(self.truc("restore", self.network.directory / "n", restored, expect=1)[0]["code"], "bad_backup")
        for place in (self.network.data, copy, restored):
            for name in (*place.glob("truc.db*"), *(d for d in (copy, restored) if d == place)):
                self.assertEqual(name.stat().st_mode & 0o007, 0, name)

    def test_a_copy_names_what_is_damaged_and_holds_the_rest(self):
        hexes = [self.send(GOVERNMENT, INFORMATION, attachment=os.urandom(100_000))["sha256"] for _ in range(2)]
        file = self.network.data / "content" / hexes[0][:2] / hexes[0]
        whole = file.read_bytes()
        file.write_bytes(b"!" + whole[1:])
        self.addCleanup(file.write_bytes, whole)
        copy, restored = self.network.directory / "spoiled", self.network.directory / "rest"
        for told in (self.truc("backup", copy, expect=1)[0], self.truc("restore", copy, restored, expect=1)[0]):
            self.assertEqual(told["missing"], [hexes[0]])
        self.assertFalse((restored / "content" / hexes[0][:2] / hexes[0]).exists())
        self.assertTrue((restored / "content" / hexes[1][:2] / hexes[1]).exists())
        said = self.run_truc("backup", self.network.directory / "spoiled2").stdout
        self.assertIn(hexes[0], "".join(said.split()))


class Failures(CliCase):
    """Each says what to do next, in both languages."""

    def says(self, *arguments, expect, english, vietnamese):
        for language, words in ((ENGLISH, english), (VIETNAMESE, vietnamese)):
            done = self.run_truc(*arguments, language=language)
            self.assertEqual(done.returncode, expect, done)
            self.assertIn(words, " ".join(done.stderr.split()))

    def test_a_node_that_the_network_does_not_have(self):
        self.says("--at", "nowhere", "queue", expect=2, english="there is no node nowhere in this network; it has: ninhthuan",
                  vietnamese="mạng không có nút nowhere")

    def test_a_verb_that_there_is_not(self):
        self.says("bogus", expect=2, english="there is no verb bogus", vietnamese="không có lệnh bogus")
        self.says("node", "bogus", expect=2, english="there is no verb bogus", vietnamese="không có lệnh bogus")
        self.assertRegex(self.run_truc("--version").stdout, r"^truc \d+\.\d+\.\d+$")

    def test_who_asks_here_is_the_administrator(self):
        told = self.truc("node", "ping", "nowhere", expect=1)[0]
        self.assertEqual((told["code"], told["who"]), ("not_found", "administrator"))
        self.assertIn("only neighbours", told["advice"])

    def test_what_is_sent_without_an_answer_may_have_been_accepted(self):
        files = [self.network.directory / name for name in ("first.edxml", "second.edxml", "third.edxml")]
        for file in files:
            file.write_bytes(self.signed(GOVERNMENT, INFORMATION))
        with socket.create_server(("127.0.0.1", 0)) as silent:
            def hang_up():
                connection, _ = silent.accept()
                connection.recv(1)
                connection.close()
            threading.Thread(target=hang_up, daemon=True).start()
            own = self.network.agency(GOVERNMENT)
            done = self.run_truc("--node", f"http://127.0.0.1:{silent.getsockname()[1]}", "--as", GOVERNMENT,
                                 "--cert", own["certificate"], "--key", own["key"], "send", *files)
        self.assertEqual(done.returncode, 3, done)
        self.assertIn("first.edxml: no answer; it may have been accepted", done.stdout)
        said = " ".join(done.stderr.split())
        self.assertIn("send the same bytes again", said)
        self.assertIn("2 more files were not tried", said)

    def test_a_name_of_nothing(self):
        for name in ("no such thing", "9999/KHONG-CO"):
            self.says("trace", name, expect=1, english="truc queue --all --recipient CODE",
                      vietnamese="hãy hỏi nút khác")
        self.says("trace", NOWHERE, expect=1, english="not_found", vietnamese="not_found")
        self.says("hold", NOWHERE, "--reason", "x", expect=1, english="not_found", vietnamese="not_found")

    def test_an_order_without_what_it_needs(self):
        sent = self.send(GOVERNMENT, INFORMATION)
        self.says("hold", sent["id"], expect=2, english="say why: --reason", vietnamese="hãy nêu lý do")
        self.says("expire", "--recipient", INFORMATION, expect=2, english="say why: --reason", vietnamese="hãy nêu lý do")
        self.says("resend", sent["id"], expect=2, english="say why: --reason", vietnamese="hãy nêu lý do")
        self.says("hold", sent["id"], "--reason", "   ", expect=2, english="say why: --reason", vietnamese="hãy nêu lý do")
        self.says("mode", "read-only", expect=2, english="say why: --reason", vietnamese="hãy nêu lý do")
        self.says("hold", "--reason", "x", expect=2, english="say which deliveries", vietnamese="lượt giao nào")
        self.says("hold", sent["id"], "--to", "x", "--reason", "x", expect=2, english="say which deliveries",
                  vietnamese="lượt giao nào")
        self.says("trace", expect=2, english="say which", vietnamese="hãy nêu")
        self.says("queue", "--since", "yesterday", expect=2, english="is no time", vietnamese="không phải thời điểm")

    def test_what_has_not_ended_is_not_sent_again(self):
        sent = self.send(GOVERNMENT, INFORMATION)
        self.says("resend", self.delivery(sent), "--reason", "x", expect=1, english="not_permitted",
                  vietnamese="not_permitted")

    def test_a_socket_that_is_closed_to_this_user(self):
        self.addCleanup(os.chmod, self.network.node["admin"], 0o600)
        if os.getuid() == 0:  # root may open everything: as somebody else
            told = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", program("truc"), "--socket",
                                   self.reachable_socket(), "queue"], capture_output=True, text=True, env=environment())
        else:
            os.chmod(self.network.node["admin"], 0)
            told = self.run_truc("queue")
        self.assertEqual(told.returncode, 3, told)
        self.assertIn("sudo truc", told.stderr)

    def reachable_socket(self):
        """A name of the socket through directories that everybody may enter."""
        for place in (self.network.directory, self.network.directory / "n", *pathlib.Path(self.network.node["admin"]).parents):
            if self.network.directory in (place, *place.parents):
                mode = place.stat().st_mode
                place.chmod(mode | 0o055)
                self.addCleanup(place.chmod, mode & 0o777)
        return self.network.node["admin"]


class Terminal(CliCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        subject = "V/v triển khai kết nối, liên thông văn bản điện tử " * 6
        cls.sent = case.send(GOVERNMENT, INFORMATION, PLANNING, subject=subject)
        case.setUp()
        case.truc("hold", cls.sent["recipients"][1]["delivery_id"], "--reason", "chờ văn thư xác minh lại nơi nhận " * 4)
        case.doCleanups()
        cls.verbs = [["trace", cls.sent["id"]], ["why", cls.sent["id"]], ["receipts", cls.sent["id"]], ["queue"],
                     ["queue", "--all"], ["queue", "--held"], ["shape"], ["books"], ["books", "--by", "agency"],
                     ["report"], ["certs"], ["doctor"], ["mode"], ["node", "list"], ["agency", "list"],
                     ["agency", "show", PROVINCE], ["agency", "proposals"], ["client", "list"], ["client", "show", "vpcp"],
                     ["ledger", "check"], ["trace", "--from", GOVERNMENT, "--recipient", PLANNING],
                     ["resend", cls.sent["recipients"][0]["delivery_id"], "--reason", "x"], ["trace", "none"], ["--help"],
                     ["queue", "--help"], ["hold", "--help"], ["client", "rotate", "--help"]]

    def widest(self, verb, columns, language):
        shown = on_terminal([program("truc"), *self.where, *verb], columns, language)
        for line in shown.split("\r")[-1].splitlines() if "\x1b" in shown else shown.splitlines():
            self.assertLessEqual(width_of(line), columns, f"{verb} in {language}: {line}")
        return shown

    def test_every_table_fits_eighty_columns(self):
        for verb in self.verbs:
            for language in (ENGLISH, VIETNAMESE):
                with self.subTest(verb, language=language):
                    self.widest(verb, 80, language)

    def test_columns_says_how_wide_a_pipe_is(self):
        for columns in (100, 200):
            done = subprocess.run([program("truc"), *self.where, "queue", "--held"], capture_output=True, text=True,
                                  timeout=PATIENCE, env=environment(VIETNAMESE, COLUMNS=str(columns)))
            widest = max(map(width_of, done.stdout.splitlines()))
            self.assertTrue(columns - 60 < widest <= columns, done.stdout)

    def test_wider_terminals_are_used(self):
        for verb in (["queue", "--held"], ["trace", self.sent["id"]]):
            narrow, wide = self.widest(verb, 80, VIETNAMESE), self.widest(verb, 150, VIETNAMESE)
            self.assertGreater(max(map(width_of, wide.splitlines())), 80)
            self.assertGreater(len(wide), len(narrow))


class Completion(CliCase):
    def bash(self, line):
        """What Tab offers at the end of the line."""
        words = line.split(" ")
        script = ('source <("$TRUC" completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _truc; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script, "bash", program("truc"), *words], capture_output=True, text=True,
                              timeout=PATIENCE, cwd=self.network.directory,
                              env=environment(TRUC=program("truc"), TRUC_NETWORK=self.where[1]))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_bash_offers_verbs_options_names_and_files(self):
        self.assertEqual(self.bash("tra"), ["trace"])
        self.assertEqual(self.bash("ledger "), ["check", "head"])
        self.assertCountEqual(self.bash("queue --hel"), ["--held", "--help"])
        self.assertEqual(self.bash("--at "), ["ninhthuan"])
        self.assertEqual(self.bash("agency show 000.00.12"), [INFORMATION])
        self.assertIn("vpcp", self.bash("client disable "))
        self.assertIn("n", self.bash("backup "))

    def test_scripts_for_other_shells_are_what_those_shells_read(self):
        for shell, check in (("zsh", "zsh -n"), ("fish", "fish --no-execute")):
            script = self.run_truc("completion", shell).stdout
            self.assertIn("complete --", script)
            if subprocess.run(["which", shell], capture_output=True).returncode == 0:
                done = subprocess.run([*check.split(), "/dev/stdin"], input=script, capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
