"""The whole directory as systems of the national axis SDK ask for it."""
import threading
import unittest

from axis_case import AxisCase
from network import DISTRICT, GOVERNMENT, INFORMATION, LABOUR, PATIENCE, PROVINCE

NAMES = {"id", "pid", "code", "name", "mail"}


def by_code(answer):
    return {item["code"]: item for item in answer.data}


def refuse_compression(fields):
    fields[:] = [field for field in fields if field[0] != "Accept-Encoding"]


class Agencies(AxisCase):
    def test_every_agency_that_is_valid(self):
        answer = self.assert_ok(self.service(INFORMATION).get_agencies_list())
        known = self.client(INFORMATION).get("/v1/agencies?max=1000").json["items"]
        listed = by_code(answer)
        self.assertEqual(set(listed), {a["code"] for a in known} - {LABOUR})
        self.assertEqual(len(answer.data), len(listed))
        for agency in known:
            if agency["code"] != LABOUR:
                self.assertEqual(listed[agency["code"]], {
                    "id": agency["code"], "pid": agency["parent"], "code": agency["code"], "name": agency["name"],
                    "mail": agency["mail"]})

    def test_for_synchronising_closed_ones_as_well(self):
        service = self.service(INFORMATION)
        answer = self.assert_ok(service.get_synchronize_unit())
        units = by_code(answer)
        self.assertEqual({code for code, unit in units.items() if unit["deleted"]}, {LABOUR})
        for unit in units.values():
            self.assertEqual(set(unit), NAMES | {"version", "centerCode", "deleted", "modifyDate", "isAgency"})
        closed = self.client(INFORMATION).get("/v1/agencies/" + LABOUR).json
        self.assertEqual(units[LABOUR]["modifyDate"], closed["valid_to"])
        self.assertGreater(int(units[LABOUR]["version"]), int(units[DISTRICT]["version"]))
        self.assertEqual(units[DISTRICT]["centerCode"], closed["node"])
        self.assertEqual(service.get_list_unit().json, answer.json)

    def test_compressed_only_for_those_who_can_read_it(self):
        service = self.service(INFORMATION)
        packed = service.get_agencies_list()
        plain = service.call("getAgenciesList", "application/json", b"", alter=refuse_compression)
        self.assertEqual(packed.headers["content-encoding"], "gzip")
        self.assertNotIn("content-encoding", plain.headers)
        self.assertLess(int(packed.headers["content-length"]), int(plain.headers["content-length"]))
        self.assertEqual(packed.json, plain.json)
        for answer in (packed, plain):
            self.assertEqual(answer.headers["vary"], "Accept-Encoding")
        self.assertEqual(service.connection.opened, 1)

    def test_the_directory_in_force_counts(self):
        service = self.service(INFORMATION)
        self.assertNotIn("000.00.77.H43", by_code(service.get_agencies_list()))
        node = self.network.node["name"]
        self.network.change_directory(lambda records: records.append(
            {"agency": {"code": "000.00.77.H43", "name": "Sở mới", "node": node, "parent": PROVINCE}}))
        self.network.hang_up()
        self.assertEqual(by_code(service.get_agencies_list())["000.00.77.H43"], {
            "id": "000.00.77.H43", "pid": PROVINCE, "code": "000.00.77.H43", "name": "Sở mới", "mail": ""})
        self.assertIn("000.00.77.H43", by_code(service.get_synchronize_unit()))

    def test_many_at_the_same_time(self):
        answers = []

        def ask():
            service = self.service(GOVERNMENT)
            answers.append(service.get_agencies_list().json)

        self.network.hang_up()  # the list is to be made while they wait
        askers = [threading.Thread(target=ask) for _ in range(20)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join(PATIENCE)
        self.assertEqual(len(answers), 20)
        self.assertTrue(all(answer == answers[0] for answer in answers))


if __name__ == "__main__":
    unittest.main()
