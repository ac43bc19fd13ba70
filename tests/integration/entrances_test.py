"""One document in by one entrance and out by another, at two nodes."""
import unittest

from agency_link import AgencyLink
from network import GOVERNMENT, PROVINCE
from tree_case import TreeCase
import network


class Entrances(TreeCase):
    def link(self, code):
        link = AgencyLink(self.tree[self.tree.home(code)], code)
        self.addCleanup(link.close)
        return link

    def signed(self, sender, recipient):
        return self.tree[self.tree.home(sender)].sign(network.edxml.document(sender, recipient), sender)

    def test_in_by_amqp_and_out_by_http_and_the_evidence_by_amqp(self):
        message = self.signed(GOVERNMENT, PROVINCE)
        link = self.link(GOVERNMENT)
        self.assertEqual(link.submit(message), ("accepted", None))
        [item] = self.eventually(lambda: self.client(PROVINCE).inbox()["items"], bool)
        content = self.client(PROVINCE).get(f"/v1/inbox/{item['delivery_id']}/content").body
        self.assertEqual(content, message)
        self.accept(PROVINCE, item)
        receipts = link.receiver("receipts", credit=20)
        seen = [receipts.next() for _ in range(4)]
        self.assertEqual([r.subject for r in seen],
                         ["SubmissionAcceptance", "RelayAcceptance", "ContentConsignment", "ContentHandover"])
        self.tree["vpcp"].verify_receipts(*(r.body for r in seen))

    def test_in_by_http_and_out_by_amqp(self):
        receiver = self.link(GOVERNMENT).receiver("inbox", credit=5)
        told = self.send(PROVINCE, GOVERNMENT)
        item = receiver.next()
        self.assertEqual((item.body, item.id), (told["bytes"], told["recipients"][0]["delivery_id"]))
        item.accept()
        self.ends(PROVINCE, told)
        self.assert_books_balance()

    def test_an_agency_connects_to_its_home_only(self):
        away = AgencyLink(self.tree["ninhthuan"], GOVERNMENT)
        self.addCleanup(away.close)
        with self.assertRaisesRegex(Exception, "truc:wrong_node"):
            away.receiver("inbox")
        self.assertEqual(away.submit(self.signed(GOVERNMENT, PROVINCE)), ("rejected", "truc:wrong_node"))


if __name__ == "__main__":
    unittest.main()
