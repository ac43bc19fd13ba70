#!/usr/bin/env python3
"""Writes docs/errors.md, the readable form of schemas/errors.json. `tools/dev format` runs it, the errors lint compares."""
import json
import pathlib
import sys

HEAD = """# What a refusal means

Every code that Truc answers with, made from `schemas/errors.json` by `tools/dev format`. `{what}` is replaced by what was
found in the document at hand. A code never changes its meaning. Over HTTP it is the member `code` of
`application/problem+json`, over AMQP the condition `truc:<code>`; *axis* is the number that a client of the national axis SDK sees.

"""
RETRY = {True: "yes, the same bytes later", False: "no"}


def row(entry):
    title, detail = entry["title"], entry["detail"]
    return (f"### `{entry['code']}`\n**{title.get('en')}** · {title.get('vi')}\n\n"
            f"HTTP {entry.get('http')} · axis {entry.get('axis')} · try again: {RETRY.get(entry.get('retryable'))} · "
            f"who must act: {entry.get('who')}\n\n{detail.get('en')}\n\n{detail.get('vi')}\n")


def warning(entry):
    return f"### `{entry['code']}`\n{entry['text'].get('en')}\n\n{entry['text'].get('vi')}\n"


def render(catalogue):
    parts = [HEAD + "## Refusals\n"] + [row(entry) for entry in catalogue["errors"]]
    parts += ["## Warnings\n\nAn accepted document may carry these; it is on its way all the same.\n"]
    return "\n".join(parts + [warning(entry) for entry in catalogue["warnings"]])


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    page = root / "docs" / "errors.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text(render(json.loads((root / "schemas/errors.json").read_text(encoding="utf-8"))), encoding="utf-8")
