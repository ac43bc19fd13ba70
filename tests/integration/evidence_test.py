"""Every step leaves evidence, shown to those whom it concerns and to nobody else, in a log that only grows."""
import hashlib
import re
import time
import unittest

import edxml
from broker_case import BrokerCase
from network import COMMUNE, DISTRICT, GOVERNMENT, INFORMATION, PLANNING, PROVINCE

ACCEPTED, CONSIGNED, HANDED_OVER = "SubmissionAcceptance", "ContentConsignment", "ContentHandover"
REJECTED = "ContentHandoverFailure"


# --- RFC 6962, section 2.1, in our own words -------------------------------------------------------------------------

def leaf_hash(leaf):
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def split_of(size):
    """The largest power of two below it."""
    return 1 << ((size - 1).bit_length() - 1)


def root_of(leaves):
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = split_of(len(leaves))
    return node_hash(root_of(leaves[:k]), root_of(leaves[k:]))


def root_by_inclusion(leaf, index, size, path):
    if size == 1:
        return None if path else leaf_hash(leaf)
    if not path:
        return None
    k = split_of(size)
    if index < k:
        left = root_by_inclusion(leaf, index, k, path[:-1])
        return left and node_hash(left, path[-1])
    right = root_by_inclusion(leaf, index - k, size - k, path[:-1])
    return right and node_hash(path[-1], right)


def roots_by_consistency(first, second, proof, old_root):
    """The roots of both trees as the proof makes them, from the old one that the verifier has."""
    rest = list(proof)

    def walk(m, n, whole):
        if m == n:
            if whole:
                return old_root, old_root
            node = rest.pop(0)
            return node, node
        k = split_of(n)
        if m <= k:
            old, new = walk(m, k, whole)
            return old, node_hash(new, rest.pop(0))
        old, new = walk(m - k, n - k, False)
        left = rest.pop(0)
        return node_hash(left, old), node_hash(left, new)

    roots = walk(first, second, True)
    return roots if not rest else (None, None)


def event_of(receipt):
    return re.search(rb"<Event .*?</Event>", receipt, re.DOTALL)[0]


class Ledger(BrokerCase):
    def test_proofs_of_every_leaf_and_between_all_sizes(self):
        for _ in range(3):
            self.send(GOVERNMENT, INFORMATION, PLANNING, PROVINCE)
        self.send(GOVERNMENT, INFORMATION)
        admin, client = self.administrator(), self.client(COMMUNE)
        size = admin.get("/admin/ledger/check").json["size"]
        self.assertEqual(size, 14)
        name = admin.get("/admin/ledger/check").json["log"]
        leaves = [event_of(admin.get(f"/v1/receipts/{name}.{n}").body) for n in range(size)]
        head = client.get("/v1/ledger/head").body.decode()
        self.assertIn(f"<TreeSize>{size}</TreeSize>", head)
        self.assertIn(f"<RootHash>{root_of(leaves).hex()}</RootHash>", head)
        for whole in range(1, size + 1):
            root = root_of(leaves[:whole])
            for leaf in range(whole):
                proof = client.get(f"/v1/ledger/proof?leaf={leaf}&size={whole}").json
                self.assertEqual((proof["leaf"], proof["size"]), (leaf, whole))
                path = [bytes.fromhex(n) for n in proof["nodes"]]
                self.assertEqual(root_by_inclusion(leaves[leaf], leaf, whole, path), root)
            for part in range(1, whole + 1):
                proof = client.get(f"/v1/ledger/consistency?from={part}&to={whole}").json
                self.assertEqual((proof["from"], proof["to"]), (part, whole))
                old = root_of(leaves[:part])
                nodes = [bytes.fromhex(n) for n in proof["nodes"]]
                self.assertEqual(roots_by_consistency(part, whole, nodes, old), (old, root))
        for target in (f"proof?leaf={size}", f"proof?leaf=0&size={size + 1}", "proof?leaf=0&size=0",
                       f"consistency?from=1&to={size + 1}", "consistency?from=0", f"consistency?from=3&to=2", "tail"):
            with self.subTest(target):
                self.assert_problem(client.get("/v1/ledger/" + target), "not_found")
        self.assert_problem(client.get("/v1/ledger/proof?leaf=first"), "bad_request")


class EmptyLedger(BrokerCase):
    def test_an_empty_log_has_no_head(self):
        self.assert_problem(self.client(COMMUNE).get("/v1/ledger/head"), "not_found")
        self.assertEqual(self.administrator().get("/admin/ledger/check").json["size"], 0)


