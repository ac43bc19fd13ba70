import pathlib
import shutil
import unittest

from lint_case import LintCase

STYLE = pathlib.Path(__file__).resolve().parents[2] / ".clang-format"


class format_lint(LintCase):
    def setUp(self):
        super().setUp()
        shutil.copy(STYLE, self.root)

    def test_a_file_out_of_form_is_found_and_corrected(self):
        self.write("src/base/a.cpp", "int  f( ) ;\n")
        self.assertEqual(self.lint("format"), ["src/base/a.cpp:1: not formatted; run tools/dev format"])
        self.assertEqual(self.lint("format", "--fix"), [])
        self.assertEqual((self.root / "src/base/a.cpp").read_text(), "int f();\n")
        self.assertEqual(self.lint("format"), [])

    def test_ignored_files_are_left_alone(self):
        self.write(".gitignore", "/build/\n")
        self.write("build/generated.cpp", "int  f( ) ;\n")
        self.assertEqual(self.lint("format"), [])


if __name__ == "__main__":
    unittest.main()
