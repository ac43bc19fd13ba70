"""An adapter between a real node and a hot folder: both ways, with evidence, through deaths, and what people see."""
import re
import subprocess
import time
import unittest

import network
from adapter_case import Adapter, AdapterCase
from network import GOVERNMENT, INFORMATION, PATIENCE, program


class HotFolder(AdapterCase):
    def setUp(self):
        self.drain(GOVERNMENT)
        self.drain(INFORMATION)
        place = self.place()
        self.outbox, self.inbox = place / "outbox", place / "inbox"
        self.outbox.mkdir()
        self.inbox.mkdir()
        table = f'[folder]\noutbox = "{self.outbox}"\ninbox = "{self.inbox}"\nscan_seconds = 1\n'
        self.adapter = Adapter(self.network, INFORMATION, "tdoffice-folder", table, place)
        self.addCleanup(self.adapter.stop)

    def put(self, name, text):
        """As a careful program does it: complete when it has its name."""
        (self.outbox / f"{name}.part").write_text(text, encoding="utf-8")
        (self.outbox / f"{name}.part").rename(self.outbox / f"{name}.edxml")

    def waiting(self, code, kind="edoc"):
        return self.client(code).inbox(max=1000, kind=kind)["items"]

    def note(self, name):
        """What the folder says of a document, or nothing yet."""
        file = self.outbox / name
        return file.exists() and file.read_text(encoding="utf-8")

    def test_a_document_goes_out_signed_on_behalf_and_its_way_is_reported(self):
        self.adapter.start()
        self.put("1", network.edxml.document(INFORMATION, GOVERNMENT))
        [item] = self.adapter.wait_until(lambda: self.waiting(GOVERNMENT))
        receipts = self.client(GOVERNMENT).get(f"/v1/documents/{item['id']}/receipts").json["items"]
        accepted = next(r["xml"] for r in receipts if r["event"] == "SubmissionAcceptance")
        self.assertRegex(accepted, "<SignedOnBehalf>true</SignedOnBehalf>")
        self.assertRegex(accepted, "<Channel>adapter:")
        self.network.verify_receipts(accepted)
        self.adapter.wait_until(lambda: item["id"] in (self.note("1.done") or ""))
        self.client(GOVERNMENT).acknowledge(item["delivery_id"])
        self.adapter.wait_until(lambda: GOVERNMENT in (self.note("1.done") or ""))

    def test_a_document_comes_in_and_its_arrival_is_reported(self):
        self.adapter.start()
        sent = self.send(GOVERNMENT, INFORMATION)
        [file] = self.adapter.wait_until(lambda: list(self.inbox.glob("*.edxml")))
        self.assertEqual(file.read_bytes(), sent["bytes"])
        self.assertIn(sent["recipients"][0]["delivery_id"], file.name)
        [status] = self.adapter.wait_until(lambda: self.waiting(GOVERNMENT, "status"))
        self.assertEqual((status["from"], status["document_id"]), (INFORMATION, sent["document_id"]))
        seen = self.client(GOVERNMENT).get(f"/v1/documents/{sent['id']}").json
        self.assertEqual([r["state"] for r in seen["recipients"]], ["handed_over"])

    def test_a_bad_document_is_explained_where_its_people_see_it_and_goes_when_it_is_corrected(self):
        self.adapter.start()
        self.put("bad", network.edxml.document(INFORMATION, "000.99.99.H99"))
        self.put("good", network.edxml.document(INFORMATION, GOVERNMENT))
        said = self.adapter.wait_until(lambda: self.note("bad.err"))
        self.assertIn("000.99.99.H99", said)
        self.assertIn("recipient_unknown", said)
        self.adapter.wait_until(lambda: self.note("good.done"))
        items = self.adapter.truc("status", "td", "--quarantined")[1:]
        self.assertEqual([(i["label"], i["code"]) for i in items], [("bad.edxml", "recipient_unknown")])
        self.put("bad", network.edxml.document(INFORMATION, GOVERNMENT))
        self.adapter.wait_until(lambda: len(self.waiting(GOVERNMENT)) == 2)
        self.adapter.wait_until(lambda: self.note("bad.done") and not self.note("bad.err"))

    def test_everything_passes_once_though_the_adapter_dies_again_and_again(self):
        count = 40
        ours = [network.edxml.document(INFORMATION, GOVERNMENT) for _ in range(count)]
        theirs = [self.send(GOVERNMENT, INFORMATION) for _ in range(count)]
        for number, text in enumerate(ours):
            self.put(str(number), text)
        for moment in (0.05, 0.1, 0.15, 0.2, 0.3, 0.4):
            self.adapter.start(ready=False)
            time.sleep(moment)
            self.adapter.kill()
        self.adapter.start()
        self.adapter.wait_until(lambda: len(self.waiting(GOVERNMENT)) >= count)
        self.adapter.wait_until(lambda: len(list(self.inbox.glob("*.edxml"))) >= count)
        self.adapter.wait_until(lambda: len(self.waiting(GOVERNMENT, "status")) >= count)
        self.adapter.wait_until(lambda: all(self.note(f"{n}.done") for n in range(count)))
        wanted = sorted(re.search("<edXML:DocumentId>(.*?)</", text)[1] for text in ours)
        self.assertEqual(sorted(i["document_id"] for i in self.waiting(GOVERNMENT)), wanted)
        arrived = sorted(file.read_bytes() for file in self.inbox.glob("*.edxml"))
        self.assertEqual(arrived, sorted(sent["bytes"] for sent in theirs))
        self.assertEqual(sorted(i["document_id"] for i in self.waiting(GOVERNMENT, "status")),
                         sorted(sent["document_id"] for sent in theirs))
        [seen] = self.adapter.truc("status", "td")
        self.assertEqual((seen["outgoing"]["accepted"], seen["incoming"]["delivered"]), (2 * count, count))

    def test_the_node_dies_meanwhile(self):
        self.adapter.start()
        self.network.process.kill()
        self.network.process.wait()
        self.put("1", network.edxml.document(INFORMATION, GOVERNMENT))
        self.adapter.wait_until(lambda: self.adapter.page("/readyz")[0] == 503)
        self.assertEqual(self.adapter.page("/healthz")[0], 200)
        self.network.start()
        self.adapter.wait_until(lambda: len(self.waiting(GOVERNMENT)) == 1)
        self.adapter.wait_until(lambda: self.adapter.page("/readyz")[0] == 200)

    def test_it_is_said_which_side_is_away_since_when_and_why(self):
        self.adapter.start()
        self.outbox.rename(self.outbox.with_name("elsewhere"))
        self.adapter.wait_until(lambda: self.adapter.page("/readyz")[0] == 503)
        said = self.adapter.page("/readyz")[1]
        self.assertRegex(said, r"^outbox since 20\S+: The legacy system does not answer: \S+/outbox: No such file or "
                               r"directory\. Nothing is lost; it is tried again by itself\.\n$")
        self.assertIn("The legacy system does not answer", self.adapter.log())
        [seen] = self.adapter.truc("list")
        self.assertRegex(seen["outbox"]["since"], "^20")
        run = subprocess.run([program("truc"), "adapter", "status", "td", "--run-dir", str(self.adapter.directory)],
                             capture_output=True, text=True, check=True)
        self.assertRegex(run.stdout, r"outbox since .* it is tried again by itself\.\n")

    def test_what_people_see(self):
        self.adapter.start()
        self.put("1", network.edxml.document(INFORMATION, GOVERNMENT))
        self.adapter.wait_until(lambda: self.note("1.done"))
        [seen] = self.adapter.truc("list")
        self.assertEqual((seen["name"], seen["kind"], seen["exchange"]), ("td", "tdoffice-folder", {"connected": True}))
        metrics = self.adapter.page("/metrics")[1]
        for line in ('truc_adapter_outgoing_total{outcome="accepted"} 1', 'truc_adapter_connected{side="legacy"} 1',
                     'truc_adapter_connected{side="exchange"} 1', 'truc_adapter_waiting{direction="outgoing"} 0',
                     'truc_adapter_quarantined{direction="incoming"} 0', "truc_adapter_oldest_seconds 0"):
            self.assertIn(line + "\n", metrics)
        self.adapter.truc("retry", "td", "nothing", expect=1)
        self.adapter.truc("retry", "td", expect=2)
        self.assertEqual(self.adapter.truc("retry", "td", "--all"), [{"retried": 0}])
        self.adapter.truc("status", "other", expect=2)
        self.adapter.socket.rename(self.adapter.directory / "admin.sock")
        for verb in ("list", "status"):
            arguments = [verb] if verb == "list" else [verb, "td"]
            self.assertEqual([a["name"] for a in self.adapter.truc(*arguments)], ["td"], "whatever its socket is called")
        run = subprocess.run([program("truc"), "adapter", "list", "--run-dir", str(self.adapter.directory)],
                             capture_output=True, text=True, check=True)
        self.assertLessEqual(max(map(len, run.stdout.splitlines())), 80)

    def test_a_second_process_is_refused_and_one_that_does_not_run_is_said_so(self):
        self.adapter.start()
        run = subprocess.run([program("truc-adapter"), "--config", str(self.adapter.config)], capture_output=True, text=True,
                             timeout=PATIENCE, check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn("is in use by another truc-adapter", run.stderr)
        self.adapter.kill()
        [seen] = self.adapter.truc("list", expect=3)
        self.assertEqual((seen["name"], seen["running"]), ("td", False))
        self.assertIn("adapter td cannot be reached", seen["fault"])
        self.assertNotIn("node", seen["fault"])


if __name__ == "__main__":
    unittest.main()