class Feed(BrokerCase):
    def read(self, client, **query):
        return client.get("/v1/receipts?" + "&".join(f"{k}={v}" for k, v in query.items())).json

    def end(self, client):
        answer = self.read(client, max=1000)
        return answer["next"] if answer["items"] else "0"

    def test_the_sender_reads_what_happened_from_its_cursor(self):
        sender = self.client(GOVERNMENT)
        cursor = self.end(sender)
        told = self.send(GOVERNMENT, INFORMATION, PLANNING)
        first, second = (r["delivery_id"] for r in told["recipients"])
        self.client(INFORMATION).acknowledge(first)
        self.client(PLANNING).acknowledge(second, "rejected", reason="full")
        answer = self.read(sender, after=cursor)
        self.assertEqual([r["event"] for r in answer["items"]],
                         [ACCEPTED, CONSIGNED, CONSIGNED, HANDED_OVER, REJECTED])
        self.assertEqual(answer["items"][0]["xml"], told["receipt"])
        self.network.verify_receipts(*[r["xml"] for r in answer["items"]])
        self.assertEqual(self.read(sender, after=answer["next"]), {"items": [], "next": answer["next"]})
        # Reading again gives the same.
        self.assertEqual(self.read(sender, after=cursor), answer)

    def test_page_by_page_nothing_is_left_out(self):
        sender = self.client(PROVINCE)
        for _ in range(3):
            self.send(PROVINCE, INFORMATION, DISTRICT)
        whole = self.read(sender, max=1000)["items"]
        self.assertGreaterEqual(len(whole), 9)
        pages, cursor = [], "0"
        while items := (answer := self.read(sender, after=cursor, max=2))["items"]:
            self.assertLessEqual(len(items), 2)
            pages += items
            cursor = answer["next"]
        self.assertEqual(pages, whole)

    def test_it_holds_nothing_of_others(self):
        told = self.send(GOVERNMENT, DISTRICT)
        for other in (DISTRICT, COMMUNE):
            self.assertNotIn(told["receipt"], [r["xml"] for r in self.read(self.client(other), max=1000)["items"]])

    def test_the_answer_of_a_recipient_ends_the_wait(self):
        told = self.send(GOVERNMENT, INFORMATION)
        sender = self.client(GOVERNMENT)
        cursor = self.end(sender)
        target = f"/v1/receipts?after={cursor}&wait=50"
        sender.connection().request("GET", target)
        time.sleep(0.3)  # decides only whether it is waiting already
        begin = time.monotonic()
        self.client(INFORMATION).acknowledge(told["recipients"][0]["delivery_id"])
        [receipt] = sender.receive("GET", target).json["items"]
        self.assertEqual(receipt["event"], HANDED_OVER)
        self.assertLess(time.monotonic() - begin, 49)

    def test_the_wait_ends_by_itself(self):
        sender = self.client(COMMUNE)
        cursor = self.end(sender)
        self.assertEqual(self.read(sender, after=cursor, wait=1), {"items": [], "next": cursor})

    def test_cursors_that_cannot_be_understood(self):
        for query in ("after=x", "after=-1", "after=1.5", "after=99999999999999999999", "max=x", "wait=x"):
            with self.subTest(query):
                self.assert_problem(self.client(GOVERNMENT).get("/v1/receipts?" + query), "bad_request")


