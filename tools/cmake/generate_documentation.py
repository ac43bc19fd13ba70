#!/usr/bin/env python3
"""Writes the pages that a node shows to anybody, as a C++ header: schemas/openapi.yaml as it is, and a page in HTML
made of it and of schemas/errors.json. The page loads nothing and runs nothing.

    generate_documentation.py OPENAPI ERRORS OUTPUT.hpp [PAGE.html]
"""
import base64
import hashlib
import html
import json
import pathlib
import re
import sys

import yaml

VERBS = ("get", "post", "put")
WHO = {"sender": "the sender", "recipient": "the recipient", "network": "nobody, wait", "administrator": "an administrator"}


def escape(text):
    return html.escape(str(text), quote=True)


class Text:
    """The little of Markdown that the description uses; names of codes become links."""

    def __init__(self, codes):
        self._codes = re.compile(r"\b(" + "|".join(sorted(codes, key=len, reverse=True)) + r")\b") if codes else None

    def line(self, text):
        parts = re.split(r"`([^`]*)`", " ".join(text.split()))
        return "".join(f"<code>{escape(p)}</code>" if i % 2 else self._linked(escape(p)) for i, p in enumerate(parts))

    def _linked(self, text):
        # Only names with an underscore are unmistakable among other words.
        return self._codes.sub(lambda m: f'<a href="#code-{m[0]}">{m[0]}</a>' if "_" in m[0] else m[0], text)

    def block(self, text):
        out = []
        for paragraph in re.split(r"\n\s*\n", (text or "").strip()):
            items = re.split(r"(?m)^- ", paragraph)
            if items[0].strip():
                out.append(f"<p>{self.line(items[0])}</p>")
            if items[1:]:
                out.append("<ul>" + "".join(f"<li>{self.line(i)}</li>" for i in items[1:]) + "</ul>")
        return "".join(out)


def table(rows):
    return '<div class="scroll"><table>' + "".join(f"<tr>{row}</tr>" for row in rows) + "</table></div>"


