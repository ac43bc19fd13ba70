"""Recalls, updates and replacements over four nodes: the recipient's home decides, and proves it to the sender."""
import contextlib
import json
import re
import unittest

import network
from network import COMMUNE, DISTRICT, GOVERNMENT, INFORMATION, PROVINCE
from tree_case import TreeCase

RECALL, UPDATE, REPLACE = 1, 2, 3


def tag(xml, name):
    """The texts of that name in the receipt's event."""
    return re.findall(f"<{name}>([^<]*)</{name}>", xml[:xml.index("</Event>")])


def event_id(xml):
    return re.search(r'<Event [^>]*Id="([^"]+)"', xml)[1]


class FourNodes(TreeCase):
    RUNNING = ("vpcp", "ninhthuan", "thuannam", "cana")

    def recall(self, told, *recipients, sender=GOVERNMENT):
        return self.send(sender, *recipients, business=RECALL, document_id=told["document_id"])

    def proofs(self, told, event, sender=GOVERNMENT):
        """The receipts of that name about it in the sender's feed, as their XML."""
        with contextlib.closing(self.tree.client(sender)) as client:
            feed = client.get("/v1/receipts?max=1000").json["items"]
        return [r["xml"] for r in feed if r["event"] == event and tag(r["xml"], "DispatchId") == [told["id"]]]

    def proven(self, told, event, by, sender=GOVERNMENT):
        """Waits for the one such receipt of that node; it verifies, and what it says."""
        [xml] = self.eventually(lambda: [x for x in self.proofs(told, event, sender) if tag(x, "Node") == [by]], bool)
        self.tree[self.tree.home(sender)].verify_receipts(xml)
        return xml

    def state(self, told, code, sender=GOVERNMENT):
        return self.states(sender, told)[code]

    def becomes(self, told, code, state, sender=GOVERNMENT):
        self.eventually(lambda: self.state(told, code, sender), lambda seen: seen == state)

    def never_shown(self, told, node):
        """The recipient's home never put it into the inbox."""
        trace = self.tree[node].ask(f"/v1/documents/{told['id']}/trace")["items"]
        self.assertNotIn((node, "ContentConsignment"), [(t["node"], t["event"]) for t in trace])

    # --- recall ------------------------------------------------------------------------------------------------------

    def test_a_recall_before_the_hand_over_takes_the_document_away_three_hops_on(self):
        told = self.send(GOVERNMENT, COMMUNE)
        item = self.arrives(COMMUNE, told)
        recall = self.recall(told, COMMUNE)
        self.becomes(told, COMMUNE, "recalled")
        self.becomes(recall, COMMUNE, "recalled")
        self.assertEqual(self.inbox(COMMUNE, told) + self.inbox(COMMUNE, recall), [])
        commune = self.client(COMMUNE)
        self.assertEqual(commune.acknowledge(item["delivery_id"]).code, "already_ended")
        self.assertEqual(commune.get(f"/v1/inbox/{item['delivery_id']}/content").code, "already_ended")
        for path in ("", "/content", "/trace"):
            self.assertEqual(commune.get(f"/v1/documents/{told['id']}{path}").code, "not_found")
        self.assertNotIn(told["document_id"], [d["document_id"] for d in commune.get("/v1/documents?max=1000").json["items"]])
        proof = self.proven(told, "Recall", "cana")
        self.assertIn(recall["id"], tag(proof, "Reason")[0])
        self.assertEqual(len(tag(proof, "Answers")), 2, proof)
        self.never_shown(recall, "cana")
        self.assert_books_balance()

    def test_a_recall_after_the_hand_over_is_shown_and_answered(self):
        told = self.send(GOVERNMENT, COMMUNE)
        self.accept(COMMUNE, self.arrives(COMMUNE, told))
        recall = self.recall(told, COMMUNE)
        item = self.arrives(COMMUNE, recall)
        self.ends(GOVERNMENT, told)
        proof = self.proven(recall, "RecallTooLate", "cana")
        self.assertRegex(tag(proof, "Reason")[0], r"^handed over at \d{4}-\d\d-\d\dT")
        self.assertEqual(tag(proof, "Answers"), [event_id(self.proven(told, "ContentHandover", "cana"))])
        self.accept(COMMUNE, item)
        status = network.edxml.status(COMMUNE, GOVERNMENT, told["document_id"], "16", "Đã triển khai")
        self.assertEqual(self.client(COMMUNE).submit(self.tree["cana"].sign(status, COMMUNE)).status, 201)

        def seen(code):
            document = self.client(code).get(f"/v1/documents/{told['id']}").json
            return document["recipients"][0]

        for code in (GOVERNMENT, COMMUNE):
            recipient = self.eventually(lambda c=code: seen(c), lambda r: r["statuses"])
            self.assertEqual((recipient["take_back"], [s["code"] for s in recipient["statuses"]]), ("declined", ["16"]))

    def waits_at(self, node, told):
        self.eventually(lambda: self.tree[node].ask("/v1/documents/" + told["id"]).get("recipients"),
                        lambda found: found and found[0]["state"] == "queued")

    def test_both_wait_for_a_node_that_is_away(self):
        self.tree["cana"].kill()
        self.eventually(lambda: self.tree["thuannam"].neighbour("cana"), lambda n: not n["connected"])
        told = self.send(GOVERNMENT, COMMUNE)
        self.waits_at("thuannam", told)
        recall = self.recall(told, COMMUNE)
        self.waits_at("thuannam", recall)
        self.tree.start("cana")
        self.becomes(told, COMMUNE, "recalled")
        self.becomes(recall, COMMUNE, "recalled")
        self.assertEqual(self.inbox(COMMUNE, told) + self.inbox(COMMUNE, recall), [])

    def test_a_recall_that_overtakes_the_document_is_a_mark(self):
        district = self.tree["thuannam"]
        self.tree["cana"].kill()
        self.eventually(lambda: district.neighbour("cana"), lambda n: not n["connected"])
        told = self.send(GOVERNMENT, COMMUNE)
        self.waits_at("thuannam", told)

        def administer(action):
            with contextlib.closing(district.administrator()) as admin:
                body = json.dumps({"ids": [told["recipients"][0]["delivery_id"]], "reason": "kiểm tra"})
                answer = admin.post("/admin/deliveries/" + action, body.encode(), "application/json")
            self.assertEqual((answer.status, answer.json["changed"]), (200, 1), answer)

        administer("hold")
        recall = self.recall(told, COMMUNE)
        self.tree.start("cana")
        self.arrives(COMMUNE, recall)
        self.assertEqual(self.inbox(COMMUNE, told), [])
        administer("release")
        self.becomes(told, COMMUNE, "recalled")
        self.becomes(recall, COMMUNE, "recalled")
        self.assertEqual(self.inbox(COMMUNE, recall), [])
        self.never_shown(told, "cana")
        self.proven(told, "Recall", "cana")
        self.assert_books_balance()

    def test_somebody_elses_recall_takes_nothing(self):
        told = self.send(GOVERNMENT, INFORMATION)
        item = self.arrives(INFORMATION, told)
        # Thuận Nam has not seen the document, so that its node cannot know.
        recall = self.recall(told, INFORMATION, sender=DISTRICT)
        self.assertEqual(recall["warnings"], ["document_not_seen"])
        self.ends(DISTRICT, recall, "undeliverable")
        self.assertIn("recall_not_yours", self.proven(recall, "ContentConsignmentFailure", "ninhthuan", DISTRICT))
        self.assertEqual(self.inbox(INFORMATION, recall), [])
        self.accept(INFORMATION, item)
        self.ends(GOVERNMENT, told)

    # --- update ------------------------------------------------------------------------------------------------------

    def test_an_update_adds_a_recipient_in_another_subtree_and_removes_one(self):
        told = self.send(GOVERNMENT, COMMUNE, PROVINCE)
        for code in (COMMUNE, PROVINCE):
            self.arrives(code, told)
        update = self.send(GOVERNMENT, PROVINCE, business=UPDATE, acts_on=told["document_id"], removed=[COMMUNE],
                           added=[DISTRICT])
        self.assertEqual({r["code"] for r in update["recipients"]}, {PROVINCE, COMMUNE, DISTRICT})
        self.becomes(told, COMMUNE, "recalled")
        self.becomes(update, COMMUNE, "recalled")
        self.proven(told, "Recall", "cana")
        for code in (PROVINCE, DISTRICT):
            for one in (told, update):
                self.accept(code, self.arrives(code, one))
        self.becomes(told, DISTRICT, "handed_over")
        first, added = self.proofs(told, "SubmissionAcceptance")
        self.assertEqual((tag(first, "To"), tag(added, "To")), ([COMMUNE, PROVINCE], [DISTRICT]))
        self.assertEqual(len(tag(added, "Answers")), 2, added)
        self.proven(told, "ContentHandover", "thuannam")
        self.assert_books_balance()

    def test_a_replacement_takes_the_document_away_from_whom_it_names(self):
        told = self.send(GOVERNMENT, COMMUNE, PROVINCE)
        for code in (COMMUNE, PROVINCE):
            self.arrives(code, told)
        instead = self.send(GOVERNMENT, COMMUNE, PROVINCE, business=REPLACE, replaces=[(told["document_id"], [COMMUNE])])
        self.becomes(told, COMMUNE, "recalled")
        for code in (COMMUNE, PROVINCE):
            self.accept(code, self.arrives(code, instead))
        self.accept(PROVINCE, self.arrives(PROVINCE, told))
        self.becomes(told, PROVINCE, "handed_over")
        shown = self.client(COMMUNE).get(f"/v1/documents/{instead['id']}").json
        self.assertEqual((shown["business"], shown["acts_on"]), ("replace", [told["document_id"]]))
        self.assert_books_balance()

    # --- statuses ----------------------------------------------------------------------------------------------------

    def test_each_recipients_business_state_follows_from_all_its_statuses(self):
        told = self.send(GOVERNMENT, PROVINCE, INFORMATION)
        for code in (PROVINCE, INFORMATION):
            self.accept(code, self.arrives(code, told))
        for code, about in (("05", PROVINCE), ("01", PROVINCE), ("03", PROVINCE), ("01", INFORMATION), ("02", INFORMATION)):
            status = network.edxml.status(about, GOVERNMENT, told["document_id"], code, "Theo quy trình")
            answer = self.client(about).submit(self.tree["ninhthuan"].sign(status, about))
            self.assertEqual((answer.status, answer.json["warnings"]), (201, []), answer)

        def seen():
            document = self.client(GOVERNMENT).get(f"/v1/documents/{told['id']}").json
            return {r["code"]: (r.get("business_state"), sorted(s["code"] for s in r["statuses"]))
                    for r in document["recipients"]}

        self.eventually(seen, lambda s: s == {PROVINCE: ("in_progress", ["01", "03", "05"]),
                                              INFORMATION: ("refused", ["01", "02"])})
        own = self.client(PROVINCE).get(f"/v1/documents/{told['id']}").json["recipients"]
        self.assertEqual([(r["code"], r["business_state"]) for r in own], [(PROVINCE, "in_progress")])


if __name__ == "__main__":
    unittest.main()
