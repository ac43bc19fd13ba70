"""What waits for an agency: in order, page by page, as soon as it is there, and until somebody has answered for it."""
import threading
import time
import unittest

import edxml
from broker_case import BrokerCase
from network import COMMUNE, DISTRICT, GOVERNMENT, INFORMATION, PATIENCE, PLANNING, PROVINCE

LONG = 50  # seconds of a long poll that is expected to end sooner, by news


class InboxCase(BrokerCase):
    """Each test empties the inbox that it uses before it begins."""

    def emptied(self, code):
        client = self.client(code)
        while items := client.inbox(max=1000)["items"]:
            for item in items:
                self.assertEqual(client.acknowledge(item["delivery_id"]).status, 200)
        return client

    def delivery(self, recipient=INFORMATION, **members):
        return self.send(GOVERNMENT, recipient, **members)["recipients"][0]["delivery_id"]

    @staticmethod
    def names(answer):
        return [i["delivery_id"] for i in answer["items"]]

    def polling(self, code, target):
        """A long poll under way on its own connection; gives a function that waits for the answer."""
        client = self.client(code)
        client.connection().request("GET", target)
        return lambda: client.receive("GET", target)

    @staticmethod
    def let_it_wait():
        """Polls that are not there yet when the news come are answered all the same: this pause decides nothing but
        which of the two ways is tested."""
        time.sleep(0.3)


class Order(InboxCase):
    def test_an_item_tells_what_waits(self):
        client = self.emptied(INFORMATION)
        told = self.send(GOVERNMENT, INFORMATION, priority=1)
        [item] = client.inbox()["items"]
        self.assertEqual(item, {
            "delivery_id": told["recipients"][0]["delivery_id"], "id": told["id"], "document_id": told["document_id"],
            "kind": "edoc", "from": GOVERNMENT, "to": INFORMATION, "priority": "urgent", "sha256": told["sha256"],
            "size": len(told["bytes"]), "consigned_at": item["consigned_at"]})

    def test_urgent_first_then_in_the_order_of_arrival(self):
        client = self.emptied(INFORMATION)
        sent = [(priority, self.delivery(priority=priority)) for priority in (0, 3, 1, 4, 0, 2, 4, 3)]
        expected = [d for _, d in sorted(sent, key=lambda s: -s[0])]  # stable
        answer = client.inbox()
        self.assertEqual(self.names(answer), expected)
        self.assertIsNone(answer["next"])
        self.assertEqual([i["priority"] for i in answer["items"]][::2],
                         ["express_timed", "express", "very_urgent", "normal"])

    def test_page_by_page(self):
        client = self.emptied(INFORMATION)
        for number in range(7):
            self.delivery(priority=number % 3)
        whole = self.names(client.inbox())
        for size in (1, 2, 3, 7):
            with self.subTest(size):
                pages, cursor = [], ""
                while cursor is not None:
                    answer = client.inbox(max=size, after=cursor)
                    self.assertLessEqual(len(answer["items"]), size)
                    pages += self.names(answer)
                    cursor = answer["next"]
                self.assertEqual(pages, whole)

    def test_a_page_goes_on_behind_what_was_answered_meanwhile(self):
        client = self.emptied(INFORMATION)
        first, second, third = (self.delivery() for _ in range(3))
        answer = client.inbox(max=1)
        self.assertEqual(self.names(answer), [first])
        client.acknowledge(first)
        client.acknowledge(second)
        self.assertEqual(self.names(client.inbox(after=answer["next"])), [third])

    def test_kinds(self):
        client = self.emptied(GOVERNMENT)
        told = self.send(GOVERNMENT, INFORMATION)
        document = self.send(PROVINCE, GOVERNMENT)["recipients"][0]["delivery_id"]
        status = edxml.status(INFORMATION, GOVERNMENT, told["document_id"]).encode()
        status = self.client(INFORMATION).submit(status).json["recipients"][0]["delivery_id"]
        self.assertEqual(self.names(client.inbox()), [document, status])
        self.assertEqual(self.names(client.inbox(kind="edoc")), [document])
        self.assertEqual(self.names(client.inbox(kind="status")), [status])

    def test_questions_that_cannot_be_understood(self):
        client = self.client(INFORMATION)
        for query in ("kind=letter", "max=many", "max=-1", "after=x", "after=3", "after=9.1", "after=1.x", "wait=soon",
                      "claim=1.5"):
            with self.subTest(query):
                self.assert_problem(client.get("/v1/inbox?" + query), "bad_request")
        self.emptied(INFORMATION)
        self.delivery()
        self.assertEqual(len(client.inbox(max=10 ** 9)["items"]), 1)
        self.assertEqual(len(client.inbox(max=0)["items"]), 1)


