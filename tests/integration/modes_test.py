"""A node that takes no new documents, because somebody said so or because its disk has no room: it says so at every
entrance and on /readyz, and goes on delivering what it has."""
import contextlib
import datetime
import json
import os
import shutil
import subprocess
import time
import unittest

import adapter_case
import credentials
import edxml
import vxp
from adapter_case import AdapterCase
from agency_link import AgencyLink
from broker_case import BrokerCase
from network import COMMUNE, GOVERNMENT, INFORMATION, PLANNING, Network
from tree_case import TreeCase

READY = (200, "ready\n")
ENDLESS = "1048576TiB"


def set_mode(caller, **members):
    return caller.post("/admin/mode", json.dumps(members), "application/json")


def keep_free(node, size):
    """Takes effect at once."""
    text = node.config.read_text()
    head, _, rest = text.partition("keep_free = ")
    node.config.write_text(f'{head}keep_free = "{size}"{rest[rest.index(chr(10)):]}' if rest
                           else f'{text}\n[limits]\nkeep_free = "{size}"\n')
    if node.process:
        node.hang_up()


class ModeCase(BrokerCase):
    def readiness(self):
        return self.network.page("/readyz")

    def assert_every_entrance_refuses(self, code):
        message = self.signed(GOVERNMENT, INFORMATION)
        problem = self.assert_problem(self.client(GOVERNMENT).submit(message), code)
        self.assertTrue(problem["retryable"])
        self.assertIn("next_at", problem)
        self.assert_problem(self.client(GOVERNMENT).post("/v1/check", message), code)
        self.assert_a_repetition_gets_its_receipt()
        with AgencyLink(self.network, GOVERNMENT) as link:
            self.assertEqual(link.submit(message), ("released", None))
        service = vxp.of_network(self.network.description, GOVERNMENT, None)
        self.addCleanup(service.close)
        answer = service.send_edoc(message, GOVERNMENT, [INFORMATION])
        self.assertEqual((answer.status, answer.ok, answer.code), (200, False, "20"), answer)
        return message

    def setUp(self):
        super().setUp()
        self.known = self.send(GOVERNMENT, INFORMATION)

    def assert_a_repetition_gets_its_receipt(self):
        answer = self.client(GOVERNMENT).submit(self.known["bytes"])
        self.assertEqual((answer.status, answer.json["id"], answer.json["receipt"]),
                         (200, self.known["id"], self.known["receipt"]))
        checked = self.client(GOVERNMENT).post("/v1/check", self.known["bytes"])
        self.assertEqual((checked.status, checked.json["repeated"]), (200, True))
        with AgencyLink(self.network, GOVERNMENT) as link:
            self.assertEqual(link.submit(self.known["bytes"])[0], "accepted")
        service = vxp.of_network(self.network.description, GOVERNMENT, None)
        self.addCleanup(service.close)
        self.assertTrue(service.send_edoc(self.known["bytes"], GOVERNMENT, [INFORMATION]).ok)

    def assert_hand_over_goes_on(self, told):
        recipient = self.client(INFORMATION)
        [item] = [i for i in recipient.inbox(max=1000)["items"] if i["id"] == told["id"]]
        self.assertEqual(recipient.get(f"/v1/inbox/{item['delivery_id']}/content").body, told["bytes"])
        self.assertEqual(recipient.acknowledge(item["delivery_id"]).status, 200)

    def alarms(self, kind):
        return [a for a in self.administrator().get("/admin/alarms").json["items"] if a["kind"] == kind]


class ReadOnly(ModeCase):
    def tearDown(self):
        set_mode(self.administrator(), read_only=False)

    def test_an_administrator_closes_and_opens_the_node(self):
        admin = self.administrator()
        self.assertFalse(admin.get("/admin/mode").json["read_only"])
        waiting = self.send(GOVERNMENT, INFORMATION)
        told = set_mode(admin, read_only=True, reason="chuyển máy chủ").json
        self.assertEqual((told["read_only"], told["reason"], told["ready"]), (True, "chuyển máy chủ", False))
        self.assertTrue(told["by"])

        message = self.assert_every_entrance_refuses("read_only")

        status, reasons = self.readiness()
        self.assertEqual(status, 503)
        self.assertTrue(reasons.startswith("read_only: since "), reasons)
        self.assertEqual(self.network.metric("truc_read_only"), 1)
        self.assertEqual(self.network.metric("truc_ready"), 0)
        [alarm] = self.alarms("read_only")
        self.assertIn("chuyển máy chủ", alarm["text"])
        self.assert_hand_over_goes_on(waiting)

        self.assertFalse(set_mode(admin, read_only=False).json["read_only"])
        self.assertEqual(self.readiness(), READY)
        self.assertEqual(self.alarms("read_only"), [])
        self.assertEqual(self.client(GOVERNMENT).submit(message).status, 201)

    def test_a_restart_changes_nothing(self):
        set_mode(self.administrator(), read_only=True, reason="bảo trì")
        self.network.stop()
        start = self.network.wait_until
        self.network.wait_until = lambda condition: None  # it will not be ready
        self.network.start()
        self.network.wait_until = start
        self.network.wait_until(lambda: self.readiness()[0] == 503)
        mode = self.administrator().get("/admin/mode").json
        self.assertEqual((mode["read_only"], mode["reason"]), (True, "bảo trì"))
        self.assert_problem(self.client(GOVERNMENT).submit(self.signed(GOVERNMENT, INFORMATION)), "read_only")

    def test_what_makes_no_sense_changes_nothing(self):
        admin = self.administrator()
        for body, code in (("", "bad_request"), ("[]", "bad_request"), ('{"read_only": "yes"}', "bad_request"),
                           ('{"read_only": true}', "reason_missing"),
                           ('{"read_only": true, "reason": ""}', "reason_missing")):
            with self.subTest(body):
                self.assert_problem(admin.post("/admin/mode", body, "application/json"), code)
        self.assertEqual(self.readiness(), READY)


