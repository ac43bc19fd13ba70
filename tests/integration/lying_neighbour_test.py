"""A neighbour with a valid certificate that lies harms nobody, and an alarm names it."""
import json
import unittest
import uuid

import liar
import relay_test
from network import DISTRICT, GOVERNMENT, PROVINCE

ENVELOPE = """<Envelope xmlns="urn:truc:envelope:1"><DispatchId>{dispatch}</DispatchId><Priority>normal</Priority>\
<Hop>vpcp</Hop><Hop>ninhthuan</Hop><Hop>{hop}</Hop>\
<Delivery id="{delivery}" to="{to}" deadline="2036-11-21T16:27:10.358+07:00"/></Envelope>"""


class LyingNeighbour(relay_test.TreeCase):
    """The node of the commune is in wrong hands."""

    RUNNING = ("vpcp", "ninhthuan", "thuannam")

    def setUp(self):
        self.node, self.commune = self.tree["thuannam"], self.tree["cana"]

    def tell(self, *statements, **options):
        return liar.tell(self.node, self.commune, *statements, **options)

    def named(self, kind):
        """What the alarm says that names the neighbour; None: there is none."""
        return next((a["text"] for a in self.node.alarms(kind) if a["subject"] == "cana"), None)

    def envelope(self, told, to=DISTRICT, hop="cana"):
        return ENVELOPE.format(dispatch=told["id"], hop=hop, delivery=uuid.uuid4(), to=to).encode()

    def test_legs_that_are_not_what_they_claim(self):
        told = self.send(GOVERNMENT, PROVINCE)
        receipt, content = told["receipt"].encode(), told["bytes"]
        before = self.node.ask("/admin/books")
        legs = {
            "no envelope": liar.leg(b"<a/>", receipt, content),
            "no XML": liar.leg(b"\xff\xfe\x00", receipt, content),
            "one section": liar.leg(self.envelope(told)),
            "endless envelope": liar.leg(b"<Envelope>" + b"<a/>" * 500_000, receipt, content),
            "handed on by another": liar.leg(self.envelope(told, hop="vpcp"), receipt, content),
            "no receipt": liar.leg(self.envelope(told), b"<Receipt/>", content),
            "other content": liar.leg(self.envelope(told), receipt, content + b" "),
            "somebody who is not named": liar.leg(self.envelope(told), receipt, content),
        }
        outcomes = dict(zip(legs, self.tell(*(("relay", leg) for leg in legs.values()))))
        for name, outcome in outcomes.items():
            with self.subTest(name):
                self.assertRegex(outcome, "^truc:")
        self.assertEqual(outcomes["other content"], "truc:content_differs")
        self.assertEqual(outcomes["somebody who is not named"], "truc:recipient_not_named")
        self.assertIsNotNone(self.named("neighbour_lies"))
        self.assertEqual(self.node.ask("/admin/books"), before)
        self.arrives(DISTRICT, self.send(GOVERNMENT, DISTRICT))

    def announce(self, **members):
        said = {"node": "cana", "version": 1, "abilities": ["custody-1"], "time": liar.now(), "log": "cana.1", "head": "",
                "known": None, "proof": None, "sections": {}, "echo": False, **members}
        self.assertEqual(self.tell(("neighbour", liar.announcement(json.dumps(said).encode()))), ["accepted"])

    def test_a_head_of_another_log(self):
        self.send(GOVERNMENT, GOVERNMENT)
        head = self.tree["vpcp"].look("/v1/ledger/head").body.decode()
        self.announce(head=head)
        self.eventually(lambda: self.named("head_inconsistent"), lambda text: text and "vpcp.1" in text)

    def test_a_clock_that_differs(self):
        self.announce(time=liar.now() + 20_000)
        self.eventually(lambda: self.named("clock_skew"), bool)

        def alarm_after_another_word():  # neighbours repeat theirs; one that hangs up at once may not be heard
            self.announce()
            return self.named("clock_skew")

        self.eventually(alarm_after_another_word, lambda text: text is None)

    def test_an_announcement_that_cannot_be_read(self):
        garbage = [("neighbour", liar.announcement(text)) for text in (b"", b"{", b"[" * 10_000, b'{"time":"x"}')]
        self.assertEqual(self.tell(*garbage), ["accepted"] * len(garbage))
        self.arrives(DISTRICT, self.send(GOVERNMENT, DISTRICT))

    def test_sections_that_nobody_signed(self):
        forged = b'{"section":{"node":"cana","version":1}}\n{"agency":{"code":"000.00.00.G22","name":"x","node":"cana"}}\n'
        outcomes = self.tell(("neighbour", liar.section(forged)), ("neighbour", liar.section(b"")))
        self.assertEqual(outcomes, ["truc:section_invalid"] * 2)
        self.assertIsNotNone(self.named("section_refused"))
        self.assertEqual(self.node.look("/v1/agencies/" + GOVERNMENT).json["node"], "vpcp")

    def test_one_that_lacks_an_ability_gets_no_legs(self):
        self.assertEqual(self.tell(properties={"truc-version": 1}), [])
        self.assertIn("custody-1", self.named("ability_missing"))
        self.assertEqual(self.tell(properties={"truc-version": 2, "truc-abilities": ["custody-1"]}), [])
        self.assertIn("version", self.named("ability_missing"))
        self.assertEqual(self.tell(), [])
        self.assertIsNone(self.named("ability_missing"))

    def test_one_that_says_it_is_another(self):
        with self.assertRaises(ConnectionError):
            self.tell(("relay", b""), properties={**liar.ABILITIES, "truc-node": "vpcp"})


if __name__ == "__main__":
    unittest.main()
