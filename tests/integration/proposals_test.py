"""What administrators decide of the changes that clients propose, over the node's socket and by the command line."""
import json
import os
import subprocess
import unittest

import network
from axis_case import AxisCase
from network import INFORMATION, INTERIOR, PLANNING, PROVINCE


class ProposalsCase(AxisCase):
    def propose(self, code, by=INFORMATION, **members):
        """The number of a registration."""
        self.assert_ok(self.service(by).register_agency(**{"code": code, "name": "Đơn vị " + code, "pcode": PROVINCE,
                                                           **members}))
        return self.listed(code=code)["number"]

    def listed(self, query="", **members):
        [found] = [p for p in self.administrator().get("/admin/proposals" + query).json["items"]
                   if members.items() <= p.items()]
        return found

    def decide(self, number, decision):
        return self.administrator().post(f"/admin/proposals/{number}", json.dumps({"decision": decision}).encode())

    def agency(self, code):
        return self.administrator().get("/v1/agencies/" + code)


class Deciding(ProposalsCase):
    def test_what_is_confirmed_stands_in_the_file(self):
        number = self.propose("000.81.12.H43", mail="a@ninhthuan.gov.vn")
        proposal = self.listed(number=number)
        self.assertEqual((proposal["kind"], proposal["state"], proposal["client"]), ("registration", "open", "so-tttt"))
        self.assertEqual((proposal["agency"]["name"], proposal["agency"]["parent"], proposal["agency"]["node"]),
                         ("Đơn vị 000.81.12.H43", PROVINCE, "ninhthuan"))
        self.assert_problem(self.agency("000.81.12.H43"), "not_found")

        decided = self.decide(number, "confirm")
        self.assertEqual((decided.status, decided.json["state"]), (200, "confirmed"))
        self.assertTrue(decided.json["decided_by"])
        written = self.network.directory_file.read_bytes()
        self.assertEqual(self.decide(number, "confirm").json, decided.json)
        self.assertEqual(self.network.directory_file.read_bytes(), written)
        self.assert_problem(self.decide(number, "decline"), "already_ended")
        self.assertEqual(self.listed("?all=1", number=number), decided.json)
        self.assertNotIn(number, [p["number"] for p in self.administrator().get("/admin/proposals").json["items"]])

        self.network.stop()
        self.network.start()
        self.assertEqual(self.agency("000.81.12.H43").json["mail"], "a@ninhthuan.gov.vn")
        sender = self.client(PROVINCE)
        self.assertEqual(sender.submit(self.signed(PROVINCE, "000.81.12.H43")).status, 201)

    def test_a_confirmation_that_died_halfway_is_repeated(self):
        number = self.propose("000.82.12.H43")
        confirmed = self.listed(number=number)["agency"]
        file = self.network.directory_file
        line = json.dumps({"agency": {k: confirmed[k] for k in ("code", "name", "node", "parent")}}, ensure_ascii=False)
        file.write_bytes(file.read_bytes() + line.encode() + b"\n")
        before = file.read_bytes()
        self.assertIn("carried out", self.assert_problem(self.decide(number, "decline"), "bad_directory")["detail"])
        self.assertEqual(self.decide(number, "confirm").status, 200)
        self.assertEqual(file.read_bytes(), before)
        self.assertEqual(self.agency("000.82.12.H43").status, 200)

    def test_no_code_is_taken_from_its_owner(self):
        number = self.propose("000.83.12.H43")
        of_another = {"code": "000.84.12.H43", "name": "Chủ cũ", "node": "ninhthuan", "aliases": ["000.83.12.H43"]}
        self.administrator().post("/admin/agencies", json.dumps({"agency": of_another}).encode())
        before = self.network.directory_file.read_bytes()
        self.assertIn("000.84.12.H43", self.assert_problem(self.decide(number, "confirm"), "bad_directory")["detail"])
        self.assertEqual(self.network.directory_file.read_bytes(), before)
        self.assertEqual(self.listed(number=number)["state"], "open")
        self.assertEqual(self.decide(number, "decline").json["state"], "declined")
        self.assert_problem(self.decide(number, "confirm"), "already_ended")

    def test_a_parent_must_be_known_when_it_is_confirmed(self):
        self.assertEqual(self.decide(self.propose("000.85.12.H43"), "confirm").status, 200)
        number = self.propose("001.85.12.H43", pcode="000.85.12.H43")
        file = self.network.directory_file
        file.write_bytes(b"".join(line for line in file.read_bytes().splitlines(True) if b"000.85.12.H43" not in line))
        self.assertEqual(self.administrator().post("/admin/reload").status, 200)
        self.assertIn("000.85.12.H43", self.assert_problem(self.decide(number, "confirm"), "bad_directory")["detail"])

    def test_closing(self):
        self.assert_ok(self.service(PLANNING).delete_agency(PLANNING))
        proposal = self.listed(code=PLANNING)
        self.assertEqual((proposal["kind"], "agency" in proposal), ("closing", False))
        self.assertEqual(self.decide(proposal["number"], "confirm").status, 200)
        closed = self.agency(PLANNING).json["valid_to"]
        self.assert_problem(self.client(PLANNING).submit(self.signed(PLANNING, PROVINCE)), "sender_closed")
        self.assertEqual(self.decide(proposal["number"], "confirm").status, 200)
        self.assertEqual(self.agency(PLANNING).json["valid_to"], closed)

    def test_what_is_no_decision(self):
        number = self.propose("000.86.12.H43")
        admin = self.administrator()
        for body in (b"", b"{}", b"[]", b"{", b'{"decision": "open"}', b'{"decision": 1}', b'{"decision": null}'):
            with self.subTest(body):
                self.assert_problem(admin.post(f"/admin/proposals/{number}", body), "bad_request")
        for other in ("999999", "0", "x", "-1", "9" * 30):
            with self.subTest(other):
                self.assert_problem(self.decide(other, "confirm"), "not_found")
        self.assertEqual(self.listed(number=number)["state"], "open")

    def test_the_list_goes_on_behind_its_first_page(self):
        numbers = [self.propose(f"000.{i}.12.H43") for i in (88, 89, 90)]
        self.assertEqual(self.decide(numbers[1], "decline").status, 200)
        admin, seen, after = self.administrator(), [], ""
        while after is not None:
            page = admin.get(f"/admin/proposals?max=1&after={after or numbers[0] - 1}").json
            seen += [p["number"] for p in page["items"]]
            after = page["next"]
        self.assertEqual(seen, [numbers[0], numbers[2]])
        rest = admin.get(f"/admin/proposals?all=1&after={numbers[0]}").json
        self.assertEqual([p["number"] for p in rest["items"]], numbers[1:])
        self.assertIsNone(rest["next"])
        self.assert_problem(admin.get("/admin/proposals?after=x"), "bad_request")

    def test_no_client_sees_or_decides(self):
        number = self.propose("000.87.12.H43")
        client = self.client(INFORMATION)
        self.assert_problem(client.get("/admin/proposals"), "not_found")
        self.assert_problem(client.post(f"/admin/proposals/{number}", b'{"decision": "confirm"}'),
                            "not_found")


