"""The Java SDK 2.0.0 of the national axis, imitated on the wire: what it was seen to send, byte for byte.

    service = vxp.of_network(description, PROVINCE)     # one service object of the SDK, one kept connection
    answer = service.send_edoc(document, PROVINCE, [GOVERNMENT])
    for item in service.get_received_edoc_list("edoc").data:
        content = service.get_edoc(item["docId"]).document
        service.update_status(item["docId"], "done")

Its habits: a service object keeps the headers of its earlier calls and its timestamp for as long as it lives; hash-file
lacks the leading zero of each byte; a file is followed by a line end that neither hash-file nor the file knows; most calls
that have a body first ask whether they may send it (Expect: 100-continue); header fields stand in the order of Java's hash
tables.
"""
import base64
import datetime
import gzip
import hashlib
import hmac
import json
import socket
import ssl
import urllib.parse

PREFIX = "XroadVnpt-"
OCTETS = "application/octet-stream"
JSON = "application/json"
VIETNAM = datetime.timezone(datetime.timedelta(hours=7))
PATIENCE = 60  # seconds


def timestamp(moment=None):
    """ddMMyyyy'T'HHmmss+SSSS: local time, and behind the plus milliseconds in four digits."""
    moment = moment or datetime.datetime.now(VIETNAM)
    return f"{moment:%d%m%YT%H%M%S}+{moment.microsecond // 1000:04}"


def hash_file(content):
    """SHA-256 as the SDK writes it: each byte in hex without a leading zero."""
    return "".join(f"{byte:x}" for byte in hashlib.sha256(content).digest())


def compact(value):
    """JSON as the SDK writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _hash_order(names):
    """The order in which a java.util.HashMap with these keys, put in this order, gives them back."""
    def spread(name):
        code = 0
        for character in name:
            code = (31 * code + ord(character)) & 0xFFFFFFFF
        return code ^ code >> 16

    buckets = 16
    while len(names) > buckets * 3 // 4:
        buckets *= 2
    return sorted(names, key=lambda name: spread(name) % buckets)


def sign(text, secret):
    return hmac.new(secret.encode(), text if isinstance(text, bytes) else text.encode(), hashlib.sha256).hexdigest()


def signed_fields(parameters, secret):
    """The header fields that carry and sign the parameters, in their order on the wire."""
    names = _hash_order(parameters)
    text = compact({PREFIX + name: parameters[name] for name in names})
    return [*((PREFIX + name, parameters[name]) for name in names),
            (PREFIX + "sign-header-key", ";".join(names)),
            (PREFIX + "sign-header", text),
            (PREFIX + "hash-header", sign(text, secret))]


def write_head(target, host, fields):
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields), f"Host: {host}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


class Answer:
    """What the axis said."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # by lower-case name
        self.body = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body

    @property
    def json(self):
        return json.loads(self.body.decode("utf-8"))

    @property
    def ok(self):
        return self.status == 200 and self.json["status"] == "OK" and self.json["ErrorCode"] == "0"

    @property
    def code(self):
        """The SDK's number."""
        return self.json["ErrorCode"]

    @property
    def description(self):
        return self.json["ErrorDesc"]

    @property
    def doc_id(self):
        return self.json["DocId"]

    @property
    def data(self):
        return self.json["data"]

    @property
    def document(self):
        """Of getEdoc."""
        return base64.b64decode(self.data, validate=True)

    def __repr__(self):
        return f"{self.status} {self.body[:600]!r}"


