"""TD.Office by its SOAP services from end to end: a clerk, the services, truc-adapter, a real node, and an agency behind it
that comes by REST; with services that fail in every way, and through deaths of the adapter and of the services."""
import base64
import collections
import random
import re
import subprocess
import sys
import time
import unittest

import edxml
import network
import ports
import td_soap
from adapter_case import Adapter, AdapterCase
from lxml import etree
from network import GOVERNMENT, INFORMATION

DASHED = GOVERNMENT.replace(".", "-")
FAULTS = ("latency=0.1,lost=0.05,slow=0.01,late=0.03,double=0.1,encoding=0.05,shape=0.2,expired=0.05,page=0.04,ill=0.01")


class Services:
    """The stand-in as a process that may die."""

    def __init__(self, place):
        self.port = ports.reserve()
        self.place = place
        self.url = f"http://127.0.0.1:{self.port}"
        self.clerk = td_soap.Clerk(self.url)
        self.password = place / "password"
        self.password.touch(0o600)
        self.password.write_text("mật khẩu <&>\n", encoding="utf-8")
        self.process = None

    def start(self):
        self.process = subprocess.Popen([sys.executable, "-B", td_soap.__file__, "--port", str(self.port), "--dir",
                                         str(self.place / "office"), "--password-file", str(self.password), "--seed", "7"])
        for _ in range(500):
            try:
                return self.clerk.books()
            except OSError:
                time.sleep(0.02)
        raise TimeoutError("the stand-in does not start")

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()