class Visibility(BrokerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sender = cls.network.client(GOVERNMENT)
        message = cls.network.sign(edxml.document(GOVERNMENT, INFORMATION, PLANNING), GOVERNMENT)
        cls.told = sender.submit(message).json
        cls.message = message
        sender.close()
        cls.deliveries = {r["code"]: r["delivery_id"] for r in cls.told["recipients"]}
        recipient = cls.network.client(INFORMATION)
        cls.handover = recipient.acknowledge(cls.deliveries[INFORMATION]).json["event_id"]
        recipient.close()

    def get(self, who, rest="", name=None):
        return self.client(who).get(f"/v1/documents/{name or self.told['id']}{rest}")

    def test_the_sender_sees_everything(self):
        seen = self.get(GOVERNMENT).json
        self.assertEqual({r["code"]: r["state"] for r in seen["recipients"]},
                         {INFORMATION: "handed_over", PLANNING: "consigned"})
        trace = self.get(GOVERNMENT, "/trace").json
        self.assertEqual([(row["event"], row["delivery_id"]) for row in trace["items"]], [
            (ACCEPTED, None), (CONSIGNED, self.deliveries[INFORMATION]), (CONSIGNED, self.deliveries[PLANNING]),
            (HANDED_OVER, self.deliveries[INFORMATION])])
        self.assertEqual({row["node"] for row in trace["items"]} | {trace["origin"]}, {"ninhthuan"})
        receipts = self.get(GOVERNMENT, "/receipts").json["items"]
        self.assertEqual([r["event_id"] for r in receipts], [row["event_id"] for row in trace["items"]])
        self.network.verify_receipts(*[r["xml"] for r in receipts])

    def test_a_recipient_sees_its_own_delivery(self):
        for code, events in ((INFORMATION, [ACCEPTED, CONSIGNED, HANDED_OVER]), (PLANNING, [ACCEPTED, CONSIGNED])):
            with self.subTest(code):
                seen = self.get(code).json
                self.assertEqual(([r["code"] for r in seen["recipients"]], seen["client"]), ([code], ""))
                trace = self.get(code, "/trace").json
                self.assertEqual([row["event"] for row in trace["items"]], events)
                self.assertEqual({row["delivery_id"] for row in trace["items"]}, {None, self.deliveries[code]})
                receipts = self.get(code, "/receipts").json["items"]
                self.assertEqual([r["event"] for r in receipts], events)
                self.assertEqual(self.get(code, "/content").body, self.message)
        self.assertEqual(self.client(INFORMATION).get("/v1/receipts/" + self.handover).status, 200)
        self.assert_problem(self.client(PLANNING).get("/v1/receipts/" + self.handover), "not_found")

    def test_to_a_stranger_there_is_nothing(self):
        for rest in ("", "/trace", "/receipts", "/content"):
            self.assert_problem(self.get(DISTRICT, rest), "not_found")
            self.assert_problem(self.get(DISTRICT, rest, self.deliveries[PLANNING]), "not_found")
        self.assert_problem(self.client(DISTRICT).get("/v1/receipts/" + self.handover), "not_found")
        self.assertEqual(self.client(DISTRICT).get("/v1/documents").json["items"], [])

    def test_the_delivery_id_names_the_document_too(self):
        own = self.deliveries[PLANNING]
        self.assertEqual(self.get(PLANNING, "/trace", own).json, self.get(PLANNING, "/trace").json)

    def test_names_of_nothing(self):
        client = self.client(GOVERNMENT)
        for target in ("/v1/documents/x", "/v1/documents/00000000-0000-7000-8000-000000000000",
                       f"/v1/documents/{self.told['id']}/secrets", f"/v1/documents/{self.told['id']}/trace/1",
                       "/v1/receipts/ninhthuan.1.999", "/v1/receipts/ninhthuan.2.0", "/v1/receipts/other.1.0",
                       "/v1/receipts/ninhthuan.1.x", "/v1/receipts/ninhthuan.1.", "/v1/nothing", "/v1", "/",
                       "/v2/inbox", "/admin/books"):
            with self.subTest(target):
                self.assert_problem(client.get(target), "not_found")


class Lists(BrokerCase):
    def test_filters(self):
        first = self.send(GOVERNMENT, INFORMATION, number="L1", document_id="list-1")
        second = self.send(PROVINCE, INFORMATION, number="L2", document_id="list-2")
        third = self.send(GOVERNMENT, INFORMATION, PLANNING, number="L3", document_id="list-1")
        other = self.send(DISTRICT, COMMUNE)

        def ids(who, query=""):
            return [d["id"] for d in self.client(who).get("/v1/documents" + query).json["items"]]

        self.assertEqual(ids(INFORMATION), [first["id"], second["id"], third["id"]])
        self.assertEqual(ids(GOVERNMENT), [first["id"], third["id"]])
        self.assertEqual(ids(PLANNING), [third["id"]])
        self.assertEqual(ids(COMMUNE), [other["id"]])
        self.assertEqual(ids(INFORMATION, "?document_id=list-1"), [first["id"], third["id"]])
        self.assertEqual(ids(INFORMATION, "?code=L2/TEST"), [second["id"]])
        self.assertEqual(ids(INFORMATION, "?from=g22"), [first["id"], third["id"]])
        self.assertEqual(ids(INFORMATION, "?from=999.99.99.Z99"), [])
        self.assertEqual(ids(PLANNING, "?document_id=list-2"), [])
        since = self.client(PROVINCE).get("/v1/documents/" + second["id"]).json["accepted_at"].replace("+", "%2B")
        self.assertIn(second["id"], ids(INFORMATION, "?since=" + since))
        self.assertEqual(ids(INFORMATION, "?since=2099-01-01T00:00:00.000%2B07:00"), [])
        page = self.client(INFORMATION).get("/v1/documents?max=2").json
        self.assertEqual([d["id"] for d in page["items"]], [first["id"], second["id"]])
        self.assertEqual(ids(INFORMATION, "?after=" + page["next"]), [third["id"]])
        for query in ("since=yesterday", "max=x", "after=x"):
            self.assert_problem(self.client(INFORMATION).get("/v1/documents?" + query), "bad_request")


if __name__ == "__main__":
    unittest.main()
