"""Compares what the clients were told with what the node has kept."""
import collections

from clients import STATES
from findings import Findings, event_id

INLINE_LIMIT = 64 * 1024  # larger contents are files


class Judge(Findings):
    """Every finding is kept; `deviations` is empty when all is well."""

    def __init__(self, node, messages, receivers):
        super().__init__(node.network["ca"], messages, receivers)
        self.node = node

    def read(self):
        """Everything that needs the node to run."""
        admin = self.node.administrator()
        self.compare_dispatches(admin.pages("/v1/documents"))
        self.compare_deliveries()
        self.compare_books(admin.expect("/admin/books"))
        self.require(admin.expect("/admin/ledger/check")["consistent"], "the ledger is not consistent")
        for client in self.node.network["clients"]:
            self.compare_feed(client["id"])
        admin.close()

    def compare_dispatches(self, kept):
        """Lost: accepted and not kept as it was sent. Doubled: kept more than once."""
        by_digest = collections.Counter((d["from"], d["sha256"]) for d in kept)
        by_id = {d["id"]: d for d in kept}
        for message in self.messages:
            copies = by_digest.pop((message.sender, message.sha256), 0)
            self.doubled += max(copies - 1, 0)
            self.require(copies <= 1, "%s was kept %d times" % (message.file, copies))
            known = by_id.get(message.answer["id"])
            present = known is not None and self.is_whole(message, known)
            self.lost += not present
            self.require(present, "%s was accepted and is not there" % message.file)
        self.require(not by_digest, "%d dispatches that nobody sent" % len(by_digest))

    def is_whole(self, message, known):
        """With its one recipient, ended as the recipient said."""
        recipients = {(r["code"], r["delivery_id"]) for r in known["recipients"]}
        told = {(r["code"], r["delivery_id"]) for r in message.answer["recipients"]}
        if recipients != told or [code for code, _ in recipients] != message.recipients:
            return self.require(False, "%s: told %s, kept %s" % (message.file, told, recipients))
        for recipient in known["recipients"]:
            delivery = self.deliveries.get(recipient["delivery_id"])
            if delivery is None:
                return self.require(False, "%s never arrived" % message.file)
            state = STATES[delivery.outcome]
            self.require(recipient["state"] == state == delivery.answer["state"],
                         "delivery %s is %s, not %s" % (recipient["delivery_id"], recipient["state"], state))
        return known["sha256"] == message.sha256 and known["size"] == message.size

    def compare_deliveries(self):
        """Each message arrived once at its recipient."""
        arrived = collections.Counter((d.item["id"], d.item["to"]) for d in self.deliveries.values())
        self.doubled += sum(count - 1 for count in arrived.values())
        self.require(max(arrived.values(), default=1) == 1, "a message arrived more than once")
        sent = {(m.answer["id"], r) for m in self.messages for r in m.recipients}
        self.require(set(arrived) == sent, "%d arrivals of messages that nobody sent" % len(set(arrived) - sent))

    def compare_books(self, books):
        ended = collections.Counter(d.outcome for d in self.deliveries.values())
        told = (len(self.deliveries), ended["accepted"], ended["rejected"], 0)
        kept = tuple(books[name] for name in ("from_agencies", "handed_over", "rejected", "in_custody"))
        self.require(books["balance"], "the books do not balance: %s" % books)
        self.require(kept == told, "the clients' books say %s, the node's %s" % (told, kept))

    def compare_feed(self, client):
        """The feed holds every piece of evidence its reader was given, unchanged, and once."""
        caller = self.node.client(client)
        feed = {r["event_id"]: r for r in caller.pages("/v1/receipts")}
        names = collections.Counter(r["event"] for r in feed.values())
        mine = [m for m in self.messages if m.client == client]
        ended = collections.Counter(self.deliveries[r["delivery_id"]].outcome
                                    for m in mine for r in m.answer["recipients"] if r["delivery_id"] in self.deliveries)
        expected = {"SubmissionAcceptance": len(mine), "ContentConsignment": len(mine),
                    "ContentHandover": ended["accepted"], "ContentHandoverFailure": ended["rejected"]}
        self.require(names == +collections.Counter(expected), "feed of %s: %s, expected %s" % (client, dict(names), expected))
        for message in mine:
            event = event_id(message.answer["receipt"])
            served = feed.get(event)
            self.require(served is not None and served["xml"] == message.answer["receipt"],
                         "the receipt %s is not the one that was given" % event)
        caller.close()
        self.receipts.update((e, r["xml"]) for e, r in feed.items())

    def compare_files(self):
        """With the node stopped: content files are those of accepted messages and no others."""
        kept = {f.name for f in self.node.content.rglob("*") if f.is_file()}
        large = {m.sha256 for m in self.messages if m.size > INLINE_LIMIT}
        self.require(not kept - large, "orphan content files: %s" % sorted(kept - large)[:5])
        self.require(not large - kept, "content files are missing: %s" % sorted(large - kept)[:5])
