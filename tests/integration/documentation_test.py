"""/docs and /v1/openapi.yaml: for anybody, complete, and of this node alone."""
import base64
import hashlib
import html.parser
import re
import unittest

import openapi
from broker_case import ERRORS, BrokerCase


class Reader(html.parser.HTMLParser):
    """What a browser would find: anchors, links, whatever would be loaded or run, and whether elements are closed."""
    VOID = {"meta", "br", "hr", "img", "link", "input"}

    def __init__(self, text):
        super().__init__()
        self.anchors, self.links, self.loaded, self.open, self.style, self.words = [], [], [], [], "", {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if "id" in attributes:
            self.anchors.append(attributes["id"])
        if tag == "a":
            self.links.append(attributes["href"])
        if tag in ("script", "img", "link", "iframe", "object", "embed", "form") or set(attributes) & {"src", "style", "onload", "onclick"}:
            self.loaded.append((tag, attrs))
        if tag not in self.VOID:
            self.open.append((tag, attributes.get("lang")))

    def handle_endtag(self, tag):
        opened, _ = self.open.pop()
        if opened != tag:
            raise AssertionError(f"<{opened}> is closed by </{tag}> at {self.getpos()}")

    def handle_data(self, data):
        if self.open and self.open[-1][0] == "style":
            self.style += data
        language = next((lang for _, lang in reversed(self.open) if lang), None)
        self.words[language] = self.words.get(language, "") + " " + data


class Documentation(BrokerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        caller = cls.network.client(None)  # no certificate
        cls.addClassCleanup(caller.close)
        cls.answer = caller.get("/docs")
        cls.page = Reader(cls.answer.body.decode("utf-8"))

    def test_the_description_is_served_as_it_is_without_a_certificate(self):
        answer = self.client(None).get("/v1/openapi.yaml")
        self.assertEqual((answer.status, answer.body), (200, openapi.FILE.read_bytes()))
        self.assert_problem(self.client(None).get("/v1/inbox"), "credentials")

    def test_the_page_has_every_call_object_and_code(self):
        self.assertEqual(self.answer.status, 200)
        self.assertEqual(self.page.open, [])
        self.assertEqual(len(self.page.anchors), len(set(self.page.anchors)))
        whole = openapi.description()
        calls = {item[verb]["operationId"] for item in whole["paths"].values() for verb in ("get", "post") if verb in item}
        codes = {"code-" + code for code, entry in ERRORS.items() if not entry.get("reserved")}
        schemas = {"schema-" + name for name in whole["components"]["schemas"]}
        self.assertEqual((calls | codes | schemas) - set(self.page.anchors), set())
        text = " ".join(self.page.words["en"].split())
        for path in whole["paths"]:
            self.assertIn(path, text)

    def test_codes_are_explained_in_both_languages(self):
        words = {lang: " ".join(self.page.words[lang].split()) for lang in ("en", "vi")}
        for code, entry in ERRORS.items():
            if not entry.get("reserved"):
                for language in ("en", "vi"):
                    self.assertIn(entry["title"][language], words[language], code)

    def test_every_link_leads_somewhere_and_none_to_outside(self):
        self.assertGreater(len(self.page.links), 100)
        for link in self.page.links:
            if link != "/v1/openapi.yaml":
                self.assertTrue(link.startswith("#"), link)
                self.assertIn(link[1:], self.page.anchors)

    def test_it_loads_nothing_runs_nothing_and_its_policy_says_so(self):
        self.assertEqual(self.page.loaded, [])
        self.assertIsNone(re.search(r"url\(|@import", self.page.style))
        digest = base64.b64encode(hashlib.sha256(self.page.style.encode()).digest()).decode()
        policy = self.answer.headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertIn(f"style-src 'sha256-{digest}'", policy)
        self.assertNotIn("unsafe", policy)

    def test_what_is_known_is_not_sent_again(self):
        for path in ("/docs", "/v1/openapi.yaml"):
            client = self.client(None)
            tag = client.get(path).headers["ETag"]
            self.assertEqual(client.get(path, If_None_Match=tag).status, 304)
            self.assertEqual(client.call("HEAD", path).status, 200)
            refused = client.post(path)
            self.assert_problem(refused, "method_not_allowed")
            self.assertEqual(refused.headers["Allow"], "GET, HEAD")


if __name__ == "__main__":
    unittest.main()
