"""Content that was recalled is destroyed where its recipients are, and kept where its sender is."""
import contextlib
import os
import unittest

from network import GOVERNMENT, PROVINCE
from tree_case import TreeCase


class Retention(TreeCase):
    @classmethod
    def prepare(cls):
        for name in cls.RUNNING:
            config = cls.tree[name].config
            config.write_text(config.read_text() + "\n[retention]\nlook_seconds = 1\n")

    def content(self, node, told):
        with contextlib.closing(self.tree[node].administrator()) as admin:
            return admin.get(f"/v1/documents/{told['id']}/content")

    def test_a_recalled_document(self):
        told = self.send(GOVERNMENT, PROVINCE, attachment=os.urandom(200_000))
        self.arrives(PROVINCE, told)
        self.assertEqual(self.content("ninhthuan", told).status, 200)
        before = len(self.tree["ninhthuan"].content_files())
        self.send(GOVERNMENT, PROVINCE, business=1, document_id=told["document_id"])
        self.ends(GOVERNMENT, told, "recalled")
        gone = self.eventually(lambda: self.content("ninhthuan", told), lambda a: a.status != 200)
        self.assertEqual((gone.status, gone.code), (410, "purged"), gone)
        self.assertEqual(len(self.tree["ninhthuan"].content_files()), before - 1)
        kept = self.content("vpcp", told)
        self.assertEqual((kept.status, kept.body), (200, told["bytes"]))
        trace = self.tree["ninhthuan"].ask(f"/v1/documents/{told['id']}/trace")["items"]
        self.assertIn("Purge", [t["event"] for t in trace])
        self.assertTrue(self.tree["ninhthuan"].ask("/admin/ledger/check")["consistent"])
        self.assert_books_balance()


if __name__ == "__main__":
    unittest.main()
