"""What running nodes say of a delivery when they are asked why it is where it is."""
import contextlib
import json
import re

import network
from tree_case import TreeCase

MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
UUID = r"[0-9a-f-]{36}"


class WhyCase(TreeCase):
    @classmethod
    def deadline(cls, node, line):
        config = cls.tree[node].config
        config.write_text(f"{config.read_text()}\n[deadlines]\n{line}\n")

    def said(self, node, id_, language="en"):
        with contextlib.closing(self.tree[node].administrator()) as admin:
            answer = admin.get(f"/admin/why/{id_}", Accept_Language=language)
        return answer.json["items"] if answer.status == 200 else []

    def assert_why(self, node, delivery, english, vietnamese, who, next_at=False):
        """Waits until the node says so: patterns of the whole sentences, in which …  stands for anything that varies."""
        def fits(items):
            return len(items) == 1 and re.fullmatch(self.pattern(english), items[0]["text"])
        [item] = self.eventually(lambda: self.said(node, delivery), fits)
        [vi] = self.said(node, delivery, "vi")
        self.assertRegex(vi["text"], "^" + self.pattern(vietnamese) + "$")
        self.assertEqual((item["who"], vi["who"]), (who, who))
        self.assertEqual(item["next_at"] is not None, next_at, item)
        return item

    def at_government(self, told, *expected, **options):
        return self.assert_why("vpcp", self.delivery(told), *expected, **options)

    @staticmethod
    def pattern(text):
        text = re.escape(text)
        for name, expression in (("TIME", MOMENT), ("ID", UUID), ("ANY", ".+")):
            text = text.replace("<" + name + ">", expression)
        return text

    def act(self, node, verb, **body):
        answer = self.order(node, f"deliveries/{verb}", reason="theo lệnh 12", **body)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["changed"]

    def order(self, node, path, **body):
        with contextlib.closing(self.tree[node].administrator()) as admin:
            return admin.post("/admin/" + path, json.dumps(body), "application/json")

    def stop(self, node):
        """Until the end of the test."""
        self.tree[node].stop()
        self.addCleanup(self.start, node)

    def start(self, node):
        if not self.tree[node].process:
            self.tree.start(node)

    def delivery(self, told, number=0):
        return told["recipients"][number]["delivery_id"]

    def withdraw(self, kind, sender, recipient, target):
        """Submits a recall (1) or another document that takes one back."""
        text = network.edxml.document(sender, recipient, business=kind)
        kind = network.edxml.element("BussinessDocType", str(kind))
        acts_on = network.edxml.element("BussinessDocReason", "Nhầm") + network.edxml.element("DocumentId", target)
        answer = self.client(sender).submit(
            self.tree[self.tree.home(sender)].sign(text.replace(kind, kind + acts_on), sender))
        self.assertEqual(answer.status, 201, answer)
        return answer.json
