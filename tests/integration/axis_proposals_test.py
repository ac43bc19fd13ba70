"""What a system of the national axis SDK asks to be changed in the directory becomes a proposal, and no more than that
before an administrator has confirmed it."""
import json
import unittest

import vxp
from axis_case import AxisCase
from network import GOVERNMENT, INFORMATION, PLANNING, PROVINCE


class Proposals(AxisCase):
    def proposals(self, code):
        items = self.administrator().get("/admin/proposals").json["items"]
        return [p for p in items if p["code"] == code]

    def decide(self, number, decision):
        return self.administrator().post(f"/admin/proposals/{number}", json.dumps({"decision": decision}),
                                         "application/json")

    def listed(self, code):
        return [item for item in self.service(GOVERNMENT).get_agencies_list().data if item["code"] == code]


class Registration(Proposals):
    def test_an_agency_is_there_when_an_administrator_has_confirmed_it(self):
        service = self.service(INFORMATION)
        form = {"id": "9", "pcode": "000-00-00-h43", "code": "000-71-12-h43", "name": " Trung tâm CNTT ",
                "mail": "ttcntt@ninhthuan.gov.vn", "mobile": "0901", "fax": "0259"}
        answer = self.assert_ok(service.register_agency(**form))
        [proposal] = self.proposals("000.71.12.H43")
        self.assertIn(str(proposal["number"]), answer.description)
        self.assertEqual((proposal["kind"], proposal["client"]),
                         ("registration", self.network.agency(INFORMATION)["client"]))
        self.assertEqual(self.listed("000.71.12.H43"), [])
        self.assertEqual(self.assert_ok(service.register_agency(**form)).description, answer.description)
        self.assertEqual(len(self.proposals("000.71.12.H43")), 1)

        self.assertEqual(self.decide(proposal["number"], "confirm").status, 200)
        self.assertEqual(self.listed("000.71.12.H43"), [
            {"id": "000.71.12.H43", "pid": PROVINCE, "code": "000.71.12.H43", "name": "Trung tâm CNTT",
             "mail": "ttcntt@ninhthuan.gov.vn"}])
        self.assertEqual(self.proposals("000.71.12.H43"), [])
        self.assertIn("đã có", self.assert_ok(service.register_agency(**form)).description)
        for change in ({"name": "Tên khác"}, {"pcode": ""}, {"pcode": INFORMATION}):
            with self.subTest(change):
                self.assert_failed(service.register_agency(**{**form, **change}), "bad_request")
        self.assertEqual(self.proposals("000.71.12.H43"), [])

    def test_what_is_declined_leaves_nothing(self):
        self.assert_ok(self.service(INFORMATION).register_agency(code="000.72.12.H43", name="Không có"))
        [proposal] = self.proposals("000.72.12.H43")
        self.assertEqual(self.decide(proposal["number"], "decline").status, 200)
        self.assertEqual(self.listed("000.72.12.H43"), [])
        self.assertEqual(self.proposals("000.72.12.H43"), [])

    def test_forms_that_cannot_become_an_agency(self):
        service = self.service(INFORMATION)
        sound = {"code": "000.73.12.H43", "name": "Đơn vị", "pcode": PROVINCE}
        for change, code in (({"code": ""}, "bad_request"), ({"code": "H43/1"}, "bad_request"),
                             ({"code": "X" * 36}, "bad_request"), ({"code": INFORMATION}, "bad_request"),
                             ({"code": INFORMATION.replace(".", "-").lower()}, "bad_request"),
                             ({"name": ""}, "bad_request"), ({"name": "   "}, "bad_request"),
                             ({"name": "x" * 501}, "bad_request"), ({"name": "a\nb"}, "bad_request"),
                             ({"name": 7}, "bad_request"), ({"mail": "x" * 255}, "bad_request"),
                             ({"mail": ["a@b"]}, "bad_request"), ({"pcode": "999.99.99.Z99"}, "not_found")):
            with self.subTest(change):
                self.assert_failed(service.register_agency(**{**sound, **change}), code)
        self.assertEqual(self.proposals("000.73.12.H43"), [])
        self.assert_ok(service.register_agency(**sound))

    def test_bodies_that_are_no_form(self):
        service = self.service(INFORMATION)
        for body in (b"", b"{}", b"[]", b"null", b'"000.74.12.H43"', b"{", b'{"code": "000.74.12.H43"',
                     b'{"code": "000.74.12.H43", "name": "\xff"}', b"[" * 1000,
                     b'{"code": "000.74.12.H43", "name": "x"} {}'):
            with self.subTest(body[:40]):
                self.assert_failed(service.tell("registerAgency", body), "bad_request")
        self.assert_failed(service.tell("registerAgency", b'{"name": "' + b"x" * 70_000 + b'"}'), "too_large")
        self.assertEqual(self.proposals("000.74.12.H43"), [])


class Closing(Proposals):
    def test_an_agency_is_closed_when_an_administrator_has_confirmed_it(self):
        service = self.service(PLANNING)
        self.assert_ok(service.delete_agency(PLANNING))
        [proposal] = self.proposals(PLANNING)
        self.assertEqual(proposal["kind"], "closing")
        self.assertEqual(len(self.listed(PLANNING)), 1)
        self.assert_ok(service.delete_agency(PLANNING))
        self.assertEqual(len(self.proposals(PLANNING)), 1)

        self.assertEqual(self.decide(proposal["number"], "confirm").status, 200)
        self.assertEqual(self.listed(PLANNING), [])
        [unit] = [u for u in self.service(GOVERNMENT).get_synchronize_unit().data if u["code"] == PLANNING]
        self.assertTrue(unit["deleted"])
        self.assert_failed(service.delete_agency(PLANNING), "not_permitted")

    def test_the_code_by_whatever_name_it_is_called(self):
        service = self.service(INFORMATION)
        for name in ("AgencyCode", "agencycode", "agencyCode", "code"):
            with self.subTest(name):
                service.renew()
                self.assert_ok(service.tell("deleteAgency", **{name: INFORMATION.replace(".", "-")}))
        [proposal] = self.proposals(INFORMATION)
        self.assertEqual(self.decide(proposal["number"], "decline").status, 200)
        self.assertEqual(len(self.listed(INFORMATION)), 1)

    def test_only_one_s_own(self):
        service = self.service(INFORMATION)
        self.assert_failed(service.delete_agency(PROVINCE), "not_permitted")
        self.assert_failed(service.delete_agency("999.99.99.Z99"), "not_found")
        service.renew()
        self.assert_failed(service.call("deleteAgency", vxp.JSON, b"{}", expect=True), "not_found")
        self.assertEqual(self.proposals(PROVINCE), [])


if __name__ == "__main__":
    unittest.main()
