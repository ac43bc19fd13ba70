"""AMQP 1.0 by hand: frames as they go over the line, so that a test can also send those that no library would.

    encode("attach", {"name": "in", "handle": 0, "role": "sender", "target": "submit"})   # a performative
    frame(0, performative, payload)
    Frame.read(stream)                                                                    # the next one, in words

Fields are named as in the standard. Errors, outcomes and termini are written in short: an error is its condition, an
outcome its name, a terminus its address (or a dict: dynamic, coordinator).
"""
import json
import struct

SASL, AMQP = b"AMQP\x03\x01\x00\x00", b"AMQP\x00\x01\x00\x00"

PERFORMATIVES = {
    "open": (0x10, "container-id:string hostname:string max-frame-size:uint channel-max:ushort idle-time-out:uint "
                   "outgoing-locales:symbol incoming-locales:symbol offered-capabilities:symbol "
                   "desired-capabilities:symbol properties:map"),
    "begin": (0x11, "remote-channel:ushort next-outgoing-id:uint incoming-window:uint outgoing-window:uint "
                    "handle-max:uint"),
    "attach": (0x12, "name:string handle:uint role:role snd-settle-mode:ubyte rcv-settle-mode:ubyte source:source "
                     "target:target unsettled:map incomplete-unsettled:bool initial-delivery-count:uint "
                     "max-message-size:ulong offered-capabilities:symbol desired-capabilities:symbol properties:map"),
    "flow": (0x13, "next-incoming-id:uint incoming-window:uint next-outgoing-id:uint outgoing-window:uint handle:uint "
                   "delivery-count:uint link-credit:uint available:uint drain:bool echo:bool properties:map"),
    "transfer": (0x14, "handle:uint delivery-id:uint delivery-tag:binary message-format:uint settled:bool more:bool "
                       "rcv-settle-mode:ubyte state:state resume:bool aborted:bool batchable:bool"),
    "disposition": (0x15, "role:role first:uint last:uint settled:bool state:state batchable:bool"),
    "detach": (0x16, "handle:uint closed:bool error:error"),
    "end": (0x17, "error:error"),
    "close": (0x18, "error:error"),
    "mechanisms": (0x40, "sasl-server-mechanisms:symbol"),
    "init": (0x41, "mechanism:symbol initial-response:binary hostname:string"),
    "challenge": (0x42, "challenge:binary"),
    "response": (0x43, "response:binary"),
    "outcome": (0x44, "code:ubyte additional-data:binary"),
}
NAMES = {number: name for name, (number, _) in PERFORMATIVES.items()}
SASL_NAMES = {"mechanisms", "init", "challenge", "response", "outcome"}
STATES = {"accepted": 0x24, "rejected": 0x25, "released": 0x26, "modified": 0x27}


def fields_of(name):
    return [tuple(f.split(":")) for f in PERFORMATIVES[name][1].split()]


# --- writing -----------------------------------------------------------------------------------------------------------

def described(number, value):
    return b"\x00\x53" + bytes([number]) + value


def compound(values):
    body = b"".join(values)
    return b"\xd0" + struct.pack(">II", len(body) + 4, len(values)) + body


def text(constructor, value):
    data = value if isinstance(value, bytes) else value.encode()
    return bytes([constructor]) + struct.pack(">I", len(data)) + data


def terminus(number, value):
    if value == "coordinator":
        return described(0x30, compound([]))
    if value == "dynamic":
        return described(number, compound([b"\x40", b"\x43", b"\x40", b"\x43", b"\x41"]))
    return described(number, compound([text(0xb1, value)]))


def state(value):
    name, _, rest = value.partition("/")
    if name == "rejected":
        return described(0x25, compound([described(0x1d, compound([text(0xb3, rest or "amqp:internal-error")]))]))
    if name == "modified":
        flags = rest.split(",")
        return described(0x27, compound([b"\x41" if f in flags else b"\x42" for f in ("failed", "not-here")]))
    return described(STATES[name], compound([]))


WRITE = {
    "string": lambda v: text(0xb1, v),
    "symbol": lambda v: text(0xb3, v),
    "binary": lambda v: text(0xb0, v),
    "ubyte": lambda v: b"\x50" + struct.pack(">B", int(v)),
    "ushort": lambda v: b"\x60" + struct.pack(">H", int(v)),
    "uint": lambda v: b"\x70" + struct.pack(">I", int(v)),
    "ulong": lambda v: b"\x80" + struct.pack(">Q", int(v)),
    "bool": lambda v: b"\x41" if v in (True, "true") else b"\x42",
    "role": lambda v: b"\x41" if v == "receiver" else b"\x42",
    "map": lambda v: b"\xc1\x01\x00",
    "source": lambda v: terminus(0x28, v),
    "target": lambda v: terminus(0x29, v),
    "state": state,
    "error": lambda v: described(0x1d, compound([text(0xb3, v)])),
}


