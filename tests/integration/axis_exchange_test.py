"""Systems of the national axis SDK at two nodes exchange documents and statuses, and their senders see each step."""
import contextlib
import unittest

import edxml
import vxp
from network import GOVERNMENT, INFORMATION, PLANNING, PROVINCE
from tree_case import TreeCase


class Exchange(TreeCase):
    def service(self, code):
        service = vxp.of_network(self.tree.description, code)
        self.addCleanup(service.close)
        return service

    @staticmethod
    def row(service, doc_id, recipient, kind="edoc"):
        [row] = [r for r in service.get_sent_edoc_list(kind).data
                 if r["senderDocId"] == doc_id and r["toCode"] == recipient]
        return row

    def until_status(self, service, doc_id, recipient, status, kind="edoc"):
        return self.eventually(lambda: self.row(service, doc_id, recipient, kind),
                               lambda row: row["receiveStatus"] == status)

    def test_a_document_its_status_and_what_both_see(self):
        sender, recipient = self.service(GOVERNMENT), self.service(INFORMATION)
        document_id = f"{GOVERNMENT},2026/11/02,1/EXCHANGE"
        content = edxml.document(GOVERNMENT, INFORMATION, document_id=document_id).encode()
        answer = sender.send_edoc(content, GOVERNMENT, [INFORMATION])
        self.assertTrue(answer.ok, answer)
        row = self.until_status(sender, answer.doc_id, INFORMATION, "processing")  # by evidence of the other node
        delivery = row["receiverDocId"]
        [item] = [i for i in recipient.get_received_edoc_list("edoc").data if i["docId"] == delivery]
        self.assertEqual(item["created_time"], row["receivedTime"])
        self.assertEqual(recipient.get_edoc(delivery).document, content)
        for said in ("processing", "fail", "processing", "done", "done"):
            self.assertTrue(recipient.update_status(delivery, said).ok, said)
        done = self.until_status(sender, answer.doc_id, INFORMATION, "done")
        self.assertEqual(done["receivedTime"], row["receivedTime"])

        status = edxml.status(INFORMATION, GOVERNMENT, document_id).encode()
        reported = recipient.send_edoc(status, INFORMATION, [GOVERNMENT], "status")
        self.assertTrue(reported.ok, reported)
        [arrived] = self.eventually(lambda: sender.get_received_edoc_list("status").data, len)
        self.assertEqual(sender.get_edoc(arrived["docId"]).document, status)
        self.assertTrue(sender.update_status(arrived["docId"], "done").ok)
        self.until_status(recipient, reported.doc_id, GOVERNMENT, "done", "status")
        self.assertEqual(sender.get_received_edoc_list("status").data, [])

    def test_what_waits_for_its_node_is_initial_and_a_rejection_says_why(self):
        sender = self.service(PROVINCE)
        self.tree["vpcp"].stop()
        answer = sender.send_edoc(edxml.document(PROVINCE, GOVERNMENT, PLANNING).encode(), PROVINCE, [GOVERNMENT, PLANNING])
        self.assertTrue(answer.ok, answer)
        row = self.row(sender, answer.doc_id, GOVERNMENT)
        self.assertEqual((row["receiveStatus"], row["receivedTime"]), ("initial", ""))
        self.assertEqual(self.row(sender, answer.doc_id, PLANNING)["receiveStatus"], "processing")
        self.tree.start("vpcp")
        self.until_status(sender, answer.doc_id, GOVERNMENT, "processing")
        with contextlib.closing(self.tree.client(GOVERNMENT)) as client:
            client.acknowledge(row["receiverDocId"], "rejected", reason="sai nơi nhận")
        row = self.until_status(sender, answer.doc_id, GOVERNMENT, "fail")
        self.assertIn("sai nơi nhận", row["receiveStatusDesc"])


if __name__ == "__main__":
    unittest.main()
