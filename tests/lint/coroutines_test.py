"""The compiler fault that the rule is about was measured case by case; each bad case must be found, no good one may."""
import unittest

from lint_case import LintCase
import coroutines

BAD = {
    "aggregate temporary by value": "co_await send(request{path, 5});",
    "aggregate temporary by reference": "auto n = co_await count(limits{1, 2});",
    "braced aggregate argument": "co_await send({path, 5});",
    "designated aggregate argument": "co_await send({.path = path, .tries = 5});",
    "capturing lambda temporary": "co_await apply([&total](int n) { total += n; });",
    "capturing lambda that becomes a std::function": "co_await apply(3, [total](int n) { return total + n; });",
    "co_spawn of a capturing lambda":
        "co_await asio::co_spawn(pool, [this]() -> awaitable<void> { co_return; }, use_awaitable);",
    "ternary with a braced aggregate": "co_await send(urgent ? request{path, 1} : ordinary);",
}
BAD_BY_POSITION = {
    "over several lines": "co_await send(\n    first,\n    request{path,\n            5});",
    "before the co_await": "combine(request{path, 5}, co_await answer());",
    "in the condition of an if": "if (co_await send({path, 5})) { return; }",
    "captures with brackets inside": "co_await apply([n = list[0]](int m) { return n + m; });",
    "a lambda called at once": "co_await [x]() -> awaitable<void> { co_return; }();",
    "an aggregate around the answer": "co_return reply{co_await answer(), 5};",
    "inside the body of a nested lambda": "run([](socket& s) -> awaitable<void> { co_await s.send({1, 2}); });",
}
GOOD = {
    "named object": "request r{path, 5};\nco_await send(r);",
    "parenthesised class": "co_await send(std::string(path), std::move(r));",
    "token": "auto n = co_await read(s, as_tuple(use_awaitable));",
    "subscript": "co_await send(parts[i], table[n](x));",
    "captureless lambda": "co_await apply([](int n) { return std::pair{n, n}; });",
    "awaitable made before": "auto work = apply([&total](int n) { total += n; });\nco_await std::move(work);",
    "braces after the condition": "if (co_await ready()) { std::array<int, 2> a{1, 2}; send({1, 2}); }",
    "braces before the statement": "std::array<int, 2> a{1, 2};\nif (a[0]) { send({1}); }\nco_await ready();",
    "range for": "for (auto& item : co_await list()) { send({item}); }",
    "named object initialised by the answer": "reply r{co_await answer()};",
    "structured binding": "auto [error, n] = co_await read(s);",
    "comment": "// co_await send({path, 5});\nco_await send(/* {1, 2} */ r);",
    "text": 'co_await send("{a, b}");',
    "coroutine lambda that is named":
        "auto job = [](socket s) -> awaitable<void> { co_await s.close(); };\nco_await job(std::move(s));",
}


class coroutines_lint(LintCase):
    def found(self, statement):
        return list(coroutines.findings(f"awaitable<void> run() {{\n{statement}\n}}\n"))

    def test_every_bad_case_of_the_compiler_is_found(self):
        for name, statement in {**BAD, **BAD_BY_POSITION}.items():
            with self.subTest(name):
                self.assertTrue(self.found(statement))

    def test_good_cases_pass(self):
        for name, statement in GOOD.items():
            with self.subTest(name):
                self.assertEqual(self.found(statement), [])

    def test_a_finding_names_the_line_of_the_temporary(self):
        self.write("src/net/a.cpp", "void f();\nawaitable<void> g() {\n    co_await send(\n        {1, 2});\n}\n")
        [line] = self.lint("coroutines")
        self.assertTrue(line.startswith("src/net/a.cpp:4: a braced temporary"), line)


if __name__ == "__main__":
    unittest.main()
