#!/usr/bin/env python3
"""A stand-in for TD.Office's SOAP services, as unforgiving as the real ones are said to be.

    td_soap.py --port N --dir DIR [--user U] [--password-file F] [--faults SPEC] [--seed N]

What it has been told is in DIR/tdoffice.db, so that it can be killed at any moment. It stores what it is given as often as it
is given it: a document that comes twice stands in its books twice.

SPEC is "name=probability,…" of the faults in FAULTS. Beside the services, clerks and judges talk to it in JSON:
    GET  /_books    what it has sent and received
    POST /_clerk    {"documents": [{…record…, "files": [{"name", "type", "content"}]}], "statuses": [{…record…}],
                     "report": [{"received": N, "TrangThai": "03", "LyDo": ""}], "correct": [{"Id": N, …members…}]}
    POST /_faults   {"spec": "…"}
"""
import argparse
import base64
import http.client
import http.server
import json
import pathlib
import random
import sys
import threading
import time
import urllib.parse
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

from td_soap_office import Office, Refused

NAMESPACE = "http://schemas.microsoft.com/sharepoint/soap/"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICES = "/_layouts/tandan/QuanLyVanBan/webservices/"
LOGIN_PATH = SERVICES + "DangNhap.asmx"
EXCHANGE_PATH = SERVICES + "LienThongVanBan.asmx"
COOKIE = "TDOfficeSession"
PAGE = "<!DOCTYPE html><html><head><title>Lỗi</title></head><body>Đã xảy ra lỗi, xin thử lại sau.</body></html>"

FAULTS = {
    "latency": "the answer takes up to a third of a second",
    "lost": "the work is done, the answer is not sent",
    "slow": "the work is done, the answer comes after SLOW seconds",
    "late": "the answer is not sent, the work is done a moment later",
    "double": "a list has every row twice",
    "encoding": "the answer is in UTF-16, or not in the encoding that it declares",
    "shape": "the JSON is wrapped in {\"d\":…}, encoded twice, or has texts for numbers",
    "expired": "the session is over",
    "page": "a page in HTML in place of the answer, before or after the work",
    "ill": "for ILLNESS seconds every call is answered with an error",
}
SLOW, LATE, ILLNESS = 4.0, 0.5, 1.5


class Fault(Exception):
    """The service never sees the call."""


REPORT = {"loai", "id", "ketQua", "maTruc", "maDonVi", "maLoi", "noiDung", "thoiGian"}
STATUS = {"maGiaoNhan", "maVanBan", "soKyHieu", "ngayBanHanh", "maDonVi", "tenDonVi", "maDonViNhan", "trangThai", "noiDung",
          "nguoiXuLy", "thoiGian"}
# Path, the sets of parameters that it takes, what it does.
METHODS = {
    "Login": (LOGIN_PATH, [{"loginName", "pwd"}], Office.login),
    "LayVanBanChoGui": (EXCHANGE_PATH, [{"soLuong"}], lambda o, p: o.waiting("documents", p["soLuong"])),
    "LayTrangThaiChoGui": (EXCHANGE_PATH, [{"soLuong"}], lambda o, p: o.waiting("statuses", p["soLuong"])),
    "LayChiTietVanBan": (EXCHANGE_PATH, [{"id"}], lambda o, p: o.document(p["id"])),
    "LayChiTietTrangThai": (EXCHANGE_PATH, [{"id"}], lambda o, p: json.loads(o.one("statuses", p["id"])["record"])),
    "LayTepDinhKem": (EXCHANGE_PATH, [{"id", "idTep"}, {"id", "idTep", "viTri", "doDai"}], Office.file),
    "CapNhatKetQuaGui": (EXCHANGE_PATH, [REPORT], Office.result),
    "NhanVanBanDen": (EXCHANGE_PATH, [{"maGiaoNhan", "maTruc", "vanBan"}], Office.receive),
    "KiemTraVanBanDen": (EXCHANGE_PATH, [{"maGiaoNhan"}], lambda o, p: o.look(p["maGiaoNhan"])),
    "CapNhatTrangThai": (EXCHANGE_PATH, [STATUS], Office.receive_status),
}


