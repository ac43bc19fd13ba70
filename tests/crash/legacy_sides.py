"""What clerks do in the legacy systems of the demonstration, and what they see there. A legacy system may be killed at any
moment: whoever got no answer looks into its books before writing again, as a person would."""
import base64
import collections
import http.client
import json
import pathlib
import threading
import time
import urllib.parse

import edxml
import td_database
import td_folder
import td_soap
from node import Deviation

PATIENCE = 60  # seconds
OTHER_DEPARTMENT = "000.00.12.H42"  # of the province that works on the axis


class Side:
    """One legacy system and its clerks."""
    reports_arrival = True  # status 01 by itself

    def __init__(self, adapter, initial):
        self.name = adapter["name"]
        self.agency = adapter["agency"]
        self.initial = initial  # makes numbers unique among all of them

    def wait_until_ready(self):
        """Until clerks can work."""

    def write(self, number, recipient):
        """A new document; returns its DocumentId."""
        raise NotImplementedError

    def work(self, codes):
        """Reports each of these statuses, once, on each document that has come."""
        raise NotImplementedError

    def received(self):
        """How often each DocumentId has come."""
        raise NotImplementedError

    def statuses(self):
        """How often each (DocumentId, StatusCode) has come."""
        raise NotImplementedError


class Desk:
    """Somebody at a stand-in who talks JSON with it, and waits while it is dead."""

    def __init__(self, url):
        self.where = urllib.parse.urlsplit(url).netloc

    def once(self, method, path, value=None):
        """None: nobody knows what became of it."""
        connection = http.client.HTTPConnection(self.where, timeout=10)
        try:
            connection.request(method, path, None if value is None else json.dumps(value).encode())
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise Deviation("%s %s: %d %s" % (method, path, answer.status, body[:300]))
            return json.loads(body)
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()

    def books(self):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            books = self.once("GET", "/_books")
            if books is not None:
                return books
            time.sleep(0.05)
        raise Deviation("the legacy system at %s does not come back" % self.where)

    def write(self, path, value, is_there):
        """Until the books have it."""
        while not is_there(self.books()):
            self.once("POST", path, value)


class SoapSide(Side):
    def __init__(self, adapter, initial):
        super().__init__(adapter, initial)
        self.desk = Desk(adapter["url"])

    def wait_until_ready(self):
        self.desk.books()

    def write(self, number, recipient):
        number = "%d%s" % (number, self.initial)
        record = td_soap.document(recipient.replace(".", "-"), number=number, files=[("a.pdf", "application/pdf", b"%PDF " + number.encode())])
        self.desk.write("/_clerk", {"documents": [record]},
                        lambda books: any(d["record"]["SoVanBan"] == number for d in books["documents"]))
        return "%s,2026/03/05,%s/UBND-VP" % (self.agency, number)

    def work(self, codes):
        books = self.desk.books()
        done = {(s["record"]["MaVanBan"], s["record"]["TrangThai"]) for s in books["statuses"]}
        for row in books["received"]:
            for code in codes:
                about = row["record"]["MaVanBan"]
                if (about, code) not in done:
                    self.desk.write("/_clerk", {"report": [{"received": row["id"], "TrangThai": code}]},
                                    lambda b, key=(about, code): any((s["record"]["MaVanBan"], s["record"]["TrangThai"]) == key
                                                                     for s in b["statuses"]))

    def received(self):
        return collections.Counter(row["record"]["MaVanBan"] for row in self.desk.books()["received"])

    def statuses(self):
        return collections.Counter((row["record"]["maVanBan"], row["record"]["trangThai"])
                                   for row in self.desk.books()["received_statuses"])


