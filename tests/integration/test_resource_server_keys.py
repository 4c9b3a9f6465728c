"""How examples/resource-server keeps the issuer's keys (absent at first, rotated, gone again, never in the clear), and what
it takes from HTTP."""

import http.server
import json
import ssl
import subprocess
import threading
import time
from types import SimpleNamespace

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from harness.server import HOST, eventually, free_port
from test_resource_server import Api, Issuer

PATH = "/accounts"


class KeyServer:
    """Publishes what `document` is at the moment, with status 500 when that is None."""

    def __init__(self, tls, port):
        self.document, self.asked = None, 0
        published = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                published.asked += 1
                body = published.document
                self.send_response(200 if body is not None else 500)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((HOST, port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.pem, tls.key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def installation(pki):
    authority = pki.authority("Server CA")
    tls = authority.issue("server", sans={"ip": [HOST]}, eku=[ExtendedKeyUsageOID.SERVER_AUTH])
    return SimpleNamespace(tls_authority=authority, tls=tls, issuer="https://as.example")


@pytest.fixture
def api(resource_server_binary, installation, scratch):
    """Started while nobody answers at the key server's address."""
    port = free_port()
    started = Api(resource_server_binary, installation, f"https://{HOST}:{port}/jwks", scratch / "keys.log")
    started.key_port = port

    def answers():
        try:
            return started.get("/", None).status == 404
        except OSError:
            return False

    assert eventually(answers, timeout=15)
    yield started
    started.stop()


def renamed(issuer, kid):
    """The JWK set of an issuer whose key has another name."""
    jwk = dict(issuer.jwks["keys"][0], kid=kid)
    return json.dumps({"keys": [jwk]}).encode()


def test_life_of_the_keys(api, installation, identities):
    issuer = Issuer(installation.issuer)
    keys = None

    def status(kid="first", identity=identities.a):
        return api.get(PATH, identity, issuer.token(issuer.claims(identities.a), kid=kid)).status

    assert status() == 503, "no keys yet: not the client's fault"
    try:
        keys = KeyServer(installation.tls, api.key_port)
        keys.document = b'{"keys": []}'
        assert eventually(lambda: keys.asked > 0, timeout=10)
        assert status() == 503, "a set without keys is none"
        keys.document = renamed(issuer, "first")
        assert eventually(lambda: status() == 200, timeout=10)
        assert status(identity=identities.b) == 401

        # An unknown kid: asked for once, and then for ten seconds no more.
        keys.document = renamed(issuer, "second")
        asked = keys.asked
        assert status("second") == 200, "the new key at the first request that names it"
        assert status("first") == 401, "the old one is gone with the old set"
        for _ in range(5):
            assert status("third") == 401
        assert keys.asked == asked + 1

        # A failed refresh costs nothing.
        time.sleep(10.1)
        keys.document = None
        assert status("third") == 401
        assert keys.asked == asked + 2
        assert status("second") == 200
    finally:
        if keys:
            keys.stop()
    assert status("second") == 200


@pytest.mark.parametrize("arguments", [
    [], ["--listen"], ["--listen", "x"], ["--unknown", "x"],
    ["--listen", "127.0.0.1:1", "--certificate", "x", "--private-key", "x", "--issuer", "x", "--audience", "x",
     "--jwks", "http://127.0.0.1/jwks"],
], ids=str)
def test_usage(resource_server_binary, arguments):
    done = subprocess.run([resource_server_binary, *arguments], capture_output=True, text=True, timeout=10)
    assert done.returncode == 2 and "usage:" in done.stderr


def test_keys_from_a_file(resource_server_binary, installation, identities, scratch):
    issuer = Issuer(installation.issuer)
    (scratch / "jwks.json").write_text(json.dumps(issuer.jwks))
    api = Api(resource_server_binary, installation, scratch / "jwks.json", scratch / "file.log")

    def served():
        try:
            return api.get(PATH, identities.a, issuer.token(issuer.claims(identities.a))).status == 200
        except OSError:
            return False

    try:
        assert eventually(served, timeout=15)
    finally:
        api.stop()


def test_two_authorization_headers(api, installation, identities):
    from harness.client import context
    from http.client import HTTPSConnection
    connection = HTTPSConnection(HOST, api.port, timeout=10, context=context(installation.tls_authority.pem, identities.a))
    connection.putrequest("GET", PATH)
    connection.putheader("Authorization", "Bearer a")
    connection.putheader("authorization", "Bearer b")
    connection.endheaders()
    reply = connection.getresponse()
    assert reply.status == 400 and reply.getheader("WWW-Authenticate") == 'Bearer error="invalid_request"'
    connection.close()


def test_other_methods_and_paths(api, installation, identities):
    from harness.client import context
    from http.client import HTTPSConnection
    connection = HTTPSConnection(HOST, api.port, timeout=10, context=context(installation.tls_authority.pem, identities.a))
    connection.request("POST", PATH, body=b"x" * 1000)
    reply = connection.getresponse()
    assert reply.status == 405 and reply.getheader("Allow") == "GET"
    connection.close()
    assert api.get("/unknown", identities.a).status == 404


@pytest.mark.parametrize("name", ["Client-Cert", "X-SSL-Client-Cert", "X-Forwarded-Client-Cert", "SSL_CLIENT_CERT"])
def test_certificate_in_a_header_is_none(resource_server_binary, installation, identities, scratch, name):
    """TLS ends here: what a client writes about its certificate is not what it proved."""
    import base64
    from http.client import HTTPSConnection

    from cryptography.hazmat.primitives import serialization
    from harness.client import context
    issuer = Issuer(installation.issuer)
    (scratch / "header.json").write_text(json.dumps(issuer.jwks))
    api = Api(resource_server_binary, installation, scratch / "header.json", scratch / "header.log")
    token = issuer.token(issuer.claims(identities.a))
    der = identities.a.certificate.public_bytes(serialization.Encoding.DER)

    def served():
        try:
            return api.get(PATH, identities.a, token).status == 200
        except OSError:
            return False

    try:
        assert eventually(served, timeout=15)
        connection = HTTPSConnection(HOST, api.port, timeout=10, context=context(installation.tls_authority.pem))
        connection.request("GET", PATH, headers={"Authorization": f"Bearer {token}",
                                                 name: ":" + base64.b64encode(der).decode() + ":"})
        assert connection.getresponse().status == 401
        connection.close()
    finally:
        api.stop()
