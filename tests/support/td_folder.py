#!/usr/bin/env python3
"""A stand-in for TD.Office with a hot folder: its clerk, who puts documents and statuses into outbox/ and takes what
comes from inbox/, without much care: half files, files that are renamed, copied twice or left lying about.

It knows nothing of the adapter. Its book (book.db beside the two directories) says what it wrote, what it was answered
and what it got; it may be killed at any moment and goes on where the book ends. As a program:

    td_folder.py DIR create
    td_folder.py DIR --agency 000.00.00.H43 write --to 000.00.12.H43 --subject "V/v" --manner halves
    td_folder.py DIR --agency 000.00.00.H43 status DELIVERY 03 --reason "..."
    td_folder.py DIR take
    td_folder.py DIR books
    td_folder.py DIR --agency 000.00.00.H43 live --to 000.00.12.H43 --count 200 --answers 03,06 --seed 7 --seconds 60
"""
import argparse
import hashlib
import json
import os
import pathlib
import random
import re
import sqlite3
import time
import xml.etree.ElementTree

import edxml

MANNERS = ("rename", "from-outside", "in-place", "halves", "upper-case")
DELIVERY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
BOOK = """
CREATE TABLE IF NOT EXISTS written (id INTEGER PRIMARY KEY, name TEXT UNIQUE, kind TEXT, document_id TEXT, about TEXT,
  code TEXT, content BLOB, put INTEGER NOT NULL DEFAULT 0, truc_id TEXT, error TEXT, note TEXT);
CREATE TABLE IF NOT EXISTS taken (file TEXT PRIMARY KEY, delivery_id TEXT, kind TEXT, document_id TEXT, sender TEXT,
  number TEXT, date TEXT, code TEXT, sha256 TEXT, answered TEXT NOT NULL DEFAULT '');
"""


def summary(content):
    """What the clerk reads of an edXML document or status, with another reader than the exchange has."""
    root = xml.etree.ElementTree.fromstring(content)
    header = root.find("{*}edXMLEnvelope/{*}edXMLHeader/{*}MessageHeader")

    def text(path):
        return (header.findtext(path.replace("/", "/{*}").join(("{*}", ""))) or "").strip()

    code = text("StatusCode")
    return {"kind": "status" if code else "edoc", "code": code, "sender": text("From/OrganId"),
            "document_id": text("ResponseFor/DocumentId") if code else text("DocumentId"),
            "number": text("Code/CodeNumber") + "/" + text("Code/CodeNotation"),
            "date": text("PromulgationInfo/PromulgationDate")}


