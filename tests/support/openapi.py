"""Compares answers of a node with schemas/openapi.yaml. What the description does not mention, a path, a status, a type
or a member, is a failure: readers of the description are to know all there is."""
import copy
import functools
import json
import os
import pathlib
import re
import urllib.parse

import jsonschema
import yaml

SOURCE = pathlib.Path(os.environ.get("TRUC_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
FILE = SOURCE / "schemas/openapi.yaml"
SCHEMAS = "#/components/schemas/"


seen = set()  # (operationId, status) of what was compared in this process; "default" where no status is named


class Undocumented(AssertionError):
    """The node and its description differ."""


@functools.lru_cache
def description():
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def resolve(node):
    """Follows a reference inside the description."""
    while "$ref" in node:
        found = description()
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def _extended(schema):
    """Names of schemas that others extend by allOf; only the whole can be closed."""
    if isinstance(schema, dict):
        for part in schema.get("allOf", []):
            if "$ref" in part:
                yield part["$ref"].removeprefix(SCHEMAS)
        schema = schema.values()
    elif not isinstance(schema, list):
        return
    for child in schema:
        yield from _extended(child)


def _close(schema):
    if isinstance(schema, dict):
        if "properties" in schema or "allOf" in schema:
            schema.setdefault("unevaluatedProperties", False)
        for name, child in schema.items():
            if name != "allOf":
                _close(child)
    elif isinstance(schema, list):
        for child in schema:
            _close(child)


@functools.lru_cache
def _components():
    """The schemas, closed against members that they do not mention."""
    schemas = copy.deepcopy(description()["components"]["schemas"])
    extended = set(_extended(schemas))
    for name, schema in schemas.items():
        if name in extended:
            for child in schema["properties"].values():
                _close(child)
        else:
            _close(schema)
    return {"schemas": schemas}


def violations(schema, value):
    closed = copy.deepcopy(schema)
    _close(closed)
    validator = jsonschema.Draft202012Validator({**closed, "components": _components()})
    return [f"{'/'.join(map(str, e.absolute_path)) or 'body'}: {e.message}" for e in validator.iter_errors(value)]


@functools.lru_cache
def _routes():
    routes = []
    for path, item in description()["paths"].items():
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))
        routes.append((re.compile(pattern), path, item))
    return sorted(routes, key=lambda r: r[1].count("{"))  # the literal one first


def operation_for(method, target):
    """The operation and path that describe this request; (None, None) if there is none."""
    path = urllib.parse.unquote(urllib.parse.urlsplit(target).path)
    verb = "get" if method == "HEAD" else method.lower()
    for pattern, template, item in _routes():
        if pattern.fullmatch(path):
            return item.get(verb), template
    return None, None


def methods_of(template):
    """What `Allow` says of a path."""
    verbs = {verb.upper() for verb in ("get", "post", "put") if verb in description()["paths"][template]}
    return verbs | {"OPTIONS"} | ({"HEAD"} if "GET" in verbs else set())


def check(method, target, answer):
    """Raises Undocumented. Requests that the description does not know must be answered with a problem."""
    where = f"{method} {target} → {answer.status}"
    if method == "OPTIONS" and answer.status == 204:
        return
    operation, template = operation_for(method, target)
    if operation is None:
        if target.startswith(("/v1/", "/healthz", "/readyz", "/metrics")) and answer.status < 400:
            raise Undocumented(f"{where}: not in {FILE.name}")
        responses = {"default": {"$ref": "#/components/responses/problem"}} if answer.status >= 400 else {}
    else:
        responses = operation["responses"]
        asked = {name for name, _ in urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query)}
        known = {resolve(p)["name"] for p in operation.get("parameters", [])}
        known |= {resolve(p)["name"] for p in description()["paths"][template].get("parameters", [])}
        if answer.status < 400 and asked - known:
            raise Undocumented(f"{where}: parameters {asked - known} are not in {FILE.name}")
    found = responses.get(str(answer.status), responses.get("default"))
    if found is None:
        if responses:
            raise Undocumented(f"{where}: this status is not in {FILE.name}")
        return
    if method != "HEAD":
        _check_body(where, resolve(found), answer)
    _check_headers(where, answer)
    if operation is not None:
        seen.add((operation["operationId"], str(answer.status) if str(answer.status) in responses else "default"))


def _check_headers(where, answer):
    """What every failure of a kind says in its head."""
    if answer.headers.get("Content-Type") != "application/problem+json" or not answer.body:
        return
    problem = json.loads(answer.body.decode("utf-8"))
    for present, wanted, name in ((answer.headers.get("Retry-After"), problem["retryable"], "Retry-After"),
                                  (problem.get("next_at"), problem["retryable"], "next_at"),
                                  (answer.headers.get("Allow"), problem["code"] == "method_not_allowed", "Allow")):
        if bool(present) != wanted:
            raise Undocumented(f"{where}: {name} is {present!r} with {problem['code']}")


def _check_body(where, response, answer):
    media = answer.headers.get("Content-Type")
    content = response.get("content", {})
    if media not in content and not (media is None and not content):
        raise Undocumented(f"{where}: type {media}, documented {list(content)}")
    if media is None or "json" not in media:
        return
    wrong = violations(content[media]["schema"], json.loads(answer.body.decode("utf-8")))
    if wrong:
        raise Undocumented(f"{where}: " + "; ".join(wrong))
