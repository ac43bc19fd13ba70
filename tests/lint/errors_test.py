import copy
import json
import unittest

from lint_case import LintCase
import error_reference

GOOD = {
    "errors": [{"code": "not_xml", "http": 400, "axis": 22, "retryable": False, "who": "sender",
                "title": {"en": "Not XML", "vi": "Không phải XML"},
                "detail": {"en": "Not XML: {what}.", "vi": "Không phải XML: {what}."}}],
    "warnings": [{"code": "number_reused", "text": {"en": "Used before.", "vi": "Đã dùng."}}],
    "phrases": [{"en": "no {x} in {y}", "vi": "không có {x} trong {y}"}],
}


class errors_lint(LintCase):
    def findings(self, change=lambda catalogue: None, page=None):
        catalogue = copy.deepcopy(GOOD)
        change(catalogue)
        self.write("schemas/errors.json", json.dumps(catalogue, indent=1))
        self.write("docs/errors.md", error_reference.render(catalogue) if page is None else page)
        self.write("src/xml/a.cpp", 'return fail(errc::not_xml, "no " + name + " in " + place); warn("number_reused");\n')
        return self.lint("errors")

    def test_a_good_catalogue_passes(self):
        self.assertEqual(self.findings(), [])

    def test_each_fault_of_an_entry_is_found(self):
        faults = {
            "detail.vi is empty": lambda e: e["detail"].update(vi=" ", en="Not XML."),
            "title.en is empty": lambda e: e["title"].pop("en"),
            "differ in placeholders": lambda e: e["detail"].update(vi="Không phải XML."),
            "the only placeholder": lambda e: e["title"].update(vi="{what}", en="{what}"),
            "http is 299": lambda e: e.update(http=299),
            "axis is 24": lambda e: e.update(axis=24),
            "axis is None": lambda e: e.pop("axis"),
            "who is 'nobody'": lambda e: e.update(who="nobody"),
            "axis 20 invites": lambda e: e.update(axis=20),
        }
        for expected, change in faults.items():
            with self.subTest(expected):
                found = self.findings(lambda catalogue: change(catalogue["errors"][0]))
                self.assertEqual(len(found), 1, found)
                self.assertIn(expected, found[0])

    def test_codes_are_unique(self):
        self.assertIn("stands 2 times", self.findings(lambda c: c["errors"].append(c["errors"][0]))[0])

    def test_a_code_must_be_used(self):
        found = self.findings(lambda c: c["errors"].append({**c["errors"][0], "code": "unused"}))
        self.assertIn("unused is never used", found[0])

    def test_a_reserved_code_waits_for_its_use_and_loses_the_mark_then(self):
        reserved = {**GOOD["errors"][0], "code": "promised", "reserved": True}
        self.assertEqual(self.findings(lambda c: c["errors"].append(reserved)), [])
        self.write("src/xml/b.cpp", "return fail(errc::promised);\n")
        self.assertIn("promised is used and no longer reserved", self.findings(lambda c: c["errors"].append(reserved))[0])

    def test_a_use_in_a_comment_or_a_test_does_not_count(self):
        self.write("src/xml/b.cpp", "// errc::unused\n")
        self.write("tests/unit/xml/b_test.cpp", "errc::unused\n")
        self.assertEqual(len(self.findings(lambda c: c["errors"].append({**c["errors"][0], "code": "unused"}))), 1)

    def test_a_used_code_must_exist(self):
        self.write("broker/a.cpp", "// std::errc is another matter\nreturn fail(errc::invented);\nstd::errc::timed_out;\n")
        self.assertTrue(self.findings()[0].startswith("broker/a.cpp:2: errc::invented is not in"))

    def test_a_warning_must_be_given(self):
        found = self.findings(lambda c: c["warnings"].append({**c["warnings"][0], "code": "silent"}))
        self.assertIn("the warning silent is never given", found[0])

    def test_each_fault_of_a_phrase_is_found(self):
        faults = {
            "vi is empty": {"en": "no", "vi": " "},
            "the same holes": {"en": "no {x}", "vi": "không có"},
            "none, {x}, or": {"en": "no {y} in {x}", "vi": "không có {y} trong {x}"},
            "text beside and between the holes": {"en": "no {x}{y}", "vi": "không có {x}{y}"},
            "text beside": {"en": "{x}", "vi": "{x}"},
            "no program says 'neither'": {"en": "neither {x}", "vi": "không có {x}"},
        }
        for expected, phrase in faults.items():
            with self.subTest(expected):
                found = self.findings(lambda c: c["phrases"].append(phrase))
                self.assertEqual(len(found), 1, found)
                self.assertIn(expected, found[0])

    def test_phrases_are_unique(self):
        self.assertIn("stands 2 times", self.findings(lambda c: c["phrases"].append(c["phrases"][0]))[0])

    def test_a_phrase_is_found_in_split_escaped_and_raw_literals_but_not_in_comments(self):
        self.write("src/xml/b.cpp", 'f("a \\"split\\" "\n  "literal", R"(a "raw" one)"); // a comment\n')
        phrases = [{"en": en, "vi": "…"} for en in ('a "split" literal', 'a "raw" one', "a comment")]
        found = self.findings(lambda c: c["phrases"].extend(phrases))
        self.assertEqual(len(found), 1, found)
        self.assertIn("no program says 'a comment'", found[0])

    def test_the_page_must_be_current(self):
        self.assertIn("run tools/dev format", self.findings(page="# old\n")[0])


if __name__ == "__main__":
    unittest.main()
