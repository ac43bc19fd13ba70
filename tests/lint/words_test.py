import unittest

from lint_case import LintCase


class words_lint(LintCase):
    def test_notes_machine_paths_and_tracker_numbers_are_found(self):
        self.write("src/base/a.cpp", "// TO" "DO later\n")
        self.write("README.md", "see iss" "ue 17 and /ho" "me/anna/truc\n")
        self.write("conf/a.toml", "store = '/wo" "rk/store'\n")
        self.assertEqual([line.split(": ")[0] for line in self.lint("words")],
                         ["README.md:1", "README.md:1", "conf/a.toml:1", "src/base/a.cpp:1"])

    def test_ordinary_text_passes(self):
        self.write("README.md", "# Truc\nSection 2 of RFC 6962; GCC bug 105651; /var/lib/truc; src/work/a; the issuer\n")
        self.assertEqual(self.lint("words"), [])


if __name__ == "__main__":
    unittest.main()
