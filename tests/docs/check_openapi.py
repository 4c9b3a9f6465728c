"""docs/openapi.json against the routes that the program has, both ways, and against itself.

    check_openapi.py docs/openapi.json ADMIN_ROUTES_PROGRAM docs/errors.md
"""

import copy
import json
import pathlib
import re
import subprocess
import sys

import jsonschema

ALWAYS = {"401", "403", "503"}


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolve(document, reference):
    node = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def schemas(node, at="#"):
    """All of them, with where they stand; examples are no schemas."""
    if isinstance(node, dict):
        if "examples" in node:
            yield at, node
        for key, value in node.items():
            if key != "examples":
                yield from schemas(value, f"{at}/{key}")
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from schemas(value, f"{at}/{i}")


def check_examples(document):
    """Each is what its schema says, and names no member that it does not."""
    closed = copy.deepcopy(document)
    for schema in closed["components"]["schemas"].values():
        schema.setdefault("additionalProperties", False)
    count = 0
    for at, schema in schemas(closed):
        validator = jsonschema.Draft202012Validator({**closed, **schema})
        for example in schema["examples"]:
            for error in validator.iter_errors(example):
                raise AssertionError(f"{at}: example: {error.message}")
            count += 1
    return count


def bodies(document):
    """The names of the schemas that travel whole, in either direction."""
    for _, _, operation, _ in operations(document):
        for message in [operation.get("requestBody", {}), *operation["responses"].values()]:
            message = resolve(document, message["$ref"]) if "$ref" in message else message
            for media in message.get("content", {}).values():
                yield media["schema"]


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method.upper(), path, operation, item.get("parameters", []) + operation.get("parameters", [])


def check_operation(method, path, operation, parameters):
    where = f"{method} {path}"
    missing = ALWAYS - operation["responses"].keys()
    assert not missing, f"{where}: no response {missing}"
    assert any(status.startswith("2") for status in operation["responses"]), f"{where}: never succeeds"
    named = {p["name"] for p in parameters if p["in"] == "path"}
    assert named == set(re.findall(r"{(\w+)}", path)), f"{where}: path parameters"
    assert ("requestBody" in operation) == (method in ("POST", "PUT")), f"{where}: body"
    if "requestBody" in operation:
        assert {"400", "413", "415"} <= operation["responses"].keys(), f"{where}: what a body can be refused for"
    if any(p["name"] == "If-Match" for p in parameters):
        assert {"412", "428"} <= operation["responses"].keys(), f"{where}: preconditions"


def main(openapi, program, errors):
    document = json.loads(pathlib.Path(openapi).read_text())
    assert document["openapi"].startswith("3.1.")
    documented = {f"{method} {path}" for method, path, _, _ in operations(document)}
    routed = {line.rsplit(" ", 1)[0] for line in subprocess.check_output([program], text=True).splitlines()}
    assert documented == routed, f"only documented: {documented - routed}; only routed: {routed - documented}"
    ids = [operation["operationId"] for _, _, operation, _ in operations(document)]
    assert len(ids) == len(set(ids))
    for operation in operations(document):
        check_operation(*operation)
    used = set(references(document))
    for reference in used:
        resolve(document, reference)
    for kind in ("schemas", "responses"):
        unused = {n for n in document["components"][kind] if f"#/components/{kind}/{n}" not in used}
        assert not unused, f"unused {kind}: {unused}"
    without = [body for body in bodies(document)
               if "examples" not in (resolve(document, body["$ref"]) if "$ref" in body else body)]
    assert not without, f"bodies without an example: {without}"
    examples = check_examples(document)
    reason = document["components"]["schemas"]["Problem"]["properties"]["type"]["examples"][0].rsplit(":", 1)[1]
    assert f"`{reason}`" in pathlib.Path(errors).read_text()
    print(f"{len(routed)} routes are documented, {examples} examples are good")


if __name__ == "__main__":
    main(*sys.argv[1:])
