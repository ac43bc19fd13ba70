"""What an agency's system gets over AMQP 1.0: submitting, receiving, evidence, and who is let in."""
import datetime
import json
import os
import pathlib
import re
import time
import unittest
import urllib.parse
import uuid

import network
import tree
from agency_link import AgencyLink, Refused
from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION, INTERIOR, PLANNING


class AmqpCase(BrokerCase):
    def link(self, who=GOVERNMENT, **members):
        link = AgencyLink(self.network, who, **members)
        self.addCleanup(link.close)
        return link

    def password(self, agency):
        """(id, password) of the agency's client."""
        client = next(c for c in self.network.description["clients"] if agency in c["agencies"])
        return client["id"], client["amqp_password"]

    def state(self, sender, document_id):
        [seen] = self.client(sender).get(f"/v1/documents?document_id={document_id}").json["items"]
        return {r["code"]: r["state"] for r in seen["recipients"]}

    def eventually(self, look, expected):
        until = time.monotonic() + network.PATIENCE
        while (seen := look()) != expected:
            if time.monotonic() > until:
                self.fail(f"not in time: {seen}")
            time.sleep(0.02)

    def assert_refused(self, text, attempt, *arguments, **members):
        with self.assertRaises(Refused) as refusal:
            attempt(*arguments, **members)
        self.assertIn(text, str(refusal.exception))


def document_id(message):
    return re.search(rb"<edXML:DocumentId>(.*?)<", message).group(1).decode()


class Submitting(AmqpCase):
    def test_accepted_means_that_the_recipient_has_it(self):
        message = self.signed(GOVERNMENT, INFORMATION)
        self.assertEqual(self.link().submit(message), ("accepted", None))
        [item] = [i for i in self.client(INFORMATION).inbox(max=1000)["items"]
                  if i["document_id"] == document_id(message)]
        content = self.client(INFORMATION).get(f"/v1/inbox/{item['delivery_id']}/content").body
        self.assertEqual(content, message)

    def test_the_same_document_again_is_accepted_and_changes_nothing(self):
        message = self.signed(GOVERNMENT, INFORMATION)
        link = self.link()
        self.assertEqual([link.submit(message) for _ in range(3)], [("accepted", None)] * 3)
        self.assertEqual(self.client(GOVERNMENT).submit(message).status, 200)

    def test_a_refusal_bears_its_code_and_leaves_evidence(self):
        before = self.network.metric('truc_refused_total{code="recipient_unknown"}')
        message = self.signed(GOVERNMENT, "000.99.99.H99")
        self.assertEqual(self.link().submit(message), ("rejected", "truc:recipient_unknown"))
        self.assertEqual(self.network.metric('truc_refused_total{code="recipient_unknown"}'), before + 1)
        feed = self.client(GOVERNMENT).get("/v1/receipts?max=1000").json["items"]
        self.assertIn("SubmissionRejection", [r["event"] for r in feed if document_id(message) in r["xml"]])

    def test_each_message_is_judged_alone(self):
        link = self.link()
        good = self.signed(GOVERNMENT, INFORMATION)
        self.assertEqual(link.submit(b"<edXML"), ("rejected", "truc:not_xml"))
        self.assertEqual(link.submit(good, content_type="text/plain"), ("rejected", "truc:content_type"))
        self.assertEqual(link.submit(self.signed(INFORMATION, GOVERNMENT)), ("rejected", "truc:sender_not_yours"))
        self.assertEqual(link.submit(good.replace(b"</", b" </", 1)), ("rejected", "truc:signature_invalid"))
        self.assertEqual(link.submit(good), ("accepted", None))

    def test_many_at_once_all_get_their_answer(self):
        link = self.link()
        messages = [self.signed(GOVERNMENT, INFORMATION) for _ in range(100)]
        deliveries = [link.send(m) for m in messages]
        self.assertEqual({link.outcome(d) for d in deliveries}, {("accepted", None)})

    def test_twenty_megabytes_go_both_ways(self):
        message = self.signed(GOVERNMENT, PLANNING, attachment=os.urandom(15_000_000))
        self.assertGreater(len(message), 20_000_000)
        self.assertEqual(self.link().submit(message), ("accepted", None))
        item = self.link(PLANNING).receiver("inbox").next()
        self.assertEqual(item.body, message)
        item.accept()

    def test_what_is_too_large_is_refused_while_it_comes(self):
        self.assertEqual(self.link().submit(b" " * (73 << 20)), ("rejected", "truc:too_large"))


