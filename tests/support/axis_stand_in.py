"""The national axis, imitated as strictly as its protocol was captured, and as unreliably as it is said to be.

    python3 axis_stand_in.py --port 18600 --dir DIR [--faults SPEC] [--seed N] [--agencies N] [--recognise]

A loopback HTTP server for systems of the axis SDK: POST /vxp/<operation>. Everything is in DIR/axis.db before it is
answered, so that it can be killed at any moment. Like the real one it has no idempotency key: the same bytes sent twice are
two documents, unless --recognise says that this axis knows them again.

Beside the protocol, for tests and demonstrations (bodies and answers are JSON):

    POST /_system   {"id", "secret"}                                a system that connects
    POST /_agency   {"code", "name", "system", "parent", "mail", "locked"}   one that a system speaks for, or nobody
    POST /_send     {"from", "to": [...], "messagetype", "content": base64}  as if that agency's own system had sent it
    POST /_status   {"docId", "status"}                             as if the recipient's own system had said so
    POST /_faults   {"spec": "..."}                                 other faults from now on
    GET  /_books    every document with its deliveries, by which a test compares; counts of calls and faults
    GET  /_content?docId=…                                          the bytes

--faults is a list such as "latency=0.2,lost=0.05,error20=0.1": the probability of each, by request.

    latency    up to a second passes first
    error20    FAIL 20, nothing done
    after20    FAIL 20, although it was done
    lost       it was done, but no answer ever comes: silence for HANG seconds, then the connection ends
    cut        it was done, and the connection breaks in the middle of the answer
    busy       503 with Retry-After: 1, nothing done
    repeated   entries of a list stand there twice, and some that are done or failed stand there again
    encoding   texts for people are no UTF-8, base64 has line ends
"""
import argparse
import base64
import datetime
import hashlib
import hmac
import http.server
import json
import pathlib
import random
import re
import sqlite3
import threading
import time
import urllib.parse
import uuid
import xml.etree.ElementTree as xml

PREFIX = "XroadVnpt-"
VIETNAM = datetime.timezone(datetime.timedelta(hours=7))
HANG = 3  # seconds
LARGEST = 256 << 20
FAULTS = ("latency", "error20", "after20", "lost", "cut", "busy", "repeated", "encoding")
SCHEMA = """
CREATE TABLE IF NOT EXISTS systems(id TEXT PRIMARY KEY, secret TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS agencies(code TEXT PRIMARY KEY, id TEXT, pid TEXT, name TEXT, mail TEXT, system TEXT, locked INT);
CREATE TABLE IF NOT EXISTS documents(doc_id TEXT PRIMARY KEY, kind TEXT, system TEXT, sender TEXT, sha256 TEXT,
    document_id TEXT, notation TEXT, title TEXT, status_code TEXT, sent_at REAL, content BLOB);
CREATE INDEX IF NOT EXISTS by_sender ON documents(system, kind, sent_at);
CREATE TABLE IF NOT EXISTS deliveries(doc_id TEXT PRIMARY KEY, document TEXT, recipient TEXT, system TEXT, status TEXT,
    changed_at REAL, done INT NOT NULL DEFAULT 0, failed INT NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS by_recipient ON deliveries(system, status);
"""


class Refused(Exception):
    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


def time_text(seconds):
    return datetime.datetime.fromtimestamp(seconds, VIETNAM).strftime("%Y-%m-%d %H:%M:%S")