class Soap(AdapterCase):
    def setUp(self):
        self.drain(GOVERNMENT)
        self.drain(INFORMATION)
        place = self.place()
        self.services = Services(place)
        self.addCleanup(self.services.kill)
        self.services.start()
        self.clerk = self.services.clerk
        table = (f'[soap]\nurl = "{self.services.url}"\nuser = "truc"\npassword_file = "{self.services.password}"\n'
                 "poll_milliseconds = 100\nanswer_seconds = 2\nsettle_seconds = 1\nlogin_pause_seconds = 1\n")
        self.adapter = Adapter(self.network, INFORMATION, "tdoffice-soap", table, place)
        self.addCleanup(self.adapter.stop)

    def waiting(self, kind="edoc"):
        return self.client(GOVERNMENT).inbox(max=1000, kind=kind)["items"]

    def content(self, item):
        answer = self.client(GOVERNMENT).get(f"/v1/inbox/{item['delivery_id']}/content")
        self.assertEqual(answer.status, 200, answer)
        return etree.fromstring(answer.body)

    def books(self, table):
        return self.clerk.books()[table]

    def write(self, **members):
        [id_] = self.clerk.write(documents=[td_soap.document(DASHED, **members)])["documents"]
        return id_

    def row(self, id_):
        [found] = [row for row in self.books("documents") if row["id"] == id_]
        return found

    def has(self, id_, state):
        return self.adapter.wait_until(lambda: (row := self.row(id_))["state"] == state and row)

    def report(self, document_id, code, description="Ghi chú"):
        """The other agency on a document of ours."""
        message = edxml.status(GOVERNMENT, INFORMATION, document_id, code, description)
        answer = self.client(GOVERNMENT).submit(self.network.sign(message, GOVERNMENT))
        self.assertIn(answer.status, (200, 201), answer)

    def test_a_document_goes_out_with_its_attachments_and_its_way_is_reported(self):
        self.adapter.start()
        content = random.Random(1).randbytes(300_000)
        id_ = self.write(number=315, subject='V/v "báo cáo" <&> quý', priority="Hỏa tốc",
                         files=[("báo cáo.pdf", "application/pdf", content)])
        [item] = self.adapter.wait_until(self.waiting)
        self.assertEqual(item["from"], INFORMATION, item)
        tree = self.content(item)
        self.assertIsNotNone(tree.find(f".//{{{edxml.DSIG}}}SignatureValue"))
        names = {"e": edxml.NAMESPACE}
        self.assertEqual(tree.findtext(".//e:Subject", None, names), 'V/v "báo cáo" <&> quý')
        self.assertEqual(tree.findtext(".//e:PromulgationDate", None, names), "2026/03/05")
        enclosed = tree.findtext(".//e:ContentTransferEncoded", None, names)
        self.assertEqual(base64.b64decode(enclosed), content)
        row = self.has(id_, "DA_GUI")
        self.assertEqual(row["truc"], item["id"])
        self.client(GOVERNMENT).acknowledge(item["delivery_id"])
        [told] = self.adapter.wait_until(lambda: self.books("recipients"))
        self.assertEqual((told["item"], told["agency"], told["state"]), (id_, DASHED, "DA_DEN"))

    def test_a_document_comes_in_and_its_clerks_report_on_it(self):
        self.adapter.start()
        sent = self.send(GOVERNMENT, INFORMATION, subject="V/v kiểm tra", attachment=b"%PDF-1.7", priority=1)
        [row] = self.adapter.wait_until(lambda: self.books("received"))
        record = row["record"]
        self.assertEqual(row["delivery"], sent["recipients"][0]["delivery_id"])
        self.assertEqual((record["MaDonViGui"], record["NgayBanHanh"], record["DoKhan"]), (DASHED, "02/11/2026", "1"))
        self.assertEqual(base64.b64decode(record["TepDinhKem"][0]["NoiDung"]), b"%PDF-1.7")
        self.clerk.write(report=[{"received": row["id"], "TrangThai": "02", "LyDo": "Sai thẩm quyền"}])
        found = self.adapter.wait_until(lambda: len(all_ := self.waiting("status")) == 2 and all_)
        codes = {self.content(i).findtext(f".//{{{edxml.NAMESPACE}}}StatusCode") for i in found}
        self.assertEqual(codes, {"01", "02"})
        self.assertEqual({i["document_id"] for i in found}, {sent["document_id"]})

    def test_statuses_and_recalls_pass_in_both_directions(self):
        self.adapter.start()
        self.write(number=20)
        [item] = self.adapter.wait_until(self.waiting)
        self.client(GOVERNMENT).acknowledge(item["delivery_id"])
        for code in ("01", "03", "04", "05", "06", "16"):
            self.report(item["document_id"], code)
        rows = self.adapter.wait_until(lambda: len(all_ := self.books("received_statuses")) == 6 and all_)
        self.assertEqual({row["record"]["trangThai"] for row in rows}, {"01", "03", "04", "05", "06", "16"})
        self.assertEqual({row["record"]["maVanBan"] for row in rows}, {item["document_id"]})
        self.clerk.write(statuses=[{"TrangThai": "13", "LyDo": "Gửi nhầm", "MaDonViNhan": DASHED, "SoKyHieu": "20/UBND-VP",
                                    "NgayBanHanh": "05/03/2026", "MaVanBan": item["document_id"],
                                    "ThoiGian": "06/03/2026 09:00:00"}])
        [asked] = self.adapter.wait_until(lambda: self.waiting("status"))
        self.assertEqual(self.content(asked).findtext(f".//{{{edxml.NAMESPACE}}}StatusCode"), "13")

    def test_a_secret_record_never_leaves(self):
        self.adapter.start()
        secret = [self.write(number=n, secrecy=level, files=[("mật.pdf", "application/pdf", b"x")])
                  for n, level in enumerate(("Mật", "Tối mật", "Tuyệt mật", "2"), 30)]
        marked = self.write(number=40, subject="(MẬT) V/v kế hoạch")
        usual = self.write(number=41)
        self.has(usual, "DA_GUI")
        for id_ in (*secret, marked):
            row = self.has(id_, "LOI")
            self.assertEqual(row["code"], "secret_document")
            self.assertIn("QĐ 28/2018/QĐ-TTg", row["text"])
        self.assertEqual({file["looks"] for file in self.books("files")}, {0})
        self.assertEqual(len(self.waiting()), 1)

    def test_a_mistake_is_explained_where_its_clerk_sees_it_and_the_corrected_record_goes(self):
        self.adapter.start()
        wrong = self.write(number=50, NgayBanHanh="31/02/2026")
        nobody = self.write(number=51, NoiNhan=[{"MaDonVi": "000-99-99-H99"}])
        row = self.has(wrong, "LOI")
        self.assertEqual(row["code"], "record_invalid")
        self.assertIn("NgayBanHanh '31/02/2026' là ngày không có thật", row["text"])
        self.assertEqual(self.has(nobody, "LOI")["code"], "recipient_unknown")
        self.clerk.write(correct=[{"Id": wrong, "NgayBanHanh": "28/02/2026"}])
        self.has(wrong, "DA_GUI")
        self.assertEqual(len(self.waiting()), 1)

    def test_what_tdoffice_refuses_lies_aside_and_blocks_nothing(self):
        self.adapter.start()
        refused = self.send(GOVERNMENT, INFORMATION, subject="V/v TỪ CHỐI")
        self.send(GOVERNMENT, INFORMATION, subject="V/v tiếp theo")
        [row] = self.adapter.wait_until(lambda: self.books("received"))
        self.assertEqual(row["record"]["TrichYeu"], "V/v tiếp theo")
        items = self.adapter.wait_until(lambda: self.adapter.truc("status", "td", "--quarantined")[1:])
        self.assertEqual([(i["code"], i["key"]) for i in items],
                         [("legacy_refused", refused["recipients"][0]["delivery_id"])])

    def test_everything_passes_once_through_every_fault_and_many_deaths(self):
        count = 15
        chance = random.Random(3)
        self.clerk.set_faults(FAULTS)
        self.adapter.start(ready=False)
        numbers = range(1000, 1000 + count)
        self.clerk.write(documents=[td_soap.document(DASHED, number=n, files=[("a.pdf", "application/pdf", b"%PDF")])
                                    for n in numbers])
        theirs = [self.send(GOVERNMENT, INFORMATION)["document_id"] for _ in range(count)]
        for round_ in range(4):
            time.sleep(chance.uniform(0.3, 1.2))
            victim = self.adapter if round_ % 2 else self.services
            victim.kill()
            victim.start(**({"ready": False} if victim is self.adapter else {}))
            self.clerk.set_faults(FAULTS)

        self.adapter.wait_until(lambda: len(self.books("received")) >= count)
        self.adapter.wait_until(lambda: len(self.waiting()) >= count)
        self.adapter.wait_until(lambda: all(row["state"] == "DA_GUI" for row in self.books("documents")))
        self.adapter.wait_until(lambda: len(self.waiting("status")) >= count)
        self.clerk.write(report=[{"received": row["id"], "TrangThai": "03"} for row in self.books("received")])
        ours = self.waiting()
        for item in ours:
            self.report(item["document_id"], "06")
        self.adapter.wait_until(lambda: len(self.waiting("status")) >= 2 * count)
        self.adapter.wait_until(lambda: len(self.books("received_statuses")) >= count)
        time.sleep(1)

        self.assertEqual(sorted(re.search(r",(\d+)/UBND", i["document_id"])[1] for i in ours), [str(n) for n in numbers])
        received = collections.Counter(row["record"]["MaVanBan"] for row in self.books("received"))
        self.assertEqual(received, collections.Counter(theirs))
        about = collections.Counter(row["record"]["maVanBan"] for row in self.books("received_statuses"))
        self.assertEqual(about, collections.Counter(i["document_id"] for i in ours))
        statuses = collections.Counter((i["document_id"], self.content(i).findtext(f".//{{{edxml.NAMESPACE}}}StatusCode"))
                                       for i in self.waiting("status"))
        self.assertEqual(statuses, collections.Counter((d, code) for d in theirs for code in ("01", "03")))
        self.assertNotIn("mật khẩu", self.adapter.log())


if __name__ == "__main__":
    unittest.main()
