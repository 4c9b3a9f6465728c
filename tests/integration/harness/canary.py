"""No secret may show up where people read: every secret that a test meets is remembered, and whatever the
server writes for others' eyes is searched for it."""

import re

SHAPES = [
    re.compile(rb"-----BEGIN "),
    re.compile(rb"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\."),  # a JWT
]


class Canary:
    def __init__(self):
        self.secrets = set()
        self.texts = {}

    def secret(self, value):
        data = value.encode() if isinstance(value, str) else value
        assert len(data) >= 8, "too short to be searched for"
        self.secrets.add(data)

    def text(self, where, data):
        self.texts[where] = data.encode() if isinstance(data, str) else data

    def check(self):
        found = []
        for where, data in self.texts.items():
            found += [f"{where}: matches {shape.pattern!r}" for shape in SHAPES if shape.search(data)]
            for secret in self.secrets:
                # A token's signature alone is as telling as the whole.
                parts = [secret, *([secret.rpartition(b".")[2]] if secret.count(b".") == 2 else [])]
                found += [f"{where}: holds a secret of {len(part)} bytes" for part in parts if part in data]
        assert not found, "\n".join(found)
