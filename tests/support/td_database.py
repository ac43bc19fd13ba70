#!/usr/bin/env python3
"""A stand-in for TD.Office with a mailbox of tables: its clerk, who writes documents and statuses and reads what came.

The tables are those of conf/tdoffice-mailbox.sql, in SQLite ("sqlite:FILE") or PostgreSQL ("postgresql:LIBPQ-DSN").
The clerk knows nothing of the adapter; what stands in the tables is the truth, and books() reads it. As a program:

    td_database.py sqlite:td.db create
    td_database.py sqlite:td.db write --to 000-00-01-H43 --subject "V/v" --file a.pdf
    td_database.py sqlite:td.db status 3 04 --reason "..."
    td_database.py sqlite:td.db recall 1 --reason "..."
    td_database.py sqlite:td.db give-back 3      (or: keep 3 --reason "...")
    td_database.py sqlite:td.db books
    td_database.py sqlite:td.db rude --seed 7 --seconds 30
"""
import argparse
import datetime
import hashlib
import json
import os
import pathlib
import random
import sqlite3
import sys
import time

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "conf" / "tdoffice-mailbox.sql"
VIETNAM = datetime.timezone(datetime.timedelta(hours=7))


def today():
    return datetime.datetime.now(VIETNAM).strftime("%d/%m/%Y")


def now():
    return datetime.datetime.now(VIETNAM).strftime("%d/%m/%Y %H:%M:%S")


class Sqlite:
    binary = staticmethod(sqlite3.Binary)

    def __init__(self, file):
        self.file = os.path.abspath(file)
        self.connection = sqlite3.connect(self.file, isolation_level=None, timeout=30)
        # A reader of either side does not wait for the other's writer.
        self.connection.execute("PRAGMA journal_mode = WAL")

    @staticmethod
    def dialect(sql):
        return sql.replace("bigserial PRIMARY KEY", "INTEGER PRIMARY KEY").replace("bytea", "BLOB")

    def run(self, sql, values=()):
        cursor = self.connection.execute(sql, values)
        return cursor.fetchall() if cursor.description else cursor.rowcount

    def insert(self, sql, values):
        return self.connection.execute(sql, values).lastrowid

    @property
    def odbc(self):
        return f"Driver=SQLite3;Database={self.file};Timeout=2000"


class Postgresql:
    def __init__(self, dsn):
        import psycopg2
        self.binary = psycopg2.Binary
        self.dsn = dsn
        self.connection = psycopg2.connect(dsn)
        self.connection.autocommit = True

    @staticmethod
    def dialect(sql):
        return sql

    def run(self, sql, values=()):
        with self.connection.cursor() as cursor:
            cursor.execute(sql.replace("?", "%s"), values)
            return cursor.fetchall() if cursor.description else cursor.rowcount

    def insert(self, sql, values):
        return self.run(sql + " RETURNING id", values)[0][0]

    @property
    def odbc(self):
        words = {"host": "Servername", "dbname": "Database", "user": "Username", "port": "Port", "password": "Password"}
        parts = [part.split("=", 1) for part in self.dsn.split()]
        return "Driver=PostgreSQL Unicode;" + ";".join(f"{words[key]}={value}" for key, value in parts)


