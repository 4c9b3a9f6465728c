"""Connections of the server's own: what they refuse, and what they survive."""
import datetime
import gzip
import http.server
import ipaddress
import os
import socket
import ssl
import subprocess
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

TOOL = os.environ["CERTBOUND_FETCH_TOOL"]
REFUSED = "is not at a public address, nor at one of outbound.allowed_addresses"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = []

    def do_GET(self):
        type(self).seen.append((self.command, self.path, dict(self.headers)))
        name, _, argument = self.path.strip("/").partition("/")
        getattr(self, "answer_" + name)(argument)

    do_POST = do_GET

    def log_message(self, *_):
        pass

    def reply(self, body, status=200, **fields):
        self.send_response(status)
        for field, value in fields.items():
            self.send_header(field, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_ok(self, _):
        self.reply(b"hello")

    def answer_size(self, n):
        self.reply(b"x" * int(n))

    def answer_status(self, n):
        self.reply(b"", int(n))

    def answer_redirect(self, _):
        self.reply(b"", 302, Location="https://127.0.0.1:1/secret")

    def answer_endless(self, _):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 4096)
        except OSError:
            pass

    def answer_stall(self, _):
        self.send_response(200)
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.wfile.write(b"x")
        self.wfile.flush()
        time.sleep(20)

    def answer_echo(self, _):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.reply(body + b"|" + self.headers["Content-Type"].encode() + b"|" + self.headers["X-Extra"].encode()
                   + b"|" + self.headers["Accept"].encode())


