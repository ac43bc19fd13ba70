"""A gateway of the ministry's node brings in what also comes by the tree: each recipient gets one document."""
import unittest

import edxml
from network import GOVERNMENT, INFORMATION, PROVINCE
from tree_case import TreeCase

OWN = "000.00.98.G22"  # the gateway's own agency
ATTACHMENT = b"%PDF van ban"


class SecondCopy(TreeCase):
    @classmethod
    def prepare(cls):
        ministry = cls.tree["vpcp"]
        cls.gateway = ministry.issuer().issue("gateway")

        def change(records):
            records.append({"agency": {"code": OWN, "name": "Cổng liên thông", "node": "vpcp"}})
            records.append({"client": {"id": "gateway", "certificates": [cls.gateway.digest], "agencies": [OWN],
                                       "entrances": ["http"], "gateway": True}})
        ministry.change_directory(change)

    def setUp(self):
        self.tree["ninhthuan"].wait_until(lambda: self.tree["ninhthuan"].knows(OWN))

    def copies(self, sender, *recipients, **members):
        """The same document, and as another program would have written it."""
        text = edxml.document(sender, *recipients, attachment=ATTACHMENT, **members)
        end = text.rindex("</")
        home = self.tree[self.tree.home(sender)]
        return home.sign(text, sender), home.sign(text[:end] + "\n  " + text[end:], sender)

    def by_tree(self, sender, message):
        return self.told(self.client(sender), message)

    def by_gateway(self, message):
        client = self.tree["vpcp"].client(self.gateway)
        self.addCleanup(client.close)
        return self.told(client, message)

    def told(self, client, message):
        answer = client.submit(message)
        self.assertEqual(answer.status, 201, answer)
        return {**answer.json, "bytes": message}

    def why(self, node, delivery, language="en"):
        administrator = self.tree[node].administrator()
        self.addCleanup(administrator.close)
        [said] = administrator.get(f"/admin/why/{delivery}", Accept_Language=language).json["items"]
        return said["text"]

    def assert_waits(self, told, first):
        """Behind the first, which the recipient may still refuse."""
        delivery, other = (t["recipients"][0]["delivery_id"] for t in (told, first))

        def waiting():
            rows = self.tree["ninhthuan"].ask(f"/v1/documents/{told['id']}").get("recipients", [])
            return [r for r in rows if r["delivery_id"] == delivery and r.get("copy_of") == other]

        [row] = self.eventually(waiting, bool)
        self.assertEqual(row["state"], "consigned")
        self.assertIn(f"waits at ninhthuan behind delivery {other},", self.why("ninhthuan", delivery))
        self.assertEqual(self.client(PROVINCE).get(f"/v1/documents/{told['id']}/content").code, "not_found")
        self.assertEqual(self.inbox(PROVINCE, told), [])

    def assert_second(self, told, first):
        """Known at the recipient's home and, by evidence, at the origin."""
        delivery, other = (t["recipients"][0]["delivery_id"] for t in (told, first))

        def ended(node):
            rows = self.tree[node].ask(f"/v1/documents/{told['id']}").get("recipients", [])
            return [r for r in rows if r["delivery_id"] == delivery and r["state"] == "undeliverable"]

        for node in ("ninhthuan", "vpcp"):
            [row] = self.eventually(lambda n=node: ended(n), bool)
            self.assertEqual(row["reason"], "second_copy: " + other)
            trace = self.tree[node].ask(f"/v1/documents/{told['id']}/trace")["items"]
            self.assertEqual([t["reason"] for t in trace if t["event"] == "ContentConsignmentFailure"],
                             ["second_copy: " + other])
            self.assertIn(f"had come to the recipient by another way, as delivery {other};",
                          self.why(node, delivery))
            self.assertIn(f"đã tới bên nhận qua đường khác, là lượt giao {other};",
                          self.why(node, delivery, "vi"))
            self.eventually(lambda n=node: self.tree[n].ask("/admin/alarms")["items"], lambda alarms: not alarms)
        self.assertEqual(self.inbox(PROVINCE, told), [])
        self.assert_books_balance()

    def test_whichever_comes_first_is_delivered(self):
        for gateway_first in (False, True):
            with self.subTest(gateway_first=gateway_first):
                one, other = self.copies(GOVERNMENT, PROVINCE)
                if gateway_first:
                    first = self.by_gateway(one)
                    self.arrives(PROVINCE, first)
                    second = self.by_tree(GOVERNMENT, other)
                else:
                    first = self.by_tree(GOVERNMENT, one)
                    self.arrives(PROVINCE, first)
                    second = self.by_gateway(other)
                self.assert_waits(second, first)
                self.accept(PROVINCE, self.arrives(PROVINCE, first))
                self.assert_second(second, first)

    def test_a_node_that_is_killed_between_them_remembers(self):
        one, other = self.copies(GOVERNMENT, PROVINCE)
        first = self.by_tree(GOVERNMENT, one)
        self.accept(PROVINCE, self.arrives(PROVINCE, first))
        self.tree["ninhthuan"].kill()
        second = self.by_gateway(other)
        self.tree.start("ninhthuan")
        self.assert_second(second, first)

    def test_when_its_system_refused_the_first_the_recipient_gets_the_second(self):
        one, other = self.copies(GOVERNMENT, PROVINCE)
        item = self.arrives(PROVINCE, self.by_tree(GOVERNMENT, one))
        self.client(PROVINCE).acknowledge(item["delivery_id"], "rejected", reason="full")
        self.accept(PROVINCE, self.arrives(PROVINCE, self.by_gateway(other)))

    def test_when_its_system_refuses_the_first_the_second_comes_out(self):
        one, other = self.copies(GOVERNMENT, PROVINCE)
        first = self.by_tree(GOVERNMENT, one)
        item = self.arrives(PROVINCE, first)
        second = self.by_gateway(other)
        self.assert_waits(second, first)
        self.client(PROVINCE).acknowledge(item["delivery_id"], "rejected", reason="full")
        self.accept(PROVINCE, self.arrives(PROVINCE, second))

    def test_what_an_agency_of_another_node_signed_is_taken_from_the_gateway(self):
        one, _ = self.copies(PROVINCE, INFORMATION, "000.00.77.H24")
        told = self.by_gateway(one)
        self.assertEqual([r["code"] for r in told["recipients"]], [INFORMATION])
        self.accept(INFORMATION, self.arrives(INFORMATION, told))
        unsigned = edxml.document(PROVINCE, INFORMATION).encode()
        client = self.tree["vpcp"].client(self.gateway)
        self.addCleanup(client.close)
        self.assertEqual(client.submit(unsigned).code, "sender_not_yours")


if __name__ == "__main__":
    unittest.main()