class Clerk:
    """One connection of the legacy program. One thread."""

    def __init__(self, database):
        kind, _, where = database.partition(":")
        self.db = {"sqlite": Sqlite, "postgresql": Postgresql}[kind](where)

    @property
    def odbc(self):
        """The connection string for the adapter's file."""
        return self.db.odbc

    def create(self):
        text = "\n".join(line.split("--")[0] for line in SCHEMA.read_text(encoding="utf-8").splitlines())
        for statement in self.db.dialect(text).split(";"):
            if statement.strip():
                self.db.run(statement)
        return self

    def run(self, sql, values=()):
        return self.db.run(sql, values)

    def begin(self):
        self.run("BEGIN")

    def commit(self):
        self.run("COMMIT")

    def write(self, to, subject="V/v phối hợp công tác", attachments=(("cong-van.pdf", b"%PDF-1.4 noi dung"),), **columns):
        """A document to the agencies `to`, in one transaction; the row's number."""
        row = {"number": None, "notation": "UBND-VP", "place": "Thuận Nam", "promulgation_date": today(),
               "type_name": "Công văn", "subject": subject, "content": subject, "signer_name": "Nguyễn Văn Bình",
               "signer_position": "Chủ tịch", "priority": "0", "do_mat": "Thường", **columns, "status": -2}
        self.begin()
        id = self._insert("document_senders", row)
        if row["number"] is None and "number" not in columns:
            self.run("UPDATE document_senders SET number = ? WHERE id = ?", (str(id), id))
        for code in to:
            self._insert("document_receivers", {"document_id": id, "organ_code": code})
        for name, content in attachments:
            self._insert("document_attachments", {"document_id": id, "name": name, "content_type": "application/pdf",
                                                  "content": self.db.binary(content)})
        self.run("UPDATE document_senders SET status = 0 WHERE id = ?", (id,))
        self.commit()
        return id

    def set_status(self, incoming, code, reason=None, **columns):
        return self._insert("document_status", {"direction": "out", "incoming_id": incoming, "status_code": code,
                                                "reason": reason, "staff": "Trần Thị Mai", "reported_at": now(),
                                                "send_status": 0, **columns})

    def recall(self, id, reason):
        return self.run("UPDATE document_senders SET status = 13, recall_reason = ? WHERE id = ?", (reason, id))

    def give_back(self, incoming):
        return self.run("UPDATE incoming_documents SET state = 5 WHERE id = ? AND state = 4", (incoming,))

    def keep(self, incoming, reason):
        return self.run("UPDATE incoming_documents SET state = 1, answer_reason = ? WHERE id = ? AND state = 4",
                        (reason, incoming))

    def sent(self, id):
        """What the clerk sees of a document: status, error, name, recipients by code."""
        status, error, name, truc_id = self.run(
            "SELECT status, error_text, sent_document_id, truc_id FROM document_senders WHERE id = ?", (id,))[0]
        recipients = {row[0].replace("-", "."): dict(zip(("send", "error", "state", "status", "code"), row[1:])) for row in self.run(
            "SELECT organ_code, send_status, error_text, state, status, status_code FROM document_receivers "
            "WHERE document_id = ? ORDER BY id", (id,))}
        return {"status": status, "error": error, "document_id": name, "truc_id": truc_id, "recipients": recipients}

    def incoming(self):
        """What came, oldest first; attachments as [name, SHA-256]."""
        columns = ("id", "delivery_id", "document_id", "sender_code", "recipient_code", "number", "subject", "state",
                   "recall_answer", "error_text")
        all = [dict(zip(columns, row)) for row in self.run(
            f"SELECT {', '.join(columns)} FROM incoming_documents ORDER BY id")]
        for one in all:
            one["attachments"] = self._digests("incoming_id", one["id"])
        return all

    def statuses(self, direction):
        columns = ("id", "document_id", "incoming_id", "about_document_id", "agency_code", "status_code", "reason",
                   "send_status", "error_text", "delivery_id")
        return [dict(zip(columns, row)) for row in self.run(
            f"SELECT {', '.join(columns)} FROM document_status WHERE direction = ? ORDER BY id", (direction,))]

    def books(self):
        """Everything that a comparison with the other end of the exchange needs."""
        outgoing = {id: {**self.sent(id), "attachments": self._digests("document_id", id)}
                    for (id,) in self.run("SELECT id FROM document_senders ORDER BY id")}
        return {"outgoing": outgoing, "incoming": self.incoming(),
                "statuses_out": self.statuses("out"), "statuses_in": self.statuses("in")}

    def _digests(self, column, id):
        return [[name, hashlib.sha256(content or b"").hexdigest()] for name, content in self.run(
            f"SELECT name, content FROM document_attachments WHERE {column} = ? ORDER BY id", (id,))]

    def _insert(self, table, row):
        return self.db.insert(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
                              tuple(row.values()))