class LongPoll(InboxCase):
    def test_news_end_the_wait(self):
        self.emptied(DISTRICT)
        answers = [self.polling(DISTRICT, f"/v1/inbox?wait={LONG}") for _ in range(3)]
        self.let_it_wait()
        begin = time.monotonic()
        delivery = self.delivery(DISTRICT)
        for answer in answers:
            self.assertEqual(self.names(answer().json), [delivery])
        self.assertLess(time.monotonic() - begin, LONG - 1)

    def test_news_for_others_do_not(self):
        self.emptied(COMMUNE)
        answer = self.polling(COMMUNE, "/v1/inbox?wait=1")
        self.delivery(INFORMATION)
        self.assertEqual(answer().json, {"items": [], "next": None})

    def test_the_wait_ends_by_itself(self):
        client = self.emptied(COMMUNE)
        begin = time.monotonic()
        self.assertEqual(client.inbox(wait=1)["items"], [])
        self.assertGreaterEqual(time.monotonic() - begin, 0.99)

    def test_what_is_there_already_is_not_waited_for(self):
        self.emptied(COMMUNE)
        delivery = self.delivery(COMMUNE)
        self.assertEqual(self.names(self.client(COMMUNE).inbox(wait=LONG)), [delivery])

    def test_a_poll_for_statuses_is_not_ended_by_a_document(self):
        self.emptied(PLANNING)
        answer = self.polling(PLANNING, f"/v1/inbox?kind=status&wait={LONG}")
        self.delivery(PLANNING)
        told = self.send(PLANNING, INFORMATION)
        self.client(INFORMATION).submit(edxml.status(INFORMATION, PLANNING, told["document_id"]).encode())
        self.assertEqual([i["kind"] for i in answer().json["items"]], ["status"])

    def test_a_reader_that_goes_away_takes_nothing_with_it(self):
        self.emptied(COMMUNE)
        gone = self.client(COMMUNE)
        gone.connection().request("GET", f"/v1/inbox?wait={LONG}&claim=3600")
        gone.close()
        delivery = self.delivery(COMMUNE)
        # A claim that was made for it lasts; who reads without one sees the delivery in any case.
        self.assertEqual(self.names(self.client(COMMUNE).inbox()), [delivery])

    def test_other_requests_follow_on_the_same_connection(self):
        client = self.emptied(COMMUNE)
        connection = client.connection()
        self.assertEqual(client.inbox(wait=1)["items"], [])
        self.assertEqual(client.inbox()["items"], [])
        self.assertIs(client._connection, connection)