class Receiving(AmqpCase):
    def setUp(self):
        for code in (INFORMATION, INTERIOR):  # each test begins with empty inboxes
            client = self.client(code)
            for item in client.inbox(max=1000)["items"]:
                client.acknowledge(item["delivery_id"])

    def test_a_message_tells_what_http_tells_and_accepting_hands_it_over(self):
        told = self.send(GOVERNMENT, INFORMATION)
        [listed] = self.client(INFORMATION).inbox()["items"]
        item = self.link(INFORMATION).receiver("inbox").next()
        self.assertEqual((item.id, item.subject, item.document_id, item.content_type),
                         (listed["delivery_id"], "edoc", listed["document_id"], "application/xml"))
        self.assertEqual(item.properties, {"truc-id": listed["id"], "truc-from": GOVERNMENT, "truc-to": INFORMATION,
                                           "truc-priority": listed["priority"], "truc-sha256": listed["sha256"]})
        self.assertEqual(item.body, told["bytes"])
        item.accept()
        self.eventually(lambda: self.state(GOVERNMENT, item.document_id), {INFORMATION: "handed_over"})
        self.assertEqual(self.client(INFORMATION).inbox()["items"], [])

    def test_urgent_ones_come_first_and_never_more_than_credit(self):
        slow = self.send(GOVERNMENT, INFORMATION)
        fast = self.send(GOVERNMENT, INFORMATION, priority=3)
        receiver = self.link(INFORMATION).receiver("inbox", credit=1)
        first = receiver.next()
        self.assertEqual(first.body, fast["bytes"])
        first.accept()
        second = receiver.next()
        self.assertEqual(second.body, slow["bytes"])
        second.accept()

    def test_what_comes_later_is_pushed(self):
        receiver = self.link(INFORMATION).receiver("inbox")
        self.assertTrue(receiver.is_silent())
        told = self.send(GOVERNMENT, INFORMATION)
        item = receiver.next()
        self.assertEqual(item.body, told["bytes"])
        item.accept()

    def test_what_was_released_or_failed_comes_again_and_failures_are_counted(self):
        self.send(GOVERNMENT, INFORMATION)
        receiver = self.link(INFORMATION).receiver("inbox", credit=10)
        first = receiver.next()
        first.release()
        second = receiver.next()
        second.modify()
        third = receiver.next()
        third.modify(failed=True, x_opt_truc_reason="đĩa đầy")
        fourth = receiver.next()
        fourth.accept()
        self.assertEqual({first.id, second.id, third.id, fourth.id}, {first.id})
        self.assertEqual([i.delivery_count for i in (first, second, third, fourth)], [0, 0, 0, 1])
        self.eventually(lambda: self.state(GOVERNMENT, fourth.document_id), {INFORMATION: "handed_over"})

    def test_what_is_undeliverable_here_comes_on_another_link(self):
        self.send(GOVERNMENT, INFORMATION)
        link = self.link(INFORMATION)
        receiver = link.receiver("inbox", credit=5)
        item = receiver.next()
        item.modify(failed=True, not_here=True)
        self.assertTrue(receiver.is_silent(2))
        other = self.link(INFORMATION)
        seen = other.receiver("inbox").next()
        self.assertEqual((seen.id, seen.delivery_count), (item.id, 1))
        other.close()
        receiver.close()
        again = link.receiver("inbox", credit=5).next()
        self.assertEqual(again.id, item.id)
        again.accept()

    def test_rejecting_ends_the_delivery(self):
        self.send(GOVERNMENT, INFORMATION)
        item = self.link(INFORMATION).receiver("inbox").next()
        item.reject()
        self.eventually(lambda: self.state(GOVERNMENT, item.document_id), {INFORMATION: "rejected"})

    def test_two_links_never_have_the_same_and_a_lost_one_gives_it_back(self):
        self.send(GOVERNMENT, INFORMATION)
        first = self.link(INFORMATION)
        item = first.receiver("inbox").next()
        second = self.link(INFORMATION).receiver("inbox", credit=5)
        self.assertTrue(second.is_silent())
        first.close()
        again = second.next()
        self.assertEqual(again.id, item.id)
        again.accept()

    def test_a_connection_that_is_cut_gives_back_what_it_had(self):
        line = tree.Wire(("127.0.0.1", urllib.parse.urlsplit(self.network.node["amqp"]).port))
        self.addCleanup(line.close)
        told = [self.send(GOVERNMENT, INFORMATION) for _ in range(3)]
        # Never closed: nobody would answer.
        broken = AgencyLink(self.network, INFORMATION, address=line.address).receiver("inbox", credit=3)
        ids = [broken.next().id for _ in told]
        other = self.link(INFORMATION).receiver("inbox", credit=5)
        self.assertTrue(other.is_silent())
        line.cut()
        again = [other.next() for _ in told]
        self.assertEqual([i.id for i in again], ids)
        self.assertEqual([i.body for i in again], [t["bytes"] for t in told])
        for item in again:
            item.accept()

    def test_a_link_that_is_closed_with_messages_unsettled_gives_them_back(self):
        for _ in range(3):
            self.send(GOVERNMENT, INFORMATION)
        link = self.link(INFORMATION)
        receiver = link.receiver("inbox", credit=10)
        ids = [receiver.next().id for _ in range(3)]
        receiver.close()
        other = link.receiver("inbox", credit=10)
        again = [other.next() for _ in range(3)]
        self.assertEqual([i.id for i in again], ids)
        for item in again:
            item.accept()

    def test_another_agencys_inbox_and_unknown_addresses_are_refused(self):
        link = self.link(INFORMATION)
        self.assert_refused("truc:sender_not_yours", link.receiver, "inbox/" + PLANNING)
        self.assert_refused("amqp:not-found", link.receiver, "relay")
        self.assert_refused("amqp:not-found", link.receiver, "submit")
        self.assert_refused("amqp:not-found", link.sender, "relay")
        self.assert_refused("amqp:not-found", link.sender, "neighbour")
        self.assert_refused("amqp:not-found", link.sender, "inbox")
        self.send(GOVERNMENT, INFORMATION)
        link.receiver("inbox/" + INFORMATION).next().accept()


