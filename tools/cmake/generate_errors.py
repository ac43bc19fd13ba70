#!/usr/bin/env python3
"""Writes error_code.hpp and error_catalogue.cpp from schemas/errors.json: one catalogue, no second list to forget."""
import json
import sys


def literal(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main(catalogue, header, source):
    entries = json.load(open(catalogue, encoding="utf-8"))["errors"]
    with open(header, "w", encoding="utf-8") as out:
        out.write("#pragma once\n// Generated from schemas/errors.json.\n#include <cstdint>\nnamespace truc {\n")
        out.write("enum class errc : std::uint16_t {\n")
        for entry in entries:
            out.write(f"    {entry['code']}, ///< {entry['title']['en']}\n")
        out.write("};\n} // namespace truc\n")
    with open(source, "w", encoding="utf-8") as out:
        out.write("// Generated from schemas/errors.json.\n#include <truc/base/result.hpp>\nnamespace truc {\n")
        out.write("extern const catalogue_entry error_catalogue[];\nextern const unsigned error_catalogue_size;\n")
        out.write("const catalogue_entry error_catalogue[] = {\n")
        for entry in entries:
            texts = ", ".join("{" + literal(entry[k]["en"]) + ", " + literal(entry[k]["vi"]) + "}" for k in ("title", "detail"))
            out.write("    {%s, %d, %s, %s, who::%s, %s},\n" % (
                literal(entry["code"]), entry["http"], literal(str(entry["axis"])),
                "true" if entry["retryable"] else "false", entry["who"], texts))
        out.write("};\nconst unsigned error_catalogue_size = %d;\n} // namespace truc\n" % len(entries))


main(*sys.argv[1:])
