#!/usr/bin/env python3
"""Writes error_code.hpp and error_catalogue.cpp from schemas/errors.json: one catalogue, no second list to forget."""
import io
import json
import pathlib
import re
import sys


def literal(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_if_changed(path, text):
    """A new phrase leaves error_code.hpp as it is, which all the world includes."""
    path = pathlib.Path(path)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def pieces(text):
    parts = re.split(r"\{[xy]\}", text)
    return "{" + ", ".join(map(literal, parts + [""] * (3 - len(parts)))) + "}"


def write_phrases(phrases, out):
    length = lambda phrase: len(re.sub(r"\{[xy]\}", "", phrase["en"]))
    out.write("extern const phrase phrases[];\nextern const unsigned phrases_size;\nconst phrase phrases[] = {\n")
    for phrase in sorted(phrases, key=length, reverse=True):
        holes = len(re.findall(r"\{[xy]\}", phrase["en"]))
        out.write("    {%d, {%s}, {%s}},\n" % (holes, pieces(phrase["en"]), pieces(phrase["vi"])))
    out.write("};\nconst unsigned phrases_size = %d;\n" % len(phrases))


def write_codes(entries, out):
    out.write("#pragma once\n// Generated from schemas/errors.json.\n#include <cstdint>\nnamespace truc {\n")
    out.write("enum class errc : std::uint16_t {\n")
    for entry in entries:
        out.write(f"    {entry['code']}, ///< {entry['title']['en']}\n")
    out.write("};\n} // namespace truc\n")


def write_entries(entries, out):
    out.write("extern const catalogue_entry error_catalogue[];\nextern const unsigned error_catalogue_size;\n")
    out.write("const catalogue_entry error_catalogue[] = {\n")
    for entry in entries:
        texts = ", ".join("{" + literal(entry[k]["en"]) + ", " + literal(entry[k]["vi"]) + "}" for k in ("title", "detail"))
        out.write("    {%s, %d, %s, %s, who::%s, %s},\n" % (
            literal(entry["code"]), entry["http"], literal(str(entry["axis"])),
            "true" if entry["retryable"] else "false", entry["who"], texts))
    out.write("};\nconst unsigned error_catalogue_size = %d;\n" % len(entries))


def main(catalogue, header, source):
    content = json.loads(pathlib.Path(catalogue).read_text(encoding="utf-8"))
    codes, texts = io.StringIO(), io.StringIO()
    write_codes(content["errors"], codes)
    texts.write("// Generated from schemas/errors.json.\n#include \"phrases.hpp\"\n\n#include <truc/base/result.hpp>\n")
    texts.write("namespace truc {\n")
    write_entries(content["errors"], texts)
    write_phrases(content["phrases"], texts)
    texts.write("} // namespace truc\n")
    write_if_changed(header, codes.getvalue())
    write_if_changed(source, texts.getvalue())


main(*sys.argv[1:])