class AxisSide(Side):
    """A department of the other province, whose system works on the axis."""
    reports_arrival = False

    def __init__(self, adapter, initial):
        super().__init__(adapter, initial)
        self.agency = OTHER_DEPARTMENT
        self.desk = Desk(adapter["url"])

    def wait_until_ready(self):
        self.desk.books()

    def send(self, kind, text, recipient, document_id, code=""):
        def is_there(books):
            return any((d["kind"], d["sender"], d["document_id"], d["status_code"]) == (kind, self.agency, document_id, code)
                       for d in books["documents"])

        self.desk.write("/_send", {"from": self.agency, "to": [recipient], "messagetype": kind,
                                   "content": base64.b64encode(text.encode()).decode()}, is_there)

    def write(self, number, recipient):
        number = "%d%s" % (number, self.initial)
        text = edxml.document(self.agency, recipient, number=number)
        document_id = "%s,2026/11/02,%s/TEST" % (self.agency, number)
        self.send("edoc", text, recipient, document_id)
        return document_id

    def work(self, codes):
        for d in self.desk.books()["documents"]:
            if d["recipient"] != self.agency or d["status"] == "done":
                continue
            if d["kind"] == "edoc":
                for code in codes:
                    text = edxml.status(self.agency, d["sender"], d["document_id"], code)
                    self.send("status", text, d["sender"], d["document_id"], code)
            self.desk.once("POST", "/_status", {"docId": d["receiver"], "status": "done"})

    def mine(self, kind):
        return [d for d in self.desk.books()["documents"] if d["recipient"] == self.agency and d["kind"] == kind]

    def received(self):
        return collections.Counter(d["document_id"] for d in self.mine("edoc"))

    def statuses(self):
        return collections.Counter((d["document_id"], d["status_code"]) for d in self.mine("status"))


class FolderSide(Side):
    """The clerk works in the two directories; nobody but the adapter can be killed here."""

    def __init__(self, adapter, initial):
        super().__init__(adapter, initial)
        self.directory = pathlib.Path(adapter["outbox"]).parent
        self.clerks = threading.local()

    @property
    def clerk(self):
        """With a connection of each thread's own to the clerk's book."""
        if not hasattr(self.clerks, "own"):
            self.clerks.own = td_folder.Office(self.directory, self.agency).create()
        return self.clerks.own

    def write(self, number, recipient):
        number = "%d%s" % (number, self.initial)
        self.clerk.write([recipient], number=number, manner=td_folder.MANNERS[len(number) % len(td_folder.MANNERS)])
        return "%s,2026/11/02,%s/TEST" % (self.agency, number)

    def work(self, codes):
        self.clerk.take()
        for row in self.clerk.ask("SELECT * FROM taken WHERE kind = 'edoc'"):
            for code in codes:
                if code not in row["answered"].split():
                    self.clerk.report(row["file"], code)

    def taken(self, kind):
        return self.clerk.ask("SELECT * FROM taken WHERE kind = ?", kind)

    def received(self):
        return collections.Counter(row["document_id"] for row in self.taken("edoc"))

    def statuses(self):
        return collections.Counter((row["document_id"], row["code"]) for row in self.taken("status"))


class DatabaseSide(Side):
    """The clerk works in the tables themselves; nobody but the adapter can be killed here."""

    def __init__(self, adapter, initial):
        super().__init__(adapter, initial)
        self.file = adapter["database"]
        self.desk = Desk(adapter["url"])
        self.clerks = threading.local()

    def wait_until_ready(self):
        self.desk.books()  # who made the tables

    @property
    def clerk(self):
        """A connection of each thread's own."""
        if not hasattr(self.clerks, "own"):
            self.clerks.own = td_database.Clerk("sqlite:" + self.file)
        return self.clerks.own

    def write(self, number, recipient):
        number = "%d%s" % (number, self.initial)
        self.clerk.write([recipient.replace(".", "-")], number=number, promulgation_date="05/03/2026")
        return "%s,2026/03/05,%s/UBND-VP" % (self.agency, number)

    def work(self, codes):
        done = {(s["incoming_id"], s["status_code"]) for s in self.clerk.statuses("out")}
        for row in self.clerk.incoming():
            for code in codes:
                if (row["id"], code) not in done:
                    self.clerk.set_status(row["id"], code)

    def received(self):
        return collections.Counter(row["document_id"] for row in self.clerk.incoming())

    def statuses(self):
        return collections.Counter((s["about_document_id"], s["status_code"]) for s in self.clerk.statuses("in"))


KINDS = {"tdoffice-soap": (SoapSide, "S"), "axis": (AxisSide, "X"), "tdoffice-database": (DatabaseSide, "D"),
         "tdoffice-folder": (FolderSide, "F")}


def make_sides(network):
    sides = []
    for adapter in network["adapters"]:
        kind, initial = KINDS[adapter["kind"]]
        sides.append(kind(adapter, initial))
    return sides
