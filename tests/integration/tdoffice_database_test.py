"""TD.Office by its database, on PostgreSQL: two agencies with a mailbox each, and a messenger between them in the place of the
exchange. What the exchange itself does is tested elsewhere; here it is what happens in the tables, while locks are held,
connections are lost and processes die."""
import os
import pathlib
import subprocess
import tempfile
import time
import unittest
import uuid

import postgres
from td_database import Clerk, RudeClerk

BIN = pathlib.Path(os.environ["TRUC_BIN_DIR"])
DISTRICT, OFFICE = "000.00.36.H43", "000.00.01.H43"


class Mailbox:
    """The adapter's side of one agency: a process that can be killed, and its clerk."""

    def __init__(self, directory, server, agency):
        self.agency = agency
        self.directory = directory / agency
        self.directory.mkdir()
        schema = "a" + agency.replace(".", "_").lower()
        self.dsn = f"{server.dsn} options=-csearch_path={schema}"
        owner = Clerk("postgresql:" + server.dsn)
        owner.run(f"CREATE SCHEMA {schema}")
        self.clerk = Clerk("postgresql:" + self.dsn).create()
        secret = self.directory / "odbc"
        secret.touch(0o600)
        secret.write_text(f"{server.odbc};ConnSettings=SET+search_path+TO+{schema}\n")
        self.configuration = self.directory / "adapter.toml"
        self.configuration.write_text('[database]\nconnection_string_file = "odbc"\nlock_wait_milliseconds = 300\n')
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen([BIN / "mailbox_client", self.configuration, self.agency], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def ask(self, *words):
        """The answer's words behind ok, or the whole answer when it is an error."""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().rstrip("\n")
        return answer if answer.startswith("error") else answer.removeprefix("ok").strip()

    def list(self, most=64):
        return self.ask("list", most).split()

    def load(self, key):
        file = self.directory / "out.edxml"
        answer = self.ask("load", key, file)
        assert answer == "", answer
        return file


class TdofficeDatabaseTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = postgres.Postgres().start()
        cls.addClassCleanup(cls.server.stop)

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        clerk = Clerk("postgresql:" + self.server.dsn)
        for agency in (DISTRICT, OFFICE):
            clerk.run(f"DROP SCHEMA IF EXISTS a{agency.replace('.', '_').lower()} CASCADE")
        clerk.db.connection.close()
        self.district = Mailbox(pathlib.Path(directory.name), self.server, DISTRICT)
        self.office = Mailbox(pathlib.Path(directory.name), self.server, OFFICE)
        for mailbox in (self.district, self.office):
            self.addCleanup(mailbox.clerk.db.connection.close)
            self.addCleanup(mailbox.kill)

    def carry(self, sender, recipient):
        """Everything that waits at one to the other; what cannot be sent is reported."""
        for key in sender.list():
            answer = sender.ask("load", key, sender.directory / "out.edxml")
            if answer.startswith("error"):
                self.assertEqual(answer.split()[2], "final", answer)
                self.assertEqual(sender.ask("report", key, "refused", "-", answer), "")
                continue
            self.assertEqual(sender.ask("report", key, "accepted", "-"), "")
            delivered = recipient.ask("deliver", uuid.uuid4(), recipient.agency, sender.directory / "out.edxml")
            self.assertFalse(delivered.startswith("error"), delivered)
            self.assertEqual(sender.ask("report", key, "handed_over", recipient.agency), "")

    def test_a_document_and_its_statuses_make_the_whole_round(self):
        content = os.urandom(3_000_000)
        id = self.district.clerk.write([OFFICE.replace(".", "-")], "V/v “Hỏa tốc” – 📜", [("báo cáo.pdf", content)])
        self.carry(self.district, self.office)
        here, there = self.district.clerk.books(), self.office.clerk.books()
        self.assertEqual(there["incoming"][0]["subject"], "V/v “Hỏa tốc” – 📜")
        self.assertEqual(there["incoming"][0]["attachments"], here["outgoing"][id]["attachments"])
        self.assertEqual(there["incoming"][0]["document_id"], here["outgoing"][id]["document_id"])
        self.assertEqual(here["outgoing"][id]["status"], 1)
        received = there["incoming"][0]["id"]
        for code, state in (("01", 1), ("1", 1), ("2", 1), ("3", 1), ("06", 1)):
            self.office.clerk.set_status(received, code)
            self.carry(self.office, self.district)
            self.assertEqual(self.district.clerk.sent(id)["recipients"][OFFICE]["state"], state)
        self.assertEqual([s["status_code"] for s in self.district.clerk.statuses("in")], ["01", "03", "04", "05", "06"])
        self.assertEqual(self.district.clerk.sent(id)["recipients"][OFFICE]["code"], "06")
        self.assertEqual({s["send_status"] for s in self.office.clerk.statuses("out")}, {1})

    def test_a_document_is_asked_back_kept_asked_again_and_given_back(self):
        id = self.district.clerk.write([OFFICE])
        self.carry(self.district, self.office)
        received = self.office.clerk.incoming()[0]["id"]
        for answer, state in ((lambda: self.office.clerk.keep(received, "Đang xử lý"), 1),
                              (lambda: self.office.clerk.give_back(received), 5)):
            self.district.clerk.run("UPDATE document_receivers SET recall_status = 0")
            self.district.clerk.recall(id, "Gửi nhầm")
            self.carry(self.district, self.office)
            self.assertEqual(self.district.clerk.sent(id)["recipients"][OFFICE]["state"], 4)
            self.assertEqual(self.district.clerk.sent(id)["status"], 14)
            self.assertEqual(self.office.clerk.incoming()[0]["state"], 4)
            self.assertEqual(answer(), 1)
            self.carry(self.office, self.district)
            self.assertEqual(self.district.clerk.sent(id)["recipients"][OFFICE]["state"], state)

    def test_a_row_that_the_legacy_program_holds_is_read_and_told_about_later(self):
        id = self.district.clerk.write([OFFICE])
        self.district.clerk.begin()
        self.district.clerk.run("UPDATE document_senders SET staff = 'đang sửa' WHERE id = ?", (id,))
        self.assertEqual(self.district.list(), [f"document:{id}"])
        self.district.load(f"document:{id}")
        began = time.monotonic()
        answer = self.district.ask("report", f"document:{id}", "accepted", "-")
        self.assertRegex(answer, "^error timeout retryable")
        self.assertLess(time.monotonic() - began, 3)
        self.district.clerk.run("UPDATE document_senders SET number = '99' WHERE id = ?", (id,))
        self.district.clerk.commit()
        self.assertEqual(self.district.ask("report", f"document:{id}", "accepted", "-"), "")
        sent = self.district.clerk.sent(id)
        self.assertEqual(sent["status"], 1)
        self.assertTrue(sent["document_id"].endswith(f",{id}/UBND-VP"), sent)

    def test_nothing_is_held_while_the_adapter_waits(self):
        id = self.district.clerk.write([OFFICE])
        self.district.load(f"document:{id}")
        self.district.clerk.run("SET lock_timeout = '1s'")
        self.assertEqual(self.district.clerk.run("UPDATE document_senders SET status = 9 WHERE id = ?", (id,)), 1)
        self.assertEqual(self.district.clerk.run(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"), [(0,)])

    def test_a_delivery_survives_the_death_of_the_adapter_and_of_the_database(self):
        self.district.clerk.write([OFFICE])
        file = self.district.load(self.district.list()[0])
        delivery = uuid.uuid4()
        self.office.kill()
        self.office.start()
        first = self.office.ask("deliver", delivery, OFFICE, file)
        self.server.halt()
        self.assertRegex(self.office.ask("deliver", delivery, OFFICE, file), "^error unreachable retryable")
        self.assertRegex(self.office.ask("list", 10), "^error unreachable retryable")
        self.server.start()
        self.assertEqual(self.office.ask("deliver", delivery, OFFICE, file), first)
        self.office.kill()
        self.office.start()
        self.assertEqual(self.office.ask("deliver", delivery, OFFICE, file), first)
        self.office.clerk.db.connection.close()
        self.office.clerk = Clerk("postgresql:" + self.office.dsn)
        self.assertEqual(len(self.office.clerk.incoming()), 1)
        self.assertEqual(len(self.office.clerk.incoming()[0]["attachments"]), 1)

    def test_a_delivery_interrupted_at_any_moment_is_there_once_and_whole(self):
        self.district.clerk.write([OFFICE], attachments=[(f"{i}.pdf", os.urandom(400_000)) for i in range(5)])
        file = self.district.load(self.district.list()[0])
        for pause in (0.0, 0.002, 0.01, 0.02, 0.04, 0.08):
            delivery = uuid.uuid4()
            self.office.process.stdin.write(f"deliver {delivery} {OFFICE} {file}\n")
            self.office.process.stdin.flush()
            time.sleep(pause)
            self.office.kill()
            self.office.start()
            self.assertRegex(self.office.ask("deliver", delivery, OFFICE, file), "^incoming_documents")
            of_it = [one for one in self.office.clerk.incoming() if one["delivery_id"] == str(delivery)]
            self.assertEqual([len(one["attachments"]) for one in of_it], [5])

    def test_a_connection_that_is_cut_is_made_anew(self):
        self.district.clerk.write([OFFICE])
        self.assertEqual(len(self.district.list()), 1)
        self.district.clerk.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                                "AND backend_type = 'client backend'")
        answers = [self.district.ask("list", 10) for _ in range(2)]
        self.assertRegex(answers[0], "^error unreachable retryable")
        self.assertEqual(answers[1].split(), ["document:1"])

    def test_a_rude_clerk_is_told_and_blocks_nobody(self):
        rude = RudeClerk(self.district.clerk, 5, [OFFICE])
        for act in (rude.bad_date, rude.unknown_code, rude.nulls, rude.secret, rude.good):
            act()
        self.carry(self.district, self.office)
        outgoing = self.district.clerk.books()["outgoing"]
        self.assertEqual([one["status"] for one in outgoing.values()], [-1, -1, -1, -1, 1])
        for one in list(outgoing.values())[:-1]:
            self.assertTrue(one["error"])
            self.assertIsNone(one["document_id"])
        self.assertEqual(len(self.office.clerk.incoming()), 1)
        self.district.clerk.run("UPDATE document_senders SET promulgation_date = '20/11/2026', status = 0 WHERE id = 1")
        self.carry(self.district, self.office)
        self.assertEqual(self.district.clerk.sent(1)["status"], 1)
        self.assertIsNone(self.district.clerk.sent(1)["error"])

    def test_a_value_that_a_column_cannot_hold_is_not_tried_for_ever(self):
        self.office.clerk.run("ALTER TABLE incoming_documents ALTER COLUMN subject TYPE varchar(5)")
        self.district.clerk.write([OFFICE])
        file = self.district.load("document:1")
        answer = self.office.ask("deliver", uuid.uuid4(), OFFICE, file)
        self.assertRegex(answer, "^error legacy_refused final SQLSTATE 22001")
        self.office.clerk.run("ALTER TABLE incoming_documents ALTER COLUMN subject TYPE integer USING 0")
        answer = self.office.ask("deliver", uuid.uuid4(), OFFICE, file)
        self.assertRegex(answer, "^error legacy_refused final SQLSTATE 22P02")
        self.assertNotIn("V/v", answer)  # no content in messages
        self.office.clerk.run("ALTER TABLE incoming_documents RENAME TO elsewhere")
        answer = self.office.ask("deliver", uuid.uuid4(), OFFICE, file)
        self.assertRegex(answer, "^error not_ready retryable SQLSTATE 42P01")

    def test_the_list_is_cheap_beside_a_hundred_thousand_finished_rows(self):
        self.district.clerk.run("SET session_replication_role = replica")  # foreign keys are not what is measured
        self.district.clerk.run("INSERT INTO document_senders (status, number, notation) "
                                "SELECT 1, g, 'VP' FROM generate_series(1, 100000) g")
        self.district.clerk.run("INSERT INTO document_receivers (document_id, organ_code) "
                                "SELECT id, 'x' FROM document_senders")
        self.district.clerk.run("INSERT INTO incoming_documents (delivery_id, document_id, sender_code, recipient_code, received_at) "
                                "SELECT g, g, 'x', 'y', '' FROM generate_series(1, 100000) g")
        self.district.clerk.run("INSERT INTO document_status (incoming_id, send_status) SELECT id, 1 FROM incoming_documents")
        self.district.clerk.run("ANALYZE")
        self.district.clerk.write([OFFICE])
        self.assertEqual(self.district.list(), ["document:100001"])
        began = time.monotonic()
        for _ in range(20):
            self.district.list()
        self.assertLess((time.monotonic() - began) / 20, 0.05)


if __name__ == "__main__":
    unittest.main()
