"""What administrators see before it is too late: the day's report, certificates that end, what the doctor finds."""
import datetime
import pathlib
import shutil
import tempfile
import unittest

import network
from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION, PLANNING

HOLIDAYS = network.SOURCE / "conf/holidays-vn.txt"
VIETNAM = datetime.timezone(datetime.timedelta(hours=7))


def add(config, text):
    config.write_text(f"{config.read_text()}\n{text}\n")


def check(admin, name, **query):
    """What the doctor says by that name."""
    target = "/admin/doctor" + ("?deep=1" if query.get("deep") else "")
    return next(c for c in admin.get(target).json["checks"] if c["check"] == name)


class Report(BrokerCase):
    def line(self, agency, query=""):
        items = self.administrator().get("/admin/report" + query).json["items"]
        return next((i for i in items if i["agency"] == agency), None)

    def test_a_day_is_counted_by_agency(self):
        before = self.line(GOVERNMENT) or {"sent": 0, "signed": 0, "recipients": 0}
        got = (self.line(INFORMATION) or {"received": 0})["received"]
        self.send(GOVERNMENT, INFORMATION, PLANNING)
        now = self.line(GOVERNMENT)
        self.assertEqual((now["sent"], now["signed"], now["recipients"]),
                         (before["sent"] + 1, before["signed"] + 1, before["recipients"] + 2))
        self.assertEqual([now[k] for k in ("late_urgent", "not_arrived", "without_01", "not_accepted")], [0] * 4)
        self.assertEqual(self.line(INFORMATION)["received"], got + 1)
        self.assertTrue(now["name"])

    def test_by_day_and_by_agency(self):
        self.send(GOVERNMENT, INFORMATION)
        report = self.administrator().get(f"/admin/report?agency={INFORMATION}").json
        self.assertEqual([i["agency"] for i in report["items"]], [INFORMATION])
        today = datetime.datetime.now(VIETNAM).date()
        self.assertIn(report["day"], (str(today), str(today - datetime.timedelta(1))))
        yesterday = self.administrator().get(f"/admin/report?day={today - datetime.timedelta(2)}").json
        self.assertEqual(yesterday["items"], [])

    def test_what_is_late_was_looked_for(self):
        self.network.wait_until(lambda: self.administrator().get("/admin/report").json["late_at"])
        self.assertEqual(self.administrator().get("/admin/report").json["late"], [])

    def test_wrong_questions(self):
        admin = self.administrator()
        self.assert_problem(admin.get("/admin/report?day=21/11/2026"), "bad_request")
        self.assert_problem(admin.get("/admin/report?day=2026-02-30"), "bad_request")
        self.assert_problem(admin.get("/admin/report?agency=000.00.99.Z99"), "not_found")


class Certificates(BrokerCase):
    def terms(self, use, **headers):
        return [c for c in self.administrator().get("/admin/certs", **headers).json["items"] if c["which"] == use]

    def test_the_nodes_own_and_those_in_use(self):
        [node] = self.terms("node")
        self.assertEqual(node["subject"], "urn:truc:node:" + self.network.node["name"])
        self.assertIn(GOVERNMENT, node["owners"])
        self.assertGreater(node["days_left"], 1)
        self.assertTrue(pathlib.Path(node["file"]).exists())
        self.assertIn(" can sign nothing", node["stops"])
        self.assertEqual((len(self.terms("exchange_ca")), len(self.terms("agency_ca"))), (1, 1))

        self.send(GOVERNMENT, INFORMATION)
        self.network.wait_until(lambda: self.terms("client"))
        client = self.terms("client")[0]
        self.assertTrue(client["seen_at"] and client["sha256"] and client["owners"])
        self.assertIn("không kết nối được", self.terms("client", Accept_Language="vi")[0]["stops"])

    def test_metrics_tell_when_the_first_of_each_use_ends(self):
        series = 'truc_certificate_expiry_seconds{which="node"}'
        self.network.wait_until(lambda: self.network.metric(series) > 0)
        [node] = self.terms("node")
        self.assertEqual(int(self.network.metric(series) // 86400), node["days_left"])


class Doctor(BrokerCase):
    @classmethod
    def prepare(cls, net):
        cls.holidays = net.directory / "holidays.txt"
        shutil.copy(HOLIDAYS, cls.holidays)
        add(net.config, f'[clocks]\nholidays = "{cls.holidays}"')

    def test_every_check_says_what_it_found_and_what_to_do(self):
        told = self.administrator().get("/admin/doctor").json
        self.assertGreater(len(told["checks"]), 10)
        self.assertEqual(told["state"], max((c["state"] for c in told["checks"]),
                                            key=("ok", "warn", "bad").index))
        for c in told["checks"]:
            with self.subTest(c["check"]):
                self.assertTrue(c["found"])
                self.assertEqual(bool(c["advice"]), c["state"] != "ok")
        for healthy in ("database", "ledger", "contents", "certificates", "held", "restored"):
            self.assertEqual(check(self.administrator(), healthy)["state"], "ok")

    def test_holidays_are_read_anew(self):
        admin = self.administrator()
        self.assertEqual(check(admin, "calendar")["state"], "ok")
        self.addCleanup(self.network.hang_up)
        self.addCleanup(shutil.copy, HOLIDAYS, self.holidays)
        self.holidays.write_text("2020-01-01\n")
        self.network.hang_up()
        self.assertEqual(check(admin, "calendar")["state"], "warn")
        self.holidays.write_text("nonsense\n")
        self.network.hang_up()
        self.assertIn("reload_failed", check(admin, "alarms")["found"])

    def test_a_damaged_content_is_found(self):
        told = self.send(GOVERNMENT, INFORMATION, attachment=b"x" * 200_000)
        file = self.network.data / "content" / told["sha256"][:2] / told["sha256"]
        good = file.read_bytes()
        self.addCleanup(file.write_bytes, good)
        for deep in (False, True):
            self.assertEqual(check(self.administrator(), "contents", deep=deep)["state"], "ok")
        file.write_bytes(good[:1000] + b"\0" + good[1001:])
        for deep in (False, True):
            found = check(self.administrator(), "contents", deep=deep)
            self.assertEqual(found["state"], "bad")
            self.assertIn(told["sha256"], found["found"])

    def test_wrong_questions(self):
        self.assert_problem(self.administrator().get("/admin/doctor?deep=very"), "bad_request")


@unittest.skipUnless(pathlib.Path("/dev/shm").is_dir(), "no file system in memory here")
class InMemory(BrokerCase):
    @classmethod
    def prepare(cls, net):
        place = tempfile.mkdtemp(prefix="truc-", dir="/dev/shm")
        cls.addClassCleanup(shutil.rmtree, place)
        net.config.write_text(net.config.read_text().replace(str(net.data), place))
        net.data = pathlib.Path(place)

    def test_a_store_that_is_lost_with_the_power_is_called_so(self):
        admin = self.network.administrator()
        self.addCleanup(admin.close)
        self.assertEqual(check(admin, "file_system")["state"], "bad")
        self.assertEqual(check(admin, "sync")["state"], "bad")


if __name__ == "__main__":
    unittest.main()
