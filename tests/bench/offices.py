"""The parties whose documents the bench counts: agencies that speak HTTP themselves, and the four legacy systems behind adapters.

Each offers the same. What it hands over it makes beforehand, so that only handing over is timed:
    documents(count, size)   DocumentIds of new documents to `partner`, and a function that hands all of them over
    reports(ids)             a function that reports status 03 on these documents, which have come from `partner`
    count(kind)              how many edoc or status it has
"""
import collections
import concurrent.futures
import functools
import itertools
import json
import os
import pathlib
import sqlite3
import threading
import time

import axis_stand_in
import edxml
import legacy_sides
import td_database
import td_folder
import td_soap
from node import Deviation, LostAnswer, Unreachable

CONNECTIONS = 4  # over which an agency without an adapter submits
SIGNERS = 2  # threads
STATUS = "03"
_numbers = itertools.count(1)


def document_id(agency, number):
    """Of what edxml.document() makes."""
    return "%s,2026/11/02,%s/TEST" % (agency, number)


def record_id(agency, number):
    """Of the records that clerks of TD.Office write here."""
    return "%s,2026/03/05,%s/UBND-VP" % (agency, number)


def numbers(count, initial):
    return ["%d%s" % (next(_numbers), initial) for _ in range(count)]


class Direct:
    """An agency without an adapter, which signs and submits over HTTP, and whose long poll waits."""
    reports_arrival = False
    adapter = stand_in = None
    atomic = False

    def __init__(self, world, code, name):
        self.name = name
        self.label = "direct_" + name
        self.agency = code
        self.own = world.agencies[code]
        self.node = world.nodes[self.own["node"]]
        self.partner = None
        self.came = collections.Counter()  # by (kind, sender)
        self.unacknowledged = []
        self.threads = threading.local()
        self.submitters = concurrent.futures.ThreadPoolExecutor(CONNECTIONS)
        self.closing = threading.Event()
        self.receiver = threading.Thread(target=self.receive, daemon=True)
        self.receiver.start()

    @property
    def caller(self):
        """A connection of each thread's own."""
        if not hasattr(self.threads, "own"):
            self.threads.own = self.node.client(self.own["client"])
        return self.threads.own

    def receive(self):
        while not self.closing.is_set():
            for item in self.caller.expect("/v1/inbox?max=1000&claim=3600&wait=1")["items"]:
                self.came[(item["kind"], item["from"])] += 1
                self.unacknowledged.append(item["delivery_id"])

    def persist(self, target, body, kind):
        """The same request until it is answered: the node closes connections that were idle, and may be busy."""
        while True:
            try:
                answer = self.caller.call("POST", target, body, **{"Content-Type": kind})
            except (LostAnswer, Unreachable):
                continue
            if answer.status in (200, 201):
                return
            if answer.status not in (429, 503):
                raise Deviation("%s: %s" % (self.name, answer))
            time.sleep(0.02)

    def submit(self, content):
        self.persist("/v1/documents", content, "application/xml")

    def acknowledge(self):
        """What has come. Nothing of it is measured."""
        def one(delivery):
            self.persist("/v1/inbox/%s/ack" % delivery, '{"outcome": "accepted"}', "application/json")

        taken, self.unacknowledged = self.unacknowledged, []
        list(self.submitters.map(one, taken))

    def hand_over(self, contents):
        list(self.submitters.map(self.submit, contents))

    def documents(self, count, size, recipient=None):
        def make(number):
            text = edxml.document(self.agency, recipient or self.partner, number=number, attachment=os.urandom(size))
            return edxml.sign(text, self.own["certificate"], self.own["key"])

        new = numbers(count, "T")
        with concurrent.futures.ThreadPoolExecutor(SIGNERS) as signers:
            contents = list(signers.map(make, new))
        return [document_id(self.agency, n) for n in new], functools.partial(self.hand_over, contents)

    def reports(self, ids, sender=None):
        texts = [edxml.status(self.agency, sender or self.partner, one, STATUS, "Đã tiếp nhận").encode() for one in ids]
        return functools.partial(self.hand_over, texts)

    def count(self, kind, sender=None):
        return self.came[(kind, sender or self.partner)]

    def close(self):
        self.closing.set()
        self.receiver.join()
        self.submitters.shutdown()


class Legacy:
    """A legacy system of the demonstration. It does not sync what it writes: its disk is not what is measured."""
    reports_arrival = True  # its adapter sends status 01 by itself
    stand_in = None  # the process that takes part, where there is one
    atomic = False  # it gets many documents in one moment, the end of hand_over()

    def __init__(self, world, adapter, name):
        self.name = name
        self.label = "adapter_" + name
        self.adapter = adapter["name"]
        self.agency = adapter["agency"]
        self.beside = world.agencies[self.agency]["node"]
        self.partner = None
        self.home = pathlib.Path(adapter["config"]).parent

    def acknowledge(self):
        """Legacy systems need no more than that they have it."""

    def close(self):
        """Nothing."""


