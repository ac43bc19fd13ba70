#!/usr/bin/env python3
"""Makes the first inputs of the corpora sasl and amqp_frames. What fuzzing found since stands beside them."""
import hashlib
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from amqp_frames import AMQP, SASL, encode, frame  # noqa: E402

OPEN = AMQP + frame(0, encode("open", {"container-id": "peer"}))


def init(mechanism, response):
    return frame(0, encode("init", {"mechanism": mechanism, "initial-response": response}), kind=1)


# The first byte: 1 a certificate was shown, 2 passwords are taken.
LOGINS = {
    "external": b"\1" + SASL + init("EXTERNAL", b"") + OPEN,
    "external_of_another": b"\1" + SASL + init("EXTERNAL", b"other") + OPEN,
    "external_without_certificate": b"\2" + SASL + init("EXTERNAL", b"") + OPEN,
    "plain_good": b"\2" + SASL + init("PLAIN", b"\0vpcp\0good") + OPEN,
    "plain_bad": b"\3" + SASL + init("PLAIN", b"\0vpcp\0bad") + OPEN,
    "plain_unknown": b"\2" + SASL + init("PLAIN", b"\0vpcp\0unknown") + OPEN,
    "plain_twice": b"\2" + SASL + init("PLAIN", b"\0vpcp\0bad") + init("PLAIN", b"\0vpcp\0good") + OPEN,
    "plain_for_itself": b"\2" + SASL + init("PLAIN", b"vpcp\0vpcp\0good") + OPEN,
    "plain_for_another": b"\2" + SASL + init("PLAIN", b"other\0vpcp\0good") + OPEN,
    "plain_without_separators": b"\2" + SASL + init("PLAIN", b"vpcp") + OPEN,
    "plain_not_offered": b"\1" + SASL + init("PLAIN", b"\0vpcp\0good") + OPEN,
    "anonymous": b"\3" + SASL + init("ANONYMOUS", b"") + OPEN,
    "response": b"\3" + SASL + frame(0, encode("response", {"response": b"x"}), kind=1),
    "outcome": b"\3" + SASL + frame(0, encode("outcome", {"code": 0}), kind=1) + OPEN,
    "mechanisms": b"\3" + SASL + frame(0, encode("mechanisms", {"sasl-server-mechanisms": "PLAIN"}), kind=1) + OPEN,
    "no_sasl": b"\3" + OPEN,
}


def keep(corpus, name, data):
    (HERE / "corpus" / corpus).mkdir(exist_ok=True)
    (HERE / "corpus" / corpus / name).write_bytes(data)


def main():
    for name, data in LOGINS.items():
        keep("sasl", name, data)
    for n in range(16):
        keep("amqp_frames", f"seed{n}", b"".join(hashlib.sha256(b"%d.%d" % (n, i)).digest() for i in range(n + 1)))


if __name__ == "__main__":
    main()
