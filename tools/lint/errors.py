#!/usr/bin/env python3
"""The error catalogue: well-formed entries in both languages, every code used by the programs and documented, every
phrase still among their words."""
import collections
import json
import pathlib
import re

import error_reference
import tree

CATALOGUE = pathlib.Path("schemas/errors.json")
PAGE = pathlib.Path("docs/errors.md")
HTTP = {400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 416, 417, 421, 422, 426, 429, 431, 500, 502, 503, 504, 507}
AXIS = set(range(0, 24))
AXIS_RETRY = {20, 21}  # the only numbers that make a client of the axis SDK try again
WHO = {"sender", "recipient", "network", "administrator"}
HOLES = [[], ["{x}"], ["{x}", "{y}"]]
PROGRAMS = {"src", "include", "broker", "adapters", "tools"}


def entry_findings(entry):
    if not re.fullmatch(r"[a-z][a-z0-9_]*", entry.get("code", "")):
        yield "a code is snake_case"
    for key, allowed in (("http", HTTP), ("axis", AXIS), ("who", WHO), ("retryable", {True, False})):
        if entry.get(key) not in allowed:
            yield f"{key} is {entry.get(key)!r}, expected one of {sorted(allowed)}"
    if (entry.get("axis") in AXIS_RETRY) and entry.get("retryable") is False:
        yield f"axis {entry['axis']} invites an axis client to retry, retryable says no"
    for key in ("title", "detail"):
        yield from text_findings(key, entry.get(key))


def text_findings(key, text):
    text = text or {}
    for language in ("en", "vi"):
        if not text.get(language, "").strip():
            yield f"{key}.{language} is empty"
    holes = {language: set(re.findall(r"\{\w*\}", text.get(language, ""))) for language in ("en", "vi")}
    if holes["en"] != holes["vi"]:
        yield f"{key}: the languages differ in placeholders: {sorted(holes['en'])} and {sorted(holes['vi'])}"
    if (holes["en"] | holes["vi"]) - ({"{what}"} if key == "detail" else set()):
        yield f"{key}: the only placeholder is {{what}}, in detail"


def phrase_findings(phrase, said):
    for language in ("en", "vi"):
        if not phrase.get(language, "").strip():
            yield f"{language} is empty"
            return
    english, vietnamese = (re.split(r"(\{\w*\})", phrase[language]) for language in ("en", "vi"))
    if english[1::2] not in HOLES or english[1::2] != vietnamese[1::2]:
        yield "both languages have the same holes: none, {x}, or {x} and then {y}"
    elif not all(english[2:-1:2]) or not any(english[::2]):
        yield "there must be text beside and between the holes"
    for text in english[::2]:
        if text.strip() not in said:
            yield f"no program says '{text.strip()}' any more"


def all_phrases_findings(root, phrases):
    lines = (root / CATALOGUE).read_text(encoding="utf-8").splitlines()
    place = lambda en: next((n for n, line in enumerate(lines, 1) if f'"en": {json.dumps(en, ensure_ascii=False)}' in line), 1)
    said = "\n".join(text for path in program_sources(root)
                     for text in tree.literals((root / path).read_text(encoding="utf-8")))
    for phrase in phrases:
        for finding in phrase_findings(phrase, said):
            yield CATALOGUE, place(phrase.get("en")), f"phrase '{phrase.get('en')}': {finding}"
    for en, count in collections.Counter(phrase.get("en") for phrase in phrases).items():
        if count > 1:
            yield CATALOGUE, place(en), f"phrase '{en}' stands {count} times; a phrase is unique"


def catalogue_findings(root, catalogue):
    lines = (root / CATALOGUE).read_text(encoding="utf-8").splitlines()
    place = lambda code: next((n for n, line in enumerate(lines, 1) if f'"code": "{code}"' in line), 1)
    entries = [(e, entry_findings(e)) for e in catalogue["errors"]]
    entries += [(w, text_findings("text", w.get("text"))) for w in catalogue["warnings"]]
    for entry, findings in entries:
        for finding in findings:
            yield CATALOGUE, place(entry.get("code")), f"{entry.get('code')}: {finding}"
    for code, count in collections.Counter(entry["code"] for entry, _ in entries).items():
        if count > 1:
            yield CATALOGUE, place(code), f"{code} stands {count} times; a code is unique"
    used, quoted = uses(root)
    known = {entry["code"] for entry in catalogue["errors"]}
    # A reserved code is promised to other programs for an entrance that this version does not have.
    reserved = {entry["code"] for entry in catalogue["errors"] if entry.get("reserved")}
    for code in sorted(reserved & set(used)):
        yield CATALOGUE, place(code), f"{code} is used and no longer reserved; take the mark out"
    for code in sorted(known - set(used) - reserved):
        yield CATALOGUE, place(code), f"{code} is never used as errc::{code}; use it or take it out"
    for code in sorted(set(used) - known):
        yield *used[code], f"errc::{code} is not in {CATALOGUE}; add it in both languages"
    for code in sorted({entry["code"] for entry in catalogue["warnings"]} - quoted):
        yield CATALOGUE, place(code), f"the warning {code} is never given; use it or take it out"


def program_sources(root):
    return [path for path in tree.sources(root) if path.parts[0] in PROGRAMS]


def uses(root):
    """Where each errc::code is first used in the programs, and every quoted identifier there."""
    used, quoted = {}, set()
    for path in program_sources(root):
        text = (root / path).read_text(encoding="utf-8")
        quoted.update(re.findall(r'"([a-z0-9_]+)"', text))
        code = tree.code_only(text)
        for found in re.finditer(r"(?<!std::)\berrc::(\w+)", code):
            used.setdefault(found[1], (path, code.count("\n", 0, found.start()) + 1))
    return used, quoted


def check(root):
    catalogue = json.loads((root / CATALOGUE).read_text(encoding="utf-8"))
    yield from catalogue_findings(root, catalogue)
    yield from all_phrases_findings(root, catalogue["phrases"])
    page = root / PAGE
    if not page.exists() or page.read_text(encoding="utf-8") != error_reference.render(catalogue):
        yield PAGE, 1, f"not what {CATALOGUE} says; run tools/dev format"


if __name__ == "__main__":
    tree.run(check)