class Folder(Legacy):
    def __init__(self, world, adapter, name):
        super().__init__(world, adapter, name)
        self.clerk = td_folder.Office(self.home, self.agency).create()

    def hand_over(self, files):
        for name, content in files:
            self.clerk.put(name, content)

    def documents(self, count, size):
        new = numbers(count, "F")
        files = [("CV-%s.edxml" % n, edxml.document(self.agency, self.partner, number=n, attachment=os.urandom(size)).encode())
                 for n in new]
        return [document_id(self.agency, n) for n in new], functools.partial(self.hand_over, files)

    def reports(self, ids):
        files = [("TT-%s.edxml" % number, edxml.status(self.agency, self.partner, one, STATUS, "Đã tiếp nhận").encode())
                 for number, one in zip(numbers(len(ids), "F"), ids)]
        return functools.partial(self.hand_over, files)

    def count(self, kind):
        """Of both kinds: what comes at a time is of one kind."""
        with os.scandir(self.clerk.inbox) as files:
            return sum(file.name.endswith(".edxml") for file in files)


class Database(Legacy):
    def __init__(self, world, adapter, name):
        super().__init__(world, adapter, name)
        self.clerk = td_database.Clerk("sqlite:" + adapter["database"])
        self.clerk.run("PRAGMA synchronous = OFF")

    def documents(self, count, size):
        new = numbers(count, "D")
        contents = [os.urandom(size) for _ in new]

        def hand_over():
            for number, content in zip(new, contents):
                self.clerk.write([self.partner.replace(".", "-")], number=number, promulgation_date="05/03/2026",
                                 attachments=[("cong-van.pdf", content)])

        return [record_id(self.agency, n) for n in new], hand_over

    def reports(self, ids):
        rows = dict(self.clerk.run("SELECT document_id, id FROM incoming_documents"))

        def hand_over():
            for one in ids:
                self.clerk.set_status(rows[one], STATUS)

        return hand_over

    def count(self, kind):
        return self.clerk.run("SELECT count(*) FROM incoming_documents" if kind == "edoc" else
                              "SELECT count(*) FROM document_status WHERE direction = 'in'")[0][0]


class Soap(Legacy):
    stand_in = "tdoffice-soap"
    atomic = True

    def __init__(self, world, adapter, name):
        super().__init__(world, adapter, name)
        self.desk = legacy_sides.Desk(adapter["url"])
        self.base = sqlite3.connect(self.home / "tdoffice" / "tdoffice.db", isolation_level=None)

    def order(self, orders):
        if self.desk.once("POST", "/_clerk", orders) is None:
            raise Deviation("the clerk of %s got no answer" % self.name)

    def documents(self, count, size):
        new = numbers(count, "S")
        to = self.partner.replace(".", "-")
        records = [td_soap.document(to, number=n, files=[("a.pdf", "application/pdf", os.urandom(size))]) for n in new]
        return [record_id(self.agency, n) for n in new], functools.partial(self.order, {"documents": records})

    def reports(self, ids):
        rows = {json.loads(record)["MaVanBan"]: row for row, record in self.base.execute("SELECT id, record FROM received")}
        return functools.partial(self.order, {"report": [{"received": rows[one], "TrangThai": STATUS} for one in ids]})

    def count(self, kind):
        table = "received" if kind == "edoc" else "received_statuses"
        return self.base.execute("SELECT count(*) FROM " + table).fetchone()[0]


class Axis(Legacy):
    """A department of the other province, whose system works on the axis."""
    reports_arrival = False
    stand_in = "axis"

    def __init__(self, world, adapter, name):
        super().__init__(world, adapter, name)
        self.agency = legacy_sides.OTHER_DEPARTMENT
        self.axis = axis_stand_in.Axis(self.home / "axis", None, "", False)
        self.axis.db.execute("PRAGMA synchronous = OFF")

    def hand_over(self, kind, texts):
        for text in texts:
            self.axis.send(None, self.agency, [self.partner], kind, text.encode())

    def documents(self, count, size):
        new = numbers(count, "X")
        texts = [edxml.document(self.agency, self.partner, number=n, attachment=os.urandom(size)) for n in new]
        return [document_id(self.agency, n) for n in new], functools.partial(self.hand_over, "edoc", texts)

    def reports(self, ids):
        texts = [edxml.status(self.agency, self.partner, one, STATUS, "Đã tiếp nhận") for one in ids]
        return functools.partial(self.hand_over, "status", texts)

    def count(self, kind):
        return self.axis.db.execute("SELECT count(*) FROM deliveries JOIN documents ON documents.doc_id = document "
                                    "WHERE recipient = ? AND kind = ?", (self.agency, kind)).fetchone()[0]


KINDS = {"tdoffice-folder": Folder, "tdoffice-database": Database, "tdoffice-soap": Soap, "axis": Axis}


def name_of(adapter):
    """In figures."""
    return adapter["kind"].removeprefix("tdoffice-")


def make_legacy(world, adapter):
    return KINDS[adapter["kind"]](world, adapter, name_of(adapter))
