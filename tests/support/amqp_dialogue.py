"""Plays a dialogue of frames with a node. A dialogue is a text, a step a line, `#` begins a comment:

    > NAME field=value …         sends a frame; `channel=N`; of a transfer `payload=…` (see payload())
    > header sasl|amqp|TEXT      the eight bytes that open a protocol, or other ones
    > raw HEX                    bytes as they are
    > N times NAME …             the same frame so often; {n} in it counts
    > stream ID BYTES            one message of white space, in transfers of 60 KB, until the node says something
    < NAME field=value …         awaits that frame; flow frames and empty ones are passed over unless they are awaited
    << NAME field=value …        the same, behind whatever else comes before
    < eof                        the node has ended the connection
    sasl | open | session | submit     what most dialogues begin with: each does what stands before it, and one step more
    as CODE|password|nobody      first of all: whose certificate is shown; `password`: none
    pause SECONDS

`-` for a value that is awaited means that the field is absent; `null` in one that is sent too.
"""
import io
import shlex
import socket
import ssl
import time
import urllib.parse

import amqp_frames
from amqp_frames import Frame, encode, frame
from network import GOVERNMENT, PATIENCE

GREETINGS = {
    "sasl": ["> header sasl", "< header protocol=sasl", "< mechanisms", "> init mechanism=EXTERNAL initial-response=",
             "< outcome code=0", "> header amqp", "< header protocol=amqp"],
    "open": ["sasl", "> open container-id=dialogue", "< open"],
    "session": ["open", "> begin next-outgoing-id=0 incoming-window=100 outgoing-window=100", "< begin"],
    "submit": ["session", "> attach name=in handle=0 role=sender source=mine target=submit initial-delivery-count=0",
               "< attach name=in role=receiver target=submit", "< flow handle=0"],
}
DEFAULTS = {"transfer": {"handle": "0", "message-format": "0"}, "disposition": {"settled": "true"}}


class Broken(AssertionError):
    """The node did not say what was awaited."""


class _Reader(io.RawIOBase):
    """A TLS socket as a stream."""

    def __init__(self, connection):
        self._connection = connection

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._connection.recv_into(buffer)


class Dialogue:
    def __init__(self, network, document):
        """`document`: the bytes of a signed document of the Government's."""
        self._network = network
        self._document = document
        self._who = GOVERNMENT
        self._connection = None
        self._stream = None

    def play(self, text):
        try:
            for line, step in enumerate(text.splitlines(), 1):
                step = step.partition("#")[0].strip()
                try:
                    self._step(step)
                except (Broken, TimeoutError) as failure:
                    raise Broken(f"line {line}: {step}: {failure or 'nothing came'}") from None
        finally:
            if self._connection:
                self._connection.close()

    def _step(self, step):
        verb, _, rest = step.partition(" ")
        if verb == "as":
            self._who = rest
        elif verb in GREETINGS:
            for each in GREETINGS[verb]:
                self._step(each)
        elif verb == "pause":
            time.sleep(float(rest))
        elif verb == ">":
            self._send(rest)
        elif verb in ("<", "<<"):
            self._await(rest, verb == "<<")
        elif verb:
            raise ValueError(step)

    def _connect(self):
        context = ssl.create_default_context(cafile=self._network.description["ca"])
        if self._who not in ("nobody", "password"):
            own = self._network.agency(self._who)
            context.load_cert_chain(own["certificate"], own["key"])
        place = urllib.parse.urlsplit(self._network.node["amqp"])
        # The node gives a silent peer a minute; whoever waits for that has to be more patient.
        plain = socket.create_connection((place.hostname, place.port), timeout=2 * PATIENCE)
        self._connection = context.wrap_socket(plain, server_hostname=place.hostname)
        self._stream = io.BufferedReader(_Reader(self._connection), 1 << 16)

    # --- sending -------------------------------------------------------------------------------------------------------

    def _send(self, what):
        if self._connection is None:
            self._connect()
        words = what.split(" ", 2)
        if len(words) == 3 and words[1] == "times":
            data = b"".join(self._bytes(words[2].replace("{n}", str(n))) for n in range(int(words[0])))
        elif words[0] == "stream":
            return self._stream_message(words[1], int(words[2]))
        else:
            data = self._bytes(what)
        try:
            self._connection.sendall(data)
        except (ConnectionError, ssl.SSLError):
            pass  # what the node said before it went away is yet to be read

    def _bytes(self, what):
        verb, _, rest = what.partition(" ")
        if verb == "header":
            return {"sasl": amqp_frames.SASL, "amqp": amqp_frames.AMQP}.get(rest, rest.encode())
        if verb == "raw":
            return bytes.fromhex(rest)
        if verb == "empty":
            return frame(0, b"")
        members = DEFAULTS.get(verb, {}) | dict(word.split("=", 1) for word in shlex.split(rest))
        channel, doff = int(members.pop("channel", 0)), int(members.pop("doff", 2))
        payload = self.payload(members.pop("payload", ""))
        for field in ("delivery-tag", "initial-response"):
            if field in members:
                members[field] = bytes.fromhex(members[field])
        members = {k: v for k, v in members.items() if v != "null"}
        return frame(channel, encode(verb, members), payload, verb in amqp_frames.SASL_NAMES, doff)

    def payload(self, text):
        """document[:CONTENT-TYPE], a message of it; xml:TEXT; first:N and rest:N, what a document's message is before
        and behind its byte N; hex:…; nothing."""
        kind, _, rest = text.partition(":")
        if kind == "document":
            return amqp_frames.message(self._document, rest or "application/xml")
        if kind == "untyped":
            return amqp_frames.message(self._document, None)
        if kind == "xml":
            return amqp_frames.message(rest.encode())
        if kind in ("first", "rest"):
            whole = amqp_frames.message(self._document)
            return whole[:int(rest)] if kind == "first" else whole[int(rest):]
        if kind == "zeros":
            return bytes(int(rest))
        return bytes.fromhex(rest)

    def _stream_message(self, number, size):
        head = encode("transfer", {"handle": 0, "delivery-id": number, "delivery-tag": b"s", "message-format": 0,
                                   "more": True})
        goes_on = encode("transfer", {"handle": 0, "more": True})
        piece = b" " * 60_000
        self._connection.sendall(frame(0, head, amqp_frames.described(0x75, b"\xb0" + size.to_bytes(4, "big"))))
        for _ in range(size // len(piece)):
            self._connection.sendall(frame(0, goes_on, piece))
        last = encode("transfer", {"handle": 0})
        self._connection.sendall(frame(0, last, b" " * (size % len(piece))))

    # --- awaiting ------------------------------------------------------------------------------------------------------

    def _await(self, what, others_first):
        name, *rest = shlex.split(what)
        members = dict(word.split("=", 1) for word in rest)
        if self._connection is None:
            self._connect()
        seen = self._next(name)
        while others_first and seen.name not in (name, "eof"):
            seen = self._next(name)
        if seen.name != name:
            raise Broken(f"there came {seen}")
        if "channel" in members and seen.channel != int(members.pop("channel")):
            raise Broken(f"on channel {seen.channel} there came {seen}")
        for field, value in members.items():
            if seen.fields[field] != (None if value == "-" else value):
                raise Broken(f"there came {seen}")

    def _next(self, awaited):
        while True:
            seen = Frame.read(self._stream)
            if seen.name == awaited or seen.name not in ("flow", "empty"):
                return seen