def encode(name, members):
    known = fields_of(name)
    unknown = set(members) - {field for field, _ in known}
    if unknown:
        raise KeyError(f"{name} has no {unknown}")
    values = [WRITE[kind](members[field]) if members.get(field) is not None else b"\x40" for field, kind in known]
    while values and values[-1] == b"\x40":
        values.pop()
    return described(PERFORMATIVES[name][0], compound(values))


def frame(channel, performative, payload=b"", kind=0, doff=2):
    return struct.pack(">IBBH", 8 + len(performative) + len(payload), doff, kind, channel) + performative + payload


def data_section(body):
    return b"\x00\x53\x75\xb0" + struct.pack(">I", len(body)) + body


def message(body, content_type="application/xml", message_id=None):
    """A message with one data section."""
    properties = [b"\x40"] * 7
    if message_id:
        properties[0] = text(0xb1, message_id)
    if content_type:
        properties[6] = text(0xb3, content_type)
    return described(0x73, compound(properties)) + data_section(body)


# --- reading -----------------------------------------------------------------------------------------------------------

FIXED = {0x40: (0, lambda b: None), 0x41: (0, lambda b: True), 0x42: (0, lambda b: False), 0x43: (0, lambda b: 0),
         0x44: (0, lambda b: 0), 0x45: (0, lambda b: []), 0x50: (1, None), 0x52: (1, None), 0x53: (1, None),
         0x54: (1, None), 0x55: (1, None), 0x56: (1, lambda b: b != b"\0"), 0x60: (2, None), 0x70: (4, None),
         0x71: (4, None), 0x80: (8, None), 0x81: (8, None), 0x83: (8, None), 0x98: (16, bytes)}


def number(data):
    return int.from_bytes(data, "big")


def read_value(data, at=0):
    """(value, where it ends). A described value is a pair: descriptor, value."""
    constructor = data[at]
    if constructor == 0:
        descriptor, at = read_value(data, at + 1)
        value, at = read_value(data, at)
        return (descriptor, value), at
    return read_as(constructor, data, at + 1)


def read_as(constructor, data, at):
    if constructor in FIXED:
        size, convert = FIXED[constructor]
        return (convert or number)(data[at:at + size]), at + size
    width = 1 if constructor & 0xf0 in (0xa0, 0xc0, 0xe0) else 4
    size = number(data[at:at + width])
    at, end = at + width, at + width + size
    if constructor & 0xf0 in (0xa0, 0xb0):
        return (data[at:end] if constructor & 0x0f == 0 else data[at:end].decode()), end
    count = number(data[at:at + width])
    at += width
    values = []
    element = data[at] if constructor & 0xf0 in (0xe0, 0xf0) else None
    at += element is not None
    for _ in range(count):
        value, at = read_value(data, at) if element is None else read_as(element, data, at)
        values.append(value)
    return (dict(zip(values[::2], values[1::2])) if constructor & 0x0f == 1 and element is None else values), end


def in_words(kind, value):
    """As the test writes it."""
    if value is None:
        return None
    if kind == "role":
        return "receiver" if value else "sender"
    if kind == "error":
        return value[1][0]
    if kind == "state":
        name = next((n for n, d in STATES.items() if d == value[0]), hex(value[0]))
        return f"rejected/{value[1][0][1][0]}" if name == "rejected" and value[1] else name
    if kind in ("source", "target"):
        return (value[1][0] if value[1] else "") or ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return json.dumps(value)
    return str(value)


class Frame:
    """What came: `name` and `fields` in words; "header" for the eight bytes that open a protocol, "empty" for a frame
    that keeps alive, "eof" when the other side has gone."""

    def __init__(self, name, fields=None, channel=0, payload=b"", size=8):
        self.name, self.fields, self.channel, self.payload, self.size = name, fields or {}, channel, payload, size

    def __repr__(self):
        return " ".join([self.name, *(f"{k}={v}" for k, v in self.fields.items() if v is not None)])

    @staticmethod
    def read(stream):
        """From a binary stream whose read() gives all bytes asked for, fewer only at its end."""
        try:
            head = stream.read(8)
        except OSError as failure:
            if isinstance(failure, TimeoutError):
                raise
            return Frame("eof")  # reset, or TLS that ended without a word
        if len(head) < 8:
            return Frame("eof")
        if head[:4] == b"AMQP":
            return Frame("header", {"protocol": "sasl" if head == SASL else "amqp" if head == AMQP else head.hex()})
        size, doff, _, channel = struct.unpack(">IBBH", head)
        body = stream.read(size - 8)[4 * doff - 8:]
        if not body:
            return Frame("empty")
        (descriptor, values), end = read_value(body)
        name = NAMES[descriptor]
        known = fields_of(name)
        fields = {field: in_words(kind, value) for (field, kind), value in zip(known, values)}
        fields.update({field: None for field, _ in known[len(values):]})
        return Frame(name, fields, channel, body[end:], size)