class CommandLine(ProposalsCase):
    def truc(self, *arguments, expect=0, lang="C.UTF-8", form=("--json",)):
        done = subprocess.run([network.program("truc"), "--socket", self.network.node["admin"], *form, "agency", *arguments],
                              env={**os.environ, "LC_ALL": lang}, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, expect, done)
        return [json.loads(line) for line in done.stdout.splitlines()] if form else done.stdout

    def test_lists_confirms_and_declines(self):
        wanted, unwanted = self.propose("000.91.12.H43"), self.propose("000.92.12.H43", by=INTERIOR)
        self.assertEqual([p["number"] for p in self.truc("proposals")], [wanted, unwanted])
        self.assertIn("new agency", self.truc("proposals", form=()))
        self.assertIn("cơ quan mới", self.truc("proposals", form=(), lang="vi_VN.UTF-8"))
        [confirmed] = self.truc("confirm", str(wanted))
        self.assertEqual(confirmed["state"], "confirmed")
        self.assertIn("declined", self.truc("decline", str(unwanted), form=()))
        self.truc("confirm", str(unwanted), expect=1)
        self.assertEqual(self.truc("proposals"), [])
        self.assertEqual([p["state"] for p in self.truc("proposals", "--all")], ["confirmed", "declined"])
        self.assertEqual(self.agency("000.91.12.H43").status, 200)


if __name__ == "__main__":
    unittest.main()