class Office:
    """One clerk in one folder."""

    def __init__(self, directory, agency=None):
        self.directory = pathlib.Path(directory)
        self.agency = agency
        self.outbox = self.directory / "outbox"
        self.inbox = self.directory / "inbox"
        self.read = self.inbox / "read"

    def create(self):
        for directory in (self.outbox, self.inbox, self.read):
            directory.mkdir(parents=True, exist_ok=True)
        self.book = sqlite3.connect(self.directory / "book.db", isolation_level=None, timeout=30)
        self.book.row_factory = sqlite3.Row
        self.book.executescript(BOOK)
        return self

    def ask(self, sql, *values):
        return self.book.execute(sql, values).fetchall()

    # What goes out.

    def write(self, to, subject="V/v phối hợp công tác", attachment=b"%PDF-1.4 noi dung", manner="rename", **parts):
        """A document to the agencies `to`; the name of its file."""
        number = parts.pop("number", None) or self._next_number()
        text = edxml.document(self.agency, *to, number=number, subject=subject, attachment=attachment, **parts)
        return self._note_and_put(f"CV-{number}", text, "edoc", "", "", manner)

    def report(self, file, code, reason="Văn thư báo cáo", manner="rename"):
        """A status about a document that was taken; the name of its file."""
        [about] = self.ask("SELECT * FROM taken WHERE file = ?", file)
        text = edxml.status(self.agency, about["sender"], about["document_id"], code, reason)
        return self._note_and_put(f"TT-{self._next_number()}-{code}", text, "status", file, code, manner)

    def _next_number(self):
        return self.ask("SELECT coalesce(max(id), 0) + 1 FROM written")[0][0]

    def _note_and_put(self, stem, text, kind, about, code, manner):
        name = stem + (".EDXML" if manner == "upper-case" else ".edxml")
        content = text.encode("utf-8")
        self.ask("BEGIN IMMEDIATE")
        self.ask("INSERT INTO written (name, kind, document_id, about, code, content) VALUES (?, ?, ?, ?, ?, ?)",
                 name, kind, summary(content)["document_id"], about, code, content)
        self.ask("UPDATE taken SET answered = answered || ? || ' ' WHERE file = ?", code, about)
        self.ask("COMMIT")
        self.put(name, content, manner)
        self.ask("UPDATE written SET put = 1 WHERE name = ?", name)
        return name

    def put(self, name, content, manner="rename"):
        target = self.outbox / name
        if manner in ("in-place", "upper-case"):
            target.write_bytes(content)
        elif manner == "halves":
            with target.open("wb") as file:
                file.write(content[:len(content) // 2])
                file.flush()
                time.sleep(0.3)
                file.write(content[len(content) // 2:])
        else:
            temporary = (self.directory if manner == "from-outside" else self.outbox) / f"~{name}.tmp"
            temporary.write_bytes(content)
            temporary.rename(target)

    def resume(self):
        """After a death: what the book has and the folder does not is put there (again), as it was."""
        for row in self.ask("SELECT name, content FROM written WHERE put = 0"):
            self.put(row["name"], row["content"])
            self.ask("UPDATE written SET put = 1 WHERE name = ?", row["name"])

    def look(self):
        """Reads the notes beside the documents."""
        for row in self.ask("SELECT name, note FROM written"):
            stem = row["name"][:-len(".edxml")]
            notes = [self.outbox / f"{stem}.done", *sorted((self.outbox / "sent").glob(f"{stem}.*.done"))]
            done = "".join(self._text(note) for note in notes)
            if done and done != row["note"]:
                found = re.search(r"^Mã Truc: (\S+)", done, re.MULTILINE)
                self.ask("UPDATE written SET truc_id = ?, note = ? WHERE name = ?", found and found[1], done, row["name"])
            self.ask("UPDATE written SET error = ? WHERE name = ?", self._text(self.outbox / f"{stem}.err") or None,
                     row["name"])

    @staticmethod
    def _text(path):
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    # What comes in.

    def take(self):
        """Moves what is complete to inbox/read and notes it; the names there. A file that came twice gets two."""
        for file in sorted(self.inbox.glob("*.edxml")):
            target = self.read / file.name
            while target.exists() or self.ask("SELECT 1 FROM taken WHERE file = ?", target.name):
                target = target.with_name("again-" + target.name)
            file.rename(target)
        news = []
        for file in sorted(self.read.glob("*.edxml")):
            if self.ask("SELECT 1 FROM taken WHERE file = ?", file.name):
                continue
            content = file.read_bytes()
            about = summary(content)
            self.ask("INSERT INTO taken (file, delivery_id, kind, document_id, sender, number, date, code, sha256) "
                     "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", file.name, DELIVERY.search(file.name)[0], about["kind"],
                     about["document_id"], about["sender"], about["number"], about["date"], about["code"],
                     hashlib.sha256(content).hexdigest())
            news.append(file.name)
        return news

    def throw_away(self, file):
        """The clerk keeps no files: what is in the book may go."""
        (self.read / file).unlink(missing_ok=True)

    def books(self):
        self.look()
        written = [{key: row[key] for key in row.keys() if key != "content"} for row in self.ask("SELECT * FROM written")]
        return {"written": written, "taken": [dict(row) for row in self.ask("SELECT * FROM taken")]}

    # Both, for hours.

    def live(self, to, count, answers, seed, seconds):
        """Writes until `count` documents are written, takes what comes and answers each document with `answers`."""
        chance = random.Random(seed)
        end = time.monotonic() + seconds
        self.resume()
        while time.monotonic() < end:
            if self.ask("SELECT count(*) FROM written WHERE kind = 'edoc'")[0][0] < count:
                self.write([chance.choice(to)], manner=chance.choice(MANNERS))
            self.take()
            for row in self.ask("SELECT file, answered FROM taken WHERE kind = 'edoc'"):
                for code in (code for code in answers if code not in row["answered"].split()):
                    self.report(row["file"], code, manner=chance.choice(MANNERS))
                if chance.random() < 0.2:
                    self.throw_away(row["file"])
            self.be_rude(chance)
            time.sleep(chance.random() * 0.2)

    def be_rude(self, chance):
        what = chance.random()
        if what < 0.05:
            (self.outbox / f"~{chance.randrange(10)}.tmp").write_bytes(b"left behind")
        elif what < 0.1:  # what was sent comes a second time
            rows = self.ask("SELECT name, content FROM written WHERE put = 1 AND truc_id IS NOT NULL")
            if rows:
                row = chance.choice(rows)
                self.put(row["name"], row["content"])
        elif what < 0.15:
            notes = list(self.outbox.glob("*.done"))[:3]
            self.look()
            for note in notes:
                note.unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    parser.add_argument("--agency")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("create", "take", "books"):
        verbs.add_parser(verb)
    write = verbs.add_parser("write")
    write.add_argument("--to", action="append", required=True)
    write.add_argument("--subject", default="V/v phối hợp công tác")
    write.add_argument("--manner", choices=MANNERS, default="rename")
    write.add_argument("--file", type=pathlib.Path)
    status = verbs.add_parser("status")
    status.add_argument("delivery")
    status.add_argument("code")
    status.add_argument("--reason", default="Văn thư báo cáo")
    live = verbs.add_parser("live")
    live.add_argument("--to", action="append", required=True)
    live.add_argument("--count", type=int, default=10)
    live.add_argument("--answers", default="03,06")
    live.add_argument("--seed", type=int, default=1)
    live.add_argument("--seconds", type=float, default=10)
    o = parser.parse_args()

    office = Office(o.directory, o.agency).create()
    if o.verb == "write":
        extra = {"attachment": o.file.read_bytes()} if o.file else {}
        print(office.write(o.to, o.subject, manner=o.manner, **extra))
    elif o.verb == "status":
        [row] = office.ask("SELECT file FROM taken WHERE delivery_id = ? OR file = ? LIMIT 1", o.delivery, o.delivery)
        print(office.report(row["file"], o.code, o.reason))
    elif o.verb == "take":
        print("\n".join(office.take()))
    elif o.verb == "books":
        print(json.dumps(office.books(), ensure_ascii=False, indent=1))
    elif o.verb == "live":
        office.live(o.to, o.count, [code for code in o.answers.split(",") if code], o.seed, o.seconds)


if __name__ == "__main__":
    main()
