"""TD.Office by a hot folder: a careless document system, the adapter and a real node, through the adapter's death."""
import collections
import json
import subprocess
import sys
import time
import unittest
import urllib.parse

import edxml
import network
import td_folder
from clients_case import ClientsCase
from network import GOVERNMENT, INFORMATION, PATIENCE

CONFIGURATION = """
name = "td-folder"
kind = "tdoffice-folder"
data_dir = "data"
[exchange]
amqp = "{amqp}"
ca = "{ca}"
certificate = "{client.certificate}"
key = "{client.key}"
[[agencies]]
code = "{agency[code]}"
name = "{agency[name]}"
certificate = "{agency[certificate]}"
key = "{agency[key]}"
[folder]
outbox = "outbox"
inbox = "inbox"
scan_seconds = 1
settle_seconds = 1
unfinished_seconds = 2
unpack_attachments = true
"""


class TdofficeFolder(ClientsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.network.directory / "td"
        cls.office = td_folder.Office(cls.home, INFORMATION).create()
        cls.addClassCleanup(cls.office.book.close)
        client = cls.issuer.issue("td-folder")
        with_adapter = cls.network.administrator()
        answer = with_adapter.post("/admin/clients", json.dumps(
            {"id": "td-folder", "agencies": [INFORMATION], "entrances": ["adapter"], "certificates": [cls.pem(client)]}),
            "application/json")
        assert answer.status == 201, answer
        with_adapter.close()
        cls.configuration = cls.home / "adapter.toml"
        cls.configuration.write_text(CONFIGURATION.format(
            amqp=urllib.parse.urlsplit(cls.network.node["amqp"]).netloc, ca=cls.network.description["ca"], client=client,
            agency=cls.network.agency(INFORMATION)))
        cls.process = None
        cls.start()
        cls.addClassCleanup(cls.end)

    @classmethod
    def start(cls):
        with open(cls.home / "adapter.log", "ab") as log:
            cls.process = subprocess.Popen([network.program("truc-adapter"), "--config", cls.configuration], stdout=log,
                                           stderr=log)

    @classmethod
    def end(cls):
        cls.process.terminate()
        status = cls.process.wait(PATIENCE)
        if status != 0:
            raise RuntimeError(f"truc-adapter ended with {status}:\n{cls.log()}")

    @classmethod
    def log(cls):
        return (cls.home / "adapter.log").read_text(errors="replace")

    def eventually(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not (found := condition()):
            self.assertLess(time.monotonic(), deadline, self.log()[-3000:])
            self.assertIsNone(self.process.poll(), self.log()[-3000:])
            time.sleep(0.05)
        return found

    def written(self, name):
        [row] = [row for row in self.office.books()["written"] if row["name"] == name]
        return row

    def at_government(self, kind, document_id):
        """The delivery of that document, or of that status about it, which is then acknowledged."""
        government = self.client(GOVERNMENT)

        def look():
            for item in government.inbox(kind=kind, max=200)["items"]:
                if item["document_id"] == document_id:
                    return item
            return None

        item = self.eventually(look)
        content = government.get(f"/v1/inbox/{item['delivery_id']}/content").body
        self.assertEqual(government.acknowledge(item["delivery_id"]).status, 200)
        return item, content

    def taken(self, document_id, code=""):
        def look():
            self.office.take()
            return [row for row in self.office.books()["taken"] if (row["document_id"], row["code"]) == (document_id, code)]

        [row] = self.eventually(look)
        return row

    def test_a_document_goes_out_signed_and_its_note_tells_the_rest(self):
        name = self.office.write([GOVERNMENT], "V/v báo cáo <1> & 2", manner="from-outside")
        document_id = self.written(name)["document_id"]
        item, content = self.at_government("edoc", document_id)
        self.assertEqual(td_folder.summary(content)["document_id"], document_id)
        self.assertIn(b"SignatureValue", content)
        note = self.eventually(lambda: (text := self.written(name)["note"]) and "đã nhận lúc" in text and text)
        self.assertIn(f"{GOVERNMENT}: đã nhận lúc", note)
        trace = self.client(GOVERNMENT).get(f"/v1/documents/{self.written(name)['truc_id']}")
        self.assertEqual(trace.status, 200)
        self.assertTrue((self.home / "outbox/sent" / name).exists())

    def test_every_manner_of_writing_will_do(self):
        names = [self.office.write([GOVERNMENT], manner=manner) for manner in td_folder.MANNERS]
        for name in names:
            self.at_government("edoc", self.written(name)["document_id"])
            self.eventually(lambda name=name: self.written(name)["truc_id"])

    def test_a_document_comes_in_and_its_statuses_go_back(self):
        sent = self.send(GOVERNMENT, INFORMATION, attachment=b"%PDF-1.4 noi dung")
        row = self.taken(sent["document_id"])
        self.assertEqual((self.home / "inbox/read" / row["file"]).read_bytes(), sent["bytes"])
        self.assertEqual((self.home / "inbox" / row["file"][:-6] / "a.pdf").read_bytes(), b"%PDF-1.4 noi dung")
        _, arrived = self.at_government("status", sent["document_id"])
        self.assertEqual(td_folder.summary(arrived)["code"], "01")
        self.office.report(row["file"], "03")
        _, registered = self.at_government("status", sent["document_id"])
        self.assertEqual(td_folder.summary(registered)["code"], "03")

    def test_a_status_comes_in(self):
        name = self.office.write([GOVERNMENT])
        document_id = self.written(name)["document_id"]
        self.at_government("edoc", document_id)
        report = self.network.sign(edxml.status(GOVERNMENT, INFORMATION, document_id, "02", "Thiếu phụ lục"), GOVERNMENT)
        self.assertEqual(self.client(GOVERNMENT).submit(report).status, 201)
        row = self.taken(document_id, "02")
        self.assertIn("-trang-thai-", row["file"])

    def test_what_cannot_be_sent_says_why_and_is_sent_when_it_was_corrected(self):
        for subject, recipient, said in (("(MẬT) V/v", GOVERNMENT, "dấu mật"), ("V/v", "000.00.99.H99", "000.00.99.H99")):
            with self.subTest(said):
                name = self.office.write([recipient], subject)
                error = self.eventually(lambda name=name: self.written(name)["error"])
                self.assertIn(f"Văn bản {name} (số", error)
                self.assertIn(said, error)
        corrected = edxml.document(INFORMATION, GOVERNMENT, number="corrected").encode()
        self.office.put(name, corrected, "in-place")
        self.at_government("edoc", td_folder.summary(corrected)["document_id"])
        self.eventually(lambda: not self.written(name)["error"])

    def test_a_broken_file_names_the_place(self):
        text = edxml.document(INFORMATION, GOVERNMENT, without=("Subject",))
        self.office.put("thieu.edxml", text.encode())
        (self.home / "outbox/nua.edxml").write_text(text[:400], encoding="utf-8")
        for name, code, place in (("thieu", "schema", "MessageHeader"), ("nua", "not_xml", "dòng")):
            path = self.home / f"outbox/{name}.err"
            self.eventually(path.exists)
            error = path.read_text(encoding="utf-8")
            self.assertIn(f"Mã lỗi: {code}", error)
            self.assertIn(place, error)

    def drained(self, kind, least):
        """How often each (DocumentId, StatusCode) has come to the government, which acknowledges all, until at least
        `least` of them are there and no more come."""
        government = self.client(GOVERNMENT)
        times = collections.Counter()

        def complete():
            items = government.inbox(kind=kind, max=200)["items"]
            for item in items:
                content = government.get(f"/v1/inbox/{item['delivery_id']}/content").body
                times[item["document_id"], td_folder.summary(content)["code"]] += 1
                self.assertEqual(government.acknowledge(item["delivery_id"]).status, 200)
            return not items and times.keys() >= least

        self.eventually(complete)
        return {key: times[key] for key in least}

    def test_everything_passes_once_through_the_adapters_death(self):
        sent = [self.send(GOVERNMENT, INFORMATION)["document_id"] for _ in range(10)]
        before = {row["document_id"] for row in self.office.books()["written"]}
        documents = len(self.office.ask("SELECT 1 FROM written WHERE kind = 'edoc'")) + 10
        clerk = subprocess.Popen(
            [sys.executable, "-B", td_folder.__file__, self.home, "--agency", INFORMATION, "live", "--to", GOVERNMENT,
             "--count", str(documents), "--seconds", "8", "--answers", "03,06", "--seed", "3"])
        for _ in range(4):
            time.sleep(1.7)
            self.process.kill()
            self.process.wait()
            self.start()
        self.assertEqual(clerk.wait(PATIENCE), 0)

        def all_through():
            self.office.take()
            books = self.office.books()
            return all(r["truc_id"] or r["error"] for r in books["written"]) and books

        books = self.eventually(all_through)
        written = {r["document_id"] for r in books["written"] if r["kind"] == "edoc"} - before
        self.assertGreaterEqual(len(written), 10)
        self.assertEqual(collections.Counter(r["document_id"] for r in books["taken"] if r["document_id"] in sent),
                         dict.fromkeys(sent, 1))
        self.assertEqual(set(self.drained("edoc", {(d, "") for d in written}).values()), {1})
        statuses = {(d, code) for d in sent for code in ("01", "03", "06")}
        self.assertEqual(set(self.drained("status", statuses).values()), {1})


if __name__ == "__main__":
    unittest.main()