def day(text):
    """The first second of a day, in Vietnam."""
    for form in ("%Y/%m/%d", "%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.datetime.strptime(text, form).replace(tzinfo=VIETNAM).timestamp()
        except ValueError:
            pass
    raise Refused("10", f"ngày {text}")


def forms_of_hash(content):
    digest = hashlib.sha256(content).digest()
    return {digest.hex(), "".join(f"{byte:x}" for byte in digest)}


def local(element):
    return element.tag.rpartition("}")[2]


def look_into(content):
    """What the axis shows of an edXML document or status."""
    try:
        root = xml.fromstring(content)
    except xml.ParseError as fault:
        raise Refused("22", f"không phải edXML: {fault}") from fault
    if local(root) != "edXML":
        raise Refused("22", "không phải edXML")
    texts = {}
    for element in root.iter():
        texts.setdefault(local(element), (element.text or "").strip())
    if "OrganId" not in texts or "DocumentId" not in texts:
        raise Refused("22", "thiếu OrganId hoặc DocumentId")
    status = texts.get("StatusCode", "")
    notation = texts.get("Code", "") if status else f"{texts.get('CodeNumber', '')}/{texts.get('CodeNotation', '')}"
    return {"document_id": texts["DocumentId"], "notation": notation, "title": texts.get("Subject", ""),
            "status_code": status}


class Axis:
    """What it keeps. Each member is one transaction."""

    def __init__(self, directory, seed, faults, recognise):
        self.recognise = recognise
        self.lock = threading.RLock()
        self.random = random.Random(seed)
        self.calls = {}
        self.faulty = {}
        self.set_faults(faults)
        self.list_of_agencies = None
        pathlib.Path(directory).mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(pathlib.Path(directory) / "axis.db", check_same_thread=False, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.executescript(SCHEMA)

    # --- faults ------------------------------------------------------------------------------------------------------

    def set_faults(self, spec):
        self.faults = {}
        for part in filter(None, (spec or "").split(",")):
            name, _, chance = part.partition("=")
            if name not in FAULTS:
                raise SystemExit(f"unknown fault {name}: one of {', '.join(FAULTS)}")
            self.faults[name] = float(chance or 1)

    def strikes(self, name):
        with self.lock:
            struck = self.random.random() < self.faults.get(name, 0)
            if struck:
                self.faulty[name] = self.faulty.get(name, 0) + 1
            return struck

    def count(self, operation):
        with self.lock:
            self.calls[operation] = self.calls.get(operation, 0) + 1

    # --- directory ---------------------------------------------------------------------------------------------------

    def add_system(self, members):
        with self.lock, self.db:
            self.db.execute("INSERT OR REPLACE INTO systems VALUES(?, ?)", (members["id"], members["secret"]))

    def add_agency(self, members):
        code = members["code"]
        with self.lock, self.db:
            self.list_of_agencies = None
            self.db.execute("INSERT OR REPLACE INTO agencies VALUES(?, ?, ?, ?, ?, ?, ?)",
                            (code, "id-" + code, "id-" + members["parent"] if members.get("parent") else "",
                             members.get("name", code), members.get("mail", ""), members.get("system"),
                             int(bool(members.get("locked")))))

    def begin_with(self, setup):
        """What a restart finds already stays as it is by now."""
        known = {agency["code"] for agency in self.agencies()}
        for system in setup["systems"]:
            self.add_system(system)
        for agency in setup["agencies"]:
            if agency["code"] not in known:
                self.add_agency(agency)

    def add_many(self, count):
        """Agencies of the whole country, for which nobody is connected."""
        rows = ((f"{i % 1000:03}.{i // 1000 % 100:02}.{i // 100000:02}.K{i % 97:02}",) for i in range(count))
        with self.lock, self.db:
            self.list_of_agencies = None
            self.db.execute("BEGIN")
            self.db.executemany("INSERT OR IGNORE INTO agencies VALUES(?1, 'id-' || ?1, '', 'Đơn vị được cấp mã định danh '"
                                " || ?1, 'vanthu@' || lower(?1) || '.example.vn', NULL, 0)", rows)
            self.db.execute("COMMIT")

    def agencies(self):
        with self.lock:
            if self.list_of_agencies is None:
                rows = self.db.execute("SELECT id, pid, code, name, mail FROM agencies").fetchall()
                self.list_of_agencies = [dict(row) for row in rows]
            return self.list_of_agencies

    def secret(self, system):
        with self.lock:
            row = self.db.execute("SELECT secret FROM systems WHERE id = ?", (system,)).fetchone()
        return row["secret"] if row else None

    def agency(self, code):
        return self.db.execute("SELECT * FROM agencies WHERE code = ?", (code,)).fetchone()

    # --- documents ---------------------------------------------------------------------------------------------------

    def send(self, system, sender, recipients, kind, content):
        """`system` None: that of the sender."""
        seen = look_into(content)
        if bool(seen["status_code"]) != (kind == "status"):
            raise Refused("10", f"messagetype {kind} không khớp nội dung")
        digest = hashlib.sha256(content).hexdigest()
        with self.lock, self.db:
            by = self.agency(sender)
            if by is None or (system is not None and by["system"] != system):
                raise Refused("19", f"đơn vị gửi {sender} chưa đăng ký")
            to = [self.agency(code) or code for code in recipients]
            for one in to:
                if isinstance(one, str):
                    raise Refused("18", f"đơn vị nhận {one} không tồn tại")
                if one["locked"]:
                    raise Refused("23", f"đơn vị nhận {one['code']} đang bị khóa")
            known = self.recognise and self.db.execute(
                "SELECT doc_id FROM documents JOIN deliveries ON document = documents.doc_id WHERE sha256 = ? AND sender = ? "
                "AND recipient = ?", (digest, sender, recipients[0])).fetchone()
            if known:
                return known[0]
            doc_id = str(uuid.uuid4())
            now = time.time()
            self.db.execute("BEGIN IMMEDIATE")
            self.db.execute("INSERT INTO documents VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            (doc_id, kind, by["system"], sender, digest, seen["document_id"], seen["notation"], seen["title"],
                             seen["status_code"], now, content))
            for one in to:
                self.db.execute("INSERT INTO deliveries(doc_id, document, recipient, system, status, changed_at) "
                                "VALUES(?, ?, ?, ?, 'initial', ?)", (str(uuid.uuid4()), doc_id, one["code"], one["system"], now))
            self.db.execute("COMMIT")
            return doc_id

    def received(self, system, kind, also_ended):
        wanted = "" if also_ended else "AND v.status NOT IN ('done', 'fail')"
        with self.lock:
            rows = self.db.execute("SELECT v.doc_id, v.status, v.recipient, v.changed_at, d.sender, d.sent_at, d.kind FROM "
                                   "deliveries v JOIN documents d ON d.doc_id = v.document WHERE v.system = ? AND d.kind = ? "
                                   f"{wanted} ORDER BY d.sent_at LIMIT 1000", (system, kind)).fetchall()
        return [{"docId": r["doc_id"], "serviceType": "eDoc", "messageType": r["kind"], "created_time": time_text(r["sent_at"]),
                 "updated_time": time_text(r["changed_at"]), "from": r["sender"], "to": r["recipient"], "status": r["status"],
                 "status_desc": "Đang chờ xử lý"} for r in rows]

    def sent(self, system, kind, since, until, page):
        size, index = page
        with self.lock:
            rows = self.db.execute("SELECT v.doc_id AS receiver, v.recipient, v.status, v.changed_at, d.* FROM documents d JOIN "
                                   "deliveries v ON v.document = d.doc_id WHERE d.system = ? AND d.kind = ? AND sent_at >= ? "
                                   "AND sent_at < ? ORDER BY d.sent_at DESC, v.doc_id LIMIT ? OFFSET ?",
                                   (system, kind, since, until, size, size * index)).fetchall()
        return [{"serviceType": "eDoc", "receiverDocId": r["receiver"], "toCode": r["recipient"], "receiveStatus": r["status"],
                 "title": r["title"], "messageType": r["kind"], "notation": r["notation"],
                 "receivedTime": time_text(r["changed_at"]), "sentTime": time_text(r["sent_at"]), "sendStatus": "done",
                 "sendStatusDesc": "Đã gửi", "senderDocId": r["doc_id"], "fromCode": r["sender"],
                 "receiveStatusDesc": "Đã nhận"} for r in rows]

    def content(self, doc_id, system=None):
        with self.lock:
            row = self.db.execute("SELECT content, v.system FROM documents d JOIN deliveries v ON v.document = d.doc_id WHERE "
                                  "v.doc_id = ?1 OR (d.doc_id = ?1 AND ?2 IS NULL)", (doc_id, system)).fetchone()
        if row is None or (system is not None and row["system"] != system):
            raise Refused("10", f"không có văn bản {doc_id}")
        return bytes(row["content"])

    def update(self, doc_id, status, system=None):
        if status not in ("initial", "processing", "done", "fail"):
            raise Refused("10", f"trạng thái {status}")
        with self.lock, self.db:
            changed = self.db.execute("UPDATE deliveries SET status = ?, changed_at = ?, done = done + ?, failed = failed + ? "
                                      "WHERE doc_id = ? AND (? IS NULL OR system = ?)",
                                      (status, time.time(), int(status == "done"), int(status == "fail"), doc_id, system,
                                       system)).rowcount
        if not changed:
            raise Refused("10", f"không có văn bản {doc_id}")

    def books(self):
        with self.lock:
            rows = self.db.execute("SELECT d.doc_id, d.kind, d.sender, d.sha256, d.document_id, d.notation, d.status_code, "
                                   "d.sent_at, v.doc_id AS receiver, v.recipient, v.status, v.done, v.failed FROM documents d "
                                   "JOIN deliveries v ON v.document = d.doc_id ORDER BY d.sent_at").fetchall()
            count = self.db.execute("SELECT count(*) FROM agencies").fetchone()[0]
            return {"documents": [dict(row) for row in rows], "agencies": count, "calls": self.calls, "faults": self.faulty}


class Request:
    """One signed call, checked as strictly as can be."""

    AGENT = "JAVASDKAgent/1.0.0 XRoad/VPCP"
    VERSION = "3.0.201608"
    TIME = re.compile(r"(\d{8}T\d{6})\+(\d{4})")

    def __init__(self, axis, operation, headers):
        self.operation = operation
        plain = {}
        for name, value in headers.items():
            value = value.encode("latin-1").decode("utf-8")
            if name.lower().startswith(PREFIX.lower()) and plain.setdefault(name.lower(), value) != value:
                raise Refused("15", f"{name} hai lần")
        text = self._plain(plain, "sign-header")
        self.system = self._plain(plain, "systemid")
        secret = axis.secret(self.system)
        mac = hmac.new((secret or "nobody").encode(), text.encode(), hashlib.sha256).hexdigest()
        if secret is None or not hmac.compare_digest(mac, self._plain(plain, "hash-header")):
            raise Refused("15", "sai systemid hoặc mã bí mật")
        self._check_signed(text, plain)
        self._check_rest(headers, plain)

    @staticmethod
    def _plain(plain, name):
        try:
            return plain[(PREFIX + name).lower()]
        except KeyError:
            raise Refused("15", f"thiếu {PREFIX}{name}") from None

    def _check_signed(self, text, plain):
        pairs = json.loads(text, object_pairs_hook=list)
        names = [name.removeprefix(PREFIX) for name, _ in pairs]
        if json.dumps(dict(pairs), separators=(",", ":"), ensure_ascii=False) != text or len(set(names)) != len(names):
            raise Refused("15", "sign-header không phải JSON gọn")
        if ";".join(names) != self._plain(plain, "sign-header-key"):
            raise Refused("15", "sign-header-key không khớp sign-header")
        for name, value in pairs:
            if not name.startswith(PREFIX) or plain.get(name.lower()) != value:
                raise Refused("15", f"{name} không khớp phần đã ký")
        self.parameters = dict(zip(names, (value for _, value in pairs)))
        for needed in ("systemid", "timestamp", "Content-Type"):
            if needed not in self.parameters:
                raise Refused("15", f"{needed} chưa ký")

    def _check_rest(self, headers, plain):
        if headers.get("User-Agent") != self.AGENT or self._plain(plain, "version") != self.VERSION:
            raise Refused("15", "không phải SDK")
        found = self.TIME.fullmatch(self.parameters["timestamp"])
        if not found or int(found[2]) > 999:
            raise Refused("15", "timestamp")
        moment = datetime.datetime.strptime(found[1], "%d%m%YT%H%M%S").replace(tzinfo=VIETNAM)
        if abs(moment.timestamp() - time.time()) > 86400:
            raise Refused("15", "timestamp")
        kind = headers.get_content_type()
        allowed = ("application/octet-stream", "multipart/form-data") if self.operation == "sendEdoc" else ("application/json",)
        if kind not in allowed or self.parameters["Content-Type"] != kind:
            raise Refused("10", f"Content-Type {kind}")

    def get(self, name):
        if not self.parameters.get(name):
            raise Refused("10", f"thiếu {name}")
        return self.parameters[name]

    def kind(self):
        if self.get("servicetype") != "eDoc" or self.get("messagetype") not in ("edoc", "status"):
            raise Refused("10", "servicetype hoặc messagetype")
        return self.get("messagetype")

    def recipients(self):
        codes = json.loads(self.get("to"))
        codes = json.loads(codes) if isinstance(codes, str) else codes
        if not isinstance(codes, list) or not codes or not all(isinstance(code, str) for code in codes):
            raise Refused("10", "to")
        return codes


def file_in(request, headers, body):
    """The bytes that hash-file covers: the body, without the line end that the SDK adds, or the part file_doc."""
    if headers.get_content_type() == "multipart/form-data":
        boundary = b"--" + headers.get_param("boundary").encode()
        part = next((p for p in body.split(boundary) if b'name="file_doc"' in p.partition(b"\r\n\r\n")[0]), b"")
        body = part.partition(b"\r\n\r\n")[2]
    for content in (body, body.removesuffix(b"\r\n")):
        if request.get("hash-file").lower() in forms_of_hash(content):
            return content
    raise Refused("10", "hash-file không khớp")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    axis = None  # set by serve()

    def log_message(self, *_):
        pass

    def do_GET(self):  # pylint: disable=invalid-name
        where = urllib.parse.urlsplit(self.path)
        if where.path == "/_books":
            return self.answer(self.axis.books())
        if where.path == "/_content":
            doc_id = urllib.parse.parse_qs(where.query)["docId"][0]
            return self.send_bytes(200, "application/xml", self.axis.content(doc_id))
        return self.send_bytes(404, "text/plain", b"not found")

    def do_POST(self):  # pylint: disable=invalid-name
        length = self.headers.get("Content-Length")
        if length is None or int(length) > LARGEST:
            self.close_connection = True
            return self.send_bytes(413 if length else 411, "text/plain", b"")
        body = self.rfile.read(int(length))
        if self.path.startswith("/_"):
            return self.control(self.path[2:], json.loads(body or b"{}"))
        return self.operate(body)

    # --- for tests ---------------------------------------------------------------------------------------------------

    def control(self, verb, members):
        axis = self.axis
        verbs = {"system": axis.add_system, "agency": axis.add_agency,
                 "faults": lambda m: axis.set_faults(m["spec"]),
                 "agencies": lambda m: axis.add_many(m["count"]),
                 "status": lambda m: axis.update(m["docId"], m["status"]),
                 "send": lambda m: {"DocId": axis.send(None, m["from"], m["to"], m.get("messagetype", "edoc"),
                                                       base64.b64decode(m["content"]))}}
        if verb not in verbs:
            return self.send_bytes(404, "text/plain", b"not found")
        try:
            return self.answer({"status": "OK", "ErrorCode": "0", **(verbs[verb](members) or {})})
        except Refused as fault:
            return self.answer({"status": "FAIL", "ErrorCode": fault.code, "ErrorDesc": str(fault)})

    # --- the protocol ------------------------------------------------------------------------------------------------

    def operate(self, body):
        base, _, operation = self.path.rpartition("/")
        self.axis.count(operation)
        if self.axis.strikes("latency"):
            time.sleep(self.axis.random.random())
        if self.axis.strikes("busy"):
            return self.send_bytes(503, "text/plain", b"busy", {"Retry-After": "1"})
        if self.axis.strikes("error20"):
            return self.fail("20", "lỗi hệ thống")
        if base != "/vxp" or not hasattr(self, "on_" + operation):
            return self.send_bytes(404, "text/html", b"<html>404</html>")
        try:
            request = Request(self.axis, operation, self.headers)
            members = getattr(self, "on_" + operation)(request, body)
        except Refused as fault:
            return self.fail(fault.code, str(fault))
        except (ValueError, KeyError) as fault:
            return self.fail("10", str(fault))
        if self.axis.strikes("after20"):
            return self.fail("20", "lỗi hệ thống")
        return self.answer({"status": "OK", "ErrorCode": "0", "ErrorDesc": "Thành công", **members}, faulty=True)

    def on_getAgenciesList(self, *_):  # pylint: disable=invalid-name
        return {"data": self.axis.agencies()}

    def on_getSynchronizeUnit(self, *_):  # pylint: disable=invalid-name
        return {"data": [{**a, "version": "1", "centerCode": "", "deleted": False, "modifyDate": "", "isAgency": True}
                         for a in self.axis.agencies()]}

    def on_registerAgency(self, request, body):  # pylint: disable=invalid-name
        form = json.loads(body)
        if list(form) != ["id", "pcode", "code", "name", "mail", "mobile", "fax"] or not form["code"]:
            raise Refused("10", "registerAgency")
        known = self.axis.agency(form["code"])
        if known and known["system"] not in (None, request.system):
            raise Refused("10", "mã đã được hệ thống khác đăng ký")
        self.axis.add_agency({**form, "parent": form["pcode"], "system": request.system})
        return {}

    def on_deleteAgency(self, request, _):  # pylint: disable=invalid-name
        known = self.axis.agency(request.get("AgencyCode"))
        if known is None or known["system"] != request.system:
            raise Refused("10", "không phải đơn vị của hệ thống")
        self.axis.add_agency({"code": known["code"], "name": known["name"], "locked": True, "system": request.system})
        return {}

    def on_sendEdoc(self, request, body):  # pylint: disable=invalid-name
        content = file_in(request, self.headers, body)
        doc_id = self.axis.send(request.system, request.get("from"), request.recipients(), request.kind(), content)
        return {"DocId": doc_id}

    def on_getReceivedEdocList(self, request, _):  # pylint: disable=invalid-name
        repeated = self.axis.strikes("repeated")
        rows = self.axis.received(request.system, request.kind(), repeated)
        return {"data": rows + rows[:3] if repeated else rows}

    def on_getSentEdocList(self, request, _):  # pylint: disable=invalid-name
        p = request.parameters
        until = day(p["toDate"]) + 86400 if p.get("toDate") else 1e12
        page = (int(p.get("pageSize") or 1000), max(int(p.get("pageIndex") or 1), 1) - 1)
        return {"data": self.axis.sent(request.system, request.kind(), day(p["fromDate"]) if p.get("fromDate") else 0, until, page)}

    def on_getEdoc(self, request, _):  # pylint: disable=invalid-name
        content = self.axis.content(request.get("docId"), request.system)
        wrapped = self.axis.strikes("encoding")
        return {"data": (base64.encodebytes if wrapped else base64.b64encode)(content).decode()}

    def on_updateStatus(self, request, _):  # pylint: disable=invalid-name
        self.axis.update(request.get("docId"), request.get("status"), request.system)
        return {}

    # --- answers -----------------------------------------------------------------------------------------------------

    def fail(self, code, why):
        self.answer({"status": "FAIL", "ErrorCode": code, "ErrorDesc": why}, faulty=True)

    def answer(self, members, faulty=False):
        body = json.dumps(members, ensure_ascii=False).encode()
        if faulty and self.axis.strikes("encoding"):
            body = body.replace("ệ".encode(), b"\xea").replace("ị".encode(), b"\xb8")
        if faulty and self.axis.strikes("lost"):
            time.sleep(HANG)
            self.close_connection = True
            return
        self.send_bytes(200, "application/json;charset=UTF-8", body, cut=faulty and self.axis.strikes("cut"))

    def send_bytes(self, status, kind, body, fields=None, cut=False):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (fields or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[:len(body) // 2] if cut else body)
        self.close_connection = self.close_connection or cut


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """Who calls may go away at any moment."""


def serve(port, axis):
    handler = type("Bound", (Handler,), {"axis": axis})
    return Server(("127.0.0.1", port), handler)


def main():
    parser = argparse.ArgumentParser(description="A stand-in of the national axis, on loopback.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", required=True)
    parser.add_argument("--faults", default="")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--agencies", type=int, default=0, help="so many agencies for which nobody is connected")
    parser.add_argument("--recognise", action="store_true", help="the same bytes to the same recipient are one document")
    parser.add_argument("--setup", type=pathlib.Path, help='{"systems": […], "agencies": […]}: those that it begins with')
    given = parser.parse_args()
    axis = Axis(given.dir, given.seed, given.faults, given.recognise)
    if given.setup:
        axis.begin_with(json.loads(given.setup.read_text(encoding="utf-8")))
    if given.agencies:
        axis.add_many(given.agencies)
    serve(given.port, axis).serve_forever()


if __name__ == "__main__":
    main()
