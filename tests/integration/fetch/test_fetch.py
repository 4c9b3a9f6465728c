"""Connections of the server's own: what they refuse, and what they survive."""
import datetime
import http.server
import ipaddress
import os
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


def certificate(folder, name, *sans):
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    public = key.public_key()
    cert = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(public)
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
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


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fetch")
    ca = certificate(folder, "good", x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    wrong = certificate(folder, "wrong", x509.DNSName("elsewhere.example"))
    return {"ca": str(ca), "https": serve(ca), "wrong": str(wrong), "misnamed": serve(wrong), "http": serve()}


def fetch(url, **options):
    done = subprocess.run([TOOL, *(f"{k}={v}" for k, v in options.items()), url], capture_output=True, text=True,
                          env={**os.environ, "https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"})
    assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr
    reason, text, ms = done.stdout.rsplit("\n", 1)[0].split("\n")
    return reason, text, int(ms)


def good(place, path, **options):
    return fetch(f"https://localhost:{place['https']}/{path}", allow="127.0.0.0/8", ca=place["ca"], **options)


def test_what_is_allowed_arrives(place):
    assert good(place, "ok")[:2] == ("ok", "hello")
    assert good(place, "echo", post="a body")[:2] == ("ok", "a body|text/x-test|1|application/json")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001",
                                  "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "10.0.0.1", "[fe80::1]"])
def test_addresses_that_are_not_public(place, host):
    before = len(Handler.seen)
    reason, text, _ = fetch(f"https://{host}:{place['https']}/ok", ca=place["ca"])
    assert reason == "fetch_refused" and text.endswith(REFUSED)
    assert len(Handler.seen) == before


def test_only_what_is_listed_is_allowed(place):
    assert fetch(f"https://localhost:{place['https']}/ok", ca=place["ca"], allow="127.0.0.2")[0] == "fetch_refused"


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


def test_stopping_ends_a_transfer(place):
    reason, text, ms = good(place, "stall", timeout=60, stop=200)
    assert (reason, text) == ("fetch_failed", "localhost: the server is stopping") and ms < 5000


def test_certificates_are_verified(place):
    reason, text, _ = fetch(f"https://localhost:{place['https']}/ok", allow="127.0.0.0/8", ca=place["wrong"])
    assert reason == "fetch_failed" and "certificate" in text.lower()
    reason, text, _ = fetch(f"https://localhost:{place['misnamed']}/ok", allow="127.0.0.0/8", ca=place["wrong"])
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
