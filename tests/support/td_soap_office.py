"""What the stand-in for TD.Office knows and does; td_soap.py lets it be called."""
import base64
import datetime
import json
import re
import secrets
import sqlite3
import threading

DATE = re.compile(r"\d\d/\d\d/\d{4}")
MOMENT = re.compile(r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d")
CODE = re.compile(r"[A-Z0-9]{1,3}(-[A-Z0-9]{1,3}){1,4}")
STATUSES = {"01", "02", "03", "04", "05", "06", "13", "15", "16"}

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (id INTEGER PRIMARY KEY, record TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'CHO_GUI',
    truc TEXT, code TEXT, text TEXT, looks INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS files (id INTEGER PRIMARY KEY, document INTEGER NOT NULL, name TEXT, type TEXT, content BLOB,
    looks INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS statuses (id INTEGER PRIMARY KEY, record TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'CHO_GUI',
    truc TEXT, code TEXT, text TEXT);
CREATE TABLE IF NOT EXISTS recipients (kind TEXT, item INTEGER, agency TEXT, state TEXT, code TEXT, text TEXT,
    PRIMARY KEY (kind, item, agency));
CREATE TABLE IF NOT EXISTS received (id INTEGER PRIMARY KEY, delivery TEXT, truc TEXT, record TEXT);
CREATE TABLE IF NOT EXISTS received_statuses (id INTEGER PRIMARY KEY, delivery TEXT, record TEXT);
CREATE TABLE IF NOT EXISTS sessions (cookie TEXT PRIMARY KEY);
"""


class Refused(Exception):
    """The service answers with an error of its own."""


class Office:
    """What TD.Office knows. Thread-safe: one call at a time."""

    def __init__(self, directory, user, password):
        directory.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self.base = sqlite3.connect(directory / "tdoffice.db", check_same_thread=False)
        self.base.row_factory = sqlite3.Row
        self.base.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + SCHEMA)
        self.user, self.password = user, password

    def ask(self, sql, *values):
        return self.base.execute(sql, values).fetchall()

    # Sessions

    def login(self, who):
        if (who["loginName"], who["pwd"]) != (self.user, self.password):
            raise Refused("Sai tên đăng nhập hoặc mật khẩu " + who["pwd"])
        cookie = secrets.token_hex(16)
        self.ask("INSERT INTO sessions VALUES (?)", cookie)
        return cookie

    def has_session(self, cookie):
        with self.lock:
            return bool(self.ask("SELECT 1 FROM sessions WHERE cookie = ?", cookie))

    def end_sessions(self):
        with self.lock, self.base:
            self.ask("DELETE FROM sessions")

    # What is to be sent

    def waiting(self, table, count):
        rows = self.ask(f"SELECT id, record FROM {table} WHERE state = 'CHO_GUI' ORDER BY id LIMIT ?", int(count))
        records = [(row["id"], json.loads(row["record"])) for row in rows]
        return [{"Id": id_, "SoKyHieu": r.get("SoKyHieu") or f"{r.get('SoVanBan')}/{r.get('KyHieu')}",
                 "TrichYeu": r.get("TrichYeu"), "DoKhan": r.get("DoKhan")} for id_, r in records]

    def one(self, table, id_):
        rows = self.ask(f"SELECT * FROM {table} WHERE id = ?", id_)
        if not rows:
            raise Refused("Không tìm thấy bản ghi " + str(id_))
        return rows[0]

    def document(self, id_):
        record = json.loads(self.one("documents", id_)["record"])
        self.ask("UPDATE documents SET looks = looks + 1 WHERE id = ?", id_)
        files = self.ask("SELECT id, name, type, length(content) AS size FROM files WHERE document = ? ORDER BY id", id_)
        record["TepDinhKem"] = [{"Id": f["id"], "TenTep": f["name"], "LoaiTep": f["type"], "KichThuoc": f["size"]}
                                for f in files]
        return {"Id": int(id_), **record}

    def file(self, p):
        found = self.one("files", p["idTep"])
        if str(found["document"]) != p["id"]:
            raise Refused("Tệp không thuộc văn bản")
        self.ask("UPDATE files SET looks = looks + 1 WHERE id = ?", p["idTep"])
        content = found["content"]
        if "viTri" in p:
            content = content[int(p["viTri"]):int(p["viTri"]) + int(p["doDai"])]
        return {"Id": found["id"], "NoiDung": base64.b64encode(content).decode()}

    def result(self, p):
        table = {"vanban": "documents", "trangthai": "statuses"}.get(p["loai"])
        if table is None or not MOMENT.fullmatch(p["thoiGian"]):
            raise Refused("Sai loại bản ghi hoặc thời gian")
        self.one(table, p["id"])
        if p["ketQua"] in ("DA_GUI", "LOI"):
            self.ask(f"UPDATE {table} SET state = ?, truc = ?, code = ?, text = ? WHERE id = ?", p["ketQua"], p["maTruc"],
                     p["maLoi"], p["noiDung"], p["id"])
        elif p["ketQua"] in ("DA_DEN", "KHONG_DEN") and CODE.fullmatch(p["maDonVi"]):
            self.ask("INSERT OR REPLACE INTO recipients VALUES (?, ?, ?, ?, ?, ?)", p["loai"], p["id"], p["maDonVi"],
                     p["ketQua"], p["maLoi"], p["noiDung"])
        else:
            raise Refused("Sai kết quả hoặc mã đơn vị")

    # What comes

    def receive(self, p):
        record = json.loads(p["vanBan"])
        for member, form in (("MaDonViGui", CODE), ("MaDonViNhan", CODE), ("NgayBanHanh", DATE)):
            if not form.fullmatch(record.get(member, "")):
                raise Refused(f"{member} sai định dạng")
        if not record.get("TrichYeu") or "TỪ CHỐI" in record["TrichYeu"]:
            raise Refused("Không nhận văn bản có trích yếu này")
        for file in record.get("TepDinhKem", []):
            if len(base64.b64decode(file["NoiDung"], validate=True)) != int(file["KichThuoc"]):
                raise Refused("Tệp sai kích thước")
        return self.keep("received (delivery, truc, record)", p["maGiaoNhan"], p["maTruc"], json.dumps(record))

    def receive_status(self, p):
        if p["trangThai"] not in STATUSES or not CODE.fullmatch(p["maDonVi"]) or not MOMENT.fullmatch(p["thoiGian"]):
            raise Refused("Sai trạng thái, mã đơn vị hoặc thời gian")
        return self.keep("received_statuses (delivery, record)", p["maGiaoNhan"], json.dumps(p))

    def keep(self, table, *values):
        marks = ", ".join("?" * len(values))
        cursor = self.base.execute(f"INSERT INTO {table} VALUES ({marks})", values)
        return {"Id": cursor.lastrowid}

    def look(self, delivery):
        for table in ("received", "received_statuses"):
            for row in self.ask(f"SELECT id FROM {table} WHERE delivery = ?", delivery):
                return {"Id": row["id"]}
        return None

    def call(self, work, parameters):
        """One call of a service: all of its work, or none."""
        with self.lock, self.base:
            return work(self, parameters)

    # Clerks and judges

    def write(self, orders):
        with self.lock, self.base:
            written = {"documents": [], "statuses": []}
            for record in orders.get("documents", []):
                files = record.pop("files", [])
                written["documents"].append(self.insert("documents", record))
                for f in files:
                    self.ask("INSERT INTO files (document, name, type, content) VALUES (?, ?, ?, ?)",
                             written["documents"][-1], f["name"], f.get("type"), base64.b64decode(f["content"]))
            for record in orders.get("statuses", []):
                written["statuses"].append(self.insert("statuses", record))
            for order in orders.get("report", []):
                written["statuses"].append(self.insert("statuses", self.status_on(order)))
            for change in orders.get("correct", []):
                record = {**json.loads(self.one("documents", change["Id"])["record"]), **change}
                self.ask("UPDATE documents SET record = ?, state = 'CHO_GUI' WHERE id = ?", json.dumps(record), change["Id"])
            return written

    def insert(self, table, record):
        return self.base.execute(f"INSERT INTO {table} (record) VALUES (?)", (json.dumps(record),)).lastrowid

    def status_on(self, order):
        about = json.loads(self.one("received", order["received"])["record"])
        now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7)))
        return {"MaDonVi": about["MaDonViNhan"], "MaDonViNhan": about["MaDonViGui"], "MaVanBan": about["MaVanBan"],
                "SoKyHieu": about["SoKyHieu"], "NgayBanHanh": about["NgayBanHanh"], "TrangThai": order["TrangThai"],
                "LyDo": order.get("LyDo", ""), "ThoiGian": f"{now:%d/%m/%Y %H:%M:%S}"}

    def books(self):
        with self.lock:
            tables = {name: [{k: row[k] for k in row.keys()} for row in self.ask(f"SELECT * FROM {name} ORDER BY rowid")]
                      for name in ("documents", "statuses", "recipients", "received", "received_statuses")}
            tables["files"] = [dict(row) for row in self.ask("SELECT id, document, name, looks FROM files ORDER BY id")]
        for rows in tables.values():
            for row in rows:
                if "record" in row:
                    row["record"] = json.loads(row["record"])
        return tables
