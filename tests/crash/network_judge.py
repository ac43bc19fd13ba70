"""Compares what the clients of a whole network were told with what its nodes have kept."""
import collections
import time

from clients import STATES
from findings import Findings, event_id
from node import LostAnswer, Unreachable

ENDS = {"accepted": "ContentHandover", "rejected": "ContentHandoverFailure"}


class NetworkJudge(Findings):
    """Every finding is kept; `deviations` is empty when all is well."""

    def __init__(self, world, messages, receivers):
        super().__init__(world.network["ca"], messages, receivers)
        self.world = world
        self.unproven = 0

    def wait_for_evidence(self, patience):
        """Until no origin has open deliveries; what is open then will be found below."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            try:
                if not any(self.origin_books(n)["open"] for n in self.world.nodes.values()):
                    return
            except (LostAnswer, Unreachable):
                pass
            time.sleep(0.2)

    def origin_books(self, node):
        admin = node.administrator()
        try:
            return admin.expect("/admin/books")["end_to_end"]
        finally:
            admin.close()

    def read(self):
        self.compare_arrivals()
        kept = {}
        for node in self.world.nodes.values():
            admin = node.administrator()
            kept.update({d["id"]: d for d in admin.pages("/v1/documents") if d["origin"] == node.node["name"]})
            self.require(admin.expect("/admin/ledger/check")["consistent"], "the ledger of %s is not consistent" % node.node["name"])
            admin.close()
        self.compare_origins(kept)
        self.compare_books()
        for agency in self.world.network["agencies"]:
            self.compare_feed(agency)

    def compare_arrivals(self):
        """Lost: accepted and never in the recipient's inbox. Doubled: there under two delivery ids."""
        arrived = collections.Counter((d.item["id"], d.item["to"]) for d in self.deliveries.values())
        for message in self.messages:
            for code in message.recipients:
                count = arrived.pop((message.answer["id"], code), 0)
                self.lost += count == 0
                self.doubled += max(0, count - 1)
                self.require(count == 1, "%s to %s arrived %d times" % (message.file, code, count))
        self.require(not arrived, "%d arrivals of documents that nobody sent" % len(arrived))
        for delivery in self.deliveries.values():
            self.require(delivery.answer is not None, "delivery %s was never ended" % delivery.item["delivery_id"])

    def compare_origins(self, kept):
        """The origin knows each document once and the end of each of its deliveries."""
        self.require(len(kept) == len(self.messages), "%d documents are kept at their origins, %d were accepted" %
                     (len(kept), len(self.messages)))
        for message in self.messages:
            known = kept.get(message.answer["id"])
            if not self.require(known is not None and known["sha256"] == message.sha256, "%s is not kept" % message.file):
                continue
            for recipient in known["recipients"]:
                delivery = self.deliveries.get(recipient["delivery_id"])
                state = delivery and STATES[delivery.outcome]
                self.require(recipient["state"] == state, "%s to %s is %s at its origin, not %s" %
                             (message.file, recipient["code"], recipient["state"], state))

    def compare_books(self):
        accepted = open_deliveries = handed_over = rejected = 0
        for node in self.world.nodes.values():
            admin = node.administrator()
            books = admin.expect("/admin/books")
            admin.close()
            name = node.node["name"]
            self.require(books["balance"], "the books of %s do not balance: %s" % (name, books))
            self.require(books["in_custody"] == 0, "%s still has custody: %s" % (name, books))
            accepted += books["end_to_end"]["accepted"]
            open_deliveries += books["end_to_end"]["open"]
            handed_over += books["handed_over"]
            rejected += books["rejected"]
        ended = collections.Counter(d.outcome for d in self.deliveries.values())
        sent = sum(len(m.recipients) for m in self.messages)
        self.require((accepted, open_deliveries) == (sent, 0), "accepted %d of %d, %d open" % (accepted, sent, open_deliveries))
        self.require((handed_over, rejected) == (ended["accepted"], ended["rejected"]),
                     "handed over %d and rejected %d, the recipients say %s" % (handed_over, rejected, dict(ended)))

    def compare_feed(self, agency):
        """The sender's feed holds its receipts unchanged and the proof of each end, once, by the recipient's own node."""
        caller = self.world.nodes[agency["node"]].client(agency["client"])
        feed = {}
        for receipt in caller.pages("/v1/receipts"):
            self.require(receipt["event_id"] not in feed, "%s stands twice in the feed of %s" % (receipt["event_id"], agency["code"]))
            feed[receipt["event_id"]] = receipt
        caller.close()
        self.receipts.update((e, r["xml"]) for e, r in feed.items())
        ends = collections.Counter((element(r["xml"], "DeliveryId"), r["event"], element(r["xml"], "Node")) for r in feed.values())
        for message in self.messages:
            if message.sender != agency["code"]:
                continue
            own = feed.get(event_id(message.answer["receipt"]))
            self.require(own is not None and own["xml"] == message.answer["receipt"], "the receipt of %s has changed" % message.file)
            for recipient in message.answer["recipients"]:
                delivery = self.deliveries.get(recipient["delivery_id"])
                home = self.world.agencies[recipient["code"]]["node"]
                proofs = ends[recipient["delivery_id"], delivery and ENDS[delivery.outcome], home]
                self.unproven += proofs == 0
                self.require(proofs == 1, "%s to %s: %d proofs of its end" % (message.file, recipient["code"], proofs))


def element(xml, name):
    """The text of an element of the event that occurs once; empty when it is not there."""
    begin = xml.find("<%s>" % name)
    if begin < 0:
        return ""
    return xml[begin + len(name) + 2:xml.index("</%s>" % name)]