class Claim(InboxCase):
    def test_claimed_items_are_hidden_from_claims_only(self):
        client = self.emptied(INFORMATION)
        first, second = self.delivery(), self.delivery()
        self.assertEqual(self.names(client.inbox(claim=3600, max=1)), [first])
        self.assertEqual(self.names(client.inbox(claim=3600, max=1)), [second])
        self.assertEqual(self.names(client.inbox(claim=3600)), [])
        self.assertEqual(self.names(client.inbox()), [first, second])

    def test_workers_share_an_inbox_without_doing_anything_twice(self):
        self.emptied(INFORMATION)
        sent = {self.delivery() for _ in range(24)}
        taken, lock = [], threading.Lock()

        def work():
            client = self.network.client(INFORMATION)
            while items := self.names(client.inbox(claim=3600, max=2)):
                with lock:
                    taken.extend(items)
            client.close()

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(PATIENCE)
        self.assertEqual(len(taken), len(sent))
        self.assertEqual(set(taken), sent)

    def test_a_claim_ends(self):
        client = self.emptied(INFORMATION)
        delivery = self.delivery()
        self.assertEqual(self.names(client.inbox(claim=1)), [delivery])
        self.network.wait_until(lambda: self.names(client.inbox(claim=3600)) == [delivery])

    def test_a_released_item_can_be_claimed_at_once_again(self):
        client = self.emptied(INFORMATION)
        delivery = self.delivery()
        for _ in range(2):
            self.assertEqual(self.names(client.inbox(claim=3600)), [delivery])
            self.assertEqual(self.names(client.inbox(claim=3600)), [])
            for _ in range(2):  # can be repeated
                answer = client.acknowledge(delivery, "released")
                self.assertEqual((answer.status, answer.json),
                                 (200, {"delivery_id": delivery, "state": "consigned"}))

    def test_a_waiting_worker_gets_what_another_released(self):
        client = self.emptied(INFORMATION)
        delivery = self.delivery()
        self.assertEqual(self.names(client.inbox(claim=3600)), [delivery])
        answer = self.polling(INFORMATION, f"/v1/inbox?claim=3600&wait={LONG}")
        self.let_it_wait()
        begin = time.monotonic()
        client.acknowledge(delivery, "released")
        self.assertEqual(self.names(answer().json), [delivery])
        self.assertLess(time.monotonic() - begin, LONG - 1)

    def test_claims_do_not_survive_a_restart(self):
        client = self.emptied(INFORMATION)
        delivery = self.delivery()
        self.assertEqual(self.names(client.inbox(claim=3600)), [delivery])
        client.close()
        self.network.stop()
        self.network.start()
        self.assertEqual(self.names(client.inbox(claim=3600)), [delivery])


class Answering(InboxCase):
    def test_handed_over_once_and_for_all(self):
        client = self.emptied(INFORMATION)
        told = self.send(GOVERNMENT, INFORMATION)
        delivery = told["recipients"][0]["delivery_id"]
        first = client.acknowledge(delivery)
        self.assertEqual((first.status, first.json["state"]), (200, "handed_over"))
        self.assertEqual(client.acknowledge(delivery).body, first.body)
        problem = self.assert_problem(client.acknowledge(delivery, "rejected", reason="late"), "already_ended")
        self.assertIn("handed_over", problem["detail"])
        self.assert_problem(client.acknowledge(delivery, "released"), "already_ended")
        self.assertEqual(client.inbox()["items"], [])
        [state] = self.client(GOVERNMENT).get("/v1/documents/" + told["id"]).json["recipients"]
        self.assertEqual(state["state"], "handed_over")
        self.assertIn("ended_at", state)
        self.assertEqual(client.get(f"/v1/inbox/{delivery}/content").body, told["bytes"])

    def test_rejected_by_the_system_with_its_reason(self):
        client = self.emptied(INFORMATION)
        told = self.send(GOVERNMENT, INFORMATION)
        delivery = told["recipients"][0]["delivery_id"]
        self.assert_problem(client.acknowledge(delivery, "rejected"), "reason_missing")
        self.assert_problem(client.acknowledge(delivery, "rejected", reason=""), "reason_missing")
        answer = client.acknowledge(delivery, "rejected", reason="không mở được tệp <1>")
        self.assertEqual((answer.status, answer.json["state"]), (200, "rejected"))
        self.assert_problem(client.acknowledge(delivery), "already_ended")
        [state] = self.client(GOVERNMENT).get("/v1/documents/" + told["id"]).json["recipients"]
        self.assertEqual((state["state"], state["reason"]), ("rejected", "không mở được tệp <1>"))

    def test_of_answers_at_the_same_time_one_wins(self):
        self.emptied(INFORMATION)
        delivery = self.delivery()
        clients = [self.client(INFORMATION) for _ in range(6)]
        for number, client in enumerate(clients):
            body = '{"outcome": "accepted"}' if number % 2 else '{"outcome": "rejected", "reason": "no"}'
            client.connection().request("POST", f"/v1/inbox/{delivery}/ack", body)
        answers = [c.receive("POST", f"/v1/inbox/{delivery}/ack") for c in clients]
        for same in (answers[0::2], answers[1::2]):
            self.assertEqual(len({a.body for a in same}), 1)
        self.assertEqual(sorted(a.status for a in answers), [200] * 3 + [409] * 3)

    def test_a_long_reason_is_cut_between_characters(self):
        """Each length cuts the letters, of one to three bytes, at another place."""
        client = self.emptied(INFORMATION)
        receipts = []
        for pad in range(4):
            told = self.send(GOVERNMENT, INFORMATION)
            reason = "x" * (497 + pad) + "ểđ" * 100
            answer = client.acknowledge(told["recipients"][0]["delivery_id"], "rejected", reason=reason)
            self.assertEqual(answer.status, 200, answer)
            sender = self.client(GOVERNMENT)
            [state] = sender.get("/v1/documents/" + told["id"]).json["recipients"]
            self.assertTrue(reason.startswith(state["reason"]), state["reason"])
            receipt = sender.get("/v1/receipts/" + answer.json["event_id"])
            self.assertIn(f"<Reason>{state['reason']}</Reason>".encode(), receipt.body)
            receipts.append(receipt.body)
        self.network.verify_receipts(*receipts)

    def test_somebody_else_s_delivery_does_not_exist(self):
        told = self.send(GOVERNMENT, INFORMATION)
        delivery = told["recipients"][0]["delivery_id"]
        for stranger in (PLANNING, GOVERNMENT):
            client = self.client(stranger)
            for outcome in ("accepted", "released", "rejected"):
                self.assert_problem(client.acknowledge(delivery, outcome, reason="mine"), "not_found")
            self.assert_problem(client.get(f"/v1/inbox/{delivery}/content"), "not_found")
        self.assertEqual(self.client(INFORMATION).acknowledge(delivery).status, 200)

    def test_answers_that_cannot_be_understood(self):
        client = self.client(INFORMATION)
        delivery = self.delivery()
        for body in ("", "{", "[]", "{}", '{"outcome": "perhaps"}', '{"outcome": 1}', '"accepted"'):
            with self.subTest(body):
                answer = client.post(f"/v1/inbox/{delivery}/ack", body, "application/json")
                self.assert_problem(answer, "bad_request")
        for unknown in ("x", delivery.replace("-", ""), "00000000-0000-7000-8000-000000000000"):
            with self.subTest(unknown):
                self.assert_problem(client.acknowledge(unknown), "not_found")
        body = '{"outcome": "accepted", "reason": "' + "x" * 70_000 + '"}'
        self.assert_problem(client.post(f"/v1/inbox/{delivery}/ack", body, "application/json"), "too_large")
        self.assertIn(delivery, self.names(client.inbox(max=1000)))


