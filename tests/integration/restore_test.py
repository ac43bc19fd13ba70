"""A node dies after its last copy, and is restored from it: what its neighbours know comes back."""
import json
import os
import shutil
import subprocess
import unittest

from network import DISTRICT, GOVERNMENT, PROVINCE, program
from tree_case import TreeCase

RESTORED = "ninhthuan"  # in the middle: what goes between the government and the district passes through it


class RestoredNode(TreeCase):
    RUNNING = ("vpcp", "ninhthuan", "thuannam")

    def back_up(self):
        node = self.tree[RESTORED]
        to = node.directory / "copy"
        admin = node.administrator()
        self.addCleanup(admin.close)
        answer = admin.post("/admin/backup", json.dumps({"to": str(to)}), "application/json")
        self.assertEqual(answer.status, 202, answer)
        seen = self.eventually(lambda: node.ask("/admin/backup"), lambda b: b["state"] != "running")
        self.assertEqual(seen["state"], "done", seen)
        return to, seen

    def restore(self, copy):
        """As the operations guide says it."""
        node = self.tree[RESTORED]
        shutil.rmtree(node.data)
        run = subprocess.run([program("truc"), "restore", str(copy), str(node.data)], capture_output=True, text=True,
                             check=False)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.tree.start(RESTORED)

    def show_head(self, neighbour):
        """Neighbours tell each other their heads every half minute, and when they are asked."""
        admin = self.tree[neighbour].administrator()
        self.addCleanup(admin.close)
        size = self.tree[RESTORED].ask("/admin/ledger/check")["size"]

        def seen():
            return admin.post(f"/admin/neighbours/{RESTORED}/ping").json["ledger_size"]
        self.eventually(seen, lambda known: known == size)

    def assert_once(self, code, *documents):
        """Each lies in the inbox exactly once."""
        for told in documents:
            self.assertEqual(len(self.inbox(code, told)), 1, told["id"])

    def test_everything_that_neighbours_know_comes_back(self):
        ended = self.send(GOVERNMENT, PROVINCE)
        self.accept(PROVINCE, self.arrives(PROVINCE, ended))
        self.ends(GOVERNMENT, ended)
        in_inbox = self.send(GOVERNMENT, PROVINCE, attachment=os.urandom(200_000))
        self.arrives(PROVINCE, in_inbox)
        self.tree["thuannam"].kill()
        queued = self.send(PROVINCE, DISTRICT)
        copy, record = self.back_up()
        self.assertGreater(record["ledger_size"], 0)
        self.tree.start("thuannam")

        # What the copy lacks: in all directions, open and ended.
        self.accept(DISTRICT, self.arrives(DISTRICT, queued))
        to_inbox = self.send(GOVERNMENT, PROVINCE, attachment=os.urandom(200_000))
        lost_delivery = self.arrives(PROVINCE, to_inbox)["delivery_id"]
        downwards = self.send(GOVERNMENT, DISTRICT)
        self.arrives(DISTRICT, downwards)
        upwards = self.send(DISTRICT, GOVERNMENT)
        self.arrives(GOVERNMENT, upwards)
        both_ended = self.send(GOVERNMENT, DISTRICT)
        self.accept(DISTRICT, self.arrives(DISTRICT, both_ended))
        self.ends(GOVERNMENT, both_ended)
        submitted_here = self.send(PROVINCE, DISTRICT)
        self.arrives(DISTRICT, submitted_here)

        self.show_head("vpcp")

        self.tree[RESTORED].kill()
        self.restore(copy)

        # Documents, with the ids they had.
        self.assertEqual(self.arrives(PROVINCE, to_inbox)["delivery_id"], lost_delivery)
        self.arrives(PROVINCE, in_inbox)
        for told in (to_inbox, in_inbox):
            self.accept(PROVINCE, self.inbox(PROVINCE, told)[0])
            self.ends(GOVERNMENT, told)
        self.assert_once(DISTRICT, downwards, submitted_here)
        self.assert_once(GOVERNMENT, upwards)
        self.assertEqual(self.inbox(DISTRICT, queued), [])
        self.assertEqual(self.inbox(DISTRICT, both_ended), [])
        # Evidence: of what was passed on after the copy, and of what goes on after it.
        self.ends(PROVINCE, queued)
        self.accept(DISTRICT, self.inbox(DISTRICT, downwards)[0])
        self.ends(GOVERNMENT, downwards)
        self.accept(GOVERNMENT, self.inbox(GOVERNMENT, upwards)[0])
        self.ends(DISTRICT, upwards)
        # New documents as ever.
        new = self.send(GOVERNMENT, PROVINCE, DISTRICT)
        for code in (PROVINCE, DISTRICT):
            self.accept(code, self.arrives(code, new))
        self.ends(GOVERNMENT, new)
        self.assert_books_balance()
        self.check_ledgers()
        self.check_receipts(ended, to_inbox, new)
        self.check_what_is_lost()
        for name in ("vpcp", "thuannam"):
            [alarm] = self.tree[name].alarms("neighbour_restored")
            self.assertEqual(alarm["subject"], RESTORED)
            self.assertIn(f"{RESTORED}.1 of ", alarm["text"])

    def check_ledgers(self):
        for node in self.tree.nodes.values():
            if node.process:
                checked = node.ask("/admin/ledger/check")
                self.assertTrue(checked["consistent"], checked)
        for name in ("vpcp", "thuannam"):
            self.assertEqual(self.tree[name].alarms("head_inconsistent"), [])
            self.assertEqual(self.tree[name].alarms("neighbour_lies"), [])

    def check_receipts(self, *documents):
        """Of the log that ended, and of the one that follows it."""
        logs = set()
        for told in documents:
            receipts = self.client(GOVERNMENT).get(f"/v1/documents/{told['id']}/receipts").json["items"]
            self.tree["vpcp"].verify_receipts(*(r["xml"] for r in receipts))
            logs |= {r["event_id"].rpartition(".")[0] for r in receipts}
        own = {log for log in logs if log.startswith(RESTORED + ".")}
        self.assertEqual(len(own), 2, logs)
        self.assertIn(RESTORED + ".1", own)

    def check_what_is_lost(self):
        """The doctor tells of the events that neighbours knew and the copy lacks."""
        checks = self.tree[RESTORED].ask("/admin/doctor")["checks"]
        [restored] = [c for c in checks if c["check"] == "restored"]
        self.assertEqual(restored["state"], "warn", restored)
        self.assertIn(RESTORED + ".1", restored["found"])
        [lost] = [a for a in self.tree[RESTORED].alarms("lost_in_restore") if a["subject"] == "thuannam"]
        self.assertIn(f"has evidence of {lost['count']} documents", restored["found"])


if __name__ == "__main__":
    unittest.main()
