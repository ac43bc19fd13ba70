"""What a system of the national axis SDK reads and says of what waits for it, and what its sender sees of that."""
import datetime
import os
import unittest

import edxml
import vxp
from axis_case import AxisCase
from network import COMMUNE, DISTRICT, GOVERNMENT, INFORMATION, PLANNING, PROVINCE

NOBODY_S = "00000000-0000-7000-8000-000000000000"


class Exchange(AxisCase):
    """The receive loop of every such client, step by step."""

    def test_from_sending_to_done(self):
        sender, recipient = self.service(GOVERNMENT), self.service(INFORMATION)
        doc_id, content = self.submit(GOVERNMENT, INFORMATION, PLANNING, service=sender, number=4711, subject="V/v <thử>")

        rows = self.sent(sender, doc_id)
        self.assertEqual(set(rows), {INFORMATION, PLANNING})
        row = rows[INFORMATION]
        delivery = row["receiverDocId"]
        self.assertEqual(row, {
            "serviceType": "eDoc", "receiverDocId": delivery, "toCode": INFORMATION, "receiveStatus": "processing",
            "title": "V/v <thử>", "messageType": "edoc", "notation": "4711/TEST", "receivedTime": row["receivedTime"],
            "sentTime": row["sentTime"], "sendStatus": "done", "sendStatusDesc": row["sendStatusDesc"],
            "senderDocId": doc_id, "fromCode": GOVERNMENT, "receiveStatusDesc": row["receiveStatusDesc"]})
        for moment in (row["receivedTime"], row["sentTime"]):
            self.assertEqual(datetime.datetime.fromisoformat(moment).utcoffset(), datetime.timedelta(hours=7))

        item = self.waiting(recipient)[delivery]
        self.assertEqual(item, {
            "docId": delivery, "serviceType": "eDoc", "messageType": "edoc", "created_time": row["receivedTime"],
            "updated_time": row["receivedTime"], "from": GOVERNMENT, "to": INFORMATION, "status": "initial",
            "status_desc": item["status_desc"]})
        self.assertEqual(self.assert_ok(recipient.get_edoc(delivery)).document, content)
        self.assertEqual(self.waiting(recipient)[delivery], item, "getEdoc changes nothing")

        self.assert_ok(recipient.update_status(delivery, "done"))
        self.assertNotIn(delivery, self.waiting(recipient))
        rows = self.sent(sender, doc_id)
        self.assertEqual(rows[INFORMATION]["receiveStatus"], "done")
        self.assertEqual(rows[PLANNING]["receiveStatus"], "processing", "the other recipient's system did nothing yet")
        self.assert_ok(recipient.update_status(delivery, "done"))
        self.assertEqual(recipient.get_edoc(delivery).document, content, "it can be read as long as it is kept")

    def test_a_failure_counts_and_the_next_try_may_succeed(self):
        recipient = self.service(INFORMATION)
        delivery = self.delivery()
        for said, count in (("processing", 0), ("fail", 1), ("fail", 2), ("processing", 2), ("initial", 2)):
            self.assert_ok(recipient.update_status(delivery, said))
            item = self.waiting(recipient)[delivery]
            self.assertEqual(item["status"], said)
            self.assertGreaterEqual(item["updated_time"], item["created_time"])
            if said == "fail":
                self.assertIn(str(count), item["status_desc"])
            [told] = self.administrator().get(f"/admin/why/{delivery}").json["items"]
            self.assertIn({"initial": "it said that it has not begun", "processing": "it said that it is at work on it",
                           "fail": "it said that it failed"}[said], told["text"])
            self.assertEqual("attempts that failed" in told["text"], count > 0)
        sender = self.service(GOVERNMENT)
        [row] = [r for r in sender.get_sent_edoc_list().data if r["receiverDocId"] == delivery]
        self.assertEqual(row["receiveStatus"], "processing", "what the recipient's system fails at is no end")
        self.assert_ok(recipient.update_status(delivery, "done"))
        for said in ("initial", "processing", "fail"):
            self.assert_failed(recipient.update_status(delivery, said), "already_ended")
        self.assert_ok(recipient.update_status(delivery, "done"))
        self.assertTrue(self.administrator().get("/admin/books").json["balance"])

    def test_a_document_is_asked_back(self):
        sender, recipient = self.service(GOVERNMENT), self.service(INFORMATION)
        document_id = f"{GOVERNMENT},2026/11/02,{os.getpid()}/ASKED"
        self.submit(GOVERNMENT, INFORMATION, service=sender, document_id=document_id)
        for code, by, to, here, there in (("13", GOVERNMENT, INFORMATION, sender, recipient),
                                          ("15", INFORMATION, GOVERNMENT, recipient, sender)):
            with self.subTest(code):
                status = edxml.status(by, to, document_id, code, "Nhầm phụ lục").encode()
                doc_id = self.assert_ok(here.send_edoc(status, by, [to], "status")).doc_id
                delivery = self.sent(here, doc_id, "status")[to]["receiverDocId"]
                self.assertEqual(self.waiting(there, "status")[delivery]["from"], by)
                self.assertEqual(there.get_edoc(delivery).document, status)
                self.assert_ok(there.update_status(delivery, "done"))
                self.assertEqual(self.sent(here, doc_id, "status")[to]["receiveStatus"], "done")

    def test_a_status_goes_back(self):
        sender, recipient = self.service(GOVERNMENT), self.service(INFORMATION)
        document_id = f"{GOVERNMENT},2026/11/02,{os.getpid()}/BACK"
        self.submit(GOVERNMENT, INFORMATION, service=sender, document_id=document_id)
        status = edxml.status(INFORMATION, GOVERNMENT, document_id).encode()
        doc_id = self.assert_ok(recipient.send_edoc(status, INFORMATION, [GOVERNMENT], "status")).doc_id
        self.assertEqual(self.sent(recipient, doc_id), {}, "it is no document")
        row = self.sent(recipient, doc_id, "status")[GOVERNMENT]
        self.assertEqual((row["messageType"], row["receiveStatus"]), ("status", "processing"))
        delivery = row["receiverDocId"]
        self.assertNotIn(delivery, self.waiting(sender))
        self.assertEqual(self.waiting(sender, "status")[delivery]["from"], INFORMATION)
        self.assertIn(delivery, self.waiting(sender, ""), "without messagetype there are both")
        self.assertEqual(sender.get_edoc(delivery).document, status)
        self.assert_ok(sender.update_status(delivery, "done"))
        self.assertEqual(self.sent(recipient, doc_id, "status")[GOVERNMENT]["receiveStatus"], "done")

    def test_a_rejection_says_why(self):
        sender = self.service(GOVERNMENT)
        doc_id, _ = self.submit(service=sender)
        delivery = self.sent(sender, doc_id)[INFORMATION]["receiverDocId"]
        self.client(INFORMATION).acknowledge(delivery, "rejected", reason="không mở được tệp")
        row = self.sent(sender, doc_id)[INFORMATION]
        self.assertEqual(row["receiveStatus"], "fail")
        self.assertIn("không mở được tệp", row["receiveStatusDesc"])
        self.assert_failed(self.service(INFORMATION).update_status(delivery, "done"), "already_ended")

    def test_the_same_delivery_at_two_entrances(self):
        told = self.send(PROVINCE, INFORMATION)
        delivery = told["recipients"][0]["delivery_id"]
        recipient = self.service(INFORMATION)
        self.assertEqual(recipient.get_edoc(delivery).document, told["bytes"])
        self.assert_ok(recipient.update_status(delivery, "done"))
        [state] = self.client(PROVINCE).get("/v1/documents/" + told["id"]).json["recipients"]
        self.assertEqual(state["state"], "handed_over")
        row = self.sent(self.service(PROVINCE), told["id"])[INFORMATION]
        self.assertEqual((row["receiverDocId"], row["receiveStatus"]), (delivery, "done"))


