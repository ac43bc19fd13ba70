"""TD.Office by its database from end to end: a clerk at PostgreSQL, truc-adapter, a real node, and an agency behind it that comes
by REST; through deaths of the adapter and of the database."""
import collections
import time
import unittest

import network
import postgres
from adapter_case import Adapter, AdapterCase
from network import GOVERNMENT, INFORMATION
from td_database import Clerk

DASHED = GOVERNMENT.replace(".", "-")


class Mailbox(AdapterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = postgres.Postgres().start()
        cls.addClassCleanup(cls.server.stop)

    def setUp(self):
        self.drain(GOVERNMENT)
        self.drain(INFORMATION)
        self.clerk = Clerk("postgresql:" + self.server.dsn)
        for table in ("document_senders", "document_receivers", "incoming_documents", "document_attachments", "document_status"):
            self.clerk.run(f"DROP TABLE IF EXISTS {table} CASCADE")
        self.clerk.create()
        place = self.place()
        secret = place / "odbc"
        secret.touch(0o600)
        secret.write_text(self.server.odbc)
        table = f'[database]\nconnection_string_file = "{secret}"\npoll_milliseconds = 100\n'
        self.adapter = Adapter(self.network, INFORMATION, "tdoffice-database", table, place)
        self.addCleanup(self.adapter.stop)
        self.addCleanup(lambda: self.clerk.db.connection.close())

    def waiting(self, kind="edoc"):
        return self.client(GOVERNMENT).inbox(max=1000, kind=kind)["items"]

    def content(self, item):
        return self.client(GOVERNMENT).get(f"/v1/inbox/{item['delivery_id']}/content").body.decode()

    def report(self, document_id, code, description="Ghi chú"):
        message = network.edxml.status(GOVERNMENT, INFORMATION, document_id, code, description)
        answer = self.client(GOVERNMENT).submit(self.network.sign(message, GOVERNMENT))
        self.assertIn(answer.status, (200, 201), answer)

    def test_a_document_goes_out_and_what_became_of_it_stands_in_its_rows(self):
        self.adapter.start()
        id = self.clerk.write([DASHED], "V/v “báo cáo” <&>", priority="Hỏa tốc")
        [item] = self.adapter.wait_until(self.waiting)
        self.assertEqual((item["from"], item["priority"]), (INFORMATION, "express"), item)
        self.assertIn("V/v “báo cáo” &lt;&amp;&gt;", self.content(item))
        self.adapter.wait_until(lambda: self.clerk.sent(id)["status"] == 1)
        self.client(GOVERNMENT).acknowledge(item["delivery_id"])
        self.adapter.wait_until(lambda: self.clerk.sent(id)["recipients"][GOVERNMENT]["send"] == 1)
        sent = self.clerk.sent(id)
        self.assertEqual((sent["document_id"], sent["truc_id"]), (item["document_id"], item["id"]))
        for code in ("03", "06"):
            self.report(item["document_id"], code)
            self.adapter.wait_until(lambda: self.clerk.sent(id)["recipients"][GOVERNMENT]["code"] == code)

    def test_a_document_comes_in_and_the_clerks_statuses_go_back(self):
        self.adapter.start()
        sent = self.send(GOVERNMENT, INFORMATION, attachment=b"noi dung")
        [came] = self.adapter.wait_until(self.clerk.incoming)
        self.assertEqual(came["delivery_id"], sent["recipients"][0]["delivery_id"])
        [kept] = self.clerk.run("SELECT edxml FROM incoming_documents")
        self.assertEqual(bytes(kept[0]), sent["bytes"])
        for code in ("1", "2", "06"):
            self.clerk.set_status(came["id"], code)
        self.adapter.wait_until(lambda: len(self.waiting("status")) == 4)  # and 01, by itself
        self.adapter.wait_until(lambda: [s["send_status"] for s in self.clerk.statuses("out")] == [1, 1, 1])

    def test_what_cannot_be_sent_is_explained_in_the_row_and_goes_when_it_is_corrected(self):
        self.adapter.start()
        secret = self.clerk.write([DASHED], do_mat="Mật")
        bad_day = self.clerk.write([DASHED], promulgation_date="31/02/2026")
        unknown = self.clerk.write(["000.99.99.H99"])
        good = self.clerk.write([DASHED])
        rows = (secret, bad_day, unknown, good)
        self.adapter.wait_until(lambda: [self.clerk.sent(row)["status"] for row in rows] == [-1, -1, -1, 1])
        self.assertIn("dấu mật (Mật)", self.clerk.sent(secret)["error"])
        self.assertIn(f"cột document_senders.promulgation_date, dòng {bad_day} '31/02/2026' là ngày không có thật",
                      self.clerk.sent(bad_day)["error"])
        self.assertIn("recipient_unknown", self.clerk.sent(unknown)["error"])
        self.clerk.run("UPDATE document_senders SET promulgation_date = '28/02/2026', status = 0 WHERE id = ?", (bad_day,))
        self.adapter.wait_until(lambda: self.clerk.sent(bad_day)["status"] == 1)
        self.assertIsNone(self.clerk.sent(bad_day)["error"])
        self.assertEqual(len(self.waiting()), 2)

    def test_a_document_is_asked_back(self):
        self.adapter.start()
        id = self.clerk.write([DASHED])
        [item] = self.adapter.wait_until(self.waiting)
        self.adapter.wait_until(lambda: self.clerk.sent(id)["status"] == 1)
        self.client(GOVERNMENT).acknowledge(item["delivery_id"])
        self.clerk.recall(id, "Gửi nhầm")
        [asked] = self.adapter.wait_until(lambda: self.waiting("status"))
        self.assertIn("<edXML:StatusCode>13<", self.content(asked))
        self.report(item["document_id"], "15")
        self.adapter.wait_until(lambda: self.clerk.sent(id)["recipients"][GOVERNMENT]["state"] == 5)

    def test_everything_passes_once_though_adapter_and_database_die_again_and_again(self):
        count = 30
        ours = [self.clerk.write([DASHED]) for _ in range(count)]
        theirs = [self.send(GOVERNMENT, INFORMATION)["document_id"] for _ in range(count)]
        for turn, moment in enumerate((0.1, 0.2, 0.3, 0.4, 0.5, 0.6)):
            self.adapter.start(ready=False)
            time.sleep(moment)
            if turn % 2:
                self.server.halt()
                self.server.start()
                time.sleep(moment / 2)
            self.adapter.kill()
        self.adapter.start()
        self.clerk = Clerk("postgresql:" + self.server.dsn)
        self.adapter.wait_until(lambda: all(self.clerk.sent(id)["status"] == 1 for id in ours))
        self.adapter.wait_until(lambda: len(self.clerk.incoming()) >= count)
        for came in self.clerk.incoming():
            self.clerk.set_status(came["id"], "03")
        self.adapter.wait_until(lambda: len(self.waiting("status")) >= 2 * count)
        self.adapter.wait_until(lambda: len(self.waiting()) >= count)
        time.sleep(0.5)  # for what would come twice
        self.assertEqual(sorted(item["document_id"] for item in self.waiting()),
                         sorted(self.clerk.sent(id)["document_id"] for id in ours))
        self.assertEqual(sorted(c["document_id"] for c in self.clerk.incoming()), sorted(theirs))
        self.assertEqual(collections.Counter(i["document_id"] for i in self.waiting("status")), dict.fromkeys(theirs, 2))


if __name__ == "__main__":
    unittest.main()
