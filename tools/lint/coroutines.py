#!/usr/bin/env python3
"""The coroutine rule: no braced temporary and no capturing lambda in an expression that contains co_await.

g++ 12 destroys temporaries of aggregate type and closures with captures twice when the full expression suspends.
A named object is safe: construct it in the statement before. Since an aggregate cannot be told from a class by its
text, every braced temporary counts.
"""
import re

import tree

# A lambda with captures; T{…}; a braced argument.
BAD = re.compile(r"(?:^|[(,=?:{&|]|\bco_await\b|\breturn\b)\s*(\[(?!\[)(?:[^\[\]]|\[[^\[\]]*\])+\])\s*(?:[({]|mutable\b)"
                 r"|[\w>](\{)|[(,?:]\s*(\{)")
OPEN, CLOSE = "([{", ")]}"
ADVICE = "; name the object in the statement before (g++ 12 destroys such temporaries twice)"


def match_brackets(text):
    """Position of each bracket's partner."""
    partner, stack = {}, []
    for i, c in enumerate(text):
        if c in OPEN:
            stack.append(i)
        elif c in CLOSE and stack:
            partner[i] = stack.pop()
            partner[partner[i]] = i
    return partner


def is_initializer(text, brace):
    """Whether `{` begins an initializer and not a block; the house form writes T{…} without and blocks with a space."""
    before = text[:brace].rstrip()
    if re.search(r"(?:[,(=?:]|\b(?:return|co_return|co_yield|co_await))$", before[-12:]):
        return not before.endswith("::") and not re.search(r"\b(?:default|case [^:?]*|public|private)\s*:$", before[-40:])
    return len(before) == brace and bool(re.search(r"[\w>]$", before)) and not re.search(r"\b(?:else|do|try)$", before)


def expression_start(text, at, partner):
    """Walks out from co_await to where its full expression begins."""
    i = at - 1
    while i >= 0:
        c = text[i]
        if c == ";" or c == "{" and not is_initializer(text, i):
            return i + 1
        if c == "(" and re.search(r"\b(?:if|while|switch|for)\s*(?:constexpr\s*)?$", text[max(0, i - 24):i]):
            return i + 1
        if c in CLOSE and i in partner:
            if c == "}" and not is_initializer(text, partner[i]) and not re.match(r"\s*[,)]|[(.]", text[i + 1:i + 40]):
                return i + 1
            i = partner[i]
        i -= 1
    return 0


def expression_end(text, start, partner):
    i = start
    while i < len(text) and text[i] not in ";)}":
        i = partner.get(i, i) + 1 if text[i] in OPEN else i + 1
    return i


def without_lambda_bodies(text, start, end, partner):
    """A nested function is an expression of its own: its body is blanked."""
    out = list(text[start:end])
    for i in range(start, end):
        if text[i] == "{" and i in partner and not is_initializer(text, i):
            out[i - start + 1:partner[i] - start] = re.sub(r"[^\n]", " ", text[i + 1:partner[i]])
    return "".join(out)


def findings(text):
    """Yields (line, message) for one file's text."""
    text = tree.code_only(text)
    partner, seen = match_brackets(text), set()
    for await_ in re.finditer(r"\bco_await\b", text):
        start = expression_start(text, await_.start(), partner)
        body = without_lambda_bodies(text, start, expression_end(text, start, partner), partner)
        # `type name{co_await …}` initialises a named object: its own brace is no temporary.
        body = re.sub(r"^(\s*(?!\s|co_|return|throw)[\w:<>,&*\s]+\s\w+)\{", r"\1(", body)
        for bad in BAD.finditer(body):
            at = start + bad.start(bad.lastindex)
            if at not in seen:
                seen.add(at)
                what = "a lambda with captures" if body[at - start] == "[" else "a braced temporary"
                yield text.count("\n", 0, at) + 1, what + " in a co_await expression" + ADVICE


def check(root):
    for path in tree.sources(root):
        for line, message in findings((root / path).read_text(encoding="utf-8")):
            yield path, line, message


if __name__ == "__main__":
    tree.run(check)