class Connection:
    """A connection that is kept, and opened anew when the other side has closed it. One thread at a time."""

    def __init__(self, host, port, context=None):
        self._address = (host, port)
        self._context = context
        self._socket = None
        self.opened = 0

    def exchange(self, head, body, expect=False):
        """The answer to one request. With `expect` the body waits until the other side agrees."""
        kept = self._socket is not None
        try:
            return self._try(head, body, expect)
        except (ConnectionError, EOFError):
            self.close()
            if not kept:
                raise
            return self._try(head, body, expect)  # the axis had given up waiting for another request

    def _try(self, head, body, expect):
        if self._socket is None:
            self._open()
        if expect:
            self._socket.sendall(head)
            answer = self._receive()
            if answer.status != 100:
                return self._settle(answer)
            self._socket.sendall(body)
        else:
            self._socket.sendall(head + body)
        return self._settle(self._receive())

    def _open(self):
        self._socket = socket.create_connection(self._address, PATIENCE)
        if self._context:
            self._socket = self._context.wrap_socket(self._socket, server_hostname=self._address[0])
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")
        self.opened += 1

    def _receive(self):
        line = self._file.readline()
        if not line:
            raise EOFError("the connection was closed instead of an answer")
        status = int(line.split()[1])
        headers = {}
        while (line := self._file.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        body = b"" if status == 100 else self._file.read(int(headers["content-length"]))
        return Answer(status, headers, body)

    def _settle(self, answer):
        if answer.headers.get("connection") == "close":
            self.close()
        return answer

    def close(self):
        if self._socket is not None:
            self._file.close()
            self._socket.close()
            self._socket = None


class Service:
    """One service object of the SDK."""

    def __init__(self, endpoint, system_id, secret, context=None):
        where = urllib.parse.urlsplit(endpoint)
        self.path = where.path
        self.host = where.netloc
        self.secret = secret
        self.connection = Connection(where.hostname, where.port, context)
        self.parameters = {"systemid": system_id, "timestamp": timestamp()}

    # --- the operations ----------------------------------------------------------------------------------------------

    def get_agencies_list(self):
        return self.ask("getAgenciesList")

    def get_synchronize_unit(self):
        return self.ask("getSynchronizeUnit")

    def get_list_unit(self):
        """Its name in SDK 2.0.1."""
        return self.ask("getListUnit")

    def register_agency(self, **members):
        """`members`: id, pcode, code, name, mail, mobile, fax."""
        names = ("id", "pcode", "code", "name", "mail", "mobile", "fax")
        return self.tell("registerAgency", compact({name: members.get(name, "") for name in names}).encode())

    def delete_agency(self, code):
        return self.tell("deleteAgency", AgencyCode=code)

    def send_edoc(self, content, sender, recipients, message_type="edoc", **alterations):
        """`recipients`: a list of codes, or a string that is put into the header as the SDK puts strings."""
        to = recipients if isinstance(recipients, list) else str(recipients)
        return self.call("sendEdoc", OCTETS, content + b"\r\n", servicetype="eDoc", messagetype=message_type,
                         **{"hash-file": hash_file(content), "from": sender, "to": compact(to)}, **alterations)

    def get_received_edoc_list(self, message_type="edoc"):
        return self.ask("getReceivedEdocList", servicetype="eDoc", messagetype=message_type)

    def get_sent_edoc_list(self, message_type="edoc", **filters):
        """`filters`: fromDate, toDate, pageSize, pageIndex, of later versions."""
        return self.ask("getSentEdocList", servicetype="eDoc", messagetype=message_type, **filters)

    def get_edoc(self, doc_id, file_path="/tmp"):
        return self.tell("getEdoc", docId=doc_id, filePath=file_path)

    def update_status(self, doc_id, status):
        return self.tell("updateStatus", docId=doc_id, status=status)

    # --- what they are made of -----------------------------------------------------------------------------------------

    def ask(self, operation, **parameters):
        return self.call(operation, JSON, b"", **parameters)

    def tell(self, operation, body=b"{}", **parameters):
        return self.call(operation, JSON, body, expect=True, **parameters)

    def call(self, operation, content_type, body, expect=False, alter=None, **parameters):
        """`alter` gets the list of (name, value) of all header fields and changes it in place before it is sent."""
        self.parameters.update(parameters)
        self.parameters["Content-Type"] = content_type.split(";")[0]
        head = self.head(operation, content_type, len(body), expect, alter)
        return self.connection.exchange(head, body, expect)

    def head(self, operation, content_type, length, expect=False, alter=None):
        fields = [("Content-Type", content_type), *signed_fields(self.parameters, self.secret),
                  ("User-Agent", "JAVASDKAgent/1.0.0 XRoad/VPCP"), (PREFIX + "version", "3.0.201608"),
                  ("Content-Length", str(length))]
        if expect:
            fields.append(("Expect", "100-continue"))
        fields += [("Connection", "Keep-Alive"), ("Accept-Encoding", "gzip,deflate")]
        if alter:
            alter(fields)
        return write_head(f"{self.path}/{operation}", self.host, fields)

    def renew(self):
        """As a new service object on the same connection: no headers of earlier calls, the time of now."""
        self.parameters = {"systemid": self.parameters["systemid"], "timestamp": timestamp()}

    def close(self):
        self.connection.close()


def multipart(content, name="file_doc", boundary="----=_Part_7_1804289383"):
    """(Content-Type, body) of a form with the file and other parts, as other versions of the SDK send it."""
    lines = [f"--{boundary}", 'Content-Disposition: form-data; name="note"', "", "abc", f"--{boundary}",
             f'Content-Disposition: form-data; name="{name}"; filename="a.edxml"', f"Content-Type: {OCTETS}",
             "Content-Transfer-Encoding: binary", "", ""]
    body = "\r\n".join(lines).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return f'multipart/form-data; boundary="{boundary}"', body


def of_network(description, code, system_id=None):
    """A service object of the client that serves this agency, at the agency's home node; `description` is network.json.
    The agency's code is its systemid unless told otherwise."""
    agency = next(a for a in description["agencies"] if a["code"] == code)
    client = next(c for c in description["clients"] if c["id"] == agency["client"])
    node = next(n for n in description["nodes"] if n["name"] == agency["node"])
    context = ssl.create_default_context(cafile=description["ca"]) if node["vxp"].startswith("https:") else None
    return Service(node["vxp"], system_id or code, client["vxp_secret"], context)
