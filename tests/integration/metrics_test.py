"""docs/monitoring.md lists every metric there is, and none that is not."""
import re
import time
import unittest

import network
from broker_case import BrokerCase
from network import COMMUNE, GOVERNMENT, INFORMATION
from tree_case import TreeCase

PAGE = (network.SOURCE / "docs/monitoring.md").read_text()
LISTED = {name: (labels.split(",") if labels else [], kind) for name, labels, kind in
          re.findall(r"^\| `(truc_[a-z_]+)(?:\{([a-z,]+)\})?` \| (\w+) \|", PAGE, re.MULTILINE)}


def in_sources():
    """Names in the calls that make metrics."""
    made = set()
    for place in ("src", "broker", "adapters"):
        for file in (network.SOURCE / place).rglob("*.cpp"):
            made |= set(re.findall(r'(?:get_counter|get_histogram|add_gauges?)\(\s*"(truc_[a-z_]+)"', file.read_text()))
    return made


class Names(unittest.TestCase):
    def test_the_page_lists_what_the_programs_make(self):
        self.assertGreater(len(LISTED), 40)
        self.assertEqual(set(LISTED), in_sources())

    def test_each_has_an_alert_or_says_that_it_needs_none(self):
        for line in PAGE.splitlines():
            if line.startswith("| `truc_"):
                cells = [c.strip() for c in line.strip("|").split(" | ")]
                self.assertEqual(len(cells), 5, line)
                self.assertTrue(all(cells), line)


class Exposed(BrokerCase):
    @classmethod
    def prepare(cls, net):
        net.configure("observe", "figures_seconds = 1")

    def page(self):
        status, text = self.network.page("/metrics")
        self.assertEqual(status, 200)
        return text

    def test_a_node_shows_nothing_else(self):
        told = self.send(GOVERNMENT, INFORMATION)
        self.client(INFORMATION).acknowledge(told["recipients"][0]["delivery_id"])
        self.client(GOVERNMENT).submit(b"<nothing/>")
        text = self.page()
        types = dict(re.findall(r"^# TYPE (\S+) (\w+)$", text, re.MULTILINE))
        self.assertEqual({name: kind for name, kind in types.items() if LISTED.get(name, ("", ""))[1] != kind}, {})
        for name, labels in re.findall(r"^(truc_[a-z_]+)\{([^}]*)\} ", text, re.MULTILINE):
            family = re.sub("_(bucket|sum|count)$", "", name) if name not in LISTED else name
            if LISTED[family][1] != "histogram":
                self.assertEqual(sorted(re.findall(r'(\w+)="', labels)), sorted(LISTED[family][0]), name)

    def test_what_happens_is_counted(self):
        series = {'truc_accepted_total{entrance="http"}': 1, 'truc_events_total{event="ContentConsignment"}': 2,
                  'truc_delivered_total{outcome="handed_over"}': 1, 'truc_delivered_total{outcome="rejected"}': 1,
                  'truc_verify_seconds_count': 1}
        before = {name: self.network.metric(name) for name in series}
        told = self.send(GOVERNMENT, INFORMATION, network.PLANNING)
        for recipient, outcome in ((INFORMATION, "accepted"), (network.PLANNING, "rejected")):
            [delivery] = [r["delivery_id"] for r in told["recipients"] if r["code"] == recipient]
            self.assertEqual(self.client(recipient).acknowledge(delivery, outcome, reason="x").status, 200)
        self.assertEqual({name: self.network.metric(name) - before[name] for name in series}, series)

    def test_figures_of_the_store(self):
        told = self.send(GOVERNMENT, network.INTERIOR)
        self.network.wait_until(lambda: self.network.metric("truc_inbox_deliveries") >= 1)
        self.network.wait_until(lambda: self.network.metric("truc_ledger_size") >= 2)
        self.assertLess(self.network.metric("truc_inbox_oldest_seconds"), 600)
        self.assertGreater(self.network.metric("truc_database_bytes"), 100_000)
        self.assertGreater(self.network.metric("truc_disk_free_bytes"), 0)
        self.assertEqual(self.network.metric("truc_ready"), 1)
        for item in self.client(network.INTERIOR).inbox()["items"]:
            self.client(network.INTERIOR).acknowledge(item["delivery_id"])
        self.assertTrue(told)


class Queue(TreeCase):
    RUNNING = ("vpcp", "ninhthuan", "thuannam", "cana")

    @classmethod
    def prepare(cls):
        cls.tree["ninhthuan"].configure("observe", "figures_seconds = 1")

    def test_what_waits_for_a_neighbour_that_is_away(self):
        for neighbour in ("vpcp", "thuannam"):
            self.tree[neighbour].stop()
        self.send(INFORMATION, GOVERNMENT, COMMUNE)
        self.send(INFORMATION, GOVERNMENT)
        node = self.tree["ninhthuan"]
        waiting = {'truc_queue_deliveries{destination="vpcp"}': 2, 'truc_queue_deliveries{destination="thuannam"}': 1}
        node.wait_until(lambda: {name: node.metric(name) for name in waiting} == waiting)
        time.sleep(0.1)
        age = node.metric('truc_queue_oldest_seconds{destination="vpcp"}')
        self.assertGreater(age, 0)
        self.assertLess(age, 60)


if __name__ == "__main__":
    unittest.main()
