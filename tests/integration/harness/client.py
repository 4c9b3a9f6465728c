"""Partners: Python's ssl for exact bytes, curl and OpenSSL's s_client for the independent view."""

import http.client
import json
import re
import socket
import ssl
import subprocess
import urllib.parse
from dataclasses import dataclass, field

from .server import HOST, eventually

FORM = "application/x-www-form-urlencoded"
CREDENTIALS = {"grant_type": "client_credentials"}


@dataclass
class Reply:
    status: int
    headers: dict
    body: bytes
    raw_headers: list = field(default_factory=list)

    @property
    def json(self):
        return json.loads(self.body)

    def header_values(self, name):
        return [v for k, v in self.raw_headers if k.lower() == name.lower()]


def context(server_ca, identity=None, version=None):
    made = ssl.create_default_context(cafile=str(server_ca))
    if identity:
        made.load_cert_chain(identity.pem, identity.key)
    if version:
        made.minimum_version = made.maximum_version = version
    return made


class Partner:
    """Talks to one server with one certificate, or none. Remembers tokens and error bodies for the canary."""

    def __init__(self, server, identity=None, client_id=None, version=None):
        self.server = server
        self.identity = identity
        self.client_id = client_id
        self.context = context(server.tls_authority.pem, identity, version)

    def connect(self, listener="mtls", session=None, timeout=10):
        raw = socket.create_connection((HOST, self.server.ports[listener]), timeout=timeout)
        return self.context.wrap_socket(raw, server_hostname=HOST, session=session)

    def connection(self, listener="mtls"):
        """A keep-alive HTTP connection."""
        return http.client.HTTPSConnection(HOST, self.server.ports[listener], timeout=10, context=self.context)

    def request(self, method, path, body=None, headers=None, listener="mtls", connection=None):
        own = connection or self.connection(listener)
        try:
            own.request(method, path, body=body, headers=headers or {})
            answer = own.getresponse()
            reply = Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read(),
                          answer.getheaders())
        finally:
            connection or own.close()
        self._remember(reply, f"{method} {path} -> {reply.status}")
        return reply

    def _remember(self, reply, where):
        canary = self.server.canary
        if reply.status >= 400:
            canary.text(f"{where} #{len(canary.texts)}", reply.body + repr(reply.raw_headers).encode())
        elif b'"access_token"' in reply.body:
            canary.secret(reply.json["access_token"])

    def get(self, path, listener="public", **headers):
        return self.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()}, listener=listener)

    def post(self, form, path="/token", headers=None, connection=None):
        """`form` is a dict, a list of pairs, or the raw body."""
        body = form if isinstance(form, (bytes, str)) else urllib.parse.urlencode(form)
        return self.request("POST", path, body, {"Content-Type": FORM, **(headers or {})}, connection=connection)

    def token(self, connection=None, **parameters):
        """A client_credentials request; a parameter that is None is left out."""
        form = {"client_id": self.client_id, **CREDENTIALS, **parameters}
        return self.post({k: v for k, v in form.items() if v is not None}, connection=connection)

    def access_token(self, **parameters):
        reply = self.token(**parameters)
        assert reply.status == 200, reply.body
        return reply.json["access_token"]

    def send_raw(self, data, listener="mtls", timeout=10):
        """Sends bytes as they are and returns all that comes back until the server closes or is silent."""
        with self.connect(listener, timeout=timeout) as tls:
            tls.sendall(data)
            return read_all(tls)


# A token request of partner-a, byte by byte.
GOOD = b"client_id=partner-a&grant_type=client_credentials"
REQUEST = (b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n"
           b"\r\n" % len(GOOD)) + GOOD


def raw_token(partner, tls):
    """Sends it on a connection that is there; status, and all that came back."""
    tls.sendall(REQUEST)
    received = b""
    while b"\r\n\r\n" not in received or not received.rstrip().endswith(b"}"):
        chunk = tls.recv(65536)
        assert chunk, received
        received += chunk
    for token in re.findall(rb'"access_token":"([^"]+)"', received):
        partner.server.canary.secret(token)
    return int(received.split()[1]), received


def wait_known(server, client_id, probe=None):
    """Until the running server has read the new client from the store."""
    probe = probe or Partner(server, server.pki.self_signed("probe"), client_id)
    known = eventually(lambda: "not registered here" not in probe.token().json["error_description"], timeout=5)
    assert known, f"{client_id} is not known after 5 s"


def read_all(tls):
    received = b""
    try:
        while chunk := tls.recv(65536):
            received += chunk
    except (TimeoutError, ssl.SSLError, ConnectionError):
        pass
    return received


def curl(*arguments, timeout=30):
    """curl's exit status, and stdout; -sS is given."""
    done = subprocess.run(["curl", "-sS", "--noproxy", "*", *map(str, arguments)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=timeout)
    return done.returncode, done.stdout, done.stderr


def s_client(server, *arguments, listener="mtls", send="", timeout=20):
    """OpenSSL's own client; returns all it says."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"{HOST}:{server.ports[listener]}", "-CAfile", str(server.tls_authority.pem),
         *map(str, arguments)],
        input=send, capture_output=True, text=True, timeout=timeout)
    return done.stdout + done.stderr