class Evidence(AmqpCase):
    def test_the_feed_is_that_of_http_and_goes_on_from_a_cursor(self):
        told = [self.send(INTERIOR, INFORMATION) for _ in range(3)]
        listed = self.client(INTERIOR).get("/v1/receipts").json["items"]
        link = self.link(INTERIOR)
        receiver = link.receiver("receipts", credit=20)
        items = [receiver.next() for _ in listed]
        self.assertEqual([i.id for i in items], [r["event_id"] for r in listed])
        self.assertEqual([i.body.decode() for i in items], [r["xml"] for r in listed])
        self.assertGreaterEqual(len(items), len(told))
        for item in items:
            item.accept()
        rest = link.receiver("receipts/" + INTERIOR, credit=20, truc_after=items[0].properties["truc-cursor"])
        self.assertEqual(rest.next().id, items[1].id)
        self.assert_refused("amqp:invalid-field", link.receiver, "receipts", truc_after=-1)

    def test_it_bears_what_the_sender_called_its_message(self):
        names = {"vb-2026/17": "vb-2026/17", 18446744073709551615: "18446744073709551615", b"\x00\xff": "00ff",
                 uuid.UUID(int=7): "00000000-0000-0000-0000-000000000007", "x" * 255: "x" * 255, "x" * 256: None,
                 None: None}
        link = self.link(INTERIOR)
        sent = {}
        for name, expected in names.items():
            message = self.signed(INTERIOR, INFORMATION)
            self.assertEqual(link.submit(message, id=name), ("accepted", None))
            sent[document_id(message)] = expected
        refused = self.signed(INTERIOR, "000.99.99.H99")
        link.submit(refused, id="refused")
        receiver = link.receiver("receipts", credit=500)
        seen = {}
        while len(seen) < len(sent):
            item = receiver.next()
            found = re.search(rb"<DocumentId>(.*?)<", item.body)
            if found and found.group(1).decode() in sent:
                seen.setdefault(found.group(1).decode(), set()).add(item.properties.get("truc-submission"))
        self.assertEqual(seen, {document: {name} for document, name in sent.items()})

    def test_what_was_given_back_comes_again(self):
        self.send(INTERIOR, INFORMATION)
        receiver = self.link(INTERIOR).receiver("receipts", credit=1)
        first = receiver.next()
        first.release()
        again = receiver.next()
        if again.id != first.id:  # it was on its way already, and will come once more behind the first
            again.accept()
            again = receiver.next()
        self.assertEqual(again.id, first.id)

    def test_new_evidence_is_pushed(self):
        told = self.send(INTERIOR, INFORMATION)
        after = self.client(INTERIOR).get("/v1/receipts?max=1000").json["next"]
        receiver = self.link(INTERIOR).receiver("receipts", credit=5, truc_after=int(after))
        self.client(INFORMATION).acknowledge(told["recipients"][0]["delivery_id"])
        self.assertEqual(receiver.next().subject, "ContentHandover")


