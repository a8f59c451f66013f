"""Validates recorded exchanges against X's own OpenAPI description.

Usage: schema.py OPENAPI_JSON EXCHANGES_JSON
Each exchange: method, path, query, content_type, request, status, response (bodies as text).
"""

import json
import re
import sys
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator

# The description has the new names only; the older ones are still served.
OLDER = {"tweet.fields": "post.fields"}


def matches(template, path):
    pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
    return re.fullmatch(pattern, path) is not None


def operation(document, exchange):
    paths = document["paths"]
    method = exchange["method"].lower()
    exact = paths.get(exchange["path"], {}).get(method)
    if exact:
        return exact
    for template, methods in paths.items():
        if matches(template, exchange["path"]) and method in methods:
            return methods[method]
    raise AssertionError(f"no such operation: {exchange['method']} {exchange['path']}")


def validate(document, schema, value, what):
    root = {**schema, "components": document["components"]}
    errors = [
        f"{what}: {'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in Draft202012Validator(root).iter_errors(value)
    ]
    return errors


def resolved(document, parameter):
    reference = parameter.get("$ref")
    if not reference:
        return parameter
    return document["components"]["parameters"][reference.rsplit("/", 1)[-1]]


def query_errors(document, described, exchange, what):
    known = {}
    for parameter in described.get("parameters", []):
        parameter = resolved(document, parameter)
        if parameter["in"] == "query":
            known[parameter["name"]] = parameter
    errors = []
    sent = dict(parse_qsl(exchange["query"]))
    for name, value in sent.items():
        parameter = known.get(OLDER.get(name, name))
        if parameter is None:
            errors.append(f"{what}: no parameter {name}")
            continue
        schema = parameter["schema"]
        if name in OLDER:
            continue
        if schema.get("type") == "array":
            value = value.split(",")
        elif schema.get("type") == "integer":
            value = int(value)
        errors += validate(document, schema, value, f"{what} {name}")
    missing = [name for name, known in known.items() if known.get("required") and name not in sent]
    return errors + [f"{what}: parameter {name} is missing" for name in missing]


def form_errors(document, schema, exchange, what):
    """Of a form the fields' names are checked; the bytes are the sandbox's to check."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    names = set(re.findall(r'form-data; name="([^"]*)"', exchange["request"]))
    unknown = names - set(schema["properties"])
    missing = set(schema.get("required", [])) - names
    return [f"{what}: fields {unknown} unknown, {missing} missing"] if unknown or missing else []


def check(document, exchange):
    described = operation(document, exchange)
    what = f"{exchange['method']} {exchange['path']} → {exchange['status']}"
    errors = query_errors(document, described, exchange, what)
    body = described.get("requestBody")
    if body and exchange["request"]:
        kind = exchange["content_type"].split(";")[0]
        schema = body["content"][kind]["schema"]
        if kind == "application/json":
            errors += validate(document, schema, json.loads(exchange["request"]), what)
        else:
            errors += form_errors(document, schema, exchange, what)
    if 200 <= exchange["status"] < 300:
        described = described["responses"].get(str(exchange["status"]))
        if described is None:
            return errors + [f"{what}: this status is not described"]
        schema = described["content"]["application/json"]["schema"]
        errors += validate(document, schema, json.loads(exchange["response"]), what)
    return errors


def main(openapi, recorded):
    with open(openapi, encoding="utf-8") as file:
        document = json.load(file)
    with open(recorded, encoding="utf-8") as file:
        exchanges = json.load(file)
    assert exchanges, "nothing was recorded"
    errors = [error for exchange in exchanges for error in check(document, exchange)]
    assert not errors, "\n".join(errors)
    return len(exchanges)


if __name__ == "__main__":
    print(f"schema: {main(*sys.argv[1:])} exchanges ok")
