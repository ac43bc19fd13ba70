import unittest

from lint_case import LintCase


class module_order_lint(LintCase):
    def test_downward_use_passes(self):
        self.write("src/store/a.cpp", '#include <truc/ledger/event.hpp>\n#include "b.hpp"\n')
        self.write("src/store/b.hpp", "#include <truc/store/store.hpp>\n")
        self.write("broker/main.cpp", "#include <truc/api/server.hpp>\n")
        self.assertEqual(self.lint("module_order"), [])

    def test_upward_use_is_found_in_sources_and_interfaces(self):
        self.write("src/ledger/a.cpp", "\n#include <truc/store/store.hpp>\n")
        self.write("include/truc/model/a.hpp", "#include <truc/pack/edxml.hpp>\n")
        self.write("src/http/include/truc/http/a.hpp", "#  include <truc/api/server.hpp>\n")
        found = self.lint("module_order")
        self.assertEqual([line.split(" ")[0] for line in found],
                         ["include/truc/model/a.hpp:1:", "src/http/include/truc/http/a.hpp:1:", "src/ledger/a.cpp:2:"])

    def test_private_headers_stay_with_their_module_and_its_tests(self):
        self.write("src/xml/inner.hpp", "")
        self.write("src/dsig/a.cpp", '#include "../xml/inner.hpp"\n')
        self.write("tests/unit/dsig/a_test.cpp", '#include "../../../src/xml/inner.hpp"\n')
        self.write("tests/unit/xml/a_test.cpp", '#include "../../../src/xml/inner.hpp"\n')
        self.assertEqual([line.split(":")[0] for line in self.lint("module_order")],
                         ["src/dsig/a.cpp", "tests/unit/dsig/a_test.cpp"])

    def test_unknown_modules_and_quoted_interfaces_are_found(self):
        self.write("src/helper/a.cpp", "")
        self.write("src/base/a.cpp", '#include <truc/common/a.hpp>\n#include "truc/base/log.hpp"\n')
        self.assertEqual(len(self.lint("module_order")), 3)

    def test_the_modules_without_network_include_no_socket(self):
        self.write("src/intake/a.cpp", "#include <boost/asio/ip/tcp.hpp>\n")
        self.write("src/net/a.cpp", "#include <boost/asio/ip/tcp.hpp>\n")
        [line] = self.lint("module_order")
        self.assertIn("src/intake/a.cpp:1: intake knows nothing of sockets", line)


if __name__ == "__main__":
    unittest.main()