class WhoIsLetIn(AmqpCase):
    @classmethod
    def prepare(cls, net):
        cls.issuer = net.issuer()
        cls.strangers = cls.issuer.issue("stranger")
        cls.doorless = cls.issuer.issue("doorless")

        def change(records):
            for client in (r["client"] for r in records if "client" in r):
                if client["agencies"] == [PLANNING]:
                    client["entrances"] = ["http"]
            records.append({"client": {"id": "doorless", "agencies": [INTERIOR], "entrances": ["http"],
                                       "certificates": [cls.doorless.digest]}})
        net.change_directory(change)

    def test_a_password_opens_what_the_certificate_opens(self):
        name, password = self.password(GOVERNMENT)
        for user in (name, GOVERNMENT, GOVERNMENT.replace(".", "-")):
            link = self.link(None, password=(user, password))
            self.assertEqual(link.submit(self.signed(GOVERNMENT, INFORMATION)), ("accepted", None))
        self.assertNotIn(password, self.network.log())

    def test_wrong_passwords_and_unknown_names_are_refused_alike(self):
        name, password = self.password(GOVERNMENT)
        for user, word in ((name, password + "x"), (name, "x"), ("nobody", password), (INTERIOR, password)):
            self.assert_refused("amqp:unauthorized-access", self.link, None, password=(user, word))

    def test_a_certificate_that_the_directory_does_not_know_opens_nothing(self):
        self.assert_refused("amqp:unauthorized-access", self.link, self.strangers)

    def test_a_client_without_this_entrance_is_told_so(self):
        self.assert_refused("truc:not_permitted", lambda: self.link(self.doorless).receiver("inbox"))
        self.assert_refused("truc:not_permitted",
                            lambda: self.link(None, password=self.password(PLANNING)).receiver("inbox"))

    def test_a_certificate_of_the_agencies_authority_is_no_nodes_whatever_it_says(self):
        pretender = self.issuer.issue("vpcp", uri="urn:truc:node:vpcp")
        self.assert_refused("amqp:unauthorized-access", self.link, pretender)

    def give_the_password_of_the_government(self, agency, *kept):
        """To the agency's client, until this test is over; `kept`: what is added to the line of its old one, if that stays."""
        file = pathlib.Path(self.network.config).parent / "passwords.jsonl"
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        before = file.read_text()

        def put(text):
            file.write_text(text)
            self.network.hang_up()
        lines = {line["client"]: line for line in map(json.loads, before.splitlines())}
        own = lines.pop(self.password(agency)[0])
        renewed = own | {"scrypt": lines[self.password(GOVERNMENT)[0]]["scrypt"]}
        self.addCleanup(put, before)
        put("".join(json.dumps(line) + "\n" for line in [*lines.values(), renewed, *(own | more for more in kept)]))

    def test_a_changed_password_counts_after_the_next_reload(self):
        name, password = self.password(INFORMATION)
        self.give_the_password_of_the_government(INFORMATION)
        self.assert_refused("amqp:unauthorized-access", self.link, None, password=(name, password))
        self.link(None, password=(name, self.password(GOVERNMENT)[1])).receiver("inbox")

    def test_who_came_by_the_old_password_is_out_when_that_ends(self):
        name, old = self.password(INFORMATION)
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)
        self.give_the_password_of_the_government(INFORMATION, {"until": end.isoformat(timespec="milliseconds")})
        link = self.link(None, password=(name, old))
        link.receiver("inbox").close()
        time.sleep(max(0, (end - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) + 0.1)
        self.assert_refused("truc:credentials", link.receiver, "inbox")
        self.link(None, password=(name, self.password(GOVERNMENT)[1])).receiver("inbox")


if __name__ == "__main__":
    unittest.main()