class Page:
    def __init__(self, description, errors, style):
        self.api = description
        self.errors = [e for e in errors["errors"] if not e.get("reserved")]
        self.text = Text([e["code"] for e in self.errors])
        self.style = style

    def resolve(self, node):
        while "$ref" in node:
            found = self.api
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    # --- schemas ---------------------------------------------------------------------------------------------------

    def type_of(self, schema):
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return f'<a href="#schema-{name}">{name}</a>'
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                return " or ".join(self.type_of(s) for s in schema[key]) if key != "allOf" else self.all_of(schema)
        if "const" in schema:
            return f"<code>{escape(json.dumps(schema['const']))}</code>"
        if "enum" in schema:
            return ", ".join(f"<code>{escape(v)}</code>" for v in schema["enum"])
        kind = schema.get("type", "any")
        if isinstance(kind, list):
            return " or ".join(kind)
        if kind == "array":
            return "list of " + self.type_of(schema.get("items", {}))
        return escape(kind)

    def all_of(self, schema):
        return " and ".join(self.type_of(s) for s in schema["allOf"])

    def members(self, schema):
        rows = []
        required = schema.get("required", [])
        for name, member in schema.get("properties", {}).items():
            optional = "" if name in required else ' <span class="soft">may be absent</span>'
            rows.append(f"<th><code>{escape(name)}</code></th><td>{self.type_of(member)}{optional}"
                        f"{self.text.block(member.get('description'))}</td>")
            inner = member.get("items", member)
            if "properties" in inner:
                rows.append(f"<td></td><td>{self.members(inner)}</td>")
        return table(rows) if rows else ""

    def schema(self, name, schema):
        facts = [self.text.block(schema.get("description"))]
        if "allOf" in schema:
            facts.append(f"<p>All members of {self.all_of(schema)}.</p>")
        elif "properties" not in schema:
            pattern = f" <code>{escape(schema['pattern'])}</code>" if "pattern" in schema else ""
            facts.append(f"<p>{self.type_of(schema)}{pattern}</p>")
        return (f'<article id="schema-{name}"><h3><a href="#schema-{name}"><code>{name}</code></a></h3>'
                f'<div class="text">{"".join(facts)}</div>{self.members(schema)}</article>')

    # --- operations ------------------------------------------------------------------------------------------------

    def operations(self, tag):
        for path, item in self.api["paths"].items():
            for verb in VERBS:
                if verb in item and tag in item[verb]["tags"]:
                    yield path, item, verb, item[verb]

    def parameters(self, item, operation):
        rows = []
        for reference in item.get("parameters", []) + operation.get("parameters", []):
            p = self.resolve(reference)
            must = "" if p.get("required") else ' <span class="soft">may be absent</span>'
            default = p["schema"].get("default")
            otherwise = "" if default is None else f' <span class="soft">otherwise {escape(default)}</span>'
            rows.append(f"<th><code>{escape(p['name'])}</code> <span class=\"soft\">{p['in']}</span></th>"
                        f"<td>{self.type_of(p['schema'])}{otherwise or must}{self.text.block(p.get('description'))}</td>")
        return f"<h4>Parameters</h4>{table(rows)}" if rows else ""

    def contents(self, node):
        rows = []
        for media, content in node.get("content", {}).items():
            schema = content.get("schema", {})
            inner = self.members(schema) if "properties" in schema else ""
            rows.append(f"<p><code>{escape(media)}</code> {'' if inner else self.type_of(schema)}</p>{inner}")
        return "".join(rows)

    def body(self, operation):
        if "requestBody" not in operation:
            return ""
        body = self.resolve(operation["requestBody"])
        return f'<h4>Body</h4><div class="text">{self.text.block(body.get("description"))}{self.contents(body)}</div>'

    def responses(self, operation):
        rows = []
        for status, reference in operation["responses"].items():
            response = self.resolve(reference)
            name = "otherwise" if status == "default" else status
            headers = ", ".join(f"<code>{escape(h)}</code>" for h in response.get("headers", {}))
            with_headers = f'<p class="soft">with {headers}</p>' if headers else ""
            rows.append(f"<th>{name}</th><td>{self.text.block(response['description'])}"
                        f"{with_headers}{self.contents(response)}</td>")
        return f"<h4>Answers</h4>{table(rows)}"

    def operation(self, path, item, verb, operation):
        name = operation["operationId"]
        return (f'<article id="{name}"><h3><a href="#{name}"><span class="verb {verb}">{verb.upper()}</span> '
                f'<span class="path">{escape(path)}</span></a></h3>'
                f'<p class="summary">{self.text.line(operation["summary"])}</p>'
                f'<div class="text">{self.text.block(operation.get("description"))}</div>'
                f"{self.parameters(item, operation)}{self.body(operation)}{self.responses(operation)}</article>")

    # --- codes -----------------------------------------------------------------------------------------------------

    def code(self, entry):
        again = "may be tried again later" if entry["retryable"] else "trying again changes nothing"
        name = entry["code"]
        facts = f"HTTP {entry['http']}, axis SDK {entry['axis']}; {again}; who must act: {WHO[entry['who']]}."
        detail = lambda lang: escape(entry["detail"][lang]).replace("{what}", "<em>…</em>")
        return (f'<article id="code-{name}"><h3><a href="#code-{name}"><code>{name}</code></a> {escape(entry["title"]["en"])}</h3>'
                f'<p class="soft">{facts}</p><p>{detail("en")}</p>'
                f'<p lang="vi"><b>{escape(entry["title"]["vi"])}.</b> {detail("vi")}</p></article>')

    # --- the whole -------------------------------------------------------------------------------------------------

    def navigation(self):
        parts = [f'<strong>{escape(self.api["info"]["title"])}</strong><a href="/v1/openapi.yaml">openapi.yaml</a>']
        for tag in self.api["tags"]:
            items = "".join(f'<li><a href="#{o["operationId"]}">{escape(o["operationId"].replace("_", " "))}</a></li>'
                            for _, _, _, o in self.operations(tag["name"]))
            parts.append(f'<h2>{escape(tag["name"])}</h2><ul>{items}</ul>')
        parts.append('<h2>Reference</h2><ul><li><a href="#schemas">Objects and values</a></li>'
                     '<li><a href="#codes">Codes of failures · <span lang="vi">Mã lỗi</span></a></li></ul>')
        return f"<nav>{''.join(parts)}</nav>"

    def main(self):
        info = self.api["info"]
        parts = [f'<h1>{escape(info["title"])}</h1><p class="lead">{escape(info["summary"])}</p>'
                 f'<div class="text">{self.text.block(info["description"])}</div>']
        for tag in self.api["tags"]:
            parts.append(f'<h2 id="tag-{tag["name"]}">{escape(tag["name"].capitalize())}</h2>'
                         f'<p class="soft">{self.text.line(tag["description"])}</p>')
            parts += [self.operation(*o) for o in self.operations(tag["name"])]
        parts.append('<h2 id="schemas">Objects and values</h2>')
        parts += [self.schema(n, s) for n, s in self.api["components"]["schemas"].items()]
        parts.append('<h2 id="codes">Codes of failures · <span>Mã lỗi</span></h2>')
        parts += [self.code(e) for e in self.errors]
        return f"<main>{''.join(parts)}</main>"

    def html(self):
        return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
                '<meta name="viewport" content="width=device-width, initial-scale=1">'
                f'<title>{escape(self.api["info"]["title"])}</title><style>{self.style}</style></head>'
                f"<body>{self.navigation()}{self.main()}</body></html>\n")


def literal(text):
    """Several, since compilers limit the length of one."""
    pieces = [text[i:i + 4000] for i in range(0, len(text), 4000)]
    return "\n".join(f'R"~({piece})~"' for piece in pieces)


def tag(text):
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def header(page, style, description):
    style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    values = {"docs_page": page, "docs_style_hash": style_hash, "docs_tag": tag(page), "description": description,
              "description_tag": tag(description)}
    lines = "".join(f"inline constexpr std::string_view {name} =\n{literal(text)};\n" for name, text in values.items())
    return ("#pragma once\n// Generated from schemas/openapi.yaml and schemas/errors.json.\n#include <string_view>\n"
            f"namespace truc::api::generated {{\n{lines}}} // namespace truc::api::generated\n")


def main(openapi, errors, output, html_file=None):
    description = pathlib.Path(openapi).read_text(encoding="utf-8")
    catalogue = json.loads(pathlib.Path(errors).read_text(encoding="utf-8"))
    style = pathlib.Path(__file__).with_name("documentation.css").read_text(encoding="utf-8")
    page = Page(yaml.safe_load(description), catalogue, style).html()
    pathlib.Path(output).write_text(header(page, style, description), encoding="utf-8")
    if html_file:
        pathlib.Path(html_file).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