class LowSpace(ModeCase):
    def test_documents_are_refused_until_there_is_room_and_hand_overs_go_on(self):
        waiting = self.send(GOVERNMENT, INFORMATION)
        keep_free(self.network, ENDLESS)
        message = self.assert_every_entrance_refuses("no_space")
        status, reasons = self.readiness()
        self.assertEqual(status, 503)
        self.assertTrue(reasons.startswith("no_space: "), reasons)
        self.network.wait_until(lambda: self.alarms("low_space"))
        self.assert_hand_over_goes_on(waiting)

        keep_free(self.network, "1KiB")
        self.assertEqual(self.readiness(), READY)
        self.assertEqual(self.client(GOVERNMENT).submit(message).status, 201)
        self.network.wait_until(lambda: not self.alarms("low_space"))


class SmallDisk(ModeCase):
    """The store lies on a file system of 400 MiB, of which 256 MiB are to stay free."""

    @classmethod
    def prepare(cls, net):
        net.data.mkdir(parents=True, exist_ok=True)
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", str(net.data)], capture_output=True,
                               check=False)
        if mount.returncode != 0:
            raise unittest.SkipTest("only the superuser can mount")
        cls.addClassCleanup(subprocess.run, ["umount", "--lazy", str(net.data)], check=True)
        cls.ballast = net.data / "ballast"

    def test_a_disk_that_fills_and_is_cleared(self):
        waiting = self.send(GOVERNMENT, INFORMATION)
        with open(self.ballast, "wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, 200 << 20)
        self.assert_every_entrance_refuses("no_space")
        self.assertEqual(self.readiness()[0], 503)
        self.network.wait_until(lambda: self.alarms("low_space"))
        self.assert_hand_over_goes_on(waiting)
        self.ballast.unlink()
        self.assertEqual(self.readiness(), READY)
        self.send(GOVERNMENT, INFORMATION)
        self.network.wait_until(lambda: not self.alarms("low_space"))


class Adapter(AdapterCase):
    """A legacy system notices nothing but the time."""

    def test_it_waits_until_the_node_is_open_again(self):
        place = self.place()
        folder = '[folder]\noutbox = "outbox"\ninbox = "inbox"\nscan_seconds = 1\nsettle_seconds = 1\n'
        for name in ("outbox", "inbox"):
            (place / name).mkdir()
        admin = self.administrator()
        set_mode(admin, read_only=True, reason="bảo trì")
        adapter = adapter_case.Adapter(self.network, INFORMATION, "tdoffice-folder", folder, place).start()
        self.addCleanup(adapter.stop)
        text = edxml.document(INFORMATION, PLANNING)
        (place / "outbox" / "CV-1.edxml").write_text(text if isinstance(text, str) else text.decode())
        time.sleep(3)
        self.assertEqual(list((place / "outbox").glob("*.err")), [])
        self.assertEqual(self.client(PLANNING).inbox()["items"], [])
        set_mode(admin, read_only=False)
        adapter.wait_until(lambda: self.client(PLANNING).inbox()["items"])
        adapter.wait_until(lambda: (place / "outbox" / "CV-1.done").exists())


class OnTheWay(TreeCase):
    RUNNING = ("vpcp", "ninhthuan", "thuannam", "cana")

    def test_a_read_only_node_takes_and_passes_legs(self):
        middle = self.tree["ninhthuan"]
        admin = middle.administrator()
        self.addCleanup(admin.close)
        set_mode(admin, read_only=True, reason="bảo trì")
        self.addCleanup(set_mode, admin, read_only=False)
        told = self.send(GOVERNMENT, COMMUNE)
        self.accept(COMMUNE, self.arrives(COMMUNE, told))
        self.ends(GOVERNMENT, told)

    def test_legs_wait_for_a_node_without_room_which_delivers_what_it_has(self):
        middle = self.tree["ninhthuan"]
        to_commune = self.send(INFORMATION, COMMUNE)
        keep_free(middle, ENDLESS)
        self.accept(COMMUNE, self.arrives(COMMUNE, to_commune))
        self.ends(INFORMATION, to_commune)
        told = self.send(GOVERNMENT, COMMUNE)
        self.eventually(lambda: self.tree["vpcp"].neighbour("ninhthuan"), lambda n: "no_space" in str(n))
        self.assertEqual(self.inbox(COMMUNE, told), [])
        keep_free(middle, "1KiB")
        with contextlib.closing(self.tree["vpcp"].administrator()) as admin:
            admin.post("/admin/retry", "{}", "application/json")
        self.arrives(COMMUNE, told)


class Signing(unittest.TestCase):
    """A node whose certificate ends while it runs."""

    def test_it_says_that_it_cannot_sign(self):
        network = Network()
        self.addCleanup(network.close)
        home = network.config.parent
        ca = network.directory / "n"
        issuer = credentials.Issuer(ca / "ca.pem", ca / "ca-key.pem", home)
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=6)
        brief = issuer.issue("brief", not_after=soon.strftime("%Y%m%d%H%M%SZ"), uri="urn:truc:node:ninhthuan")
        shutil.copy(brief.certificate, home / "node.pem")
        shutil.copy(brief.key, home / "node-key.pem")
        network.start()
        network.wait_until(lambda: network.page("/readyz")[0] == 503)
        self.assertIn("cannot_sign: ", network.page("/readyz")[1])
        self.assertGreaterEqual(time.time(), soon.timestamp() - 1)


if __name__ == "__main__":
    unittest.main()