class Content(InboxCase):
    def test_byte_for_byte_whole_in_parts_and_not_at_all(self):
        client = self.client(INFORMATION)
        for attachment in (None, bytes(range(256)) * 1500):  # inside the database, and a file
            told = self.send(GOVERNMENT, INFORMATION, attachment=attachment)
            target = f"/v1/inbox/{told['recipients'][0]['delivery_id']}/content"
            sent, size = told["bytes"], len(told["bytes"])
            whole = client.get(target)
            self.assertEqual((whole.status, whole.body), (200, sent))
            self.assertEqual(whole.headers["ETag"], f'"{told["sha256"]}"')
            self.assertEqual(whole.headers["Accept-Ranges"], "bytes")
            head = client.call("HEAD", target)
            self.assertEqual((head.status, head.body, head.headers["Content-Length"]), (200, b"", str(size)))
            for asked, first, end in (("0-0", 0, 1), ("5-99", 5, 100), ("100-", 100, size), ("-7", size - 7, size),
                                      (f"{size - 1}-{size + 9}", size - 1, size), (f"-{size * 2}", 0, size)):
                with self.subTest(asked, size=size):
                    part = client.get(target, Range="bytes=" + asked)
                    self.assertEqual((part.status, part.body), (206, sent[first:end]))
                    self.assertEqual(part.headers["Content-Range"], f"bytes {first}-{end - 1}/{size}")
            outside = client.get(target, Range=f"bytes={size}-")
            self.assertEqual((outside.status, outside.headers["Content-Range"]), (416, f"bytes */{size}"))
            for ignored in ("bytes=9-1", "lines=0-1", "bytes=0-1,3-4"):
                with self.subTest(ignored):
                    self.assertEqual(client.get(target, Range=ignored).body, sent)


if __name__ == "__main__":
    unittest.main()