class Reading(AxisCase):
    def test_what_failed_does_not_stand_in_the_way(self):
        recipient = self.service(DISTRICT)
        first, second = self.delivery(recipient=DISTRICT), self.delivery(recipient=DISTRICT)
        urgent = self.delivery(recipient=DISTRICT, priority=3)
        self.assertEqual(list(self.waiting(recipient)), [urgent, first, second])
        self.assert_ok(recipient.update_status(urgent, "fail"))
        self.assert_ok(recipient.update_status(first, "fail"))
        self.assertEqual(list(self.waiting(recipient)), [second, urgent, first])

    def test_large_documents_byte_for_byte(self):
        recipient = self.service(COMMUNE)
        for size in (100_000, 100_001, 100_002, 12_000_000):
            with self.subTest(size):
                service = self.service(GOVERNMENT)
                doc_id, content = self.submit(GOVERNMENT, COMMUNE, service=service, attachment=os.urandom(size))
                delivery = self.sent(service, doc_id)[COMMUNE]["receiverDocId"]
                answer = self.assert_ok(recipient.get_edoc(delivery))
                self.assertTrue(answer.document == content)
        self.assertEqual(recipient.connection.opened, 1)

    def test_somebody_else_s_delivery_does_not_exist(self):
        delivery = self.delivery()
        for stranger in (GOVERNMENT, PLANNING):
            service = self.service(stranger)
            calls = [service.get_edoc] + [lambda d, w=word: service.update_status(d, w)
                                          for word in ("initial", "processing", "done", "fail")]
            for call in calls:
                theirs, none = self.assert_failed(call(delivery), "not_found"), call(NOBODY_S)
                self.assertEqual(theirs.description.replace(delivery, NOBODY_S), none.description)
            self.assertNotIn(delivery, self.waiting(service))
        self.assertEqual(self.waiting(self.service(INFORMATION))[delivery]["status"], "initial")

    def test_names_that_are_none(self):
        service = self.service(INFORMATION)
        for name in ("", "x", "1", "../../etc/passwd", NOBODY_S):
            with self.subTest(name):
                self.assert_failed(service.get_edoc(name), "not_found")
                self.assert_failed(service.update_status(name, "done"), "not_found")

    def test_words_that_are_none(self):
        service = self.service(INFORMATION)
        delivery = self.delivery()
        for word in ("", "finished", "handed_over", "failed", "fail;done"):
            with self.subTest(word):
                self.assert_failed(service.update_status(delivery, word), "bad_request")
        for word in ("inbox", "document"):
            self.assert_failed(service.get_received_edoc_list(word), "bad_request")
            self.assert_failed(service.get_sent_edoc_list(word), "bad_request")
        self.assertEqual(self.waiting(service)[delivery]["status"], "initial")

    def test_one_connection_for_all_calls_and_refusals(self):
        service = self.service(INFORMATION)
        delivery = self.delivery()
        for _ in range(3):
            self.assertIn(delivery, self.waiting(service))
            self.assert_ok(service.get_edoc(delivery))
            self.assert_failed(service.get_edoc(NOBODY_S), "not_found")
            self.assert_failed(service.update_status(NOBODY_S, "done"), "not_found")
            self.assert_failed(service.update_status(delivery, "perhaps"), "bad_request")
            self.assert_failed(service.delete_agency("999.99.99.Z99"), "not_found")
            self.assert_failed(service.register_agency(code="?", name="x"), "bad_request")
            self.assert_ok(service.get_sent_edoc_list())
        self.assertEqual(service.connection.opened, 1)

    def test_a_body_where_none_belongs_is_bounded(self):
        service = self.service(INFORMATION)
        self.assert_ok(service.call("getReceivedEdocList", vxp.JSON, b" " * 1000))
        self.assert_failed(service.call("getReceivedEdocList", vxp.JSON, b" " * 100_000), "too_large")


