"""Test cases against running nodes of the demonstration network."""
import time
import unittest

import network
import tree
from network import PATIENCE


class TreeCase(unittest.TestCase):
    """A tree of nodes for all tests of the class; each test makes its own documents."""

    RUNNING = ("vpcp", "ninhthuan")

    @classmethod
    def setUpClass(cls):
        cls.tree = tree.Tree()
        cls.addClassCleanup(cls.tree.close)
        cls.prepare()
        cls.tree.start(*cls.RUNNING)

    @classmethod
    def prepare(cls):
        """Changes configurations before the nodes start."""

    def client(self, code):
        caller = self.tree.client(code)
        self.addCleanup(caller.close)
        return caller

    def send(self, sender, *recipients, **members):
        """Submits a new document; what the sender was told, with the bytes as `bytes`."""
        home = self.tree[self.tree.home(sender)]
        message = home.sign(network.edxml.document(sender, *recipients, **members), sender)
        answer = self.client(sender).submit(message)
        self.assertEqual(answer.status, 201, answer)
        return {**answer.json, "bytes": message}

    def eventually(self, look, good):
        """Looks until it is good; what was seen."""
        until = time.monotonic() + PATIENCE
        while not good(seen := look()):
            if time.monotonic() > until:
                self.fail(f"not in time: {seen}")
            time.sleep(0.02)
        return seen

    def inbox(self, code, told):
        """What the agency's inbox holds of that document."""
        items = self.client(code).inbox(max=1000)["items"]
        return [i for i in items if i["id"] == told["id"]]

    def arrives(self, code, told):
        """Waits for it; the one item, whose content is what was sent."""
        [item] = self.eventually(lambda: self.inbox(code, told), bool)
        content = self.client(code).get(f"/v1/inbox/{item['delivery_id']}/content").body
        self.assertEqual(content, told["bytes"])
        return item

    def accept(self, code, item):
        answer = self.client(code).acknowledge(item["delivery_id"])
        self.assertEqual(answer.status, 200, answer)

    def states(self, sender, told):
        seen = self.client(sender).get("/v1/documents/" + told["id"]).json
        return {r["code"]: r["state"] for r in seen["recipients"]}

    def ends(self, sender, told, state="handed_over"):
        """Waits until the sender's node knows that every delivery ended so."""
        self.eventually(lambda: self.states(sender, told), lambda seen: set(seen.values()) == {state})

    def assert_books_balance(self):
        for node in self.tree.nodes.values():
            if node.process:
                books = node.ask("/admin/books")
                self.assertTrue(books["balance"], books)
