"""The webhook's receiver goes away, misbehaves, and comes back: each event arrives, signed, as it was first sent."""

import base64
import json
import os
import pathlib
import subprocess
import time

import pytest
from harness.directory import KeyServer
from harness.jose import b64url, es256_is_valid, header_of
from harness.server import HOST


class Tool:
    """One event that waits, and a clock that the test turns."""

    def __init__(self, folder, url, ca):
        kek = folder / "kek"
        kek.touch(mode=0o600)
        kek.write_bytes(base64.b64encode(os.urandom(32)))
        tool = pathlib.Path(os.environ["CERTBOUND_BIN"]).with_name("webhook_tool")
        self.process = subprocess.Popen([tool, folder, url, HOST, ca], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.keys = json.loads(self.process.stdout.readline())["keys"]

    def after(self, seconds):
        """What the log says of this attempt: (event, reason, detail), or None."""
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        lines = [json.loads(line) for line in iter(self.process.stdout.readline, "\n")]
        assert len(lines) <= 1
        return (lines[0]["event"], lines[0].get("reason"), lines[0].get("detail", "")) if lines else None

    def stop(self):
        self.process.stdin.close()
        assert self.process.wait(10) == 0
        self.process.stdout.close()


class Receiver:
    def __init__(self, keys):
        self.keys = keys
        self.got = []
        self.behave = self.take
        keys.pages["/hook"] = self.hook

    def hook(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.got.append((body, handler.headers["Certbound-Signature"]))
        self.behave(handler)

    def take(self, handler):
        self.answer(handler, 204)

    @staticmethod
    def answer(handler, status, **headers):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()


@pytest.fixture(scope="module")
def keys(pki):
    server = KeyServer(pki)
    yield server
    server.stop()


@pytest.fixture
def receiver(keys):
    return Receiver(keys)


@pytest.fixture
def tool(tmp_path, keys, receiver):
    made = Tool(tmp_path, keys.url("/hook"), keys.authority.pem)
    yield made
    made.stop()


def is_signed(tool, body, signature):
    head, _, mac = signature.split(".")
    token = f"{head}.{b64url(body)}.{mac}"
    return es256_is_valid(token, next(k for k in tool.keys if k["kid"] == header_of(token)["kid"]))


def slow(handler):
    time.sleep(1.5)
    Receiver.answer(handler, 204)


@pytest.mark.parametrize("behave, detail", [
    (lambda h: Receiver.answer(h, 500), "answers 500"),
    (lambda h: Receiver.answer(h, 404), "answers 404"),
    (lambda h: Receiver.answer(h, 307, Location="/elsewhere"), "redirects are not followed"),
    (slow, "Timeout was reached"),
    (lambda h: h.connection.close(), ""),
], ids=["500", "404", "redirect", "slow", "closed"])
def test_what_is_not_taken_comes_again(tool, receiver, keys, behave, detail):
    receiver.behave = behave
    hits = len(keys.hits)
    event, reason, said = tool.after(0)
    assert (event, reason) == ("webhook_failed", "fetch_failed") and detail in said
    assert tool.after(59) is None
    assert tool.after(1)[0] == "webhook_failed"
    receiver.behave = receiver.take
    assert tool.after(119) is None
    assert tool.after(1)[0] == "webhook_delivered"
    assert tool.after(86400) is None
    assert set(keys.hits[hits:]) == {"/hook"}
    assert [body for body, _ in receiver.got] == [b'{"id":"one"}'] * 3
    assert all(is_signed(tool, body, signature) for body, signature in receiver.got)


def test_a_receiver_that_is_down_and_comes_up(tmp_path, pki):
    away = KeyServer(pki)
    receiver = Receiver(away)
    tool = Tool(tmp_path, away.url("/hook"), away.authority.pem)
    port = away.httpd.server_address[1]
    away.stop()
    assert tool.after(0)[:2] == ("webhook_failed", "fetch_failed")
    assert tool.after(60)[:2] == ("webhook_failed", "fetch_failed")
    away.start(port)
    assert tool.after(120)[0] == "webhook_delivered"
    assert [body for body, _ in receiver.got] == [b'{"id":"one"}']
    tool.stop()
    away.stop()


def test_a_receiver_whose_certificate_does_not_verify(tmp_path, pki, keys, receiver):
    other = pki.authority("Another CA")
    tool = Tool(tmp_path, keys.url("/hook"), other.pem)
    event, reason, said = tool.after(0)
    assert (event, reason) == ("webhook_failed", "fetch_failed") and "peer certificate" in said.lower()
    assert receiver.got == []
    tool.stop()
