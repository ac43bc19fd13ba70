"""schemas/openapi.yaml is true: every call in it is answered as it says, and nothing is left unsaid.

All integration tests compare each answer with it (tests/support/openapi.py); here is what they cannot see."""
import http.client
import json
import re
import unittest
import urllib.parse

import edxml
import network
import openapi
from broker_case import ERRORS, BrokerCase
from network import GOVERNMENT, INFORMATION, PLANNING


class Description(unittest.TestCase):
    def references(self, node):
        if isinstance(node, dict):
            if "$ref" in node:
                yield node["$ref"]
            node = node.values()
        elif not isinstance(node, list):
            return
        for child in node:
            yield from self.references(child)

    def test_every_reference_leads_somewhere_and_every_part_is_used(self):
        whole = openapi.description()
        used = set(self.references(whole))
        for reference in used:
            self.assertTrue(openapi.resolve({"$ref": reference}), reference)
        for kind, parts in whole["components"].items():
            if kind != "securitySchemes":
                for name in parts:
                    self.assertIn(f"#/components/{kind}/{name}", used)

    def test_every_schema_is_one(self):
        for name, schema in openapi.description()["components"]["schemas"].items():
            with self.subTest(name):
                openapi.jsonschema.Draft202012Validator.check_schema(schema)

    def test_operations_are_named_once_and_described(self):
        names = []
        for path, item in openapi.description()["paths"].items():
            for method, operation in item.items():
                if method in ("get", "post", "put"):
                    names.append(operation["operationId"])
                    self.assertTrue(operation["summary"].endswith("."), path)
                    self.assertIn("default", operation["responses"])
        self.assertEqual(len(names), len(set(names)))

    def test_the_codes_are_those_of_the_catalogue(self):
        documented = openapi.description()["components"]["schemas"]["code"]["enum"]
        self.assertEqual(sorted(documented), sorted(c for c, e in ERRORS.items() if not e.get("reserved")))

    def test_codes_that_are_spoken_of_exist(self):
        spoken = set()

        def read(node):
            if isinstance(node, dict):
                text = node.get("description")
                if isinstance(text, str):
                    spoken.update(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", re.sub(r"`[^`]*`", "", text)))
                node = node.values()
            if not isinstance(node, str) and hasattr(node, "__iter__"):
                for child in node:
                    read(child)

        read(openapi.description())
        self.assertIn("recipient_unknown", spoken)
        self.assertEqual(spoken - {c for c, e in ERRORS.items() if not e.get("reserved")}, set())

    def test_the_warnings_are_those_of_the_catalogue(self):
        catalogue = json.loads((network.SOURCE / "schemas/errors.json").read_text())["warnings"]
        documented = openapi.description()["components"]["schemas"]["warning"]["enum"]
        self.assertEqual(sorted(documented), sorted(w["code"] for w in catalogue))


class Checker(unittest.TestCase):
    """The comparison itself finds what differs."""

    class Answer:
        def __init__(self, status, body, media="application/json", **headers):
            self.status, self.headers, self.body = status, {"Content-Type": media, **headers}, json.dumps(body).encode()

    def refuses(self, method, target, *answer):
        with self.assertRaises(openapi.Undocumented):
            openapi.check(method, target, self.Answer(*answer))

    def test_differences(self):
        empty = {"items": [], "next": None}
        openapi.check("GET", "/v1/inbox?max=3", self.Answer(200, empty))
        self.refuses("GET", "/v1/inbox", 200, {**empty, "more": 1})
        self.refuses("GET", "/v1/inbox", 200, {"items": []})
        self.refuses("GET", "/v1/inbox", 200, {"items": [{"delivery_id": "1"}], "next": None})
        self.refuses("GET", "/v1/inbox", 200, empty, "text/html")
        self.refuses("GET", "/v1/inbox", 202, empty)
        self.refuses("GET", "/v1/inbox?colour=red", 200, empty)
        self.refuses("GET", "/v1/outbox", 200, empty)
        self.refuses("DELETE", "/v1/inbox", 200, empty)
        self.refuses("GET", "/v1/inbox", 304, empty)
        problem = {"code": "not_found", "title": "a", "status": 404, "detail": "b", "retryable": False, "who": "sender"}
        openapi.check("GET", "/v1/inbox", self.Answer(404, problem, "application/problem+json"))
        for change in ({"code": "lost"}, {"extra": 1}, {"who": "nobody"}, {"causes": [{"code": "not_found"}]}):
            self.refuses("GET", "/v1/inbox", 404, {**problem, **change}, "application/problem+json")
        with self.assertRaises(openapi.Undocumented):
            openapi.check("GET", "/v1/inbox", self.Answer(404, problem, "application/problem+json", Allow="GET"))
        busy = {**problem, "code": "no_space", "retryable": True, "next_at": "2026-01-01T00:00:00.000+07:00"}
        self.refuses("GET", "/v1/inbox", 503, busy, "application/problem+json")  # without Retry-After

    def test_members_of_what_is_composed(self):
        head = "/v1/documents/01a1ffac-f0b3-7276-8111-3fba957d923c"
        schema = {"$ref": "#/components/schemas/trace"}
        wrong = " ".join(openapi.violations(schema, {"origin": "a", "items": [], "next": None, "colour": 1}))
        self.assertIn("'subject' is a required property", wrong)
        self.assertIn("colour", wrong)
        self.assertEqual(openapi.operation_for("GET", head + "/trace")[0]["operationId"], "trace_document")


class Calls(BrokerCase):
    # (operation, status): which test has it, where it cannot be had by asking
    ELSEWHERE = {("is_ready", "503"): "while the node stops: lifecycle_test"} | {
        (operation, "default"): "for anybody, and without parameters: only a fault of the node makes it fail"
        for operation in ("is_alive", "is_ready", "measure", "read_documentation", "get_description")}

    @classmethod
    def prepare(cls, net):
        gateway = net.agency(PLANNING)["client"]
        net.change_directory(lambda records: [r["client"].update(gateway=True) for r in records
                                              if r.get("client", {}).get("id") == gateway])

    def documented(self):
        """Every (operation, status) of the description, with the path and method."""
        for path, item in openapi.description()["paths"].items():
            for method in ("get", "post", "put"):
                for status in item.get(method, {}).get("responses", ()):
                    yield item[method]["operationId"], status, method, path

    def observer(self):
        where = urllib.parse.urlsplit(self.network.node["observe"])
        caller = network.Caller(lambda: http.client.HTTPConnection(where.hostname, where.port, timeout=network.PATIENCE))
        self.addCleanup(caller.close)
        return caller

    def ask_everything(self):
        """Each operation, so that it succeeds, and asks again with what it needs to answer otherwise."""
        told = self.send(GOVERNMENT, INFORMATION)
        sender, recipient, observer = self.client(GOVERNMENT), self.client(INFORMATION), self.observer()
        message = self.signed(GOVERNMENT, INFORMATION)
        named = {"id": told["id"], "delivery_id": told["recipients"][0]["delivery_id"], "code": INFORMATION,
                 "event_id": sender.get("/v1/receipts").json["items"][0]["event_id"]}
        done = {
            "submit": lambda target: sender.post(target, message),
            "check": lambda target: sender.post(target, message),
            "acknowledge": lambda target: recipient.post(target, '{"outcome": "released"}', "application/json"),
            "get_delivery_content": recipient.get,
            "read_inbox": recipient.get,
            "prove_consistency": lambda target: sender.get(target + "?from=1"),
            "declare_agencies": lambda target: self.client(PLANNING).call("PUT", target, "[]"),
            "is_alive": observer.get, "is_ready": observer.get, "measure": observer.get,
        }
        for operation, _, _, path in list(self.documented()):
            target = path.format(**named)
            with self.subTest(operation):
                first = done.get(operation, sender.get)(target)
                self.assertIn(first.status, (200, 201), first)
                if "ETag" in first.headers and operation not in ("submit", "check"):
                    done.get(operation, sender.get)(target, If_None_Match=first.headers["ETag"])
                    done.get(operation, sender.get)(target, Range="bytes=0-9")
                    done.get(operation, sender.get)(target, Range="bytes=99999999-")

    def fail_everything(self):
        """Each operation, so that it is refused."""
        stranger = self.client(None)
        for operation, _, method, path in list(self.documented()):
            if (operation, "default") not in self.ELSEWHERE:
                target = path.format(id="1", delivery_id="1", event_id="n.1.1", code="none")
                self.assert_problem(stranger.call(method.upper(), target), "credentials")

    def test_every_status_in_it_is_answered_by_some_call(self):
        openapi.seen.clear()
        self.ask_everything()
        self.fail_everything()
        documented = {(operation, status) for operation, status, _, _ in self.documented()}
        self.assertEqual(documented - openapi.seen, set(self.ELSEWHERE))

    def test_paths_tell_their_methods(self):
        client = self.client(GOVERNMENT)
        for path, item in openapi.description()["paths"].items():
            if "servers" in item or item.get("get", {}).get("security") == []:
                continue
            target = path.format(id="1", delivery_id="1", event_id="n.1.1", code="none")
            with self.subTest(path):
                told = client.call("OPTIONS", target)
                self.assertEqual((told.status, told.body), (204, b""))
                wrong = client.call("DELETE", target)
                self.assert_problem(wrong, "method_not_allowed")
                for answer in (told, wrong):
                    self.assertEqual(set(answer.headers["Allow"].split(", ")), openapi.methods_of(path))
        for verb in ("OPTIONS", "GET", "DELETE"):
            self.assert_problem(client.call(verb, "/v1/outbox"), "not_found")

    def test_times_are_those_of_vietnam_and_ids_tell_theirs(self):
        told = self.send(GOVERNMENT, INFORMATION)
        seen = self.client(GOVERNMENT).get("/v1/documents/" + told["id"]).json
        self.assertTrue(seen["accepted_at"].endswith("+07:00"))
        self.assertEqual(seen["id"][14], "7")

    def test_refusals_of_xml_say_where(self):
        text = edxml.document(GOVERNMENT, INFORMATION).replace("</edXML:Subject>", "</edXML:Object>")
        problem = self.client(GOVERNMENT).submit(text.encode()).json
        self.assertEqual((problem["code"], problem["line"]),
                         ("not_xml", text[:text.index("</edXML:Object>")].count("\n") + 1))

    def test_the_metrics_page_is_in_prometheus_form(self):
        self.send(GOVERNMENT, INFORMATION)
        status, page = self.network.page("/metrics")
        self.assertEqual(status, 200)
        typed = set()
        for line in page.splitlines():
            if line.startswith("# TYPE "):
                typed.add(line.split()[2])
            elif not line.startswith("#"):
                series, value = line.rsplit(" ", 1)
                float(value)
                name = series.partition("{")[0]
                self.assertTrue({name, name.rsplit("_", 1)[0]} & typed, line)
        self.assertGreaterEqual(self.network.metric('truc_accepted_total{entrance="http"}'), 1)

    def test_the_observe_pages_take_no_other_method(self):
        observer = self.observer()
        self.assert_problem(observer.post("/healthz"), "method_not_allowed")
        self.assert_problem(observer.get("/"), "not_found")
        self.assertEqual(observer.call("HEAD", "/readyz").status, 200)


if __name__ == "__main__":
    unittest.main()
