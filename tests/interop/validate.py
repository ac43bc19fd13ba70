#!/usr/bin/env python3
"""validate.py SCHEMA.xsd FILE...: validates files by lxml's XMLSchema; exit status 1 if any does not follow it."""
import sys

from lxml import etree


def main(schema_file, *files):
    schema = etree.XMLSchema(file=schema_file)
    failed = False
    for file in files:
        if not schema.validate(etree.parse(file)):
            failed = True
            for problem in schema.error_log:
                print("%s:%d: %s" % (file, problem.line, problem.message))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