class RudeClerk:
    """What people do to rows that somebody else is working on. Every choice comes from the seed."""

    def __init__(self, clerk, seed, to):
        self.clerk = clerk
        self.dice = random.Random(seed)
        self.to = to

    def act(self):
        self.dice.choice([self.bad_date, self.unknown_code, self.nulls, self.change_while_sent, self.hold_a_row,
                          self.secret, self.good, self.good])()

    def good(self):
        self.clerk.write(self.to)

    def bad_date(self):
        self.clerk.write(self.to, promulgation_date=self.dice.choice(["31/02/2026", "2026", "hôm nay", "00/00/0000"]))

    def unknown_code(self):
        self.clerk.write([self.dice.choice(["???", "", "000 00", "0" * 36])])

    def nulls(self):
        self.clerk.write(self.to, **{self.dice.choice(["number", "notation", "subject", "promulgation_date"]): None})

    def secret(self):
        self.clerk.write(self.to, do_mat=self.dice.choice(["Mật", "Tối mật", "Tuyệt mật", "M", None]))

    def change_while_sent(self):
        id = self.clerk.write(self.to)
        time.sleep(self.dice.uniform(0, 0.5))
        self.clerk.run("UPDATE document_senders SET subject = 'V/v đã sửa', number = ?, status = ? WHERE id = ? AND status = 0",
                       (f"{id}b", self.dice.choice([0, 9, 13]), id))

    def hold_a_row(self):
        id = self.clerk.write(self.to)
        self.clerk.begin()
        self.clerk.run("UPDATE document_senders SET staff = 'đang sửa' WHERE id = ?", (id,))
        time.sleep(self.dice.uniform(0.1, 3))
        self.clerk.commit()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database", help="sqlite:FILE or postgresql:DSN")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("create")
    verbs.add_parser("books")
    verbs.add_parser("odbc")
    write = verbs.add_parser("write")
    write.add_argument("--to", action="append", required=True)
    write.add_argument("--subject", default="V/v phối hợp công tác")
    write.add_argument("--priority", default="0")
    write.add_argument("--do-mat", default="Thường")
    write.add_argument("--file", action="append", default=[], type=pathlib.Path)
    for verb in ("status", "recall", "give-back", "keep"):
        one = verbs.add_parser(verb)
        one.add_argument("id", type=int)
        if verb == "status":
            one.add_argument("code")
        one.add_argument("--reason")
    rude = verbs.add_parser("rude")
    rude.add_argument("--seed", type=int, default=1)
    rude.add_argument("--seconds", type=float, default=10)
    rude.add_argument("--to", action="append", required=True)
    return parser.parse_args()


def misbehave(clerk, a):
    rude = RudeClerk(clerk, a.seed, a.to)
    end = time.monotonic() + a.seconds
    while time.monotonic() < end:
        rude.act()


def main():
    a = arguments()
    clerk = Clerk(a.database)
    verbs = {
        "create": lambda: clerk.create() and None,
        "books": clerk.books,
        "odbc": lambda: clerk.odbc,
        "write": lambda: clerk.write(a.to, a.subject, [(f.name, f.read_bytes()) for f in a.file], priority=a.priority,
                                     do_mat=a.do_mat),
        "status": lambda: clerk.set_status(a.id, a.code, a.reason),
        "recall": lambda: clerk.recall(a.id, a.reason),
        "give-back": lambda: clerk.give_back(a.id),
        "keep": lambda: clerk.keep(a.id, a.reason),
        "rude": lambda: misbehave(clerk, a),
    }
    answer = verbs[a.verb]()
    if answer is not None:
        print(answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    sys.exit(main())
