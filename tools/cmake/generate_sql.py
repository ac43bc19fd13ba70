#!/usr/bin/env python3
"""Writes sql_migrations.hpp: the files of schemas/sql in order, as string literals."""
import sys

target, *files = sys.argv[1:]
with open(target, "w", encoding="utf-8") as out:
    out.write("#pragma once\n// Generated from schemas/sql.\nnamespace truc::store {\ninline constexpr const char* sql_migrations[] = {\n")
    for name in sorted(files):
        out.write('R"sql(' + open(name, encoding="utf-8").read() + ')sql",\n')
    out.write("};\n} // namespace truc::store\n")