class Misfortune:
    """Which faults happen to a call. Thread-safe enough for what it is."""

    def __init__(self, spec, seed):
        self.chance = random.Random(seed)
        self.ill_until = 0.0
        self.set(spec)

    def set(self, spec):
        pairs = [part.split("=") for part in spec.split(",") if part]
        self.odds = {name: float(odds) for name, odds in pairs}
        if unknown := set(self.odds) - set(FAULTS):
            raise ValueError("no such fault: " + ", ".join(sorted(unknown)))

    def strikes(self, fault):
        return self.chance.random() < self.odds.get(fault, 0)

    def is_ill(self):
        if self.strikes("ill"):
            self.ill_until = time.monotonic() + ILLNESS
        return time.monotonic() < self.ill_until


def read_call(headers, path, body):
    """Method and parameters, or Fault: as strict as .NET is about names."""
    action = headers.get("SOAPAction", "")
    if not action.startswith('"' + NAMESPACE) or not action.endswith('"'):
        raise Fault("Server did not recognize the value of HTTP Header SOAPAction: " + action)
    method = action[len(NAMESPACE) + 1:-1]
    if method not in METHODS or METHODS[method][0] != path:
        raise Fault("Server did not recognize the value of HTTP Header SOAPAction: " + action)
    if headers.get_content_type() != "text/xml" or headers.get_content_charset() != "utf-8":
        raise Fault("Content-Type")
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as problem:
        raise Fault("Client found request is malformed: %s" % problem) from problem
    call = root.find(f"{{{ENVELOPE}}}Body/*")
    if root.tag != f"{{{ENVELOPE}}}Envelope" or call is None or call.tag != f"{{{NAMESPACE}}}{method}":
        raise Fault("Body does not call " + method)
    parameters = {one.tag.removeprefix(f"{{{NAMESPACE}}}"): one.text or "" for one in call}
    if set(parameters) not in METHODS[method][1] or len(parameters) != len(call):
        raise Fault(f"{method} does not take the parameters {sorted(parameters)}")
    return method, parameters


def soap(content):
    return (f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{ENVELOPE}"><soap:Body>{content}'
            "</soap:Body></soap:Envelope>")


