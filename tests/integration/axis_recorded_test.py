"""Requests of systems that use the axis SDK, replayed over a raw socket: the recorded bytes, with the time of now and the
secret of this network's client."""
import re
import socket
import unittest
import urllib.parse

import network
import vxp
from broker_case import BrokerCase
from network import PROVINCE

STAMP = "21112026T162710+0358"
DIRECTORY = network.SOURCE / "tests/data/vxp"


class Recording:
    """`# what it is`, a few lines of `name: value`, an empty line, the request."""

    def __init__(self, path):
        about, _, self.request = path.read_bytes().partition(b"\n\n")
        lines = about.decode().splitlines()
        self.about = lines[0]
        self.fields = dict(line.split(": ", 1) for line in lines[1:])

    def renewed(self, secret):
        """Signed anew in the same layout, unless it was signed with a wrong secret."""
        now = vxp.timestamp()
        assert len(now) == len(STAMP)
        head, end, body = self.request.replace(STAMP.encode(), now.encode()).partition(b"\r\n\r\n")
        if b"\r\nHost:" not in head:
            head += b"\r\nHost: 127.0.0.1"
        text = re.search(rb"\r\nXroadVnpt-sign-header: ([^\r]*)", head)
        if text and "not to be signed anew" not in self.about:
            mac = vxp.sign(text.group(1), secret).encode()
            head = re.sub(rb"(\r\nXroadVnpt-hash-header: )[0-9a-f]*", rb"\g<1>" + mac, head)
        return head + end + body


class RecordedRequests(BrokerCase):
    def setUp(self):
        client = next(c for c in self.network.description["clients"]
                      if c["id"] == self.network.agency(PROVINCE)["client"])
        self.secret = client["vxp_secret"]
        self.address = urllib.parse.urlsplit(self.network.node["vxp"])

    def replay(self, request, pieces=1):
        """The answer, read by hand: what the old SDK's library needs is in its first lines."""
        with socket.create_connection((self.address.hostname, self.address.port), network.PATIENCE) as link:
            size = len(request) // pieces + 1
            for at in range(0, len(request), size):
                link.sendall(request[at:at + size])
            with link.makefile("rb") as answers:
                status, headers = self.head(answers)
                if status == 100:
                    status, headers = self.head(answers)
                return vxp.Answer(status, headers, answers.read(int(headers["content-length"])))

    @staticmethod
    def head(answers):
        status = int(answers.readline().split()[1])
        headers = {}
        while (line := answers.readline()) != b"\r\n":
            name, value = line.decode().rstrip().split(": ", 1)
            headers[name.lower()] = value
        return status, headers

    def assert_answered(self, recording, answer):
        wanted, _, code = recording.fields["answer"].partition(" ")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual((answer.json["status"], answer.code), (wanted, code or "0"), answer)
        self.assertTrue(answer.headers["content-type"].startswith("application/json"))
        self.assertTrue(answer.ok or answer.description)

    def test_each_is_answered_as_recorded(self):
        for path in sorted(DIRECTORY.glob("*.request")):
            with self.subTest(path.stem):
                recording = Recording(path)
                self.assert_answered(recording, self.replay(recording.renewed(self.secret)))

    def test_repeating_one_changes_no_answer(self):
        """However its bytes are cut: an SDK that lost the answer sends the same again."""
        for name in ("send-unsigned", "send-status", "register", "delete", "received-stale"):
            with self.subTest(name):
                recording = Recording(DIRECTORY / f"{name}.request")
                request = recording.renewed(self.secret)
                answers = [self.replay(request, pieces) for pieces in (1, 7, 200)]
                for answer in answers:
                    self.assert_answered(recording, answer)
                self.assertEqual(len({a.json.get("DocId") for a in answers}), 1)

    def test_as_recorded_they_are_too_old(self):
        """Signed with this client's secret, but with the time of the recording."""
        recording = Recording(DIRECTORY / "agencies.request")
        today = vxp.timestamp()
        old = recording.renewed(self.secret).replace(today[:8].encode(), b"01012020")
        text = re.search(rb"\r\nXroadVnpt-sign-header: ([^\r]*)", old).group(1)
        old = re.sub(rb"(hash-header: )[0-9a-f]*", rb"\g<1>" + vxp.sign(text, self.secret).encode(), old)
        answer = self.replay(old)
        self.assertEqual(answer.code, "15")
        self.assertRegex(answer.description, r"timestamp 01012020T\d{6}\+\d{4} chậm hơn đồng hồ của nút này \d+ giờ")


if __name__ == "__main__":
    unittest.main()
