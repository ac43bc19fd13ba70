"""Alarms reach people by syslog, by a webhook and by a command, when they are raised and when they are over, whatever
goes wrong there; and never hold up the node."""
import contextlib
import http.server
import json
import pathlib
import socket
import tempfile
import threading
import time
import unittest

from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION, PATIENCE


class Receiver(http.server.ThreadingHTTPServer):
    """A webhook; the first answers are those of `refusals`."""

    def __init__(self, refusals=()):
        super().__init__(("127.0.0.1", 0), Hook)
        self.refusals = list(refusals)
        self.requests = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/hook/geheim?x=1"


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        refused = self.server.refusals.pop(0) if self.server.refusals else None
        if not refused:
            self.server.requests.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.send_response(refused or 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


class AlarmCase(BrokerCase):
    @classmethod
    def configure(cls, net, **ways):
        text = net.config.read_text() + "\n[alarms]\n"
        net.config.write_text(text + "".join(f"{key} = {json.dumps(value)}\n" for key, value in ways.items()))

    def set_read_only(self, reason):
        body = {"read_only": bool(reason), "reason": reason}
        answer = self.administrator().post("/admin/mode", json.dumps(body), "application/json")
        self.assertEqual(answer.status, 200, answer)

    def raise_and_clear(self, reason):
        self.set_read_only(reason)
        self.set_read_only("")


class EveryWay(AlarmCase):
    @classmethod
    def prepare(cls, net):
        place = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="truc-")))
        cls.syslog = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        cls.addClassCleanup(cls.syslog.close)
        cls.syslog.bind(str(place / "log"))
        cls.syslog.settimeout(PATIENCE)
        cls.hook = Receiver(refusals=(500,))
        cls.addClassCleanup(cls.hook.server_close)
        cls.addClassCleanup(cls.hook.shutdown)
        cls.told = place / "told"
        script = place / "tell me"
        script.write_text('#!/bin/sh\nenv | grep ^TRUC_ | sort | tr "\\n" ";" >> "$1"\necho "$2" >> "$1"\n')
        script.chmod(0o755)
        cls.configure(net, syslog=True, syslog_socket=str(place / "log"), webhook=cls.hook.url,
                      command=[str(script), str(cls.told), "$(id); `id`"])

    def test_raised_and_cleared_arrive_in_their_order(self):
        text = 'bảo trì; "; rm -rf / # $(id)\n`id`'
        self.raise_and_clear(text)

        lines = [self.syslog.recv(4096).decode() for _ in range(2)]
        self.assertRegex(lines[0], r"^<27>\w{3} [ \d]\d \d\d:\d\d:\d\d trucd\[\d+\]: alarm read_only \(ninhthuan\) raised: ")
        self.assertRegex(lines[1], r"^<29>.* alarm read_only \(ninhthuan\) cleared: ")
        self.assertIn("bảo trì", lines[0])
        self.assertNotIn("\n", lines[0])

        # The first answer was 500: it comes again.
        self.network.wait_until(lambda: len(self.hook.requests) >= 2)
        self.assertEqual([(path, kind) for path, kind, _ in self.hook.requests],
                         [("/hook/geheim?x=1", "application/json")] * 2)
        bodies = [body for _, _, body in self.hook.requests]
        self.assertEqual([b["state"] for b in bodies], ["raised", "cleared"])
        for body in bodies:
            self.assertEqual((body["node"], body["kind"], body["subject"]), ("ninhthuan", "read_only", "ninhthuan"))
            self.assertIn(text, body["text"])

        self.network.wait_until(lambda: self.told.exists() and self.told.read_text().count("$(id); `id`\n") >= 2)
        raised, cleared = self.told.read_text().split("$(id); `id`\n")[:2]
        self.assertIn("TRUC_ALARM_KIND=read_only;TRUC_ALARM_STATE=raised;TRUC_ALARM_SUBJECT=ninhthuan;", raised)
        self.assertIn("rm -rf /", raised)
        self.assertIn("$(id)", raised)
        self.assertIn("TRUC_ALARM_STATE=cleared;", cleared)
        self.assertIn("TRUC_NODE=ninhthuan", cleared)
        self.assertNotIn("geheim", self.network.log())
        for outlet in ("syslog", "webhook", "command"):
            self.network.wait_until(lambda o=outlet: self.network.metric(
                f'truc_alarm_notices_total{{outlet="{o}",outcome="told"}}') == 2)


class DeadEnds(AlarmCase):
    """Nobody listens, and the program never ends."""

    @classmethod
    def prepare(cls, net):
        place = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="truc-")))
        cls.silent = socket.create_server(("127.0.0.1", 0))  # takes connections and says nothing
        cls.addClassCleanup(cls.silent.close)
        cls.pid = place / "pid"
        script = place / "hang"
        script.write_text('#!/bin/sh\nsleep 1000 &\necho $$ $! >> "$1"\nwait\n')
        script.chmod(0o755)
        port = cls.silent.getsockname()[1]
        cls.configure(net, syslog=True, syslog_socket=str(place / "nobody"), webhook=f"http://127.0.0.1:{port}/",
                      command=[str(script), str(cls.pid)], timeout_seconds=1)

    @staticmethod
    def runs(pid):
        with contextlib.suppress(FileNotFoundError):
            return "Z" not in pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return False

    def test_the_node_goes_on(self):
        begin = time.monotonic()
        for number in range(20):
            self.raise_and_clear(f"lần {number}")
        self.send(GOVERNMENT, INFORMATION)
        self.assertLess(time.monotonic() - begin, 20)
        self.network.wait_until(lambda: self.network.log().count("could not be told by") >= 3)
        for outlet in ("syslog", "webhook", "command"):
            self.assertIn(f"could not be told by {outlet}", self.network.log())
        first = [int(p) for p in self.pid.read_text().split()[:2]]
        self.network.wait_until(lambda: not any(map(self.runs, first)))  # its child as well

        begin = time.monotonic()
        self.network.stop()  # does not wait for what nobody takes
        self.assertLess(time.monotonic() - begin, 15)
        last = [int(p) for p in self.pid.read_text().split()]
        self.assertFalse([p for p in last if self.runs(p)])
        self.network.start()


if __name__ == "__main__":
    unittest.main()