def numbers_as_text(value):
    if isinstance(value, dict):
        return {k: numbers_as_text(v) for k, v in value.items()}
    if isinstance(value, list):
        return [numbers_as_text(v) for v in value]
    return str(value) if isinstance(value, int) else value


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    office = misfortune = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path == "/_books":
            return self.reply_json(self.office.books())
        return self.reply(404, "text/html", PAGE.encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/_clerk":
            return self.reply_json(self.office.write(json.loads(body)))
        if self.path == "/_faults":
            self.misfortune.set(json.loads(body)["spec"])
            return self.reply_json({})
        if self.path not in (LOGIN_PATH, EXCHANGE_PATH):
            return self.reply(404, "text/html", PAGE.encode())
        try:
            return self.serve(*read_call(self.headers, self.path, body))
        except Fault as fault:
            text = f"<soap:Fault><faultcode>soap:Client</faultcode><faultstring>{escape(str(fault))}</faultstring></soap:Fault>"
            return self.reply(500, "text/xml; charset=utf-8", soap(text).encode())

    def serve(self, method, parameters):
        strikes = self.misfortune.strikes
        if strikes("latency"):
            time.sleep(self.misfortune.chance.random() / 3)
        if method != "Login":
            if strikes("expired"):
                self.office.end_sessions()
            if not self.office.has_session(self.cookie()):
                return self.refuse_session()
            if strikes("page"):
                return self.reply_page(method, parameters)
            if strikes("late"):
                threading.Timer(LATE, self.work, (method, parameters)).start()
                return self.cut()
            if self.misfortune.is_ill():
                return self.reply_soap(method, {"Status": "ERROR", "Data": None, "Message": "Lỗi hệ thống"})
        answer = self.work(method, parameters)
        if strikes("lost"):
            return self.cut()
        if strikes("slow"):
            time.sleep(SLOW)
        if isinstance(answer["Data"], list) and strikes("double"):
            answer["Data"] = [row for row in answer["Data"] for _ in range(2)]
        return self.reply_soap(method, answer)

    def work(self, method, parameters):
        try:
            return {"Status": "OK", "Data": self.office.call(METHODS[method][2], parameters)}
        except Refused as problem:
            return {"Status": "ERROR", "Data": None, "Message": str(problem)}

    def cookie(self):
        pairs = dict(p.strip().split("=", 1) for p in self.headers.get("Cookie", "").split(";") if "=" in p)
        return pairs.get(COOKIE)

    def refuse_session(self):
        """The three ways in which such servers do it."""
        way = self.misfortune.chance.randrange(3)
        if way == 0:
            return self.reply(200, "text/html; charset=utf-8", PAGE.encode())
        if way == 1:
            return self.reply(302, "text/html", b"", {"Location": "/_layouts/login.aspx"})
        method = self.headers["SOAPAction"][len(NAMESPACE) + 1:-1]
        return self.reply_soap(method, {"Status": "EXPIRED", "Data": None, "Message": "Phiên làm việc đã hết hạn"})

    def reply_page(self, method, parameters):
        if self.misfortune.chance.random() < 0.5:
            self.work(method, parameters)
        return self.reply(self.misfortune.chance.choice((200, 500, 503)), "text/html; charset=utf-8", PAGE.encode())

    def reply_soap(self, method, answer):
        headers = {"Set-Cookie": f"{COOKIE}={answer['Data']}; path=/; HttpOnly"} if method == "Login" and answer["Data"] else {}
        text = json.dumps(answer, ensure_ascii=False)
        if self.misfortune.strikes("shape"):
            text = self.misfortune.chance.choice((json.dumps({"d": text}), json.dumps({"d": answer}), json.dumps(text),
                                                  json.dumps(numbers_as_text(answer))))
        text = soap(f'<{method}Response xmlns="{NAMESPACE}"><{method}Result>{escape(text)}</{method}Result></{method}Response>')
        return self.reply(200, *self.encoded(text), headers)

    def encoded(self, text):
        if not self.misfortune.strikes("encoding"):
            return "text/xml; charset=utf-8", text.encode()
        return self.misfortune.chance.choice((
            ("text/xml", ("\ufeff" + text).replace("utf-8", "utf-16").encode("utf-16-le")),
            ("text/xml", ("\ufeff" + text).encode()),
            ("text/xml; charset=windows-1258", text.encode()),
            ("text/xml; charset=utf-8", text.encode("latin-1", "replace") + b"\xe1")))

    def reply_json(self, value):
        return self.reply(200, "application/json; charset=utf-8", json.dumps(value, ensure_ascii=False).encode())

    def reply(self, status, content_type, body, headers=None):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        try:
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:  # the caller has not waited
            self.close_connection = True

    def cut(self):
        self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A caller that went away in the middle of its call is nothing to write about."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Clerk:
    """Talks to a running stand-in for tests and demonstrations.

        clerk = Clerk("http://127.0.0.1:8080")
        written = clerk.write(documents=[td_soap.document("000-00-12-H43", subject="V/v kiểm tra")])
        clerk.books()["received"]
    """

    def __init__(self, url):
        self.where = urllib.parse.urlsplit(url).netloc

    def ask(self, method, path, value=None):
        connection = http.client.HTTPConnection(self.where, timeout=30)
        try:
            connection.request(method, path, None if value is None else json.dumps(value).encode())
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                raise OSError("%s %s: %d" % (method, path, answer.status))
            return json.loads(text)
        finally:
            connection.close()

    def write(self, **orders):
        return self.ask("POST", "/_clerk", orders)

    def books(self):
        return self.ask("GET", "/_books")

    def set_faults(self, spec):
        return self.ask("POST", "/_faults", {"spec": spec})


def document(*recipients, number="1", notation="UBND-VP", subject="V/v triển khai nhiệm vụ", secrecy="Thường",
             priority="Thường", files=(), **members):
    """A record as a clerk writes it; files are (name, type, bytes)."""
    return {"SoVanBan": str(number), "KyHieu": notation, "NgayBanHanh": "05/03/2026", "DiaDanh": "Thuận Nam",
            "TenLoai": "Công văn", "TrichYeu": subject, "DoMat": secrecy, "DoKhan": priority, "NguoiKy": "Nguyễn Văn A",
            "ChucVu": "Chủ tịch", "QuyenHan": "TM. UBND", "NgayGui": "05/03/2026 08:15:00",
            "NoiNhan": [{"MaDonVi": code, "TenDonVi": "Cơ quan " + code} for code in recipients], **members,
            "files": [{"name": n, "type": t, "content": base64.b64encode(b).decode()} for n, t, b in files]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=pathlib.Path, required=True)
    parser.add_argument("--user", default="truc")
    parser.add_argument("--password-file", type=pathlib.Path)
    parser.add_argument("--faults", default="")
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    password = options.password_file.read_text().strip("\r\n") if options.password_file else "truc"
    Handler.office = Office(options.dir, options.user, password)
    Handler.misfortune = Misfortune(options.faults, options.seed)
    Server(("127.0.0.1", options.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
