"""What a node writes down: one line for each event, in which no word of a document stands, and by which one search over
the logs of all nodes shows the whole way."""
import json
import unittest

import edxml
from agency_link import AgencyLink
from broker_case import BrokerCase
from network import COMMUNE, DISTRICT, GOVERNMENT, INFORMATION
from tree_case import TreeCase

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACE = f"00-{TRACE_ID}-00f067aa0ba902b7-01"
HOSTILE = (f"00-{TRACE_ID}-00f067aa0ba902b7", f"ff-{TRACE_ID}-00f067aa0ba902b7-01", TRACE + "-more", TRACE.upper(),
           f"00-{'0' * 32}-00f067aa0ba902b7-01", "\" dispatch=x", "x" * 5000)


class LinesCase(BrokerCase):
    def lines(self, *words):
        return [line for line in self.network.log().splitlines() if all(w in line for w in words)]

    def wait_for_lines(self, count, *words):
        self.network.wait_until(lambda: len(self.lines(*words)) >= count)
        lines = self.lines(*words)
        self.assertEqual(len(lines), count, lines)
        return lines


class Text(LinesCase):
    def test_all_times_are_of_one_zone(self):
        self.send(GOVERNMENT, INFORMATION)
        self.network.wait_until(lambda: self.lines("SubmissionAcceptance"))
        for line in self.network.log().splitlines():
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+07:00 ")

    def test_one_line_for_each_event(self):
        told = self.client(GOVERNMENT).submit(self.signed(GOVERNMENT, INFORMATION, DISTRICT), traceparent=TRACE).json
        delivery = next(r["delivery_id"] for r in told["recipients"] if r["code"] == INFORMATION)
        self.client(INFORMATION).acknowledge(delivery)
        lines = self.wait_for_lines(4, "dispatch=" + told["id"])
        self.assertEqual([line.split()[1:3] for line in lines],
                         [["info", name] for name in ("SubmissionAcceptance", "ContentConsignment",
                                                      "ContentConsignment", "ContentHandover")])
        for line in lines:
            self.assertIn("trace=" + TRACE_ID, line)
            self.assertIn("from=" + GOVERNMENT, line)
        self.assertIn(f"to={INFORMATION}", lines[-1])
        self.assertIn(f"delivery={delivery}", lines[-1])

    def test_the_log_holds_no_word_of_a_document(self):
        told = self.send(GOVERNMENT, INFORMATION, subject="Về việc bổ nhiệm cán bộ")
        self.wait_for_lines(2, told["id"])
        self.assertNotIn("bổ nhiệm", self.network.log())

    def test_without_a_trace_the_id_is_one(self):
        for value in (None, *HOSTILE):
            with self.subTest(value):
                headers = {"traceparent": value} if value else {}
                told = self.client(GOVERNMENT).submit(self.signed(GOVERNMENT, INFORMATION), **headers).json
                for line in self.wait_for_lines(2, "dispatch=" + told["id"]):
                    self.assertIn("trace=" + told["id"].replace("-", ""), line)

    def test_two_of_them_are_none(self):
        message = self.signed(GOVERNMENT, INFORMATION)
        client = self.client(GOVERNMENT)
        connection = client.connection()
        connection.putrequest("POST", "/v1/documents")
        for name, value in (("Content-Type", "application/xml"), ("Content-Length", str(len(message))),
                            ("traceparent", TRACE.replace("4bf9", "aaaa")), ("Traceparent", TRACE)):
            connection.putheader(name, value)
        connection.endheaders(message)
        told = client.receive("POST", "/v1/documents").json
        for line in self.wait_for_lines(2, "dispatch=" + told["id"]):
            self.assertIn("trace=" + told["id"].replace("-", ""), line)

    def test_by_amqp_it_is_an_application_property(self):
        traces = {f"00-{number:032x}-00f067aa0ba902b7-01": f"{number:032x}" for number in (7, 8)}
        with AgencyLink(self.network, GOVERNMENT) as link:
            for trace in traces:
                self.assertEqual(link.submit(self.signed(GOVERNMENT, INFORMATION), properties={"traceparent": trace}),
                                 ("accepted", None))
            for strange in (*HOSTILE, 12, True):
                self.assertEqual(link.submit(self.signed(GOVERNMENT, INFORMATION), properties={"traceparent": strange}),
                                 ("accepted", None))
        for trace_id in traces.values():
            self.wait_for_lines(2, "trace=" + trace_id)

    def test_the_same_refusal_is_said_once(self):
        client = self.client(GOVERNMENT)
        bad = b"<edXML>" + b"x" * 100
        for _ in range(5):
            self.assert_problem(client.submit(bad), "not_xml")
        self.wait_for_lines(1, " warning refused: code=not_xml client=http:vpcp ")
        self.assert_problem(client.submit(bad + b"y"), "not_xml")
        self.wait_for_lines(2, " warning refused: code=not_xml client=http:vpcp ")

    def test_events_can_be_switched_off_while_the_node_runs(self):
        config = self.network.config
        good = config.read_text()
        try:
            self.network.configure("log", "events = false")
            self.network.hang_up()
            quiet = self.send(GOVERNMENT, INFORMATION)
        finally:
            config.write_text(good)
            self.network.hang_up()
        told = self.send(GOVERNMENT, INFORMATION)
        self.wait_for_lines(2, "dispatch=" + told["id"])
        self.assertEqual(self.lines(quiet["id"]), [])


class Json(LinesCase):
    @classmethod
    def prepare(cls, net):
        net.configure("log", "json = true")

    def test_each_line_is_an_object(self):
        told = self.send(GOVERNMENT, INFORMATION)
        lines = [json.loads(line) for line in self.wait_for_lines(2, told["id"])]
        self.assertEqual([line["event"] for line in lines], ["SubmissionAcceptance", "ContentConsignment"])
        self.assertEqual({line["dispatch"] for line in lines}, {told["id"]})
        for line in self.network.log().splitlines():
            self.assertIn("level", json.loads(line))


class TheWholeWay(TreeCase):
    RUNNING = ("vpcp", "ninhthuan", "thuannam", "cana")

    def hits(self, word):
        """By node, the events of the lines that hold that word."""
        return {n.name: [line.split()[2] for line in n.log().splitlines() if word in line]
                for n in self.tree.nodes.values()}

    def test_one_search_shows_every_node(self):
        home = self.tree[self.tree.home(GOVERNMENT)]
        message = home.sign(edxml.document(GOVERNMENT, COMMUNE), GOVERNMENT)
        told = {**self.client(GOVERNMENT).submit(message, traceparent=TRACE).json, "bytes": message}
        self.accept(COMMUNE, self.arrives(COMMUNE, told))
        self.ends(GOVERNMENT, told)
        self.eventually(lambda: self.hits("trace=" + TRACE_ID), lambda seen: "ContentHandover" in seen["cana"])
        self.assertEqual(self.hits("trace=" + TRACE_ID),
                         {"vpcp": ["SubmissionAcceptance"], "ninhthuan": ["RelayAcceptance"],
                          "thuannam": ["RelayAcceptance"],
                          "cana": ["RelayAcceptance", "ContentConsignment", "ContentHandover"]})
        self.assertEqual(self.hits("trace=" + TRACE_ID), self.hits("dispatch=" + told["id"]))


if __name__ == "__main__":
    unittest.main()