class SentList(AxisCase):
    """What PROVINCE has sent: three documents to one recipient each, newest first."""

    def setUp(self):
        self.service_ = self.service(PROVINCE)
        self.mine = [self.submit(PROVINCE, COMMUNE, service=self.service_)[0] for _ in range(3)][::-1]
        self.today = datetime.datetime.now(vxp.VIETNAM).date()

    def names(self, **filters):
        self.service_.renew()
        return [row["senderDocId"] for row in self.assert_ok(self.service_.get_sent_edoc_list(**filters)).data]

    def test_newest_first_and_only_one_s_own(self):
        self.assertEqual(self.names()[:3], self.mine)
        others = self.service(COMMUNE).get_sent_edoc_list().data
        self.assertFalse(set(self.mine) & {row["senderDocId"] for row in others})

    def test_page_by_page(self):
        whole = self.names()
        pages = [self.names(pageSize="2", pageIndex=str(number)) for number in range(1, len(whole) // 2 + 2)]
        self.assertEqual([name for page in pages for name in page], whole)
        self.assertEqual(self.names(pageSize="2", pageIndex="99"), [])
        self.assertEqual(self.names(pageSize="1000000"), whole)

    def test_days(self):
        yesterday, tomorrow = (self.today + datetime.timedelta(days=d) for d in (-1, 1))
        for form in ("%Y/%m/%d", "%d/%m/%Y", "%Y-%m-%d"):
            with self.subTest(form):
                text = lambda day: day.strftime(form)  # pylint: disable=cell-var-from-loop
                everything = self.names()
                self.assertEqual(self.names(fromDate=text(yesterday), toDate=text(tomorrow)), everything)
                self.assertEqual(self.names(fromDate=text(tomorrow)), [])
                self.assertEqual(self.names(toDate=text(yesterday)), [])

    def test_questions_that_cannot_be_understood(self):
        for filters in ({"fromDate": "2026/02/30"}, {"toDate": "today"}, {"pageSize": "many"}, {"pageIndex": "-1"},
                        {"fromDate": "2026/11/02", "toDate": "2026/11/01"}, {"pageIndex": "1000000000"}):
            with self.subTest(filters):
                self.service_.renew()
                self.assert_failed(self.service_.get_sent_edoc_list(**filters), "bad_request")


class SeveralAgencies(AxisCase):
    """One system for two agencies."""

    @classmethod
    def prepare(cls, net):
        client = net.agency(DISTRICT)["client"]

        def serve_both(records):
            for record in records:
                if record.get("client", {}).get("id") == client:
                    record["client"]["agencies"].append(COMMUNE)

        net.change_directory(serve_both)

    def test_its_lists_hold_what_concerns_any_of_them(self):
        service = self.service(DISTRICT)
        deliveries = {self.delivery(PROVINCE, code): code for code in (DISTRICT, COMMUNE)}
        waiting = self.waiting(service)
        self.assertEqual({name: waiting[name]["to"] for name in deliveries}, deliveries)
        for name in deliveries:
            self.assert_ok(service.get_edoc(name))
            self.assert_ok(service.update_status(name, "done"))
        sent = [self.submit(code, PROVINCE, service=service)[0] for code in (COMMUNE, DISTRICT)]
        rows = [row["senderDocId"] for row in service.get_sent_edoc_list().data]
        self.assertEqual(rows[:2], sent[::-1])


if __name__ == "__main__":
    unittest.main()
