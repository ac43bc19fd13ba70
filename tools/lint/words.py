#!/usr/bin/env python3
"""Words that do not belong into a finished tree: notes to oneself, paths of one machine, numbers of a tracker."""
import re

import tree

# Split, so that this file does not find itself.
FORBIDDEN = [
    (r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b", "finish it or take it out"),
    (r"(?<![\w.$}])/(?:wo" r"rk|home/\w+|ro" r"ot)/", "a path of one machine; write it relative to the tree"),
    (r"(?i)\b(?:issue|ticket|PR)s? ?#?\d+\b|\(#\d+\)", "say why in words; the tracker is not part of the tree"),
]
BINARY = {".pdf", ".zip", ".png", ".der", ".p12", ".sqlite", ".gz", ".asice"}
ELSEWHERE = ("LICENSE", "tests/fuzz/corpus/", "tests/data/")


def findings(text):
    for pattern, advice in FORBIDDEN:
        for found in re.finditer(pattern, text):
            yield text.count("\n", 0, found.start()) + 1, f"'{found[0].strip()}': {advice}"


def check(root):
    for path in tree.files(root):
        if path.suffix not in BINARY and not str(path).startswith(ELSEWHERE):
            for line, message in findings((root / path).read_text(encoding="utf-8", errors="replace")):
                yield path, line, message


if __name__ == "__main__":
    tree.run(check)