def certificate(folder, name, *sans, days=1):
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    public = key.public_key()
    cert = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(public)
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=9))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.SubjectAlternativeName(sans), False)
            .add_extension(x509.BasicConstraints(True, None), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False).sign(key, hashes.SHA256()))
    path = folder / f"{name}.pem"
    path.write_bytes(cert.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return path


def serve(tls=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


class Raw:
    """Answers each connection with what `pieces` makes, byte for byte, and counts them."""

    def __init__(self, tls):
        self.pieces = lambda: []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(tls)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sent = 0
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.answer, args=[connection], daemon=True).start()

    def answer(self, connection):
        try:
            with self.context.wrap_socket(connection, server_side=True) as tls:
                tls.recv(65536)
                for piece in self.pieces():
                    tls.sendall(piece)
                    self.sent += len(piece)
        except OSError:
            pass  # who asked has gone


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fetch")
    ca = certificate(folder, "good", x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    wrong = certificate(folder, "wrong", x509.DNSName("elsewhere.example"))
    old = certificate(folder, "old", x509.DNSName("localhost"), days=-1)
    return {"ca": str(ca), "https": serve(ca), "wrong": str(wrong), "misnamed": serve(wrong), "http": serve(),
            "old": str(old), "expired": serve(old), "raw": Raw(ca)}


def fetch(url, addresses="", **options):
    """`addresses`: what every name of the domain test resolves to."""
    done = subprocess.run([TOOL, *(f"{k}={v}" for k, v in options.items()), url], capture_output=True,
                          env={**os.environ, "https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9",
                               "CERTBOUND_TEST_ADDRESSES": addresses})
    assert b"Sanitizer" not in done.stderr and b"runtime error" not in done.stderr, done.stderr
    reason, rest = done.stdout.decode("latin-1").split("\n", 1)
    text, ms, _ = rest.rsplit("\n", 2)
    return reason, text, int(ms)


def good(place, path, **options):
    return fetch(f"https://localhost:{place['https']}/{path}", allow="127.0.0.0/8", ca=place["ca"], **options)


def test_what_is_allowed_arrives(place):
    assert good(place, "ok")[:2] == ("ok", "hello")
    assert good(place, "echo", post="a body")[:2] == ("ok", "a body|text/x-test|1|application/json")


@pytest.mark.parametrize("host", [
    "localhost", "LOCALHOST", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "0x7f.1",
    "127%2e0%2e0%2e1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]", "0", "0.0.0.0", "169.254.169.254", "10.0.0.1", "100.64.0.1", "172.16.0.1", "192.168.0.1",
    "[fe80::1]", "[fe80::1%25lo]", "[fd00::1]", "224.0.0.1", "255.255.255.255"])
def test_addresses_that_are_not_public(place, host):
    before = len(Handler.seen)
    reason, text, _ = fetch(f"https://{host}:{place['https']}/ok", ca=place["ca"])
    assert reason == "fetch_refused" and text.endswith(REFUSED)
    assert len(Handler.seen) == before


def test_only_what_is_listed_is_allowed(place):
    assert fetch(f"https://localhost:{place['https']}/ok", ca=place["ca"], allow="127.0.0.2")[0] == "fetch_refused"


@pytest.mark.parametrize("answers", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1",
                                     "0.0.0.0", "10.0.0.1 127.0.0.1 ::1 fe80::1"])
def test_names_that_resolve_to_addresses_that_are_not_public(place, answers):
    before = len(Handler.seen)
    reason, text, _ = fetch(f"https://keys.test:{place['https']}/ok", addresses=answers, ca=place["ca"])
    assert (reason, text) == ("fetch_refused", f"keys.test: {REFUSED}")
    assert len(Handler.seen) == before


def test_of_mixed_answers_only_the_allowed_one_is_tried(place):
    """Whatever the order, and whatever a name server hopes that a second try will do."""
    listener = socket.create_server(("127.0.0.1", 0))  # where nobody may go
    listener.setblocking(False)
    for answers in ("127.0.0.1 127.0.0.2", "127.0.0.2 127.0.0.1", "10.0.0.1 ::1 127.0.0.1 127.0.0.2"):
        reason, text, _ = fetch(f"https://keys.test:{listener.getsockname()[1]}/ok", addresses=answers, allow="127.0.0.2",
                                ca=place["ca"])
        assert (reason, text) == ("fetch_failed", "keys.test: Couldn't connect to server"), answers
        with pytest.raises(BlockingIOError):
            listener.accept()
    listener.close()


def test_a_redirect_is_not_followed(place):
    reason, text, _ = good(place, "redirect")
    assert (reason, text) == ("fetch_failed", "localhost: answers 302, and redirects are not followed")


@pytest.mark.parametrize("status", [199 + 105, 400, 404, 500, 503])
def test_other_statuses(place, status):
    reason, text, _ = good(place, f"status/{status}")
    assert reason == "fetch_failed" and f"answers {status}" in text


def test_a_size_at_its_limit_and_above(place):
    assert good(place, "size/1024")[1] == "x" * 1024
    assert good(place, "size/1025")[:2] == ("fetch_too_large", "localhost: sends more than 1024 bytes")
    assert good(place, "endless", max=65536)[:2] == ("fetch_too_large", "localhost: sends more than 65536 bytes")


def test_a_server_that_stalls(place):
    reason, text, ms = good(place, "stall", timeout=1)
    assert (reason, text) == ("fetch_failed", "localhost: Timeout was reached") and ms < 5000


def dripped(data):
    for byte in data:
        time.sleep(0.1)
        yield bytes([byte])


def silent(head):
    yield head
    time.sleep(5)


def endless(head, piece):
    yield head
    while True:
        yield piece


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("pieces, text", [
    (lambda: dripped(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" * 9), "Timeout was reached"),
    (lambda: silent(OK + b"Content-Length: 500\r\n\r\n"), "Timeout was reached"),
    (lambda: endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), None),
    (lambda: endless(OK, b"X-More: and more\r\n"), None),
    (lambda: endless(OK + b"X-Long: ", b"x" * 1024), None),
    (lambda: endless(b"", b"x" * 1024), None),
], ids=["dripped", "silent", "100 for ever", "endless fields", "an endless field", "an endless status line"])
def test_answers_that_take_for_ever(place, pieces, text):
    place["raw"].pieces = pieces
    before = place["raw"].sent
    reason, found, ms = fetch(f"https://localhost:{place['raw'].port}/", allow="127.0.0.0/8", ca=place["ca"], timeout=1)
    assert reason == "fetch_failed" and found.startswith("localhost: ") and ms < 3000
    assert text is None or found == f"localhost: {text}"
    assert place["raw"].sent - before < 8 << 20  # what the buffers of a connection hold, and no more


@pytest.mark.parametrize("answer, text", [
    (b"hello", "Unsupported protocol"),
    (b"\x00" * 64, "Unsupported protocol"),
    (b"", "Server returned nothing (no headers, no data)"),
    (OK + b"Content-Length: 10\r\n\r\nhel", "Transferred a partial file"),
    (OK + b"Content-Length: -1\r\n\r\nhello", None),
    (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n", None),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel", None),
    (b"HTTP/9.9 200 OK\r\n\r\nhello", None),
    (b"HTTP/1.1 99 What\r\nContent-Length: 0\r\n\r\n", None),
    (OK + b"X: a\0b\r\nContent-Length: 5\r\n\r\nhello", None),
], ids=lambda x: repr(x)[:40])
def test_answers_that_are_no_http(place, answer, text):
    place["raw"].pieces = lambda: [answer]
    reason, found, ms = fetch(f"https://localhost:{place['raw'].port}/", allow="127.0.0.0/8", ca=place["ca"], timeout=2)
    assert reason == "fetch_failed" and found.startswith("localhost: ") and ms < 3000
    assert text is None or found == f"localhost: {text}"


def test_what_is_compressed_stays_so(place):
    """Nothing was asked to be: a megabyte of zeros in a kilobyte is a kilobyte, for the reader to refuse."""
    bomb = gzip.compress(bytes(1 << 20))
    place["raw"].pieces = lambda: [OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb), bomb]
    reason, text, _ = fetch(f"https://localhost:{place['raw'].port}/", allow="127.0.0.0/8", ca=place["ca"], max=2048)
    assert (reason, text) == ("ok", bomb.decode("latin-1"))


def test_a_handshake_that_stalls(place):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        reason, text, ms = fetch(f"https://localhost:{silent.getsockname()[1]}/", allow="127.0.0.0/8", ca=place["ca"],
                                 timeout=1)
    assert (reason, text) == ("fetch_failed", "localhost: Timeout was reached") and ms < 3000


def test_stopping_ends_a_transfer(place):
    reason, text, ms = good(place, "stall", timeout=60, stop=200)
    assert (reason, text) == ("fetch_failed", "localhost: the server is stopping") and ms < 5000


def test_certificates_are_verified(place):
    reason, text, _ = fetch(f"https://localhost:{place['https']}/ok", allow="127.0.0.0/8", ca=place["wrong"])
    assert reason == "fetch_failed" and "certificate" in text.lower()
    reason, text, _ = fetch(f"https://localhost:{place['misnamed']}/ok", allow="127.0.0.0/8", ca=place["wrong"])
    assert reason == "fetch_failed" and "certificate" in text.lower()
    reason, text, _ = fetch(f"https://localhost:{place['expired']}/ok", allow="127.0.0.0/8", ca=place["old"])
    assert reason == "fetch_failed" and "certificate" in text.lower()


def test_plain_http_is_for_what_is_signed_from_listed_hosts(place):
    url = f"http://localhost:{place['http']}/ok"
    assert fetch(url, allow="127.0.0.0/8")[:2] == ("fetch_refused", "localhost: must be an https URL")
    assert fetch(url, allow="127.0.0.0/8", plain="localhost")[:2] == (
        "fetch_refused", "localhost: must be an https URL")
    assert fetch(url, allow="127.0.0.0/8", signed=1)[:2] == (
        "fetch_refused", "localhost: plain http, and the host is not in outbound.plain_http")
    assert fetch(url, allow="127.0.0.0/8", signed=1, plain="LOCALHOST")[:2] == ("ok", "hello")
    assert fetch(url, signed=1, plain="localhost")[0] == "fetch_refused"


@pytest.mark.parametrize("url", ["ftp://localhost/x", "file:///etc/passwd", "https://", "nonsense", "gopher://localhost/",
                                 "https://user@localhost/", "https://user:pw@localhost/"])
def test_urls_that_are_none(url):
    reason, text, _ = fetch(url, allow="127.0.0.0/8", signed=1)
    assert reason == "fetch_refused" and "pw" not in text and "passwd" not in text


def test_nobody_there(place):
    assert fetch("https://localhost:1/ok", allow="127.0.0.0/8")[0] == "fetch_failed"
    assert fetch("https://nobody.invalid/ok?secret=1")[0] == "fetch_failed"
