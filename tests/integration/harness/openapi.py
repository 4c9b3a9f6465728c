"""docs/openapi.json: what an answer may be. Members that it does not name are an error here."""

import json
import re

import jsonschema

from .fixtures import ROOT


class Description:
    def __init__(self):
        self.document = json.loads((ROOT / "docs/openapi.json").read_text())
        for schema in self.document["components"]["schemas"].values():
            schema.setdefault("additionalProperties", False)

    def operation(self, method, path):
        for pattern, item in self.document["paths"].items():
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", pattern), path.split("?")[0]):
                return item.get(method.lower())

    def check(self, method, path, reply):
        operation = self.operation(method, path)
        if operation is None:  # 404 and 405 of paths that are not there
            return
        response = operation["responses"].get(str(reply.status))
        assert response is not None, f"{method} {path}: {reply.status} is not documented"
        if "$ref" in response:
            response = self.document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
        if "content" not in response:
            assert reply.body == b""
            return
        schema = response["content"][reply.headers["content-type"]]["schema"]
        jsonschema.Draft202012Validator({**self.document, **schema}).validate(reply.json)
        for name in response.get("headers", {}):
            assert name.lower() in reply.headers
